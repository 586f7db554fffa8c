// A proxy between the program and a PostgreSQL server, which reads what the program says and can cut a
// session at the COMMIT of a transaction that writes: just before the server gets it, or when it has been
// answered and the answer is on its way. On a port of 127.0.0.1 of its own; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aforro::test {

class PostgresProxy {
 public:
  enum class Cut {
    none,
    before_commit,  // which the server never sees
    after_commit,   // once the server has said that it is done
    at_commit,      // when it has been passed on: nobody knows what becomes of it
  };

  // In front of the server of that url. Only transactions with a statement that begins so are ever cut.
  explicit PostgresProxy(const std::string& url, std::string with_statement = "");
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;
  ~PostgresProxy();

  // The same database, through the proxy, without encryption.
  std::string url() const;

  // Cuts the next `count` sessions that commit what they wrote.
  void cut(Cut where, std::size_t count = 1);
  std::size_t cuts() const { return cuts_; }

  // Passes on what a server says last and leaves the client's end open, as a server does whose process takes
  // its time to be gone. The session is over once the client says something more.
  void linger() { lingers_ = true; }
  // How many sessions have come to that.
  std::size_t lingering() const { return lingering_; }

  // Whether new sessions come through. Those that are there stay.
  void let_in(bool is_open) { is_open_ = is_open; }
  // How long each new session waits before anything of it is passed on.
  void hold_back(std::chrono::milliseconds time) { held_back_ = time; }
  // From the next cut on none does.
  void shut_with_next_cut() { shuts_ = true; }

 private:
  class Session;

  void accept();
  Cut take_cut();

  const std::string url_;
  const std::string with_statement_;
  int server_port_ = 0;
  int port_ = 0;
  int listener_ = -1;
  int stop_ = -1;  // readable once it is over
  std::atomic<bool> is_open_ = true;
  std::atomic<bool> shuts_ = false;
  std::atomic<bool> lingers_ = false;
  std::atomic<std::chrono::milliseconds> held_back_ = std::chrono::milliseconds(0);
  std::atomic<std::size_t> lingering_ = 0;
  std::atomic<std::size_t> cuts_ = 0;
  std::mutex mutex_;
  Cut where_ = Cut::none;
  std::size_t to_cut_ = 0;
  std::vector<std::thread> sessions_;  // of accept()'s thread
  std::thread thread_;
};

}  // namespace aforro::test
