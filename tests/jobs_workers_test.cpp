// Workers against real threads. Nothing sleeps: the tests wait for what the handlers report, and the clock of
// the queue is held in the hand.
#include "jobs/workers.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
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

using Handlers = std::map<std::string, Handler, std::less<>>;

constexpr std::chrono::seconds kPatience{20};

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
};

TEST_CASE("jobs are run by the handler of their kind, and leave") {
  WorkShop shop;
  shop.add("a");
  shop.add("b", "shout");
  Workers workers(
      shop.queue,
      {{"report", shop.report}, {"shout", [&](const Job& job) { shop.reports.add(job.payload + "!"); }}}, 2,
      shop.log);
  shop.add("c");
  workers.wake();

  REQUIRE(shop.reports.reach(3));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  CHECK(shop.reports.sorted() == Texts{"a", "b!", "c"});
}

TEST_CASE("many jobs are each run once by many workers of two processes") {
  constexpr std::size_t kJobs = 500;
  WorkShop shop;
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  Workers here(shop.queue, {{"report", shop.report}}, 3, shop.log);
  Workers there(other, {{"report", shop.report}}, 3, shop.log);
  for (std::size_t i = 0; i < kJobs; ++i) {
    shop.add(std::to_string(i));
    (i % 2 == 0 ? here : there).wake();
  }

  REQUIRE(shop.reports.reach(kJobs));
  CHECK(shop.comes_to([&] { return shop.kept() == 0; }));
  here.stop();
  there.stop();
  const Texts run = shop.reports.sorted();
  CHECK(run.size() == kJobs);
  CHECK(std::set<std::string>(run.begin(), run.end()).size() == kJobs);
}

TEST_CASE("a job of another process is seen within a second, without a word") {
  WorkShop shop;
  const auto beside = shop.open_again();
  const Workers workers(shop.queue, {{"report", shop.report}}, 1, shop.log);
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

TEST_CASE("a job of a kind that nobody knows fails, and holds up no other") {
  WorkShop shop;
  shop.add("what?", "unheard of");
  shop.add("a");
  const Workers workers(shop.queue, {{"report", shop.report}}, 1, shop.log);

  REQUIRE(shop.reports.reach(1));
  CHECK(shop.comes_to([&] { return shop.kept() == 1; }));
  CHECK(
      shop.number("SELECT count(*) FROM jobs WHERE kind = 'unheard of' AND attempts = 1 AND state = 'waiting'"
                  " AND last_error = 'no handler for this kind of job'") == 1);
  CHECK(aforro::test::read_file(shop.log_file).find("job_failed") != std::string::npos);
}

TEST_CASE("a handler that throws harms no other job, and gets its own again after a pause") {
  WorkShop shop;
  for (const char* payload : {"a", "b", "bad", "c"}) shop.add(payload);
  const Workers workers(shop.queue,
                        {{"report",
                          [&](const Job& job) {
                            if (job.payload == "bad" && job.attempt < 3)
                              throw std::runtime_error("not at attempt " + std::to_string(job.attempt));
                            shop.reports.add(job.payload + std::to_string(job.attempt));
                          }}},
                        1, shop.log);

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
                        {{"report",
                          [&](const Job& job) {
                            if (job.payload == "bad") throw 42;  // NOLINT: what is tested
                            shop.reports.add(job.payload);
                          }}},
                        1, shop.log);
  REQUIRE(shop.reports.reach(2));
  CHECK(shop.comes_to([&] { return shop.kept() == 1; }));
  CHECK(shop.comes_to(
      [&] { return shop.number("SELECT count(*) FROM jobs WHERE last_error LIKE '%no exception'") == 1; }));
}

TEST_CASE("what is periodic is done once for all workers, and again when its time has come") {
  WorkShop shop;
  const auto beside = shop.open_again();
  Queue other(*beside, shop.clock);
  const std::vector<Periodic> periodic{{"report", 1h}};
  const Workers here(shop.queue, {{"report", shop.report}}, 2, shop.log, periodic);
  const Workers there(other, {{"report", shop.report}}, 2, shop.log, periodic);
  for (std::size_t round = 1; round <= 3; ++round) {
    REQUIRE(shop.reports.reach(round));
    CHECK(shop.comes_to([&] { return shop.number("SELECT min(attempts) FROM jobs") == 0; }));
    CHECK(shop.kept() == 1);
    CHECK(shop.reports.sorted().size() == round);
    shop.clock.advance(1h);
  }
}

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
                  {{"long",
                    [&](const Job& job) {
                      shop.reports.add(job.payload);
                      stopping.wait();
                      shop.reports.add(job.payload + " done");
                    }},
                   {"short",
                    [&](const Job& job) {
                      // The other worker goes home as soon as stop() has been asked.
                      thread_local const AtThreadEnd at_end(stopping);
                      shop.reports.add(job.payload);
                    }}},
                  2, shop.log);
  REQUIRE(shop.reports.reach(1));  // one worker has all three
  shop.add("short", "short");
  REQUIRE(shop.reports.reach(2));  // the other one has been here

  workers.stop();

  CHECK(shop.reports.sorted() == Texts{"1", "1 done", "short"});
  CHECK(shop.kept() == 2);
  CHECK(shop.queue.has_due());
  CHECK(shop.number("SELECT max(attempts) FROM jobs") == 0);
  workers.stop();  // again does nothing
}

TEST_CASE("a worker whose jobs take long begins none of them late in its lease") {
  WorkShop shop;
  for (const char* payload : {"a", "b", "c"}) shop.add(payload);
  const Workers workers(
      shop.queue,
      {{"report",
        [&](const Job& job) {
          const bool in_time = shop.queue.may_begin(job);
          shop.clock.advance(kLease * 2 / 3);
          shop.reports.add(job.payload + std::to_string(job.attempt) + (in_time ? "" : " late"));
        }}},
      1, shop.log);
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
  const Workers workers(queue, {{"report", shop.report}}, 1, shop.log);
  CHECK(shop.comes_to(
      [&] { return aforro::test::read_file(shop.log_file).find("jobs_unavailable") != std::string::npos; }));

  lock.reset();

  CHECK(shop.reports.reach(1));
}

}  // namespace
