// Threads that do the same over and over, about as many at a time as there are processors: who waits for
// something else (see base/blocking.h) gives its turn to another, which is woken or made. Safe from any
// thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/blocking.h"

namespace aforro::http {

struct WorkerPoolOptions {
  std::size_t turns = 4;          // threads at work at once
  std::size_t max_threads = 512;  // with those that wait for something
};

class WorkerPool final : BlockingHook {
 public:
  // Calls `work` again and again, from many threads, until it returns false; `work` must not throw. Throws
  // std::system_error if there can't be a single thread.
  WorkerPool(const WorkerPoolOptions& options, std::function<bool()> work);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Waits for all threads: `work` must be about to return false.
  ~WorkerPool() override;

  // How often `work` has returned.
  std::size_t rounds() const { return rounds_.load(std::memory_order_relaxed); }

  // Lets one more thread work, until one of those that are at work now has done its piece: for when none of
  // them gets anywhere.
  void add_turn();

 private:
  void about_to_block() noexcept override;
  void run();
  bool take_turn();
  bool keep_turn();
  void hand_over();

  const WorkerPoolOptions options_;
  const std::function<bool()> work_;
  std::atomic<std::size_t> rounds_ = 0;
  std::atomic<std::size_t> added_ = 0;  // turns, ever
  std::mutex mutex_;
  std::condition_variable handed_over_;
  std::size_t working_ = 0;  // turns taken, or on their way
  std::size_t parked_ = 0;   // threads that wait for a turn, those included that one is on its way to
  std::size_t handed_ = 0;   // turns on their way to a parked thread
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace aforro::http
