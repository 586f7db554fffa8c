// The bytes of one connection: buffered on the way in, with a deadline for each request, and sent in one
// call. Used by the connection's thread alone.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace aforro::http {

class ConnectionStream {
 public:
  // Neither descriptor is owned. Whatever waits ends when `stop` becomes readable, if no request has begun.
  ConnectionStream(int socket, int stop);

  // Waits for the first byte of the next request. False: none within the timeout, closed, or stopping.
  bool wait_for_request(std::chrono::milliseconds timeout);

  // From now on, what is waited for must have arrived within the timeout.
  void begin_request(std::chrono::milliseconds timeout);

  // What has arrived and was not consumed, waiting for it if need be. Empty if the client sends no more, or
  // not in time.
  std::string_view peek();
  void consume(std::size_t bytes) { in_begin_ += bytes; }
  bool timed_out() const { return timed_out_; }

  // Both, in one call where possible. False if the client is gone.
  bool send(std::string_view head, std::string_view body = {});

  // Says that no more comes and lets the client finish sending, so that it gets to read the answer.
  void linger();

  // The address at the other end; empty if that can't be told.
  std::string peer() const;

 private:
  const int socket_;
  const int stop_;
  std::array<char, 16 * 1024> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  bool timed_out_ = false;
  std::chrono::steady_clock::time_point deadline_;
};

}  // namespace aforro::http
