#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "limit/limiter.h"
#include "support/child.h"
#include "support/failing_heap.h"
#include "support/held_clock.h"

namespace {

using namespace aforro::limit;  // NOLINT: all of it is under test
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Limited {
  aforro::test::HeldClock clock;
  std::unique_ptr<Limiter> limiter;

  explicit Limited(const Rate& rate = {.burst = 20, .window = seconds(60)}, std::size_t max_keys = 100'000)
      : limiter(make_token_bucket(rate, clock, max_keys)) {}

  Verdict take(const std::string& key = "client") const { return limiter->take(key); }
  bool allows(const std::string& key = "client") const { return take(key).allowed; }
  // How many of a hundred at once are let through.
  int allowed_of_hundred(const std::string& key = "client") const {
    int allowed = 0;
    for (int i = 0; i < 100; ++i) allowed += allows(key) ? 1 : 0;
    return allowed;
  }
};

TEST_CASE("a full bucket lets a burst through and no more") {
  const Limited limited;
  for (std::int64_t left = 19; left >= 0; --left) {
    const Verdict verdict = limited.take();
    CHECK(verdict.allowed);
    CHECK(verdict.tokens_left == left);
  }
  CHECK(!limited.allows());
}

TEST_CASE("each client has a bucket of its own") {
  const Limited limited;
  CHECK(limited.allowed_of_hundred("a") == 20);
  CHECK(limited.allowed_of_hundred("b") == 20);
  CHECK(limited.allowed_of_hundred("") == 20);
}

TEST_CASE("a bucket fills evenly, a token every three seconds, and a refusal costs nothing") {
  Limited limited;
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(milliseconds(2'999));
  CHECK(!limited.allows());
  limited.clock.advance(milliseconds(1));
  CHECK(limited.allows());
  CHECK(!limited.allows());
  limited.clock.advance(seconds(30));
  CHECK(limited.allowed_of_hundred() == 10);
}

TEST_CASE("a bucket is full a window after it was empty, and never holds more than a burst") {
  Limited limited;
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(seconds(60));
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(std::chrono::hours(1'000));
  CHECK(limited.allowed_of_hundred() == 20);
}

TEST_CASE("what is said of the next token is true: then there is one more, and not a whole second before") {
  Limited limited;
  const Verdict first = limited.take();
  CHECK(first.tokens_left == 19);
  CHECK(first.next_token_in == seconds(3));
  limited.clock.advance(milliseconds(2'500));
  CHECK(limited.take().next_token_in == seconds(1));
}

TEST_CASE("after Retry-After a request does succeed, whatever the rate and the moment") {
  for (const Rate rate : {Rate{20, seconds(60)}, Rate{1, seconds(1)}, Rate{7, seconds(60)},
                          Rate{3, seconds(1)}, Rate{1'000'000, seconds(86'400)}, Rate{1, seconds(86'400)}}) {
    CAPTURE(rate.burst);
    Limited limited(rate, 10);
    for (int round = 0; round < 50; ++round) {
      Verdict verdict = limited.take();
      for (std::int64_t i = 0; verdict.allowed && i <= rate.burst; ++i) verdict = limited.take();
      REQUIRE(!verdict.allowed);
      CHECK(verdict.tokens_left == 0);
      CHECK(verdict.next_token_in >= seconds(1));
      CHECK(verdict.next_token_in <= rate.window);
      limited.clock.advance(verdict.next_token_in);
      CHECK(limited.allows());
      limited.clock.advance(microseconds(round * 7'919));
      if (rate.burst > 1'000) break;
    }
  }
}

TEST_CASE("the wall clock may jump without effect") {
  Limited limited;
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.set(*aforro::Time::parse("2100-01-01T00:00:00Z"));
  CHECK(!limited.allows());
  limited.clock.set(aforro::Time::from_micros(0));
  CHECK(!limited.allows());
  limited.clock.advance(seconds(3));
  CHECK(limited.allows());
}

TEST_CASE("a steady clock that went back anyway lets nobody through too soon, and recovers") {
  Limited limited;
  limited.clock.advance(seconds(100));
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(-seconds(50));
  CHECK(!limited.allows());
  limited.clock.advance(seconds(50 + 60));
  CHECK(limited.allowed_of_hundred() == 20);
}

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

TEST_CASE("of many threads at once just a burst is let through") {
  const Limited limited;
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] { allowed += limited.allowed_of_hundred(); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(allowed == 20);
}

}  // namespace
