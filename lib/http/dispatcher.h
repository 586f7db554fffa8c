// What happens to every request, whichever transport carried it here, in this order: a name for the logs, the
// route, its limit, the type and size of its body; then, once the body is there, its handler; refusals and
// faults turned into answers, validators, compression, the headers that all answers have. The only place
// under the handlers that catches. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/log.h"
#include "base/log_throttle.h"
#include "base/problem.h"
#include "http/client_address.h"
#include "http/message.h"
#include "http/request_head.h"
#include "http/router.h"
#include "limit/limits.h"

namespace aforro::http {

struct DispatcherOptions {
  TrustedProxies trusted_proxies;
  // The origin of a page elsewhere that may read the answers, as parse_origin() gives it; none if empty.
  std::string cors_origin;
};

class Dispatcher {
 public:
  // Each limit holds for the routes of its name. The router, the log and the limits must outlive it.
  Dispatcher(const Router& router, Log& log, DispatcherOptions options, const limit::Limits& limits);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  ~Dispatcher();

  // To be called once the head of a request is there: it needs method, path, query, headers and peer. Finds
  // request.route, whose BodyPolicy then says how to take the body; or answers at once, because that needs no
  // body, or is refused whatever the body is. Never throws but for want of memory, as the others.
  std::optional<Response> begin(Request& request, const Framing& framing) const;

  // Answers a request that was begun and whose body is there.
  Response handle(Request& request) const;

  // The next piece of an answer that streams; nothing if there can't be one, which the log then says of the
  // request of that id: the connection must be cut.
  std::optional<BodyStream::Piece> next_piece(BodyStream& stream, std::string_view request_id) const;

  // Answers one whose transport met a fault, before or after it was begun: a Problem is told as it is.
  Response refuse(Request& request, const std::exception_ptr& fault) const;

 private:
  void identify(Request& request) const;
  // What `step` answers, with all that answers have; a refusal for what it throws; nothing if it answers
  // nothing.
  std::optional<Response> respond(Request& request, FunctionRef<std::optional<Response>()> step) const;
  std::optional<Response> answer(const Request& request, FunctionRef<std::optional<Response>()> step) const;
  Response options(const Request& request) const;
  void take_token(Request& request) const;
  void finish(const Request& request, Response& response) const;
  void tell_of_fault(const Request& request, std::string_view what) const;
  void tell_of_refusals(std::int64_t refused, std::int64_t left_out) const;
  void tell_of_untrusted_proxy(const Request& request) const;  // if it comes from one, once

  const Router& router_;
  Log& log_;
  const DispatcherOptions options_;
  const limit::Limits& limits_;
  // A server that refuses most requests must not spend its time on logging that.
  mutable LogThrottle refusals_;
  mutable LogThrottle faults_;
  mutable std::atomic<bool> has_told_of_proxy_ = false;
};

}  // namespace aforro::http
