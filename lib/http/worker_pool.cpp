#include "http/worker_pool.h"

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

namespace aforro::http {
namespace {

thread_local bool has_turn = false;
thread_local std::size_t added_when_begun = 0;  // turns, when the present piece of work began

}  // namespace

WorkerPool::WorkerPool(const WorkerPoolOptions& options, std::function<bool()> work)
    : options_(options), work_(std::move(work)) {
  const std::lock_guard lock(mutex_);
  while (working_ < std::min(options_.turns, options_.max_threads)) {
    const std::size_t before = working_;
    hand_over();
    if (working_ > before) continue;
    if (threads_.empty())
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    break;
  }
}

WorkerPool::~WorkerPool() {
  std::vector<std::thread> threads;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      threads.swap(threads_);
    }
    handed_over_.notify_all();
    if (threads.empty()) return;
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }
}

// With the mutex: gives a free turn to a thread that waits for one, or to a new one. Without either the turn
// stays free for whoever comes back first.
void WorkerPool::hand_over() {
  if (parked_ > handed_) {
    ++working_;
    ++handed_;
    handed_over_.notify_one();
  } else if (!closed_ && threads_.size() < options_.max_threads) {
    ++working_;
    try {
      threads_.emplace_back([this] { run(); });
    } catch (const std::exception&) {  // no memory, or no more threads for this user
      --working_;
    }
  }
}

void WorkerPool::add_turn() {
  const std::lock_guard lock(mutex_);
  ++added_;
  hand_over();
}

void WorkerPool::about_to_block() noexcept {
  if (!has_turn) return;
  has_turn = false;
  const std::lock_guard lock(mutex_);
  --working_;
  if (working_ < options_.turns) hand_over();
}

// False once the pool is closed.
bool WorkerPool::take_turn() {
  std::unique_lock lock(mutex_);
  if (closed_) return false;
  if (working_ < options_.turns) {
    ++working_;
  } else {
    ++parked_;
    handed_over_.wait(lock, [&] { return handed_ > 0 || closed_; });
    --parked_;
    if (handed_ == 0) return false;
    --handed_;
  }
  has_turn = true;
  return true;
}

// False if it has none any more, or has to give it up: it was one of those that got nowhere.
bool WorkerPool::keep_turn() {
  if (!has_turn) return false;
  if (added_.load(std::memory_order_relaxed) == added_when_begun) return true;
  const std::lock_guard lock(mutex_);
  if (working_ <= options_.turns) return true;
  --working_;
  has_turn = false;
  return false;
}

void WorkerPool::run() {
  const BlockingHookScope scope(*this);
  has_turn = true;
  bool goes_on = true;
  do {
    added_when_begun = added_.load(std::memory_order_relaxed);
    goes_on = work_();
    rounds_.fetch_add(1, std::memory_order_relaxed);
  } while (goes_on && (keep_turn() || take_turn()));
  about_to_block();  // gives its turn back
}

}  // namespace aforro::http
