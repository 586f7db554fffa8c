#include "http/body_policy.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "support/refusal.h"

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::test::problem_of;
using aforro::test::status_of;

constexpr Framing kFiveBytes{.content_bytes = 5};
constexpr Framing kChunks{.is_chunked = true};

int refused(const BodyPolicy& policy, const Framing& framing, const HeaderList& headers) {
  return status_of([&] { check_body(policy, framing, headers); });
}

TEST_CASE("a body must be said to be of the type that the route takes, whatever follows the type") {
  for (const char* type : {"application/json", "Application/JSON", "application/json; charset=utf-8",
                           "application/json;charset=utf-8", "application/json ; x", " application/json"}) {
    CAPTURE(type);
    CHECK(refused(kJsonBody, kFiveBytes, {{"Content-Type", type}}) == 0);
    CHECK(refused(kJsonBody, kChunks, {{"content-type", type}}) == 0);
  }
  for (const char* type : {"", ";", "text/plain", "application/jsonp", "application/problem+json",
                           "application/x-www-form-urlencoded", "application/json, text/plain", "json"}) {
    CAPTURE(type);
    CHECK(refused(kJsonBody, kFiveBytes, {{"Content-Type", type}}) == 415);
    CHECK(refused(kJsonBody, kChunks, {{"Content-Type", type}}) == 415);
  }
  CHECK(refused(kJsonBody, kFiveBytes, {}) == 415);
  CHECK(problem_of([] { check_body({.media_type = "text/csv"}, kFiveBytes, {}); }).value().detail() ==
        "The body needs the header Content-Type: text/csv.");
}

TEST_CASE("a body that is packed is of a type that is not read") {
  HeaderList headers{{"Content-Type", "application/json"}, {"Content-Encoding", "identity"}};
  CHECK(refused(kJsonBody, kFiveBytes, headers) == 0);
  for (const char* coding : {"gzip", "br", "deflate", "identity, gzip", "", "nonsense"}) {
    CAPTURE(coding);
    headers[1].second = coding;
    CHECK(refused(kJsonBody, kFiveBytes, headers) == 415);
  }
}

TEST_CASE("without a body its type says nothing, and a route without a use for one asks for none") {
  CHECK(refused(kJsonBody, {}, {}) == 0);
  CHECK(refused(kJsonBody, {}, {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}}) == 0);
  CHECK(refused(kNoBody, kFiveBytes, {{"Content-Type", "text/plain"}, {"Content-Encoding", "gzip"}}) == 0);
  CHECK(refused(kNoBody, kChunks, {}) == 0);
  CHECK(refused({.media_type = "*/*"}, kFiveBytes, {}) == 0);
  CHECK(refused({.media_type = "*/*"}, kFiveBytes, {{"Content-Type", "image/png"}}) == 0);
}

TEST_CASE("what is announced to be too large is refused as that first, with the bound in words") {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  for (const BodyPolicy& policy : {kJsonBody, kNoBody}) {
    CHECK(refused(policy, {.content_bytes = kMaxBodyBytes}, {{"Content-Type", "application/json"}}) == 0);
    CHECK(refused(policy, {.content_bytes = kMaxBodyBytes + 1}, {}) == 413);
    CHECK(refused(policy, {.content_bytes = kMost}, {}) == 413);
  }
  const auto words = [](std::size_t bytes) {
    return problem_of([&] { refuse_large_body({.media_type = "*/*", .max_bytes = bytes}); }).value().detail();
  };
  CHECK(words(1024 * 1024) == "A request body has at most 1 MiB.");
  CHECK(words(64 * 1024) == "A request body has at most 64 KiB.");
  CHECK(words(1500) == "A request body has at most 1500 bytes.");
}

}  // namespace
