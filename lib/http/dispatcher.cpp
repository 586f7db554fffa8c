// Handlers throw, and this file turns what they throw into answers, so that a handler needs no catch, and the
// rule that clients see no internals is kept in one place. What a client is told depends on what it can do
// about it: a Problem says what to change; Unavailable says that nothing was changed, so trying
// again is safe; OutcomeUnknown says that something may have been changed, so it is not; anything else is a
// fault of ours, a 500 whose detail stands in the log alone.
//
// A request comes here twice, when its head is there and when its body is, since what a head alone decides
// must not wait for a body: a stranger who has no use of a route can't make the server read a megabyte for
// it. What was decided at the head (the route, what the limit left) stays in the request.
//
// Refusing must be cheap, or load shedding would not shed load: under overload the log gets one line a second
// with a count, not a line for each request.
//
// Where there is no memory left to put a problem document together, std::bad_alloc passes through, and the
// connection sends an answer from its stack (no_memory.h).
#include "http/dispatcher.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <exception>
#include <new>
#include <optional>

#include "base/hash.h"
#include "base/shortage.h"
#include "http/body_policy.h"
#include "http/fields.h"
#include "http/no_memory.h"
#include "http/problem_document.h"
#include "http/representation.h"

namespace aforro::http {
namespace {

constexpr std::int64_t kRefusalLines = 1;         // a second, for all that was refused in it
constexpr std::int64_t kFaultLines = 50;          // a second, of requests that could not be answered
constexpr const char* kPreflightSeconds = "600";  // that a browser may go by what OPTIONS said

bool is_visible_ascii(std::string_view text, std::size_t max_size) {
  return !text.empty() && text.size() <= max_size &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '!' && c <= '~'; });
}

// Whether the client reached the outermost proxy by https: where each proxy adds its own, that one is first.
bool is_forwarded_https(const Request& request) {
  std::optional<bool> is_https;
  for_each_element(request.headers, "X-Forwarded-Proto", [&](std::string_view scheme) {
    if (!is_https) is_https = same_word(scheme, "https");
  });
  return is_https.value_or(false);
}

// What proxies name their client by. Only the first is ever read.
constexpr std::array<std::string_view, 7> kProxyHeaders{"X-Forwarded-For",    "Forwarded",      "X-Real-IP",
                                                        "CF-Connecting-IP",   "True-Client-IP", "X-Client-IP",
                                                        "X-Cluster-Client-IP"};

// The first of them that is there, empty if there is none.
std::string_view header_of_proxy(const HeaderList& headers) {
  std::size_t first = kProxyHeaders.size();
  for (const auto& [name, value] : headers) {
    for (std::size_t i = 0; i < first; ++i) {
      if (same_word(name, kProxyHeaders[i])) first = i;
    }
  }
  return first == kProxyHeaders.size() ? std::string_view() : kProxyHeaders[first];
}

}  // namespace

Dispatcher::Dispatcher(const Router& router, Log& log, DispatcherOptions options, const limit::Limits& limits)
    : router_(router),
      log_(log),
      options_(std::move(options)),
      limits_(limits),
      refusals_(kRefusalLines, log.clock()),
      faults_(kFaultLines, log.clock()) {}

Dispatcher::~Dispatcher() { tell_of_refusals(refusals_.rest(), faults_.rest()); }

void Dispatcher::identify(Request& request) const {
  const auto sent_id = request.header("X-Request-Id");
  request.id = sent_id && is_visible_ascii(*sent_id, 128) ? std::string(*sent_id) : random_hex(16);
  const bool is_proxied = options_.trusted_proxies.trusts(request.peer);
  std::vector<std::string_view> forwarded_for;
  if (is_proxied) {
    // Over all headers of that name: a proxy may add its own below the one that its client made up.
    for_each_element(request.headers, "X-Forwarded-For",
                     [&](std::string_view address) { forwarded_for.push_back(address); });
  }
  request.client = client_key(options_.trusted_proxies, request.peer, forwarded_for);
  if (!is_proxied && !has_told_of_proxy_) tell_of_untrusted_proxy(request);
  const bool is_https = request.is_encrypted || (is_proxied && is_forwarded_https(request));
  if (request.base_url.empty() || is_https) {
    const std::string_view host = request.header("Host").value_or("");
    request.base_url =
        std::string(is_https ? "https://" : "http://") + std::string(is_host(host) ? host : "localhost");
  }
}

std::optional<Response> Dispatcher::begin(Request& request, const Framing& framing) const {
  return respond(request, [&]() -> std::optional<Response> {
    if (request.method == "OPTIONS") return options(request);
    request.route = &router_.find(request);
    take_token(request);
    check_body(request.route->body, framing, request.headers);
    return std::nullopt;
  });
}

Response Dispatcher::handle(Request& request) const {
  assert(request.route != nullptr && "it was begun");
  return *respond(request, [&]() -> std::optional<Response> { return request.route->handler(request); });
}

std::optional<BodyStream::Piece> Dispatcher::next_piece(BodyStream& stream,
                                                        std::string_view request_id) const {
  try {
    return stream.next();
  } catch (const std::exception& fault) {
    log_.error("answer_broken_off", {{"request_id", request_id}, {"error", fault.what()}});
    return std::nullopt;
  }
}

Response Dispatcher::refuse(Request& request, const std::exception_ptr& fault) const {
  return *respond(request, [&]() -> std::optional<Response> { std::rethrow_exception(fault); });
}

std::optional<Response> Dispatcher::respond(Request& request,
                                            FunctionRef<std::optional<Response>()> step) const {
  try {
    if (request.id.empty()) identify(request);
    std::optional<Response> response = answer(request, step);
    if (response) finish(request, *response);
    return response;
  } catch (const std::bad_alloc&) {
    log_.error("no_memory_to_answer", {{"request_id", request.id}});
    throw;
  }
}

Response Dispatcher::options(const Request& request) const {
  Response response;
  response.status = 204;
  const std::string methods = router_.methods(request);
  response.headers.emplace_back("Allow", methods);
  if (!options_.cors_origin.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Methods", methods);
    response.headers.emplace_back("Access-Control-Max-Age", kPreflightSeconds);
  }
  return response;
}

// The first thing that is looked at once the route is known, so that what is refused for another reason
// counts as well.
void Dispatcher::take_token(Request& request) const {
  const std::string_view name = request.route->name;
  const limit::Limit* const limit = limits_.find(name);
  if (limit == nullptr) return;
  const limit::Verdict verdict = limit->limiter->take(request.client);
  const std::string quoted = '"' + std::string(name) + '"';
  request.answer_headers.emplace_back("RateLimit-Policy",
                                      quoted + ";q=" + std::to_string(limit->rate.burst) +
                                          ";w=" + std::to_string(limit->rate.window.count()));
  request.answer_headers.emplace_back("RateLimit", quoted + ";r=" + std::to_string(verdict.tokens_left) +
                                                       ";t=" + std::to_string(verdict.next_token_in.count()));
  if (!verdict.allowed) {
    throw Problem(Problem::Kind::rate_limited,
                  "Too many requests of this kind were sent; wait as long as Retry-After says.",
                  verdict.next_token_in);
  }
}

std::optional<Response> Dispatcher::answer(const Request& request,
                                           FunctionRef<std::optional<Response>()> step) const {
  const std::string_view trace = request.header("traceparent").value_or("");
  try {
    return step();
  } catch (const Problem& problem) {
    Response response = problem_response(problem, request.id);
    if (problem.kind() == Problem::Kind::method_not_allowed) {
      response.headers.emplace_back("Allow", router_.methods(request));
    }
    return response;
  } catch (const Overloaded& refusal) {
    if (const auto more = refusals_.pass()) {
      log_.warning("overloaded", {{"refused", *more + 1},
                                  {"request_id", request.id},
                                  {"traceparent", trace},
                                  {"error", refusal.what()}});
    }
    return problem_response(
        Problem::unavailable("Too many requests are waiting already; nothing was changed."), request.id);
  } catch (const Unavailable& fault) {
    tell_of_fault(request, fault.what());
    return problem_response(Problem::unavailable("The server can't do this right now; nothing was changed."),
                            request.id);
  } catch (const OutcomeUnknown& fault) {
    log_.error("outcome_unknown",
               {{"request_id", request.id}, {"traceparent", trace}, {"error", fault.what()}});
    return problem_response(Problem::outcome_unknown(), request.id);
  } catch (const std::exception& fault) {
    if (const std::string_view what = shortage_of(fault); !what.empty()) {
      tell_of_fault(request, what);
      return problem_response(Problem::unavailable(std::string(no_memory_detail(request.method))),
                              request.id);
    }
    log_.error("internal_error", {{"request_id", request.id},
                                  {"traceparent", trace},
                                  {"method", request.method},
                                  {"path", request.path},
                                  {"error", fault.what()}});
    return problem_response(Problem(Problem::Kind::internal, "The fault is on our side."), request.id);
  }
}

void Dispatcher::tell_of_fault(const Request& request, std::string_view what) const {
  if (const auto more = faults_.pass()) {
    log_.warning("unavailable", {{"request_id", request.id},
                                 {"traceparent", request.header("traceparent").value_or("")},
                                 {"error", what},
                                 {"left_out", *more}});
  }
}

// Behind a proxy that is not trusted all clients have the address of the proxy, and share one rate limit.
void Dispatcher::tell_of_untrusted_proxy(const Request& request) const {
  const std::string_view name = header_of_proxy(request.headers);
  if (name.empty() || has_told_of_proxy_.exchange(true)) return;
  const bool is_read = name == kProxyHeaders.front();
  log_.warning(
      "proxy_is_not_trusted",
      {{"peer", request.peer},
       {"hint", "it sends " + std::string(name) +
                    ", which is passed over, so all of its clients share one rate limit; if it is your "
                    "proxy, start with --trusted-proxy " +
                    request.peer +
                    (is_read ? "" : ", and let it send X-Forwarded-For, which is read then")}});
}

// Logs what was counted since the last line, in case no further refusal comes that would say it.
void Dispatcher::tell_of_refusals(std::int64_t refused, std::int64_t left_out) const {
  if (refused > 0) log_.warning("overloaded", {{"refused", refused}});
  if (left_out > 0) log_.warning("unavailable", {{"left_out", left_out}});
}

void Dispatcher::finish(const Request& request, Response& response) const {
  tell_of_refusals(refusals_.overdue(), faults_.overdue());
  choose_representation(request, response);
  if (response.holds_secret) response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.insert(response.headers.end(), request.answer_headers.begin(),
                          request.answer_headers.end());
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.headers.emplace_back("X-Request-Id", request.id);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (response.content_type.starts_with("text/html")) {
    response.headers.emplace_back("Referrer-Policy", "same-origin");
    if (!find_header(response.headers, "Content-Security-Policy")) {
      response.headers.emplace_back("Content-Security-Policy", kPagePolicy);
    }
  }
  if (!options_.cors_origin.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Origin", options_.cors_origin);
    response.headers.emplace_back("Access-Control-Allow-Headers",
                                  "Content-Type, Idempotency-Key, X-Request-Id, traceparent");
    response.headers.emplace_back(
        "Access-Control-Expose-Headers",
        "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id, "
        "X-Total-Count");
    response.headers.emplace_back("Vary", "Origin");
  }
  log_.debug("request", {{"request_id", request.id},
                         {"traceparent", request.header("traceparent").value_or("")},
                         {"method", request.method},
                         {"path", request.path},
                         {"route", request.route == nullptr ? std::string_view() : request.route->name},
                         {"status", response.status}});
}

}  // namespace aforro::http
