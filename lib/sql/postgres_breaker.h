// Whether new sessions can be had, as far as the attempts to open one know together, so that threads do not
// pile up in front of a server that is away. Part of the driver; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "base/mutex.h"

namespace aforro::sql {

class PostgresBreaker {
 public:
  // What ends a failure, besides the next attempt that succeeds.
  enum class Until {
    heard,  // any word of a server: it is there again
    later,  // nothing: a server that has no session left speaks on those that there are
  };

  // Before an attempt to connect, of which succeeded() or failed() tells the outcome. After a failure only
  // one thread at a time may try, now and then; for the others it throws Unavailable at once.
  void enter();
  void succeeded();
  void failed(const std::string& why, Until until = Until::heard);

  // A server has said something on some connection.
  void heard() {
    if (ends_when_heard_.load(std::memory_order_relaxed)) forget_failure();
  }

 private:
  void forget_failure() EXCLUDES(mutex_);

  using Clock = std::chrono::steady_clock;

  Mutex mutex_;
  std::optional<Clock::time_point> failed_at_ GUARDED_BY(mutex_);  // nothing: no failure is known
  std::atomic<bool> ends_when_heard_ = false;                      // a failure, for those in a hurry
  std::string why_ GUARDED_BY(mutex_);
  bool is_tried_ GUARDED_BY(mutex_) = false;  // by some thread, just now
};

}  // namespace aforro::sql
