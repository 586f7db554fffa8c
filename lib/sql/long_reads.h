// Has reads that take the processor for long wait for each other, and no more of them be in the middle at
// once than end soon: each holds a snapshot, and with it the log. Part of the driver; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "base/blocking.h"

namespace aforro::sql {

class LongReads {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // So many go on at once, and about as many wait in the middle.
  explicit LongReads(std::size_t room) : room_(room), most_waiting_(room + 1) {}

  // Before a read begins, which may become a long one: waits while as many as may wait in the middle. False
  // if that lasts until `until`.
  bool may_begin(TimePoint until) {
    if (waiting_.load(std::memory_order_relaxed) < most_waiting_) return true;
    about_to_block();
    std::unique_lock lock(mutex_);
    return fewer_wait_.wait_until(lock, until, [this] { return waiting_ < most_waiting_; });
  }

  // In the middle of one that has become long: waits until there is room, false if there is none before
  // `until`. What has entered leaves once.
  bool enter(TimePoint until) {
    std::unique_lock lock(mutex_);
    if (room_ == 0) {
      about_to_block();
      ++waiting_;
      const bool came = left_.wait_until(lock, until, [this] { return room_ > 0; });
      --waiting_;
      fewer_wait_.notify_one();
      if (!came) return false;
    }
    --room_;
    return true;
  }

  void leave() {
    {
      const std::lock_guard lock(mutex_);
      ++room_;
    }
    left_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::condition_variable fewer_wait_;
  std::size_t room_;
  const std::size_t most_waiting_;
  std::atomic<std::size_t> waiting_ = 0;  // changed with the mutex
};

}  // namespace aforro::sql
