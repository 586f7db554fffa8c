// A clock held in the hand: it stands still until it is moved. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace aforro::test {

class HeldClock final : public Clock {
 public:
  HeldClock() = default;
  explicit HeldClock(Time now) : wall_micros_(now.micros()) {}

  Time now() const override { return Time::from_micros(wall_micros_); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::microseconds(steady_micros_));
  }

  // Time passes, on both clocks.
  void advance(std::chrono::microseconds by) {
    wall_micros_ += by.count();
    steady_micros_ += by.count();
  }

  // The wall clock alone is set, forward or back, as an administrator does.
  void set(Time now) { wall_micros_ = now.micros(); }

 private:
  std::atomic<std::int64_t> wall_micros_{1'795'466'662'699'193};  // 2026-11-23T20:44:22.699193Z
  std::atomic<std::int64_t> steady_micros_{1'000'000'000};
};

}  // namespace aforro::test
