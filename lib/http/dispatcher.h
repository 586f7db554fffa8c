// What happens to every request, whichever transport carried it here: a name for the logs, the route,
// refusals and faults turned into answers, validators, compression. The only place under the handlers that
// catches. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/log_throttle.h"
#include "base/problem.h"
#include "http/client_address.h"
#include "http/message.h"
#include "http/router.h"

namespace aforro::http {

struct DispatcherOptions {
  TrustedProxies trusted_proxies;
  // The origin of a page elsewhere that may read the answers, as parse_origin() gives it; none if empty.
  std::string cors_origin;
};

class Dispatcher {
 public:
  // The router and the log must outlive it.
  Dispatcher(const Router& router, Log& log, DispatcherOptions options);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  ~Dispatcher();

  // Answers a request that arrived whole. The request needs method, path, query, headers, body and peer.
  // Never throws but for want of memory.
  Response handle(Request& request) const;

  // Answers one that HTTP refuses before a handler sees it.
  Response refuse(Request& request, const Problem& problem) const;

 private:
  void identify(Request& request) const;
  Response answer(Request& request) const;
  void finish(const Request& request, Response& response) const;
  void tell_of_fault(const Request& request, std::string_view what) const;
  void tell_of_refusals(std::int64_t refused, std::int64_t left_out) const;
  void tell_of_untrusted_proxy(const Request& request) const;  // if it comes from one, once

  const Router& router_;
  Log& log_;
  const DispatcherOptions options_;
  // A server that refuses most requests must not spend its time on logging that.
  mutable LogThrottle refusals_;
  mutable LogThrottle faults_;
  mutable std::atomic<bool> has_told_of_proxy_ = false;
};

}  // namespace aforro::http
