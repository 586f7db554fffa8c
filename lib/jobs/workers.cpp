#include "jobs/workers.h"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace aforro::jobs {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};
constexpr std::chrono::seconds kKeepEvery{10};
constexpr std::int64_t kAtOnce = 64;  // claimed and ended in one transaction each

}  // namespace

Workers::Workers(Queue& queue, std::map<std::string, Handler, std::less<>> handlers, int threads, Log& log,
                 std::vector<Periodic> periodic)
    : queue_(queue), handlers_(std::move(handlers)), log_(log), periodic_(std::move(periodic)) {
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (...) {
    stop();  // those that were started
    throw;
  }
}

Workers::~Workers() { stop(); }

void Workers::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (due_) return;
    due_ = true;
  }
  woken_.notify_one();
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::work() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_for(lock, kLookEvery, [&] { return due_ || stopping_; });
      if (stopping_) return;
      due_ = false;
    }
    try {
      keep_periodic();
      while (!is_stopping() && run_some()) {
      }
    } catch (const std::exception& fault) {
      // The queue itself could not be reached; what was claimed comes back when its lease ends.
      log_.error("jobs_unavailable", {{"error", fault.what()}});
    }
  }
}

void Workers::keep_periodic() {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    if (periodic_.empty() || now < keep_next_) return;
    keep_next_ = now + kKeepEvery;
  }
  queue_.keep(periodic_);
}

bool Workers::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

bool Workers::run_some() {
  if (!queue_.has_due()) return false;
  Outcome outcome;
  const std::vector<Job> jobs = queue_.claim(kAtOnce);
  for (const Job& job : jobs) {
    if (is_stopping() || !queue_.may_begin(job)) {
      outcome.not_begun.push_back(job);
      continue;
    }
    std::string error;
    try {
      const auto handler = handlers_.find(job.kind);
      if (handler == handlers_.end()) throw std::runtime_error("no handler for this kind of job");
      handler->second(job);
      outcome.done.push_back(job);
      continue;
    } catch (const std::exception& fault) {
      error = fault.what();
    } catch (...) {
      error = "its handler threw what is no exception";
    }
    log_.warning("job_failed",
                 {{"job_id", job.id}, {"kind", job.kind}, {"attempt", job.attempt}, {"error", error}});
    outcome.failed.push_back({job, std::move(error)});
  }
  if (!jobs.empty()) queue_.finish(outcome);
  return !jobs.empty();
}

}  // namespace aforro::jobs
