// Workers against real threads. Nothing sleeps: the tests wait for what the handlers report, and the clock of
// the queue is held in the hand.
#include "jobs/workers.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/temporary_folder.h"

namespace {

using namespace aforro::jobs;  // NOLINT: jobs are all that this file speaks of
using namespace std::chrono_literals;
using aforro::Log;
using aforro::sql::Connection;
using aforro::test::LocalShop;

constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kOften{50};  // the queue is looked at

// What handlers report, waited for from outside.
class Reports {
 public:
  void add(const std::string& what) {
    {
      const std::lock_guard lock(mutex_);
      all_.push_back(what);
    }
    added_.notify_all();
  }

  // True once there are so many; false if that takes too long.
  bool reach(std::size_t count) {
    std::unique_lock lock(mutex_);
    return added_.wait_for(lock, kPatience, [&] { return all_.size() >= count; });
  }

  std::vector<std::string> sorted() {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> copy = all_;
    std::sort(copy.begin(), copy.end());
    return copy;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> all_;
};

using Texts = std::vector<std::string>;

struct WorkShop : LocalShop {
  WorkShop() : log_descriptor(::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    REQUIRE(log_descriptor >= 0);
  }
  WorkShop(const WorkShop&) = delete;
  WorkShop& operator=(const WorkShop&) = delete;
  ~WorkShop() { ::close(log_descriptor); }

  void add(std::string_view payload, std::string_view kind = "report") {
    database->write([&](Connection& connection) { enqueue(connection, kind, payload, clock.now()); });
  }
  std::int64_t kept() { return number("SELECT count(*) FROM jobs"); }

  // Waits until the table says so.
  bool comes_to(const std::function<bool()>& state) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!state()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  aforro::test::TemporaryFolder folder;
  std::filesystem::path log_file = folder / "log";
  int log_descriptor;
  Log log{log_descriptor, Log::Level::debug, clock};
  Queue queue{*database, clock};
  Reports reports;
  Handler report = [this](const Job& job) { reports.add(job.payload); };

  // A kind whose jobs are done one by one.
  static Kind kind(const std::string& name, const Handler& handler, std::size_t threads = 1) {
    return {.name = name, .batch = one_by_one(handler), .threads = threads, .period = {}};
  }
  std::vector<Kind> reporting(std::size_t threads = 1) const { return {kind("report", report, threads)}; }

  bool has_logged(std::string_view event) const {
    return aforro::test::read_file(log_file).find(event) != std::string::npos;
  }
};

TEST_CASE("jobs are run by the handler of their kind, and leave") {
  WorkShop shop;
  shop.add("a");
  shop.add("b", "shout");
  Workers workers(shop.queue,
                  {WorkShop::kind("report", shop.report),
                   WorkShop::kind("shout", [&](const Job& job) { shop.reports.add(job.payload + "!"); })},
                  shop.clock, shop.log);
  shop.add("c");
  workers.wake("report");

  REQUIRE(shop.reports.reach(3));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(shop.reports.sorted() == Texts{"a", "b!", "c"});
}

TEST_CASE("many jobs are each run once by many workers of two processes") {
  constexpr std::size_t kJobs = 500;
  WorkShop shop;
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  Workers here(shop.queue, shop.reporting(3), shop.clock, shop.log);
  Workers there(other, shop.reporting(3), shop.clock, shop.log);
  for (std::size_t i = 0; i < kJobs; ++i) {
    shop.add(std::to_string(i));
    (i % 2 == 0 ? here : there).wake("report");
  }

  REQUIRE(shop.reports.reach(kJobs));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(here.stop(kPatience));
  CHECK(there.stop(kPatience));
  const Texts run = shop.reports.sorted();
  CHECK(run.size() == kJobs);
  CHECK(std::set<std::string>(run.begin(), run.end()).size() == kJobs);
}

TEST_CASE("a job of another process is seen within a second, without a word") {
  WorkShop shop;
  const auto beside = shop.open_again();
  const Workers workers(shop.queue, shop.reporting(), shop.clock, shop.log, kOften);
  // A machine that is busy with other things may stand still for longer: it gets another chance, not the
  // program.
  std::chrono::steady_clock::duration quickest = kPatience;
  for (std::size_t i = 1; i <= 3 && quickest >= 1s; ++i) {
    const auto queued = std::chrono::steady_clock::now();
    beside->write(
        [&](Connection& connection) { enqueue(connection, "report", "payload", shop.clock.now()); });
    REQUIRE(shop.reports.reach(i));
    quickest = std::min(quickest, std::chrono::steady_clock::now() - queued);
  }
  CHECK(quickest < 1s);
}

TEST_CASE("a job of a kind that nobody knows waits for a process that does, and holds up no other") {
  WorkShop shop;
  shop.add("what?", "of a later version");
  shop.add("a");
  const Workers old(shop.queue, shop.reporting(), shop.clock, shop.log);
  REQUIRE(shop.reports.reach(1));
  CHECK(shop.comes_to([&] { return shop.kept() == 1; }));
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE kind = 'of a later version' AND attempts = 0"
                    " AND state = 'waiting' AND last_error IS NULL") == 1);

  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  const Workers later(other, {WorkShop::kind("of a later version", shop.report)}, shop.clock, shop.log);

  REQUIRE(shop.reports.reach(2));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
}

TEST_CASE("a handler that throws harms no other job, and gets its own again after a pause") {
  WorkShop shop;
  for (const char* payload : {"a", "b", "bad", "c"}) shop.add(payload);
  const Workers workers(
      shop.queue,
      {WorkShop::kind("report",
                      [&](const Job& job) {
                        if (job.payload == "bad" && job.attempt < 3)
                          throw std::runtime_error("not at attempt " + std::to_string(job.attempt));
                        shop.reports.add(job.payload + std::to_string(job.attempt));
                      })},
      shop.clock, shop.log);

  REQUIRE(shop.reports.reach(3));
  for (const char* error : {"not at attempt 1", "not at attempt 2"}) {
    const auto is_kept = [&] {
      return aforro::test::query_texts(shop.location, "SELECT last_error FROM jobs") == Texts{error};
    };
    CHECK(shop.comes_to(is_kept));
    shop.clock.advance(5s);
  }
  REQUIRE(shop.reports.reach(4));
  CHECK(shop.reports.sorted() == Texts{"a1", "b1", "bad3", "c1"});
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
}

TEST_CASE("a handler that throws what is no exception harms no other job, nor the worker") {
  WorkShop shop;
  for (const char* payload : {"a", "bad", "b"}) shop.add(payload);
  const Workers workers(shop.queue,
                        {WorkShop::kind("report",
                                        [&](const Job& job) {
                                          if (job.payload == "bad") throw 42;  // NOLINT: what is tested
                                          shop.reports.add(job.payload);
                                        })},
                        shop.clock, shop.log);
  REQUIRE(shop.reports.reach(2));
  CHECK(shop.comes_to([&] { return shop.kept() == 1; }));
  CHECK(shop.comes_to(
      [&] { return shop.number("SELECT count(*) FROM jobs WHERE last_error LIKE '%no exception'") == 1; }));
}

TEST_CASE("what is periodic is done once for all workers, and again when its time has come") {
  WorkShop shop;
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  Kind hourly = WorkShop::kind("report", shop.report);
  hourly.period = 1h;
  const Workers here(shop.queue, {hourly}, shop.clock, shop.log);
  const Workers there(other, {hourly}, shop.clock, shop.log);
  for (std::size_t round = 1; round <= 3; ++round) {
    REQUIRE(shop.reports.reach(round));
    CHECK(shop.comes_to([&] { return shop.number("SELECT min(attempts) FROM jobs") == 0; }));
    CHECK(shop.kept() == 1);
    CHECK(shop.reports.sorted().size() == round);
    shop.clock.advance(1h);
  }
}

// --- Jobs that take long

// A gate that handlers wait in front of.
class Gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      is_open_ = true;
    }
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

// Opened at the latest when the test ends, before the workers are waited for.
class OpenedAtEnd {
 public:
  explicit OpenedAtEnd(Gate& gate) : gate_(gate) {}
  OpenedAtEnd(const OpenedAtEnd&) = delete;
  OpenedAtEnd& operator=(const OpenedAtEnd&) = delete;
  ~OpenedAtEnd() { gate_.open(); }

 private:
  Gate& gate_;
};

struct SlowShop : WorkShop {
  // Jobs of this kind begin, and end when the gate is open.
  Kind slow(std::size_t threads = 1) {
    return kind(
        "slow",
        [this](const Job& job) {
          reports.add(job.payload);
          gate.pass();
          reports.add(job.payload + " done");
        },
        threads);
  }

  Gate gate;
};

TEST_CASE("jobs that are slow hold back no other kind, periodic ones least of all") {
  SlowShop shop;
  for (int i = 0; i < 10; ++i) shop.add("s", "slow");
  Kind hourly = WorkShop::kind("hourly", [&](const Job&) { shop.reports.add("hourly"); });
  hourly.period = 1h;
  const Workers workers(shop.queue, {shop.slow(2), WorkShop::kind("report", shop.report), hourly}, shop.clock,
                        shop.log, kOften);
  const OpenedAtEnd end(shop.gate);
  REQUIRE(shop.reports.reach(3));
  CHECK(shop.reports.sorted() == Texts{"hourly", "s", "s"});  // no more of one kind than it has threads

  shop.add("r");
  REQUIRE(shop.reports.reach(4));
  CHECK(shop.comes_to([&] { return shop.number("SELECT count(*) FROM jobs WHERE kind = 'report'") == 0; }));
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE kind = 'slow' AND attempts = 0") == 8);
}

TEST_CASE("a job that takes ten minutes keeps its lease, and is run once") {
  SlowShop shop;
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  shop.add("s", "slow");
  const Workers workers(shop.queue, {shop.slow()}, shop.clock, shop.log, kOften);
  const OpenedAtEnd end(shop.gate);
  REQUIRE(shop.reports.reach(1));

  for (int i = 0; i < 60; ++i) {
    shop.clock.advance(kLease / 3 + 1s);
    CHECK(shop.comes_to(
        [&] { return shop.number("SELECT run_at FROM jobs") == (shop.clock.now() + kLease).micros(); }));
    CHECK(other.claim("slow", 1).empty());
  }
  shop.gate.open();

  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(shop.reports.sorted() == Texts{"s", "s done"});
  CHECK(!shop.has_logged("job_lease_lost"));
}

TEST_CASE("a job that another worker has taken over is said to be lost, once, and left to that one") {
  SlowShop shop;
  shop.add("s", "slow");
  const Workers workers(shop.queue, {shop.slow()}, shop.clock, shop.log, kOften);
  const OpenedAtEnd end(shop.gate);
  REQUIRE(shop.reports.reach(1));
  const std::int64_t taken_until = (shop.clock.now() + 1h).micros();
  shop.database->write([&](Connection& connection) {  // as by one whose clock is ahead
    connection.run("UPDATE jobs SET attempts = attempts + 1, run_at = $1", {taken_until});
  });

  shop.clock.advance(kLease / 2);

  CHECK(shop.comes_to([&] { return shop.has_logged("job_lease_lost"); }));
  shop.clock.advance(kLease / 2);
  shop.add("next", "report");
  const Workers beside(shop.queue, shop.reporting(), shop.clock, shop.log);  // and time passes
  REQUIRE(shop.reports.reach(2));
  CHECK(shop.number("SELECT run_at FROM jobs WHERE kind = 'slow'") == taken_until);
  const std::string log = aforro::test::read_file(shop.log_file);
  CHECK(log.find("job_lease_lost") == log.rfind("job_lease_lost"));
}

TEST_CASE("the end of a job that took long is written before the next one begins") {
  WorkShop shop;
  constexpr int kJobs = 20;
  for (int i = 0; i < kJobs; ++i) shop.add(std::to_string(i));
  std::atomic<std::int64_t> most_unwritten = 0;
  const Workers workers(shop.queue,
                        {WorkShop::kind("report",
                                        [&](const Job& job) {
                                          const std::int64_t run = std::stoll(job.payload);
                                          const std::int64_t unwritten = shop.kept() - (kJobs - run);
                                          most_unwritten = std::max<std::int64_t>(most_unwritten, unwritten);
                                          shop.clock.advance(kMostAhead);
                                          shop.reports.add(job.payload);
                                        })},
                        shop.clock, shop.log);
  REQUIRE(shop.reports.reach(kJobs));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(most_unwritten == 0);
}

TEST_CASE("ends of quick jobs are written together, a millisecond's worth at most") {
  WorkShop shop;
  constexpr int kJobs = 400;
  for (int i = 0; i < kJobs; ++i) shop.add(std::to_string(i));
  std::atomic<std::int64_t> most_unwritten = 0;
  const Workers workers(shop.queue,
                        {WorkShop::kind("report",
                                        [&](const Job& job) {
                                          const std::int64_t run = std::stoll(job.payload);
                                          const std::int64_t unwritten = shop.kept() - (kJobs - run);
                                          most_unwritten = std::max<std::int64_t>(most_unwritten, unwritten);
                                          shop.clock.advance(std::chrono::microseconds(kMostAhead) / 10);
                                          shop.reports.add(job.payload);
                                        })},
                        shop.clock, shop.log);
  REQUIRE(shop.reports.reach(kJobs));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(most_unwritten >= 2);
  CHECK(most_unwritten < 10);
}

TEST_CASE("a batch whose jobs turn out to be slow is broken off: the rest is there for others at once") {
  SlowShop shop;
  const Workers workers(shop.queue,
                        {WorkShop::kind("report",
                                        [&](const Job& job) {
                                          shop.reports.add(job.payload);
                                          if (job.payload != "long") return;
                                          shop.gate.pass();
                                          shop.clock.advance(1s);
                                        })},
                        shop.clock, shop.log);
  const OpenedAtEnd end(shop.gate);
  std::size_t run = 0;
  for (; run < 200; ++run) shop.add("quick");  // so that many are claimed at once
  REQUIRE(shop.reports.reach(run));
  shop.database->write([&](Connection& connection) {
    enqueue(connection, "report", "long", shop.clock.now());
    for (int i = 0; i < 50; ++i) enqueue(connection, "report", "behind", shop.clock.now());
  });
  REQUIRE(shop.reports.reach(run + 1));
  CHECK(shop.comes_to([&] { return shop.number("SELECT max(attempts) FROM jobs") == 1; }));

  shop.gate.open();

  REQUIRE(shop.reports.reach(run + 51));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
}

// --- Stopping

// Counts a latch down when the thread that made it ends.
class AtThreadEnd {
 public:
  explicit AtThreadEnd(std::latch& latch) : latch_(latch) {}
  AtThreadEnd(const AtThreadEnd&) = delete;
  AtThreadEnd& operator=(const AtThreadEnd&) = delete;
  ~AtThreadEnd() { latch_.count_down(); }

 private:
  std::latch& latch_;
};

TEST_CASE("stopping finishes the job that runs and begins no other: those are left, due at once") {
  WorkShop shop;
  for (const char* payload : {"1", "2", "3"}) shop.add(payload, "long");
  std::latch stopping(1);
  Workers workers(shop.queue,
                  {WorkShop::kind("long",
                                  [&](const Job& job) {
                                    shop.reports.add(job.payload);
                                    stopping.wait();
                                    shop.reports.add(job.payload + " done");
                                  }),
                   WorkShop::kind("short",
                                  [&](const Job& job) {
                                    // This worker goes home as soon as stop() has been asked.
                                    thread_local const AtThreadEnd at_end(stopping);
                                    shop.reports.add(job.payload);
                                  })},
                  shop.clock, shop.log);
  REQUIRE(shop.reports.reach(1));
  shop.add("short", "short");
  REQUIRE(shop.reports.reach(2));

  CHECK(workers.stop(kPatience));

  CHECK(shop.reports.sorted() == Texts{"1", "1 done", "short"});
  CHECK(shop.kept() == 2);
  CHECK(shop.queue.has_due("long"));
  CHECK(shop.number("SELECT max(attempts) FROM jobs") == 0);
  CHECK(workers.stop(kPatience));  // again does nothing
}

TEST_CASE("stopping does not wait for ever for a job that does not end; its lease ends by itself") {
  SlowShop shop;
  shop.add("s", "slow");
  shop.add("r");
  Workers workers(shop.queue, {shop.slow(), WorkShop::kind("report", shop.report)}, shop.clock, shop.log,
                  kOften);
  const OpenedAtEnd end(shop.gate);
  REQUIRE(shop.reports.reach(2));

  CHECK(!workers.stop(1ms));

  CHECK(workers.running() == std::map<std::string, std::int64_t>{{"slow", 1}});
  CHECK(shop.comes_to([&] { return shop.kept() == 1; }));  // the other one's end is written
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE attempts = 1") == 1);
}

TEST_CASE("stopping does not wait for a database that is away") {
  SlowShop shop;
  shop.add("s", "slow");
  const auto impatient = shop.database.open_again(1ms);
  Queue queue(*impatient, shop.clock);
  Workers workers(queue, {shop.slow()}, shop.clock, shop.log, kOften);
  const OpenedAtEnd end(shop.gate);
  REQUIRE(shop.reports.reach(1));
  const aforro::test::WriteLock lock(shop.location);
  shop.gate.open();
  REQUIRE(shop.reports.reach(2));

  CHECK(workers.stop(kPatience));

  CHECK(shop.has_logged("jobs_unavailable"));
}

// --- Faults

TEST_CASE("a worker whose jobs take long begins none of them late in its lease") {
  WorkShop shop;
  for (const char* payload : {"a", "b", "c"}) shop.add(payload);
  const Workers workers(shop.queue,
                        {WorkShop::kind("report",
                                        [&](const Job& job) {
                                          const bool in_time = shop.queue.may_begin(job);
                                          shop.clock.advance(kLease * 2 / 3);
                                          shop.reports.add(job.payload + std::to_string(job.attempt) +
                                                           (in_time ? "" : " late"));
                                        })},
                        shop.clock, shop.log);
  REQUIRE(shop.reports.reach(3));
  CHECK(shop.reports.sorted() == Texts{"a1", "b1", "c1"});
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
}

TEST_CASE("workers outlast a database that cannot be reached, and say so in the log") {
  WorkShop shop;
  shop.add("payload");
  const auto impatient = shop.database.open_again(1ms);
  Queue queue(*impatient, shop.clock);
  auto lock = std::make_unique<aforro::test::WriteLock>(shop.location);
  const Workers workers(queue, shop.reporting(), shop.clock, shop.log, kOften);
  CHECK(shop.comes_to([&] { return shop.has_logged("jobs_unavailable"); }));

  lock.reset();

  CHECK(shop.reports.reach(1));
}

TEST_CASE(
    "an end that could not be written is written when the database is there again: the job is run once") {
  SlowShop shop;
  shop.add("s", "slow");
  const auto impatient = shop.database.open_again(1ms);
  Queue queue(*impatient, shop.clock);
  const Workers workers(queue, {shop.slow()}, shop.clock, shop.log, kOften);
  const OpenedAtEnd end(shop.gate);
  REQUIRE(shop.reports.reach(1));
  auto lock = std::make_unique<aforro::test::WriteLock>(shop.location);
  shop.gate.open();
  CHECK(shop.comes_to([&] { return shop.has_logged("jobs_unavailable"); }));
  shop.clock.advance(kLease * 2);

  lock.reset();

  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(shop.reports.sorted() == Texts{"s", "s done"});
}

}  // namespace
