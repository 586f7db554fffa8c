// The bytes of one connection as cpp-httplib reads and writes them: buffered, bounded, with a deadline for
// each request, and keeping the head of the request as it was sent. Used by the connection's thread alone.
// Part of the httplib transport, and the only header that shows the library.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace aforro::http {

class ConnectionStream final : public httplib::Stream {
 public:
  // Neither descriptor is owned. Whatever waits ends when `stop` becomes readable, if no request has begun.
  ConnectionStream(int socket, int stop);

  // Waits for the first byte of the next request. False: none within the timeout, closed, or stopping.
  bool wait_for_request(std::chrono::milliseconds timeout);
  void begin_request(std::chrono::milliseconds timeout, std::size_t max_head_bytes);
  void end_head() { in_head_ = false; }

  const std::string& head() const { return head_; }  // the request line and headers as sent, so far
  bool head_is_too_large() const { return head_is_too_large_; }
  bool timed_out() const { return timed_out_; }

  // Sends what was written and then `body`, in one call where possible. False if the client is gone.
  bool flush(std::string_view body = {});

  // Says that no more comes and lets the client finish sending, so that it gets to read the answer.
  void linger();

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  // Not the real one: the library refuses descriptors past FD_SETSIZE, which poll() does not care about.
  socket_t socket() const override { return 0; }

 private:
  bool fill();

  const int socket_;
  const int stop_;
  std::array<char, 16 * 1024> in_{};
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::string out_;
  std::string head_;
  std::size_t max_head_bytes_ = 0;
  bool in_head_ = false;
  bool head_is_too_large_ = false;
  bool timed_out_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace aforro::http
