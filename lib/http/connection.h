// One connection as HTTP/1.1 (RFC 9112) has it: requests read one after another, strictly and bounded, each
// given to the dispatcher and its answer sent before the next is looked at. A connection whose position is in
// doubt is closed. Used by the connection's thread alone.
#pragma once

#include <string>

#include "http/connection_stream.h"
#include "http/dispatcher.h"
#include "http/request_head.h"
#include "http/transport.h"

namespace aforro::http {

class Connection {
 public:
  // The descriptors are not owned; the dispatcher and the options must outlive it. No further request is
  // begun once `stop` is readable.
  Connection(int socket, int stop, const Dispatcher& dispatcher, const TransportOptions& options);

  // Returns when the connection is to be closed.
  void serve();

  // Answers with a refusal before anything was asked.
  void refuse(const HttpError& error);

 private:
  bool serve_request();
  std::string read_head();
  void read_body(const RequestHead& head, Request& request);
  bool send(const Request& request, const Response& response, bool stays_open);

  ConnectionStream stream_;
  const Dispatcher& dispatcher_;
  const TransportOptions& options_;
  const std::string peer_;
};

}  // namespace aforro::http
