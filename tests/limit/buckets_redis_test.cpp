// What holds of every token bucket: the one in this process, and the one in Redis, which must give the same
// answers.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "limit/limiter.h"
#include "redis/limiter.h"
#include "support/limited.h"
#include "support/redis_client.h"

namespace {

using namespace aforro::limit;  // NOLINT: all of it is under test
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Rate kRate{.burst = 20, .window = seconds(60)};

struct InProcess : aforro::test::Limited {
  static constexpr std::int64_t kManyTokens = 1'000'000;
  explicit InProcess(const Rate& rate = kRate) { limiter = make_token_bucket(rate, clock); }
};

// Takes the place of the limiter that decides while Redis is away, and lets nobody through.
class Closed final : public Limiter {
 public:
  Verdict take(std::string_view /*key*/) override {
    return {.allowed = false, .tokens_left = -1, .next_token_in = seconds(-1)};
  }
};

struct InRedis : aforro::test::Limited {
  static constexpr std::int64_t kManyTokens = 3'000;  // each is a round trip
  explicit InRedis(const Rate& rate = kRate) {
    limiter = aforro::redis::make_limiter(aforro::test::shared_redis_client(), aforro::random_hex(8) + ":",
                                          rate, std::make_unique<Closed>(), &clock);
  }
};

// Of both, where there is a Redis.
#define BUCKET_CASE(name) TEST_CASE_TEMPLATE(name, Bucket, InProcess, InRedis)

BUCKET_CASE("a full bucket lets a burst through and no more") {
  const Bucket limited;
  for (std::int64_t left = 19; left >= 0; --left) {
    const Verdict verdict = limited.take();
    CHECK(verdict.allowed);
    CHECK(verdict.tokens_left == left);
  }
  CHECK(!limited.allows());
}

BUCKET_CASE("each client has a bucket of its own") {
  const Bucket limited;
  CHECK(limited.allowed_of_hundred("a") == 20);
  CHECK(limited.allowed_of_hundred("b") == 20);
  CHECK(limited.allowed_of_hundred("") == 20);
}

BUCKET_CASE("a bucket fills evenly, a token every three seconds, and a refusal costs nothing") {
  Bucket limited;
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(milliseconds(2'999));
  CHECK(!limited.allows());
  limited.clock.advance(milliseconds(1));
  CHECK(limited.allows());
  CHECK(!limited.allows());
  limited.clock.advance(seconds(30));
  CHECK(limited.allowed_of_hundred() == 10);
}

BUCKET_CASE("a bucket is full a window after it was empty, and never holds more than a burst") {
  Bucket limited;
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(seconds(60));
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(std::chrono::hours(1'000));
  CHECK(limited.allowed_of_hundred() == 20);
}

BUCKET_CASE("what is said of the next token is true: then there is one more, and not a whole second before") {
  Bucket limited;
  const Verdict first = limited.take();
  CHECK(first.tokens_left == 19);
  CHECK(first.next_token_in == seconds(3));
  limited.clock.advance(milliseconds(2'500));
  CHECK(limited.take().next_token_in == seconds(1));
}

BUCKET_CASE("after Retry-After a request does succeed, whatever the rate and the moment") {
  for (const Rate rate :
       {Rate{20, seconds(60)}, Rate{1, seconds(1)}, Rate{7, seconds(60)}, Rate{3, seconds(1)},
        Rate{Bucket::kManyTokens, seconds(86'400)}, Rate{1, seconds(86'400)}}) {
    CAPTURE(rate.burst);
    Bucket limited(rate);
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
      if (rate.burst > 100) break;
    }
  }
}

BUCKET_CASE("the wall clock may jump without effect") {
  Bucket limited;
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.set(*aforro::Time::parse("2100-01-01T00:00:00Z"));
  CHECK(!limited.allows());
  limited.clock.set(aforro::Time::from_micros(0));
  CHECK(!limited.allows());
  limited.clock.advance(seconds(3));
  CHECK(limited.allows());
}

BUCKET_CASE("a steady clock that went back anyway lets nobody through too soon, and recovers") {
  Bucket limited;
  limited.clock.advance(seconds(100));
  CHECK(limited.allowed_of_hundred() == 20);
  limited.clock.advance(-seconds(50));
  CHECK(!limited.allows());
  limited.clock.advance(seconds(50 + 60));
  CHECK(limited.allowed_of_hundred() == 20);
}

BUCKET_CASE("of many threads at once just a burst is let through") {
  const Bucket limited;
  std::atomic<int> allowed = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] { allowed += limited.allowed_of_hundred(); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(allowed == 20);
}

TEST_CASE("both say the same of the same requests, whatever the rate, the pauses and the clock") {
  std::mt19937_64 random(20'261'129);
  for (int round = 0; round < 60; ++round) {
    const Rate rate{
        std::uniform_int_distribution<std::int64_t>(1, round % 3 == 0 ? 1'000'000 : 40)(random),
        seconds(std::uniform_int_distribution<std::int64_t>(1, round % 2 == 0 ? 86'400 : 90)(random))};
    CAPTURE(rate.burst);
    CAPTURE(rate.window.count());
    InProcess here(rate);
    InRedis there(rate);
    for (auto* const clock : {&here.clock, &there.clock}) clock->advance(std::chrono::hours(24 * 365 * 30));
    const auto token = std::chrono::duration_cast<microseconds>(rate.window) / rate.burst;
    for (int i = 0; i < 60; ++i) {
      const std::string client(1, static_cast<char>('a' + random() % 3));
      const Verdict ours = here.take(client);
      const Verdict theirs = there.take(client);
      REQUIRE(ours.allowed == theirs.allowed);
      REQUIRE(ours.tokens_left == theirs.tokens_left);
      REQUIRE(ours.next_token_in == theirs.next_token_in);
      microseconds pause{std::uniform_int_distribution<std::int64_t>(0, 2 * token.count() + 1)(random)};
      if (random() % 20 == 0) pause = -pause * 50;  // the clock goes back
      here.clock.advance(pause);
      there.clock.advance(pause);
    }
  }
}

}  // namespace
