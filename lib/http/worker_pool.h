// A pool of threads that call the same function again and again, about as many at a time as there are
// processors. A thread that is about to block for something else (see base/blocking.h) gives its turn to
// another thread, which is woken or made. Threads that have waited come back one by one, as turns come free:
// a commit that ends the waiting of sixty does not have them all fight for the processor. Safe from any
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>

#include "base/mutex.h"

namespace aforro::http {

struct WorkerPoolOptions {
  std::size_t turns = 4;          // threads at work at once
  std::size_t max_threads = 512;  // with those that wait for something
  std::size_t reserve = 0;        // of these, kept from waiting (BlockingHook::may_wait) as far as possible
};

class WorkerPool {
 public:
  // Calls `work` again and again, from many threads, until it returns false; `work` must not throw. Throws
  // std::system_error if there can't be a single thread.
  WorkerPool(const WorkerPoolOptions& options, std::function<bool(WorkerPool&)> work);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Waits for all threads: `work` must be about to return false.
  ~WorkerPool();

  // Made by `work` around its wait for something to do, before it has waited for anything else. Meanwhile the
  // thread keeps its turn, but does not count as at work. False if `work` is to return instead, as another
  // thread needs the turn.
  class Idle {
   public:
    explicit Idle(WorkerPool& pool) : pool_(pool), is_idle_(pool.begin_idle()) {}
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;
    ~Idle() {
      if (is_idle_) pool_.end_idle();
    }
    explicit operator bool() const { return is_idle_; }

   private:
    WorkerPool& pool_;
    const bool is_idle_;
  };

  // How often `work` has returned.
  std::size_t rounds() const { return rounds_.load(std::memory_order_relaxed); }

  // How many threads are inside an Idle: waiting for something to do.
  std::size_t idle() const { return idle_.load(std::memory_order_relaxed); }

  // Whether a thread that has waited could go on, and only needs a turn.
  bool has_resumed() const { return first_resumed_.load(std::memory_order_relaxed) != nullptr; }

  // Adds a turn, for when no thread at work gets anywhere: until one of those at work now has ended its
  // piece, one more works. A resumed thread takes it before a thread that begins something new.
  void add_turn();

 private:
  class Worker;

  bool begin_idle();
  void end_idle();
  void run(Worker& worker);
  bool take_turn(Worker& worker);
  bool keep_turn(Worker& worker);
  bool may_wait() const;

  // Each returns whom to wake after releasing the mutex, if anybody.
  Worker* give_up_turn(Worker& worker) REQUIRES(mutex_);
  Worker* next_resumed() REQUIRES(mutex_);
  Worker* next_resumed_if_room() REQUIRES(mutex_);
  Worker* hand_over() REQUIRES(mutex_);
  Worker* unpark() REQUIRES(mutex_);
  Worker* give_turn(Worker& worker) REQUIRES(mutex_);

  const WorkerPoolOptions options_;
  const std::function<bool(WorkerPool&)> work_;
  std::atomic<std::size_t> rounds_ = 0;
  std::atomic<std::size_t> added_ = 0;  // turns, ever
  std::atomic<std::size_t> idle_ = 0;
  mutable Mutex mutex_;
  std::size_t working_ GUARDED_BY(mutex_) = 0;       // turns taken, or on their way
  std::size_t parked_count_ GUARDED_BY(mutex_) = 0;  // workers in the row of the parked
  bool lacks_threads_ GUARDED_BY(mutex_) = false;    // the system gave no further one when last asked
  // Two rows of workers, linked by themselves, so that nobody needs memory to wait.
  // With nothing to do and without a turn; the last first.
  Worker* parked_ GUARDED_BY(mutex_) PT_GUARDED_BY(mutex_) = nullptr;
  // Those that could go on and have no turn. The first is looked at without the mutex, and changed with it.
  std::atomic<Worker*> first_resumed_ = nullptr;
  Worker* last_resumed_ GUARDED_BY(mutex_) PT_GUARDED_BY(mutex_) = nullptr;
  bool closed_ GUARDED_BY(mutex_) = false;
  std::list<Worker> workers_ GUARDED_BY(mutex_);
};

}  // namespace aforro::http
