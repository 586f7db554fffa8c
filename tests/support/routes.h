// Routes of a test's own, and a request's way through the dispatcher without a transport.
#pragma once

#include <string_view>
#include <utility>

#include "http/dispatcher.h"
#include "http/router.h"
#include "limit/limits.h"

namespace aforro::test {

inline const limit::Limits kNoLimits;
inline constexpr http::BodyPolicy kAnyBody{.media_type = "*/*"};

// The pattern must outlive the router.
inline void add_get(http::Router& router, std::string_view pattern, http::Handler handler) {
  router.add({.name = "read",
              .method = "GET",
              .pattern = pattern,
              .body = http::kNoBody,
              .handler = std::move(handler)});
}
inline void add_post(http::Router& router, std::string_view pattern, http::Handler handler,
                     const http::BodyPolicy& body = kAnyBody) {
  router.add(
      {.name = "write", .method = "POST", .pattern = pattern, .body = body, .handler = std::move(handler)});
}

// As a transport does when head and body are there.
inline http::Response answer(const http::Dispatcher& dispatcher, http::Request& request) {
  http::Framing framing;
  framing.content_bytes = request.body.size();
  if (auto response = dispatcher.begin(request, framing)) return std::move(*response);
  return dispatcher.handle(request);
}

}  // namespace aforro::test
