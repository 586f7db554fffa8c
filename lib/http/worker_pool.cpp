// Handlers are plain code that blocks: in SQLite, in libpq, for a commit. The pool keeps about as many
// threads at work as there are processors all the same, and gives each blocked one's place to another. A
// permit to work is called a turn. A thread gives its turn up before it blocks: by about_to_block() if it
// goes on by itself afterwards, by suspend() if another thread will wake it. A free turn goes to the thread
// that was resumed first; if there is none, to a parked thread, the last to have parked first; else to a new
// thread.
//
// The hard case is a commit that ends the waiting of sixty threads. If it wakes them all they fight for the
// processors with the thread that commits (a thundering herd), and each wake is a system call of that thread.
// So resume() wakes a thread only while there is a free turn, and queues the others. Each of those is woken
// by a thread that gives up its turn, mostly because it waits for the next commit. That halved the futex
// calls of an order (docs/benchmarks.md).
//
// A thread that ends its piece of work passes its turn to a queued thread, unless it was suspended itself
// during that piece: otherwise new requests would never begin while old ones resume. And when no thread at
// work has ended its piece for 20 ms, add_turn() adds a turn, so that slow searches can't take all of them.
//
// Asynchronous handlers instead would make every function between socket and statement a coroutine, and the
// calls of SQLite would block inside them as before.
#include "http/worker_pool.h"

#include <semaphore.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include "base/blocking.h"

namespace aforro::http {
namespace {

// What a thread sleeps on. With a condition variable it would take the pool's mutex as soon as it wakes, and
// every unlocking after that would make a system call; std::binary_semaphore yields to others before it
// sleeps.
class Parking {
 public:
  Parking() { ::sem_init(&semaphore_, 0, 0); }
  Parking(const Parking&) = delete;
  Parking& operator=(const Parking&) = delete;
  ~Parking() { ::sem_destroy(&semaphore_); }

  void sleep() {
    while (::sem_wait(&semaphore_) != 0 && errno == EINTR) {
    }
  }
  // Once for each sleep. The place may be gone when it returns.
  void wake() { ::sem_post(&semaphore_); }

 private:
  ::sem_t semaphore_;
};

}  // namespace

// One thread of the pool, and what the pool knows of it.
class WorkerPool::Worker final : public BlockingHook {
 public:
  explicit Worker(WorkerPool& pool) : pool_(pool) {}

  bool may_wait() noexcept override { return pool_.may_wait(); }
  void about_to_block() noexcept override;
  void suspend() noexcept override;
  void resume() noexcept override;

 private:
  friend class WorkerPool;

  static void wake(Worker* worker) {
    if (worker != nullptr) worker->parking_.wake();
  }

  WorkerPool& pool_;
  Parking parking_;
  // With the pool's mutex; whether it has a turn is only changed by others while it sleeps.
  bool has_turn_ = true;
  bool is_suspended_ = false;
  bool may_go_on_ = false;  // was resumed before it was suspended
  Worker* next_ = nullptr;  // in a row
  // Of the thread itself: what has happened since its present piece of work began.
  bool was_suspended_ = false;
  std::size_t added_before_ = 0;
  std::thread thread_;
};

WorkerPool::WorkerPool(const WorkerPoolOptions& options, std::function<bool(WorkerPool&)> work)
    : options_(options), work_(std::move(work)) {
  const Lock lock(mutex_);
  while (working_ < std::min(options_.turns, options_.max_threads)) {
    const std::size_t before = working_;
    hand_over();
    if (working_ > before) continue;
    if (workers_.empty())
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    break;
  }
}

WorkerPool::~WorkerPool() {
  {
    const Lock lock(mutex_);
    closed_ = true;  // from now on there are no new workers
    while (parked_ != nullptr) Worker::wake(unpark());
  }
  for (Worker& worker : workers_) worker.thread_.join();
}

WorkerPool::Worker* WorkerPool::give_turn(Worker& worker) {
  ++working_;
  worker.has_turn_ = true;
  return &worker;
}

// Gives a turn to the thread that has waited for one longest.
WorkerPool::Worker* WorkerPool::next_resumed() {
  Worker* const worker = first_resumed_;
  if (worker == nullptr) return nullptr;
  first_resumed_ = worker->next_;
  return give_turn(*worker);
}

// An idle thread has a turn but is not at work, so it does not count here: what it waits for may depend on
// the threads that were resumed.
WorkerPool::Worker* WorkerPool::next_resumed_if_room() {
  return working_ < options_.turns + idle() ? next_resumed() : nullptr;
}

WorkerPool::Worker* WorkerPool::unpark() {
  --parked_count_;
  return std::exchange(parked_, parked_->next_);
}

// Gives a free turn to a parked thread, or to a new one. If there is neither, the turn stays free, and the
// next thread that looks for one takes it.
WorkerPool::Worker* WorkerPool::hand_over() {
  if (parked_ != nullptr) return give_turn(*unpark());
  if (closed_ || workers_.size() >= options_.max_threads) return nullptr;
  ++working_;
  try {
    Worker& worker = workers_.emplace_back(*this);
    try {
      worker.thread_ = std::thread([this, &worker] { run(worker); });
    } catch (...) {
      workers_.pop_back();
      throw;
    }
    lacks_threads_ = false;
  } catch (const std::exception&) {  // no memory, or no more threads for this user
    lacks_threads_ = true;
    --working_;
  }
  return nullptr;
}

WorkerPool::Worker* WorkerPool::give_up_turn(Worker& worker) {
  worker.has_turn_ = false;
  --working_;
  Worker* const next = next_resumed_if_room();
  return next == nullptr && working_ < options_.turns ? hand_over() : next;
}

void WorkerPool::add_turn() {
  Worker* next = nullptr;
  {
    const Lock lock(mutex_);
    ++added_;
    next = next_resumed();
    if (next == nullptr) next = hand_over();
  }
  Worker::wake(next);
}

bool WorkerPool::begin_idle() {
  Worker* next = nullptr;
  {
    const Lock lock(mutex_);
    ++idle_;
    next = next_resumed_if_room();
    if (next == nullptr && has_resumed()) {
      --idle_;
      return false;
    }
  }
  Worker::wake(next);
  return true;
}

void WorkerPool::end_idle() { --idle_; }

// Where the system gives no more threads, none is kept free: the threads that exist do what they can, one
// request after another, and refuse none.
bool WorkerPool::may_wait() const {
  const Lock lock(mutex_);
  const std::size_t waiting = workers_.size() - std::min(workers_.size(), working_ + parked_count_);
  return lacks_threads_ || waiting + options_.reserve < options_.max_threads;
}

void WorkerPool::Worker::about_to_block() noexcept {
  if (!has_turn_) return;
  Worker* next = nullptr;
  {
    const Lock lock(pool_.mutex_);
    next = pool_.give_up_turn(*this);
  }
  wake(next);
}

void WorkerPool::Worker::suspend() noexcept {
  Worker* next = nullptr;
  {
    const Lock lock(pool_.mutex_);
    // resume() may come before suspend(): the commit can be faster than the thread that waits for it.
    if (std::exchange(may_go_on_, false)) return;
    is_suspended_ = true;
    was_suspended_ = true;
    if (has_turn_) next = pool_.give_up_turn(*this);
  }
  wake(next);
  parking_.sleep();
  added_before_ = pool_.added_.load(std::memory_order_relaxed);  // as if its piece had just begun
}

void WorkerPool::Worker::resume() noexcept {
  Worker* next = nullptr;
  {
    const Lock lock(pool_.mutex_);
    if (!std::exchange(is_suspended_, false)) {
      may_go_on_ = true;
      return;
    }
    next_ = nullptr;
    if (pool_.first_resumed_ == nullptr) {
      pool_.first_resumed_ = this;
    } else {
      pool_.last_resumed_->next_ = this;
    }
    pool_.last_resumed_ = this;
    next = pool_.next_resumed_if_room();
  }
  wake(next);
}

// False once the pool is closed.
bool WorkerPool::take_turn(Worker& worker) {
  {
    const Lock lock(mutex_);
    if (closed_) return false;
    if (working_ < options_.turns) {
      give_turn(worker);
      return true;
    }
    // The last to have parked is the first to be woken: its stack is still in the caches of the processor.
    worker.next_ = std::exchange(parked_, &worker);
    ++parked_count_;
  }
  worker.parking_.sleep();
  return worker.has_turn_;
}

// False if the thread has no turn any more, or has to give it up. It gives it to a resumed thread, unless it
// was suspended itself during this piece, as then new work would never begin. It also gives it up when more
// turns are given than there should be, and either it is one of the threads for whose getting nowhere a turn
// was added, or others are idle already.
bool WorkerPool::keep_turn(Worker& worker) {
  if (!worker.has_turn_) return false;
  const bool is_added = added_.load(std::memory_order_relaxed) != worker.added_before_;
  // The usual case takes no lock: nothing has changed since this piece began.
  if (!is_added && !worker.was_suspended_ && !has_resumed()) return true;
  Worker* next = nullptr;
  {
    const Lock lock(mutex_);
    const bool is_beyond = working_ > options_.turns;
    if (has_resumed() && (!worker.was_suspended_ || is_beyond)) {
      worker.has_turn_ = false;
      --working_;
      next = next_resumed();
    } else if (is_beyond && (is_added || idle() > 0)) {
      next = give_up_turn(worker);
    } else {
      return true;
    }
  }
  Worker::wake(next);
  return false;
}

void WorkerPool::run(Worker& worker) {
  const BlockingHookScope scope(worker);
  bool goes_on = true;
  do {
    worker.was_suspended_ = false;
    worker.added_before_ = added_.load(std::memory_order_relaxed);
    goes_on = work_(*this);
    rounds_.fetch_add(1, std::memory_order_relaxed);
  } while (goes_on && (keep_turn(worker) || take_turn(worker)));
  worker.about_to_block();  // gives its turn back
}

}  // namespace aforro::http
