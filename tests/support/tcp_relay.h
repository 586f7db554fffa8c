// A network between a program and a server, as a test wants it: passes bytes on, or holds them as a cut cable
// does, in both directions or in one, or lets each piece take its time. What was held goes on when it is
// mended, as TCP would send it again. On a port of 127.0.0.1 of its own; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace aforro::test {

class TcpRelay {
 public:
  explicit TcpRelay(int server_port);
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;
  ~TcpRelay();

  int port() const { return port_; }

  // From now on, also for those who connect: they are let in, and hear nothing.
  void hold_to_server() { set(true, held_to_client_); }
  void hold_to_client() { set(held_to_server_, true); }
  void hold() { set(true, true); }
  void mend() { set(false, false); }
  // Of each piece, in either direction; 0: none.
  void delay(std::chrono::milliseconds time) { delay_ = time; }

 private:
  struct Connection;

  void set(bool to_server, bool to_client);
  void accept();
  void pump(int from, int to, const std::atomic<bool>& is_held);
  bool may_pass(const std::atomic<bool>& is_held);

  const int server_port_;
  int port_ = 0;
  int listener_ = -1;
  std::atomic<std::chrono::milliseconds> delay_ = std::chrono::milliseconds(0);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> held_to_server_ = false;  // changed with the mutex
  std::atomic<bool> held_to_client_ = false;
  std::atomic<bool> is_over_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;  // of accept()'s thread, until it has ended
  std::thread thread_;
};

}  // namespace aforro::test
