// What holds of the token bucket in this process alone; what holds of all of them is in buckets_test.cpp.
#include <doctest/doctest.h>

#include <memory>
#include <new>
#include <optional>
#include <string>

#include "limit/limiter.h"
#include "support/child.h"
#include "support/failing_heap.h"
#include "support/limited.h"

namespace {

using namespace aforro::limit;  // NOLINT: all of it is under test
using std::chrono::seconds;

struct Limited : aforro::test::Limited {
  explicit Limited(const Rate& rate = {.burst = 20, .window = seconds(60)}, std::size_t max_keys = 100'000) {
    limiter = make_token_bucket(rate, clock, max_keys);
  }
};

TEST_CASE("past the bound of clients, those with the fullest buckets are forgotten first") {
  Limited limited({.burst = 10, .window = seconds(100)}, 3);
  CHECK(limited.allowed_of_hundred("empty") == 10);
  for (int i = 0; i < 5; ++i) CHECK(limited.allows("half"));
  CHECK(limited.allows("nearly full"));
  for (int i = 0; i < 2; ++i) CHECK(limited.allows("new"));

  CHECK(!limited.allows("empty"));
  CHECK(limited.take("half").tokens_left == 4);
  CHECK(limited.take("new").tokens_left == 7);
  CHECK(limited.take("nearly full").tokens_left == 9);  // forgotten, so full
}

TEST_CASE("a flood of clients does not let the one go that has used its burst") {
  Limited limited({.burst = 10, .window = seconds(100)}, 100);
  CHECK(limited.allowed_of_hundred("greedy") == 10);
  for (int i = 0; i < 10'000; ++i) limited.take("client " + std::to_string(i));
  CHECK(!limited.allows("greedy"));
}

// Takes a token while the n-th piece of memory is refused; nothing if that was for want of it.
std::optional<Verdict> take_without_memory(const Limited& limited, const std::string& key,
                                           std::uint64_t nth) {
  const aforro::test::FailingHeap heap(nth);
  try {
    return limited.limiter->take(key);
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
}

TEST_CASE(
    "a client for whose bucket there is no memory has taken nothing, and the others have what they had") {
  const std::string longest(100, 'x');  // which needs memory of its own
  std::uint64_t nth = 1;
  for (;; ++nth) {
    CAPTURE(nth);
    Limited limited({.burst = 10, .window = seconds(100)}, 3);
    CHECK(limited.allowed_of_hundred("empty") == 10);
    CHECK(limited.allows("half"));
    const auto verdict = take_without_memory(limited, longest, nth);
    CHECK(limited.take(longest).tokens_left == (verdict ? 8 : 9));
    CHECK(!limited.allows("empty"));
    CHECK(limited.take("half").tokens_left == 8);
    // The bound of three clients holds, too.
    for (int i = 0; i < 100; ++i) limited.take("client " + std::to_string(i));
    CHECK(!limited.allows("empty"));
    if (verdict) break;
  }
  CHECK(nth > 3);
}

TEST_CASE("a client that is known already needs no memory to be refused or let through") {
  const std::string longest(100, 'x');
  const Limited limited;
  CHECK(limited.allows(longest));
  for (int left = 18; left >= 0; --left) {
    const auto verdict = take_without_memory(limited, longest, 1);
    REQUIRE(verdict);
    CHECK(verdict->tokens_left == left);
  }
  const auto refused = take_without_memory(limited, longest, 1);
  REQUIRE(refused);
  CHECK(!refused->allowed);
}

TEST_CASE("a rate of nothing, or in no time, runs into an assertion") {
  CHECK(aforro::test::aborts([] { Limited({.burst = 0, .window = seconds(60)}); }));
  CHECK(aforro::test::aborts([] { Limited({.burst = 20, .window = seconds(0)}); }));
}

}  // namespace
