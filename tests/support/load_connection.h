// One keep-alive connection of a load: it sends a request and takes the answer in whatever pieces they go and
// come, and never waits. It speaks TLS where the port does (client_stream.h). Part of the load generator; one
// thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "support/client_stream.h"

namespace aforro::test {

// Valid until the next request on its connection.
struct Answer {
  int status = 0;
  std::string_view head;
  std::string_view body;
};

class LoadConnection {
 public:
  enum class Progress { under_way, answered, broken };

  // Connects to 127.0.0.1. Throws std::system_error if nobody listens.
  explicit LoadConnection(int port);
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  int socket() const { return stream_.descriptor(); }

  // Empties and hands out the place where the next request is written; send() then sends what it can of it.
  std::string& begin_request();
  Progress send();

  // Once the socket is ready: sends what is left and takes what came. Broken: closed, or no answer of
  // HTTP/1.1 with a length.
  Progress advance();

  // Of an answered request.
  Answer answer() const;
  // The server will close after this answer, or the connection broke: reconnect() comes next.
  bool is_over() const { return is_over_; }
  void reconnect();

 private:
  void connect();
  bool read_head();
  Progress broken();

  const int port_;
  ClientStream stream_;
  std::string out_;
  std::size_t sent_ = 0;
  std::string in_;             // as much room as the longest answer took so far
  std::size_t received_ = 0;   // of in_
  std::size_t head_size_ = 0;  // 0: not yet read
  std::size_t body_size_ = 0;
  int status_ = 0;
  bool is_over_ = false;
};

}  // namespace aforro::test
