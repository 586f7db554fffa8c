// std::timed_mutex by way of a condition variable, since thread sanitizers don't know
// pthread_mutex_clocklock(), by which that waits, and take what it guards for a race. Safe from any thread.
#pragma once

#include <chrono>
#include <utility>

#include "base/mutex.h"

namespace aforro::sql {

class CAPABILITY("mutex") TimedMutex {
 public:
  // True if the caller holds it from now on. The caller must not hold it already …
  bool try_lock() TRY_ACQUIRE(true) {
    const Lock lock(mutex_);
    return !std::exchange(is_held_, true);
  }

  // … waiting for that long at most, by the steady clock.
  bool try_lock_for(std::chrono::milliseconds patience) TRY_ACQUIRE(true) {
    const auto until = std::chrono::steady_clock::now() + patience;
    const Lock lock(mutex_);
    ++waiting_;
    while (is_held_ && released_.wait_until(mutex_, until)) {
    }
    --waiting_;
    return !std::exchange(is_held_, true);
  }

  // By the thread that holds it.
  void unlock() RELEASE() {
    bool wakes = false;
    {
      const Lock lock(mutex_);
      is_held_ = false;
      wakes = waiting_ > 0;
    }
    if (wakes) released_.notify_one();
  }

 private:
  Mutex mutex_;
  CondVar released_;
  bool is_held_ GUARDED_BY(mutex_) = false;
  int waiting_ GUARDED_BY(mutex_) = 0;
};

}  // namespace aforro::sql
