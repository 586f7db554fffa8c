// How many lines a second the log may get of an event that can happen thousands of times in it, and how many
// more there would have been. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/mutex.h"
#include "base/time.h"

namespace aforro {

class LogThrottle {
 public:
  LogThrottle(std::int64_t lines_a_second, const Clock& clock) : most_(lines_a_second), clock_(clock) {}

  // The event has happened. If it may have a line: how many had none since the last line. Else nothing, and
  // it is counted.
  std::optional<std::int64_t> pass() {
    const Lock lock(mutex_);
    begin_second();
    if (lines_ >= most_) {
      unsaid_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    ++lines_;
    return unsaid_.exchange(0, std::memory_order_relaxed);
  }

  // How many events had no line, once it is time for another line to tell; they count as told from then on. 0
  // before. Nearly free while there are none, so that it can be asked often.
  std::int64_t overdue() {
    if (unsaid_.load(std::memory_order_relaxed) == 0) return 0;
    const Lock lock(mutex_);
    begin_second();
    if (lines_ >= most_) return 0;
    const std::int64_t unsaid = unsaid_.exchange(0, std::memory_order_relaxed);
    if (unsaid > 0) ++lines_;
    return unsaid;
  }

  // The same without waiting for the time: at the end.
  std::int64_t rest() { return unsaid_.exchange(0, std::memory_order_relaxed); }

 private:
  void begin_second() REQUIRES(mutex_) {
    const auto now = clock_.steady();
    if (second_began_ && now < *second_began_ + std::chrono::seconds(1)) return;
    second_began_ = now;
    lines_ = 0;
  }

  const std::int64_t most_;
  const Clock& clock_;
  Mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> second_began_ GUARDED_BY(mutex_);
  std::int64_t lines_ GUARDED_BY(mutex_) = 0;  // in this second
  std::atomic<std::int64_t> unsaid_ = 0;
};

}  // namespace aforro
