#include "app/background.h"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <utility>

#include "shop/upkeep.h"

namespace aforro::app {
namespace {

constexpr std::size_t kConfirmationThreads = 2;
constexpr const char* kPruneJob = "prune_jobs";
constexpr std::chrono::minutes kPrunePeriod{1};
constexpr std::int64_t kPrunedAtOnce = 500;

// What jobs that run at SIGTERM may still take: half of the ten seconds that `docker stop` gives.
constexpr std::chrono::seconds kPatienceWithJobs{5};
constexpr std::chrono::seconds kPatienceWithLog{1};

// Ends the process although jobs still run: nothing that a thread of theirs uses may go before it. What they
// hang on may be the log itself.
[[noreturn]] void leave_behind(std::map<std::string, std::int64_t> jobs, Log& log) {
  std::promise<void> said;
  std::future<void> is_said = said.get_future();
  std::thread([jobs = std::move(jobs), &log, said = std::move(said)]() mutable {
    for (const auto& [kind, count] : jobs) {
      log.warning("jobs_left_running", {{"kind", kind}, {"jobs", count}});
    }
    said.set_value();
  }).detach();
  is_said.wait_for(kPatienceWithLog);
  ::_exit(0);
}

}  // namespace

Background::Background(sql::Database& database, const Clock& clock, Log& log, std::function<void()> told)
    : log_(log),
      queue_(database, clock),
      channel_(log),
      workers_(queue_,
               {{.name = std::string(shop::kConfirmationJob),
                 .batch = notify::confirmations(database, channel_, clock, log),
                 .threads = kConfirmationThreads},
                {.name = std::string(shop::kKeySweepJob),
                 .batch = jobs::one_by_one([&](const jobs::Job&) { shop::sweep_keys(database, clock); }),
                 .period = shop::kKeySweepPeriod},
                {.name = kPruneJob,
                 .batch = jobs::one_by_one([this](const jobs::Job&) { queue_.prune(kPrunedAtOnce); }),
                 .period = kPrunePeriod}},
               clock, log),
      orders_(database, clock,
              [this, told = std::move(told)] {
                workers_.wake(shop::kConfirmationJob);
                told();
              }),
      sweeper_(orders_, log) {}

void Background::end() {
  if (!workers_.stop(kPatienceWithJobs)) leave_behind(workers_.running(), log_);
}

}  // namespace aforro::app
