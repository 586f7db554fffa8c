// Whether the server is there, as far as the connections to it know together, so that threads do not pile up
// in front of a server that is away. Part of the driver; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/mutex.h"

namespace aforro::sql {

class PostgresBreaker {
 public:
  using Probe = std::function<bool(std::chrono::milliseconds patience)>;

  // `probe` says whether the server answers at all within that time.
  explicit PostgresBreaker(Probe probe) : probe_(std::move(probe)) {}

  // Before an attempt to connect, of which succeeded() or failed() tells the outcome. After a failure only
  // one thread at a time may try, now and then; for the others it throws Unavailable at once.
  void enter();
  void succeeded();
  void failed(const std::string& why);

  // The server has said something on some connection: a failure before that is forgotten.
  void heard() {
    heard_at_.store(Clock::now(), std::memory_order_relaxed);
    if (has_failed_.load(std::memory_order_relaxed)) forget_failure();
  }

  // For a session that has waited long for an answer: false if the server answers no connection at all.
  bool is_answered(std::chrono::milliseconds patience);

 private:
  void forget_failure() EXCLUDES(mutex_);

  using Clock = std::chrono::steady_clock;

  const Probe probe_;
  std::atomic<Clock::time_point> heard_at_{Clock::time_point()};
  Mutex mutex_;
  std::optional<Clock::time_point> failed_at_ GUARDED_BY(mutex_);  // nothing: the server has been heard since
  std::atomic<bool> has_failed_ = false;  // what failed_at_ says, for those in a hurry
  std::string why_ GUARDED_BY(mutex_);
  bool is_tried_ GUARDED_BY(mutex_) = false;  // by some thread, just now
  Mutex probing_;                             // held by the one that probes
};

}  // namespace aforro::sql
