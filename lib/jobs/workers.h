// Threads that take jobs from the queue and run their handlers. Each kind has threads of its own, so that a
// kind which is slow, or has much to do, holds back no other.
//
// What a crash repeats: a thread begins a job only when the ends of its earlier jobs are on disk, but for
// ends of jobs that have together run for less than kMostAhead. So the end of a job that took longer is on
// disk before the next one begins, and a crash repeats, for each thread, one job (the one that runs, or has
// just ended), and of those before it less than a millisecond's worth.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "jobs/in_hand.h"
#include "jobs/queue.h"

namespace aforro::jobs {

inline constexpr std::chrono::milliseconds kMostAhead{1};

// Does the work of one job; throws to say that it failed. May be called more than once for the same job, but
// not at once: the job stays leased for as long as that takes. It should come to an end; nothing breaks it
// off.
using Handler = std::function<void(const Job&)>;

// How the jobs of one kind are done.
struct Kind {
  std::string name;
  // Makes the handler of jobs that were claimed together and are about to be done one after the other, for a
  // kind that can save work by knowing them all. Called by several threads.
  std::function<Handler(std::span<const Job>)> batch;
  std::size_t threads = 1;                               // which do that many at once in this process
  std::optional<std::chrono::microseconds> period = {};  // given: it comes by itself, payload ""
};

// The batch of a kind that does each job by itself.
std::function<Handler(std::span<const Job>)> one_by_one(Handler handler);

class Workers {
 public:
  // Starts the threads. Jobs of other kinds are left to other processes.
  Workers(Queue& queue, std::vector<Kind> kinds, const Clock& clock, Log& log,
          std::chrono::milliseconds look_every = std::chrono::seconds(2));
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers();  // stops, however long that takes

  // A job of that kind is due. Without it that is seen at the next look, or within a quarter of a second
  // where the engine has a change mark. Safe from any thread.
  void wake(std::string_view kind);

  // Begins no new job, and waits for the running ones and until their ends are written. False if that takes
  // longer than `patience`: then they still run.
  bool stop(std::chrono::milliseconds patience);

  // How many jobs of each kind are claimed and have not ended.
  std::map<std::string, std::int64_t> running() const;

 private:
  class Lane;
  class Batch;

  void start(Lane& lane);
  void work(Lane& lane);
  bool run_batch(Lane& lane);
  std::optional<std::string> fault_of(const Kind& kind, std::span<const Job> batch, Handler& handler,
                                      const Job& job) const;
  void leave();
  bool has_workers() const;
  void keep();
  void rest();
  bool is_time_to_look(std::chrono::steady_clock::time_point now);
  void look(std::chrono::steady_clock::time_point now);

  Queue& queue_;
  const Clock& clock_;
  Log& log_;
  const std::chrono::milliseconds look_every_;
  InHand in_hand_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<std::string> names_;  // of the lanes
  std::vector<Periodic> periodic_;
  std::chrono::steady_clock::time_point keep_next_{};
  std::chrono::steady_clock::time_point look_at_{};
  std::optional<std::uint64_t> seen_mark_;
  std::atomic<bool> stopping_ = false;
  mutable Mutex mutex_;
  CondVar left_;                                // a thread has; or they are to stop
  std::size_t at_work_ GUARDED_BY(mutex_) = 0;  // threads of lanes
  bool is_kept_ GUARDED_BY(mutex_) = true;      // the keeper is there
  std::vector<std::thread> threads_;
};

}  // namespace aforro::jobs
