// Whether one server speaks at all, as far as the sessions with it know together. Part of the driver; safe
// from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#include "base/mutex.h"
#include "sql/postgres_breaker.h"

namespace aforro::sql {

class PostgresPulse {
 public:
  using Probe = std::function<bool(std::chrono::milliseconds patience)>;

  // `probe` says whether that server answers at all within that time. The breaker, which may be null, is told
  // of each word.
  explicit PostgresPulse(Probe probe, PostgresBreaker* breaker = nullptr)
      : probe_(std::move(probe)), breaker_(breaker) {}

  // The server has said something on some connection.
  void heard() {
    heard_at_.store(Clock::now(), std::memory_order_relaxed);
    if (is_silent_.load(std::memory_order_relaxed)) is_silent_ = false;
    if (breaker_ != nullptr) breaker_->heard();
  }
  // It has let an attempt to connect pass its deadline without a word. Until it is heard it counts as silent.
  void was_silent() { is_silent_ = true; }
  bool is_silent() const { return is_silent_; }

  // For a session that has waited long for an answer: false if the server answers no connection at all. If
  // any session has heard it lately it is not asked, so under load it never is. Otherwise one thread asks for
  // all: the others wait at the lock, and find what it has learned.
  bool is_answered(std::chrono::milliseconds patience);

 private:
  using Clock = std::chrono::steady_clock;

  bool is_heard_lately() const;

  const Probe probe_;
  PostgresBreaker* const breaker_;
  std::atomic<Clock::time_point> heard_at_{Clock::time_point()};
  std::atomic<bool> is_silent_ = false;
  Mutex probing_;  // held by the one that probes
};

}  // namespace aforro::sql
