// The end of a job's lease in the table says which worker owns the job, so a lease and the end of its job
// must not be written side by side: an end that names the old lease while a renewal replaces it would change
// no row, and a job that is done would run again. Therefore one thread, the keeper, writes both, renewals
// first, one transaction after the other; an end that waits to be written is written with the lease that its
// job has by then.
//
// When the outcome of a renewal is not known, the job may have either lease. The value that was tried stays
// noted, and the renewal is asked for again with the same value (the statement takes either for its own)
// before any end is written.
//
// Ends are collected, and written together in one transaction. A transaction for each end would cost a sync
// of the disk for each job.
#include "jobs/in_hand.h"

#include <algorithm>
#include <utility>

#include "base/problem.h"

namespace aforro::jobs {
namespace {

// A lease is renewed when a third of it is over: in time for may_begin(), and for two more attempts.
constexpr std::chrono::microseconds kRenewBelow = kLease * 2 / 3;

}  // namespace

void InHand::take(std::span<const Job> jobs) {
  const Lock lock(mutex_);
  for (const Job& job : jobs) held_.emplace(key(job), Held{.job = job});
}

bool InHand::may_begin(const Job& job) const {
  const Lock lock(mutex_);
  const Held& held = held_.at(key(job));
  return !held.is_lost && queue_.may_begin(held.job);
}

InHand::Number InHand::end(const Job& job, End end) {
  const Lock lock(mutex_);
  ended_.push_back(key(job));
  held_.at(key(job)).end = std::move(end);
  return ++end_count_;
}

void InHand::hurry() {
  {
    const Lock lock(mutex_);
    if (is_hurried_) return;
    is_hurried_ = true;
  }
  hurried_.notify_one();
}

void InHand::wait_until_written(Number end) {
  hurry();
  const Lock lock(mutex_);
  while (written_count_ < end) written_changed_.wait(mutex_);
}

void InHand::forget(std::span<const Job> jobs) {
  const Lock lock(mutex_);
  for (const Job& job : jobs) {
    const auto found = held_.find(key(job));
    if (found != held_.end() && !found->second.end) held_.erase(found);
  }
}

void InHand::await_hurry(std::chrono::milliseconds most) {
  const auto until = std::chrono::steady_clock::now() + most;
  const Lock lock(mutex_);
  while (!is_hurried_ && hurried_.wait_until(mutex_, until)) {
  }
}

void InHand::settle() {
  renew();
  write_ends();
}

void InHand::abandon() {
  std::vector<Key> keys;
  {
    const Lock lock(mutex_);
    keys.swap(ended_);
  }
  forget_ended(keys);
}

std::map<std::string, std::int64_t> InHand::running() const {
  const Lock lock(mutex_);
  std::map<std::string, std::int64_t> kinds;
  for (const auto& [key, held] : held_) {
    if (!held.end) ++kinds[held.job.kind];
  }
  return kinds;
}

std::vector<Renewal> InHand::due_for_renewal() {
  const Time now = clock_.now();
  std::vector<Renewal> due;
  const Lock lock(mutex_);
  for (auto& [key, held] : held_) {
    const bool is_due = !held.end && !held.is_lost && held.job.leased_until < now + kRenewBelow;
    // A value that was tried before is tried again: its outcome is not known.
    if (is_due && !held.renewing) held.renewing = now + kLease;
    if (held.renewing) due.push_back({held.job, *held.renewing});
  }
  return due;
}

void InHand::note(const Renewal& renewal, bool is_ours) {
  {
    const Lock lock(mutex_);
    const auto found = held_.find(key(renewal.job));
    if (found == held_.end()) return;
    found->second.renewing.reset();
    found->second.is_lost = !is_ours;
    if (is_ours) found->second.job.leased_until = renewal.until;
  }
  if (is_ours) return;
  log_.warning("job_lease_lost",
               {{"job_id", renewal.job.id}, {"kind", renewal.job.kind}, {"attempt", renewal.job.attempt}});
}

void InHand::renew() {
  const std::vector<Renewal> due = due_for_renewal();
  if (due.empty()) return;
  const std::vector<bool> are_ours = queue_.renew(due);
  // From here on the outcomes are known; if renew() threw, the values stay noted.
  for (std::size_t i = 0; i < due.size(); ++i) note(due[i], are_ours[i]);
}

Outcome InHand::outcome_of(std::span<const Key> keys) const {
  Outcome outcome;
  for (const Key& key : keys) {
    const Held& held = held_.at(key);
    if (const auto* const failed = std::get_if<Failed>(&*held.end)) {
      outcome.failed.push_back({held.job, failed->error});
    } else if (std::holds_alternative<NotBegun>(*held.end)) {
      outcome.not_begun.push_back(held.job);
    } else {
      outcome.done.push_back(held.job);
    }
  }
  return outcome;
}

void InHand::forget_ended(std::span<const Key> keys) {
  {
    const Lock lock(mutex_);
    for (const Key& key : keys) held_.erase(key);
    written_count_ += keys.size();
  }
  written_changed_.notify_all();
}

void InHand::put_back(std::span<const Key> keys) {
  is_stuck_ = true;
  const Lock lock(mutex_);
  ended_.insert(ended_.begin(), keys.begin(), keys.end());
}

void InHand::write_ends() {
  std::vector<Key> keys;
  Outcome outcome;
  {
    const Lock lock(mutex_);
    is_hurried_ = false;
    keys.swap(ended_);
    outcome = outcome_of(keys);
  }
  if (keys.empty()) return;
  try {
    queue_.finish(outcome);
  } catch (const Unavailable&) {
    put_back(keys);
    throw;
  } catch (const OutcomeUnknown&) {
    put_back(keys);  // may well be written: to write it again does no harm
    throw;
  } catch (...) {  // a fault that would be met again
    is_stuck_ = false;
    forget_ended(keys);
    throw;
  }
  is_stuck_ = false;
  forget_ended(keys);
}

}  // namespace aforro::jobs
