// Points in time as whole microseconds since 1970 (UTC), and the clock they are read from. The clock is
// passed in, so that tests hold it in their hands; a wall clock may jump, so durations that matter are
// measured on the steady one.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aforro {

class Time {
 public:
  constexpr Time() = default;
  static constexpr Time from_micros(std::int64_t micros) { return Time(micros); }

  // RFC 3339 in UTC with microseconds, "2026-11-23T20:44:22.699193Z".
  std::string to_string() const;
  // Reads what to_string() writes, with 0 to 6 decimals; nothing for anything else.
  static std::optional<Time> parse(std::string_view text);

  constexpr std::int64_t micros() const { return micros_; }
  friend constexpr auto operator<=>(Time, Time) = default;
  friend constexpr Time operator+(Time t, std::chrono::microseconds d) { return Time(t.micros_ + d.count()); }
  friend constexpr Time operator-(Time t, std::chrono::microseconds d) { return Time(t.micros_ - d.count()); }

 private:
  explicit constexpr Time(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

// Safe to read from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;                                      // the wall clock
  virtual std::chrono::steady_clock::time_point steady() const = 0;  // never goes back
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
  std::chrono::steady_clock::time_point steady() const override;
};

}  // namespace aforro
