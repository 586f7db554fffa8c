// std::timed_mutex by way of a condition variable, since thread sanitizers don't know
// pthread_mutex_clocklock(), by which that waits, and take what it guards for a race. Safe from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace aforro::sql {

class TimedMutex {
 public:
  // True if the caller holds it from now on. The caller must not hold it already …
  bool try_lock() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(is_held_, true);
  }

  // … waiting for that long at most, by the steady clock.
  bool try_lock_for(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    const bool is_free = released_.wait_for(lock, patience, [this] { return !is_held_; });
    --waiting_;
    if (is_free) is_held_ = true;
    return is_free;
  }

  // By the thread that holds it.
  void unlock() {
    bool wakes = false;
    {
      const std::lock_guard lock(mutex_);
      is_held_ = false;
      wakes = waiting_ > 0;
    }
    if (wakes) released_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  bool is_held_ = false;
  int waiting_ = 0;
};

}  // namespace aforro::sql
