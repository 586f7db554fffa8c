// The jobs that this process has claimed and whose ends are not on disk yet. It renews their leases for as
// long as they take, and writes their ends, those that are there together in one transaction. Part of the
// workers; one thread (the keeper) settles, all others may call the rest.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "jobs/queue.h"

namespace aforro::jobs {

// How a job ended.
struct Done {};
struct NotBegun {};
struct Failed {
  std::string error;
};
using End = std::variant<Done, NotBegun, Failed>;

class InHand {
 public:
  // Counts ends, from 1: what wait_until_written() is asked for.
  using Number = std::uint64_t;

  InHand(Queue& queue, const Clock& clock, Log& log) : queue_(queue), clock_(clock), log_(log) {}

  // True while ends could not be written: claiming more jobs would bring back those that have ended.
  bool is_stuck() const { return is_stuck_; }

  void take(std::span<const Job> jobs);

  // True if the work of the job may begin: its lease lasts long enough. If not, the caller ends it as
  // NotBegun.
  bool may_begin(const Job& job) const;
  Number end(const Job& job, End end);

  // Has the ends so far written at once. Without it they are written at the keeper's next look.
  void hurry();
  // Returns when the end of that number is written, or given up.
  void wait_until_written(Number end);

  // Forgets jobs that have not ended: their leases end by themselves.
  void forget(std::span<const Job> jobs);

  // --- By the keeper

  // Returns after `most`, or as soon as hurry() is called.
  void await_hurry(std::chrono::milliseconds most);

  // Renews what is due to be renewed and writes what has ended. Throws what Queue throws; after Unavailable
  // or OutcomeUnknown nothing is forgotten, and the next call tries again.
  void settle();

  // Gives up the ends that are not written, whose jobs will come again.
  void abandon();

  // How many jobs of each kind have not ended.
  std::map<std::string, std::int64_t> running() const;

 private:
  // Id and attempt: a job that was lost and claimed again counts as another one. The id comes first, so that
  // the rows of the table are locked in one order.
  using Key = std::pair<std::int64_t, std::int64_t>;
  static Key key(const Job& job) { return {job.id, job.attempt}; }

  struct Held {
    Job job;
    std::optional<Time> renewing = {};  // the lease that is being written, or may have been
    bool is_lost = false;               // to another worker, which has it now
    std::optional<End> end = {};
  };

  void renew();
  void write_ends();
  std::vector<Renewal> due_for_renewal() EXCLUDES(mutex_);
  void note(const Renewal& renewal, bool is_ours) EXCLUDES(mutex_);
  Outcome outcome_of(std::span<const Key> keys) const REQUIRES(mutex_);
  void put_back(std::span<const Key> keys) EXCLUDES(mutex_);
  void forget_ended(std::span<const Key> keys) EXCLUDES(mutex_);

  Queue& queue_;
  const Clock& clock_;
  Log& log_;
  mutable Mutex mutex_;
  CondVar hurried_;
  CondVar written_changed_;
  std::map<Key, Held> held_ GUARDED_BY(mutex_);
  std::vector<Key> ended_ GUARDED_BY(mutex_);  // in that order, not written yet
  Number end_count_ GUARDED_BY(mutex_) = 0;
  Number written_count_ GUARDED_BY(mutex_) = 0;
  bool is_hurried_ GUARDED_BY(mutex_) = false;
  std::atomic<bool> is_stuck_ = false;
};

}  // namespace aforro::jobs
