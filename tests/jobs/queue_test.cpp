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

#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::jobs;  // NOLINT: jobs are all that this file speaks of
using namespace std::chrono_literals;
using aforro::Time;
using aforro::sql::Connection;
using aforro::test::LocalShop;

struct QueueShop : LocalShop {
  void add(std::string_view payload, std::string_view kind = "kind") {
    database->write([&](Connection& connection) { enqueue(connection, kind, payload, clock.now()); });
  }
  // What a worker that fails every time does.
  void fail(const std::string& error = "no") {
    Outcome outcome;
    for (const char* kind : {"kind", "tidy"}) {
      for (const Job& job : queue.claim(kind, 100)) outcome.failed.push_back({job, error});
    }
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
  CHECK(!shop.queue.has_due("kind"));
  shop.add("later of two");
  shop.clock.advance(-1s);
  shop.add("first");
  shop.clock.advance(1s);
  shop.add("last");

  CHECK(shop.queue.has_due("kind"));
  const std::vector<Job> some = shop.queue.claim("kind", 2);
  const std::vector<Job> rest = shop.queue.claim("kind", 2);

  CHECK(payloads(some) == Payloads{"first", "later of two"});
  CHECK(payloads(rest) == Payloads{"last"});
  CHECK(some[0].kind == "kind");
  CHECK(some[0].attempt == 1);
  CHECK(some[0].leased_until == shop.clock.now() + kLease);
  CHECK(!shop.queue.has_due("kind"));
}

TEST_CASE("a job of the future waits for its time") {
  QueueShop shop;
  shop.clock.advance(1us);
  shop.add("soon");
  shop.clock.advance(-1us);
  CHECK(!shop.queue.has_due("kind"));
  CHECK(shop.queue.claim("kind", 10).empty());
  shop.clock.advance(1us);
  CHECK(shop.queue.claim("kind", 10).size() == 1);
}

TEST_CASE("a job commits with what asks for it, or not at all") {
  QueueShop shop;
  CHECK_THROWS(shop.database->write([&](Connection& connection) {
    enqueue(connection, "kind", "payload", shop.clock.now());
    throw std::runtime_error("changed its mind");
  }));
  CHECK(shop.kept() == 0);
}

TEST_CASE("a job is claimed by its kind: the others wait for a process that knows theirs, and are listed") {
  QueueShop shop;
  shop.add("new", "of a later version");
  shop.clock.advance(1s);
  shop.add("known");

  const std::vector<std::string> kinds{"kind", "no such kind", "of a later version"};
  CHECK(shop.queue.have_due(kinds) == std::vector<bool>{true, false, true});
  CHECK(payloads(shop.queue.claim("kind", 10)) == Payloads{"known"});
  CHECK(shop.queue.claim("kind", 10).empty());

  CHECK(shop.number("SELECT count(*) FROM jobs WHERE kind = 'of a later version' AND attempts = 0"
                    " AND state = 'waiting'") == 1);
  const std::vector<JobRecord> listed = shop.queue.list(10);
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].kind == "of a later version");
  CHECK(payloads(shop.queue.claim("of a later version", 10)) == Payloads{"new"});
}

TEST_CASE("what waits is listed by its time, whatever its kind, no further than asked for") {
  QueueShop shop;
  for (const char* const kind : {"b", "a", "c", "a", "b"}) {
    shop.add(std::to_string(shop.kept() + 1), kind);
    shop.clock.advance(1s);
  }
  const auto listed = [&](std::int64_t limit) {
    Payloads found;
    for (const JobRecord& job : shop.queue.list(limit)) found.push_back(job.payload);
    return found;
  };
  CHECK(listed(10) == Payloads{"1", "2", "3", "4", "5"});
  CHECK(listed(3) == Payloads{"1", "2", "3"});
}

TEST_CASE("a renewed lease lasts for longer, and its end is the one that counts") {
  QueueShop shop;
  shop.add("payload");
  Job job = shop.queue.claim("kind", 1).at(0);
  for (int i = 0; i < 40; ++i) {
    shop.clock.advance(kLease / 2);
    const Time until = shop.clock.now() + kLease;
    const std::array renewals{Renewal{job, until}};
    CHECK(shop.queue.renew(renewals) == std::vector<bool>{true});
    CHECK(shop.queue.renew(renewals) == std::vector<bool>{true});  // as if its answer had been lost
    job.leased_until = until;
    CHECK(!shop.queue.has_due("kind"));
  }
  shop.queue.finish({.done = {}, .failed = {{job, "no"}}, .not_begun = {}});
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE last_error = 'no' AND attempts = 1") == 1);
}

TEST_CASE("a lease that another worker has, or that ended with its job, is not renewed") {
  QueueShop shop;
  shop.add("lost");
  shop.add("done");
  const std::vector<Job> jobs = shop.queue.claim("kind", 10);
  shop.queue.finish({.done = {jobs.at(1)}, .failed = {}, .not_begun = {}});
  shop.clock.advance(kLease);
  const Job other = shop.queue.claim("kind", 1).at(0);

  const Time until = shop.clock.now() + 1h;
  CHECK(shop.queue.renew(std::array{Renewal{jobs[0], until}, Renewal{jobs[1], until}}) ==
        std::vector<bool>{false, false});

  CHECK(shop.micros_to_next() == other.leased_until.micros() - shop.clock.now().micros());
}

TEST_CASE("jobs that were lost too often do not stand in the way of one that is due") {
  QueueShop shop;
  for (int i = 0; i < 5; ++i) shop.add("poison");
  shop.database->write(
      [](Connection& connection) { connection.run("UPDATE jobs SET attempts = $1", {kMaxAttempts}); });
  shop.add("food");
  CHECK(payloads(shop.queue.claim("kind", 1)) == Payloads{"food"});
  CHECK(shop.dead() == 5);
}

TEST_CASE("an end may be written twice, as after an answer that was lost") {
  QueueShop shop;
  for (const char* payload : {"done", "failed", "back"}) shop.add(payload);
  shop.queue.keep(std::vector<Periodic>{{"tidy", 1h}});
  const std::vector<Job> jobs = shop.queue.claim("kind", 10);
  Outcome outcome{.done = {jobs.at(0)}, .failed = {{jobs.at(1), "no"}}, .not_begun = {jobs.at(2)}};
  outcome.done.push_back(shop.queue.claim("tidy", 1).at(0));
  shop.queue.finish(outcome);
  const auto state = [&] {
    return aforro::test::query_texts(
        shop.location,
        "SELECT payload || attempts || state || coalesce(last_error, '') || run_at"
        " FROM jobs ORDER BY id");
  };
  const Payloads before = state();
  shop.queue.finish(outcome);
  CHECK(before.size() == 3);
  CHECK(state() == before);
}

TEST_CASE("a job that is done is gone") {
  QueueShop shop;
  shop.add("a");
  shop.add("b");
  const std::vector<Job> jobs = shop.queue.claim("kind", 1);
  shop.queue.finish({.done = jobs, .failed = {}, .not_begun = {}});
  CHECK(shop.kept() == 1);
  CHECK(payloads(shop.queue.claim("kind", 10)) == Payloads{"b"});
}

TEST_CASE("a job whose worker is lost runs again when its lease has ended") {
  QueueShop shop;
  shop.add("payload");
  CHECK(shop.queue.claim("kind", 10).size() == 1);  // and never heard of again

  shop.clock.advance(kLease - 1us);
  CHECK(!shop.queue.has_due("kind"));
  CHECK(shop.queue.claim("kind", 10).empty());
  shop.clock.advance(1us);
  CHECK(shop.queue.has_due("kind"));
  const std::vector<Job> again = shop.queue.claim("kind", 10);

  REQUIRE(again.size() == 1);
  CHECK(again[0].attempt == 2);
}

TEST_CASE("a claimed job outlives the process") {
  QueueShop shop;
  shop.add("payload");
  shop.queue.claim("kind", 10);
  shop.clock.advance(kLease);
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  CHECK(payloads(other.claim("kind", 10)) == Payloads{"payload"});
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
    CHECK(!shop.queue.has_due("kind"));
    shop.clock.advance(1us);
    CHECK(shop.queue.has_due("kind"));
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
  CHECK(!shop.queue.has_due("kind"));
  CHECK(shop.queue.claim("kind", 10).empty());
}

TEST_CASE(
    "a job that takes its worker down each time is dead after as many attempts, and holds up no other") {
  QueueShop shop;
  shop.add("poison");
  for (std::int64_t attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    CHECK(shop.queue.claim("kind", 10).size() == 1);
    shop.clock.advance(2h);
  }
  shop.add("food");
  CHECK(payloads(shop.queue.claim("kind", 10)) == Payloads{"food"});
  CHECK(shop.dead() == 1);
  CHECK(shop.number("SELECT attempts FROM jobs WHERE state = 'dead'") == kMaxAttempts);
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE state = 'dead' AND last_error IS NOT NULL") == 1);
}

TEST_CASE("a job that was not begun is due at once, and its attempt does not count") {
  QueueShop shop;
  shop.add("payload");
  shop.queue.finish({.done = {}, .failed = {}, .not_begun = shop.queue.claim("kind", 10)});
  const std::vector<Job> again = shop.queue.claim("kind", 10);
  REQUIRE(again.size() == 1);
  CHECK(again[0].attempt == 1);
}

TEST_CASE("work may begin in the first half of a lease") {
  QueueShop shop;
  shop.add("payload");
  const Job job = shop.queue.claim("kind", 1).at(0);
  CHECK(shop.queue.may_begin(job));
  shop.clock.advance(kLease / 2 - 1us);
  CHECK(shop.queue.may_begin(job));
  shop.clock.advance(1us);
  CHECK(!shop.queue.may_begin(job));
}

TEST_CASE("a worker that comes back late does not disturb the one that has its job now") {
  QueueShop shop;
  shop.add("payload");
  const std::vector<Job> late = shop.queue.claim("kind", 10);
  shop.clock.advance(kLease);
  const std::vector<Job> now = shop.queue.claim("kind", 10);
  REQUIRE(now.size() == 1);

  shop.queue.finish({.done = {}, .failed = {{late.at(0), "late"}}, .not_begun = {}});
  shop.queue.finish({.done = {}, .failed = {}, .not_begun = late});
  CHECK(!shop.queue.has_due("kind"));
  CHECK(shop.micros_to_next() == now[0].leased_until.micros() - shop.clock.now().micros());
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE last_error IS NULL AND attempts = 2") == 1);

  shop.queue.finish({.done = late, .failed = {}, .not_begun = {}});  // done is done
  CHECK(shop.kept() == 0);
  shop.queue.finish({.done = now, .failed = {}, .not_begun = {}});
  CHECK(shop.kept() == 0);
}

TEST_CASE("a job may be asked for a later time") {
  QueueShop shop;
  shop.database->write(
      [&](Connection& connection) { enqueue(connection, "kind", "later", shop.clock.now(), 5s); });
  shop.clock.advance(5s - 1us);
  CHECK(shop.queue.claim("kind", 10).empty());
  shop.clock.advance(1us);
  CHECK(payloads(shop.queue.claim("kind", 10)) == Payloads{"later"});
}

TEST_CASE("a job that was lost with its worker comes alone, so that no other is lost with it again") {
  QueueShop shop;
  for (const char* payload : {"a", "poison", "b"}) shop.add(payload);
  CHECK(shop.queue.claim("kind", 10).size() == 3);  // by a worker that is never heard of again
  shop.clock.advance(kLease);
  shop.add("fresh");

  Payloads first;
  for (int i = 0; i < 3; ++i) {
    const std::vector<Job> alone = shop.queue.claim("kind", 10);
    REQUIRE(alone.size() == 1);
    first.push_back(alone[0].payload);
    CHECK(alone[0].leased_until > shop.clock.now() + kLease);  // lost again, it waits for longer
  }
  CHECK(first == Payloads{"a", "poison", "b"});
  CHECK(payloads(shop.queue.claim("kind", 10)) == Payloads{"fresh"});
}

TEST_CASE("an error of any bytes and length is kept, and the outcome of other jobs with it") {
  QueueShop shop;
  shop.add("done");
  shop.add("broken");
  shop.add("long");
  const std::vector<Job> jobs = shop.queue.claim("kind", 10);
  std::string too_long(999, 'x');
  for (int i = 0; i < 100; ++i) too_long += "é";

  shop.queue.finish({.done = {jobs.at(0)},
                     .failed = {{jobs.at(1), std::string("\0a\xff\n", 4)}, {jobs.at(2), too_long}},
                     .not_begun = {}});

  CHECK(aforro::test::query_texts(shop.location, "SELECT last_error FROM jobs ORDER BY id") ==
        Payloads{"?a??", std::string(999, 'x')});
}

constexpr std::chrono::microseconds kHour = 1h;

std::vector<Periodic> hourly() { return {{"tidy", kHour}}; }

TEST_CASE("a periodic job is there once, whoever asks for it, and comes again when it is done") {
  QueueShop shop;
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  shop.queue.keep(hourly());
  other.keep(hourly());
  CHECK(shop.kept() == 1);

  for (int round = 0; round < 3; ++round) {
    const std::vector<Job> jobs = shop.queue.claim("tidy", 10);
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].kind == "tidy");
    CHECK(jobs[0].attempt == 1);
    CHECK(other.claim("tidy", 10).empty());
    shop.clock.advance(10s);
    shop.queue.finish({.done = jobs, .failed = {}, .not_begun = {}});
    other.keep(hourly());
    CHECK(shop.micros_to_next() == kHour.count());
    shop.clock.advance(kHour);
  }
}

TEST_CASE("a clock that jumps ahead runs a periodic job once; one set back does not keep it for ever") {
  QueueShop shop;
  shop.queue.keep(hourly());
  const aforro::Time before = shop.clock.now();
  shop.queue.finish({.done = shop.queue.claim("tidy", 10), .failed = {}, .not_begun = {}});
  shop.clock.set(before + 1000 * kHour);
  const std::vector<Job> jobs = shop.queue.claim("tidy", 10);
  REQUIRE(jobs.size() == 1);
  shop.queue.finish({.done = jobs, .failed = {}, .not_begun = {}});
  CHECK(!shop.queue.has_due("tidy"));

  shop.clock.set(before);
  CHECK(!shop.queue.has_due("tidy"));
  shop.queue.keep(hourly());
  CHECK(shop.queue.claim("tidy", 10).size() == 1);
}

TEST_CASE("a periodic job that fails is tried again sooner and never dies; lost too often, it begins anew") {
  QueueShop shop;
  shop.queue.keep(hourly());
  shop.fail();
  CHECK(shop.micros_to_next() < kHour.count());
  for (int i = 0; i < 50; ++i) {
    shop.clock.advance(2h);
    shop.fail();
  }
  for (int i = 0; i < 50; ++i) {
    shop.clock.advance(2h);
    shop.queue.claim("tidy", 10);
  }
  CHECK(shop.dead() == 0);
  CHECK(shop.kept() == 1);
}

TEST_CASE("a changed period holds from then on, for the one job of its kind") {
  QueueShop shop;
  shop.queue.keep(hourly());
  shop.queue.keep(std::vector<Periodic>{{"tidy", 1min}, {"sweep", 1min}});
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE period = 60000000") == 2);
  CHECK(shop.kept() == 2);
}

struct DeadJobs : QueueShop {
  // A job that has died of this error.
  std::int64_t add_dead(const std::string& payload) {
    add(payload);
    const std::int64_t id = number("SELECT max(id) FROM jobs");
    database->write([&](Connection& connection) {
      connection.run("UPDATE jobs SET attempts = $2 WHERE id = $1", {id, kMaxAttempts - 1});
    });
    fail("no");
    return id;
  }
};

TEST_CASE("the dead are listed before those that wait, each with what is known of it") {
  DeadJobs shop;
  const std::int64_t dead = shop.add_dead("d");
  const aforro::Time died = shop.clock.now();
  shop.clock.advance(1s);
  shop.add("w");
  shop.queue.keep(hourly());

  const std::vector<JobRecord> all = shop.queue.list(10);

  REQUIRE(all.size() == 3);
  CHECK(all[0].id == dead);
  CHECK(all[0].is_dead);
  CHECK(all[0].run_at == died);
  CHECK(all[0].attempts == kMaxAttempts);
  CHECK(all[0].last_error == "no");
  CHECK(!all[0].period);
  CHECK(all[1].payload == "w");
  CHECK(!all[1].is_dead);
  CHECK(!all[1].last_error);
  CHECK(all[2].period == kHour);
  CHECK(shop.queue.list(2).size() == 2);
  CHECK(shop.queue.list(1).size() == 1);
}

TEST_CASE("a dead job can be tried again from the beginning, or discarded; one that lives can't") {
  DeadJobs shop;
  const std::int64_t first = shop.add_dead("first");
  const std::int64_t second = shop.add_dead("second");

  shop.queue.retry(first);
  const std::vector<Job> again = shop.queue.claim("kind", 10);
  REQUIRE(again.size() == 1);
  CHECK(again[0].payload == "first");
  CHECK(again[0].attempt == 1);
  shop.queue.discard(second);
  CHECK(shop.kept() == 1);

  using aforro::test::problem_of;
  for (const auto& problem :
       {problem_of([&] { shop.queue.retry(first); }), problem_of([&] { shop.queue.discard(first); })}) {
    REQUIRE(problem);
    CHECK(problem->kind() == aforro::Problem::Kind::conflict);
  }
  for (const auto& problem :
       {problem_of([&] { shop.queue.retry(second); }), problem_of([&] { shop.queue.discard(second); })}) {
    REQUIRE(problem);
    CHECK(problem->kind() == aforro::Problem::Kind::not_found);
  }
  CHECK(shop.kept() == 1);
}

TEST_CASE("the dead are kept for a month, and removed in pieces after that") {
  DeadJobs shop;
  for (int i = 0; i < 3; ++i) shop.add_dead("old");
  shop.clock.advance(kDeadLife);
  shop.add_dead("young");
  CHECK(shop.queue.prune(10) == 0);
  shop.clock.advance(1us);
  shop.add("waits");
  CHECK(shop.queue.prune(2) == 2);
  CHECK(shop.queue.prune(2) == 1);
  CHECK(shop.queue.prune(2) == 0);
  CHECK(shop.kept() == 2);
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
      for (std::vector<Job> jobs = queue.claim("kind", 7); !jobs.empty(); jobs = queue.claim("kind", 7)) {
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
