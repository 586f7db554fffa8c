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

// What a thread sleeps on. A condition variable would have it take the pool's mutex as soon as it wakes, and
// every unlocking after that make a system call; std::binary_semaphore yields to others before it sleeps.
class Bed {
 public:
  Bed() { ::sem_init(&semaphore_, 0, 0); }
  Bed(const Bed&) = delete;
  Bed& operator=(const Bed&) = delete;
  ~Bed() { ::sem_destroy(&semaphore_); }

  void sleep() {
    while (::sem_wait(&semaphore_) != 0 && errno == EINTR) {
    }
  }
  // Once for each sleep. The bed may be gone when it returns.
  void wake() { ::sem_post(&semaphore_); }

 private:
  ::sem_t semaphore_;
};

}  // namespace

// One thread of the pool, and what the pool knows of it.
class WorkerPool::Seat final : public BlockingHook {
 public:
  explicit Seat(WorkerPool& pool) : pool_(pool) {}

  bool may_wait() noexcept override { return pool_.may_wait(); }
  void about_to_block() noexcept override;
  void suspend() noexcept override;
  void resume() noexcept override;

 private:
  friend class WorkerPool;

  static void wake(Seat* seat) {
    if (seat != nullptr) seat->bed_.wake();
  }

  WorkerPool& pool_;
  Bed bed_;
  // With the pool's mutex; whether it has a turn is only changed by others while it sleeps.
  bool has_turn_ = true;
  bool is_suspended_ = false;
  bool may_go_on_ = false;  // was resumed before it was suspended
  Seat* next_ = nullptr;    // in a row
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
    if (seats_.empty())
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    break;
  }
}

WorkerPool::~WorkerPool() {
  {
    const Lock lock(mutex_);
    closed_ = true;  // from now on there are no new seats
    while (parked_ != nullptr) Seat::wake(unpark());
  }
  for (Seat& seat : seats_) seat.thread_.join();
}

WorkerPool::Seat* WorkerPool::give_turn(Seat& seat) {
  ++working_;
  seat.has_turn_ = true;
  return &seat;
}

// Gives a turn to the one that has been waiting for one for longest.
WorkerPool::Seat* WorkerPool::next_resumed() {
  Seat* const seat = first_resumed_;
  if (seat == nullptr) return nullptr;
  first_resumed_ = seat->next_;
  return give_turn(*seat);
}

// Who waits for something to do is not at work: it could wait for what those that were resumed have still to
// do.
WorkerPool::Seat* WorkerPool::next_resumed_if_room() {
  return working_ < options_.turns + idle() ? next_resumed() : nullptr;
}

WorkerPool::Seat* WorkerPool::unpark() {
  --parked_count_;
  return std::exchange(parked_, parked_->next_);
}

// Gives a free turn to a thread that waits for one, or to a new one. Without either the turn stays free for
// whoever comes back first.
WorkerPool::Seat* WorkerPool::hand_over() {
  if (parked_ != nullptr) return give_turn(*unpark());
  if (closed_ || seats_.size() >= options_.max_threads) return nullptr;
  ++working_;
  try {
    Seat& seat = seats_.emplace_back(*this);
    try {
      seat.thread_ = std::thread([this, &seat] { run(seat); });
    } catch (...) {
      seats_.pop_back();
      throw;
    }
    lacks_threads_ = false;
  } catch (const std::exception&) {  // no memory, or no more threads for this user
    lacks_threads_ = true;
    --working_;
  }
  return nullptr;
}

WorkerPool::Seat* WorkerPool::give_up_turn(Seat& seat) {
  seat.has_turn_ = false;
  --working_;
  Seat* const next = next_resumed_if_room();
  return next == nullptr && working_ < options_.turns ? hand_over() : next;
}

void WorkerPool::add_turn() {
  Seat* next = nullptr;
  {
    const Lock lock(mutex_);
    ++added_;
    next = next_resumed();
    if (next == nullptr) next = hand_over();
  }
  Seat::wake(next);
}

bool WorkerPool::begin_idle() {
  Seat* next = nullptr;
  {
    const Lock lock(mutex_);
    ++idle_;
    next = next_resumed_if_room();
    if (next == nullptr && has_resumed()) {
      --idle_;
      return false;
    }
  }
  Seat::wake(next);
  return true;
}

void WorkerPool::end_idle() { --idle_; }

// Where the system gives no more threads, none is kept free: those that there are do one after another what
// they can, and refuse nothing.
bool WorkerPool::may_wait() const {
  const Lock lock(mutex_);
  const std::size_t waiting = seats_.size() - std::min(seats_.size(), working_ + parked_count_);
  return lacks_threads_ || waiting + options_.reserve < options_.max_threads;
}

void WorkerPool::Seat::about_to_block() noexcept {
  if (!has_turn_) return;
  Seat* next = nullptr;
  {
    const Lock lock(pool_.mutex_);
    next = pool_.give_up_turn(*this);
  }
  wake(next);
}

void WorkerPool::Seat::suspend() noexcept {
  Seat* next = nullptr;
  {
    const Lock lock(pool_.mutex_);
    if (std::exchange(may_go_on_, false)) return;
    is_suspended_ = true;
    was_suspended_ = true;
    if (has_turn_) next = pool_.give_up_turn(*this);
  }
  wake(next);
  bed_.sleep();
  added_before_ = pool_.added_.load(std::memory_order_relaxed);  // it is none of those that get nowhere
}

void WorkerPool::Seat::resume() noexcept {
  Seat* next = nullptr;
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
bool WorkerPool::take_turn(Seat& seat) {
  {
    const Lock lock(mutex_);
    if (closed_) return false;
    if (working_ < options_.turns) {
      give_turn(seat);
      return true;
    }
    seat.next_ = std::exchange(parked_, &seat);
    ++parked_count_;
  }
  seat.bed_.sleep();
  return seat.has_turn_;
}

// False if it has none any more, or has to give it up: to one that was resumed, unless it has just been one
// itself, as then nobody would ever begin anything new; or because there are more turns given than there
// should be, and it is one of those that got nowhere, or others wait for something to do already.
bool WorkerPool::keep_turn(Seat& seat) {
  if (!seat.has_turn_) return false;
  const bool is_added = added_.load(std::memory_order_relaxed) != seat.added_before_;
  if (!is_added && !seat.was_suspended_ && !has_resumed()) return true;
  Seat* next = nullptr;
  {
    const Lock lock(mutex_);
    const bool is_beyond = working_ > options_.turns;
    if (has_resumed() && (!seat.was_suspended_ || is_beyond)) {
      seat.has_turn_ = false;
      --working_;
      next = next_resumed();
    } else if (is_beyond && (is_added || idle() > 0)) {
      next = give_up_turn(seat);
    } else {
      return true;
    }
  }
  Seat::wake(next);
  return false;
}

void WorkerPool::run(Seat& seat) {
  const BlockingHookScope scope(seat);
  bool goes_on = true;
  do {
    seat.was_suspended_ = false;
    seat.added_before_ = added_.load(std::memory_order_relaxed);
    goes_on = work_(*this);
    rounds_.fetch_add(1, std::memory_order_relaxed);
  } while (goes_on && (keep_turn(seat) || take_turn(seat)));
  seat.about_to_block();  // gives its turn back
}

}  // namespace aforro::http
