#include "jobs/queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/local_shop.h"

namespace {

using namespace aforro::jobs;  // NOLINT: jobs are all that this file speaks of
using namespace std::chrono_literals;
using aforro::sql::Connection;
using aforro::test::LocalShop;

struct QueueShop : LocalShop {
  void add(std::string_view payload, std::string_view kind = "kind") {
    database->write([&](Connection& connection) { enqueue(connection, kind, payload, clock.now()); });
  }
  // What a worker that fails every time does.
  void fail(const std::string& error = "no") {
    Outcome outcome;
    for (const Job& job : queue.claim(100)) outcome.failed.push_back({job, error});
    queue.finish(outcome);
  }
  std::int64_t micros_to_next() {
    return number("SELECT run_at FROM jobs WHERE state = 'waiting'") - clock.now().micros();
  }
  std::int64_t kept() { return number("SELECT count(*) FROM jobs"); }
  std::int64_t dead() { return number("SELECT count(*) FROM jobs WHERE state = 'dead'"); }

  Queue queue{*database, clock};
};

std::vector<std::string> payloads(const std::vector<Job>& jobs) {
  std::vector<std::string> found;
  found.reserve(jobs.size());
  for (const Job& job : jobs) found.push_back(job.payload);
  return found;
}

using Payloads = std::vector<std::string>;

TEST_CASE("a job is due at once, in the order of its time, and says what it is") {
  QueueShop shop;
  CHECK(!shop.queue.has_due());
  shop.add("later of two");
  shop.clock.advance(-1s);
  shop.add("first", "another kind");
  shop.clock.advance(1s);
  shop.add("last");

  CHECK(shop.queue.has_due());
  const std::vector<Job> some = shop.queue.claim(2);
  const std::vector<Job> rest = shop.queue.claim(2);

  CHECK(payloads(some) == Payloads{"first", "later of two"});
  CHECK(payloads(rest) == Payloads{"last"});
  CHECK(some[0].kind == "another kind");
  CHECK(some[0].attempt == 1);
  CHECK(some[0].leased_until == shop.clock.now() + kLease);
  CHECK(!shop.queue.has_due());
}

TEST_CASE("a job of the future waits for its time") {
  QueueShop shop;
  shop.clock.advance(1us);
  shop.add("soon");
  shop.clock.advance(-1us);
  CHECK(!shop.queue.has_due());
  CHECK(shop.queue.claim(10).empty());
  shop.clock.advance(1us);
  CHECK(shop.queue.claim(10).size() == 1);
}

TEST_CASE("a job commits with what asks for it, or not at all") {
  QueueShop shop;
  CHECK_THROWS(shop.database->write([&](Connection& connection) {
    enqueue(connection, "kind", "payload", shop.clock.now());
    throw std::runtime_error("changed its mind");
  }));
  CHECK(shop.kept() == 0);
}

TEST_CASE("a job that is done is gone") {
  QueueShop shop;
  shop.add("a");
  shop.add("b");
  const std::vector<Job> jobs = shop.queue.claim(1);
  shop.queue.finish({.done = jobs, .failed = {}, .not_begun = {}});
  CHECK(shop.kept() == 1);
  CHECK(payloads(shop.queue.claim(10)) == Payloads{"b"});
}

TEST_CASE("a job whose worker is lost runs again when its lease has ended") {
  QueueShop shop;
  shop.add("payload");
  CHECK(shop.queue.claim(10).size() == 1);  // and never heard of again

  shop.clock.advance(kLease - 1us);
  CHECK(!shop.queue.has_due());
  CHECK(shop.queue.claim(10).empty());
  shop.clock.advance(1us);
  CHECK(shop.queue.has_due());
  const std::vector<Job> again = shop.queue.claim(10);

  REQUIRE(again.size() == 1);
  CHECK(again[0].attempt == 2);
}

TEST_CASE("a claimed job outlives the process") {
  QueueShop shop;
  shop.add("payload");
  shop.queue.claim(10);
  shop.clock.advance(kLease);
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  CHECK(payloads(other.claim(10)) == Payloads{"payload"});
}

TEST_CASE("a failed job waits longer each time, up to an hour and a quarter, and keeps its error") {
  QueueShop shop;
  shop.add("payload");
  std::chrono::microseconds pause = 1s;
  for (std::int64_t attempt = 1; attempt < kMaxAttempts; ++attempt) {
    CAPTURE(attempt);
    shop.fail("fault " + std::to_string(attempt));
    const std::int64_t next = shop.micros_to_next();
    CHECK(next >= pause.count());
    CHECK(next <= pause.count() * 5 / 4);
    CHECK(shop.number("SELECT attempts FROM jobs") == attempt);
    CHECK(shop.number("SELECT count(*) FROM jobs WHERE last_error = 'fault ' || attempts") == 1);
    shop.clock.advance(std::chrono::microseconds(next - 1));
    CHECK(!shop.queue.has_due());
    shop.clock.advance(1us);
    CHECK(shop.queue.has_due());
    pause = std::min<std::chrono::microseconds>(pause * 2, 1h);
  }
}

TEST_CASE("pauses differ by chance, so that what failed together does not come back together") {
  QueueShop shop;
  for (int i = 0; i < 20; ++i) shop.add("payload");
  shop.fail();
  CHECK(shop.number("SELECT count(DISTINCT run_at) FROM jobs") > 1);
}

TEST_CASE("after its last attempt a job is dead: kept with its error, and never due again") {
  QueueShop shop;
  shop.add("payload");
  for (std::int64_t attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    CHECK(shop.dead() == 0);
    shop.fail("fault " + std::to_string(attempt));
    shop.clock.advance(2h);
  }
  CHECK(shop.dead() == 1);
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE last_error = 'fault 20' AND payload = 'payload'") == 1);
  CHECK(!shop.queue.has_due());
  CHECK(shop.queue.claim(10).empty());
}

TEST_CASE(
    "a job that takes its worker down each time is dead after as many attempts, and holds up no other") {
  QueueShop shop;
  shop.add("poison");
  for (std::int64_t attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    CHECK(shop.queue.claim(10).size() == 1);
    shop.clock.advance(kLease);
  }
  shop.add("food");
  CHECK(payloads(shop.queue.claim(10)) == Payloads{"food"});
  CHECK(shop.dead() == 1);
  CHECK(shop.number("SELECT attempts FROM jobs WHERE state = 'dead'") == kMaxAttempts);
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE state = 'dead' AND last_error IS NOT NULL") == 1);
}

TEST_CASE("a job that was not begun is due at once, and its attempt does not count") {
  QueueShop shop;
  shop.add("payload");
  shop.queue.finish({.done = {}, .failed = {}, .not_begun = shop.queue.claim(10)});
  const std::vector<Job> again = shop.queue.claim(10);
  REQUIRE(again.size() == 1);
  CHECK(again[0].attempt == 1);
}

TEST_CASE("work may begin in the first half of a lease") {
  QueueShop shop;
  shop.add("payload");
  const Job job = shop.queue.claim(1).at(0);
  CHECK(shop.queue.may_begin(job));
  shop.clock.advance(kLease / 2 - 1us);
  CHECK(shop.queue.may_begin(job));
  shop.clock.advance(1us);
  CHECK(!shop.queue.may_begin(job));
}

TEST_CASE("a worker that comes back late does not disturb the one that has its job now") {
  QueueShop shop;
  shop.add("payload");
  const std::vector<Job> late = shop.queue.claim(10);
  shop.clock.advance(kLease);
  const std::vector<Job> now = shop.queue.claim(10);
  REQUIRE(now.size() == 1);

  shop.queue.finish({.done = {}, .failed = {{late.at(0), "late"}}, .not_begun = {}});
  shop.queue.finish({.done = {}, .failed = {}, .not_begun = late});
  CHECK(!shop.queue.has_due());
  CHECK(shop.micros_to_next() == std::chrono::microseconds(kLease).count());
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE last_error IS NULL AND attempts = 2") == 1);

  shop.queue.finish({.done = late, .failed = {}, .not_begun = {}});  // done is done
  CHECK(shop.kept() == 0);
  shop.queue.finish({.done = now, .failed = {}, .not_begun = {}});
  CHECK(shop.kept() == 0);
}

TEST_CASE("no two workers of any process get the same job") {
  constexpr std::size_t kJobs = 400;
  QueueShop shop;
  shop.database->write([&](Connection& connection) {
    for (std::size_t i = 0; i < kJobs; ++i) enqueue(connection, "kind", "payload", shop.clock.now());
  });
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  std::array<std::vector<std::int64_t>, 4> claimed;

  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < claimed.size(); ++i) {
    threads.emplace_back([&, i] {
      Queue& queue = i % 2 == 0 ? shop.queue : other;
      for (std::vector<Job> jobs = queue.claim(7); !jobs.empty(); jobs = queue.claim(7)) {
        for (const Job& job : jobs) claimed[i].push_back(job.id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  std::size_t count = 0;
  std::set<std::int64_t> distinct;
  for (const auto& ids : claimed) {
    count += ids.size();
    distinct.insert(ids.begin(), ids.end());
  }
  CHECK(count == kJobs);
  CHECK(distinct.size() == kJobs);
}

}  // namespace
