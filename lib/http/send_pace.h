// Whether a client takes its answer fast enough to be waited for. A value; times are passed in.
//
// What a client has taken are the bytes that its system has acknowledged, not those that our kernel has
// accepted: the kernel accepts some at once for any client, and for a slow one then none for a long time. A
// client is too slow if it took nothing for `stall_timeout`, or less than `least_rate` over a whole `window`.
// The second test is for clients that take a byte now and then; each window counts for itself, so that no
// client lives on what it took in the first second. A modem of thirty years ago is fast enough; an answer of
// n bytes is kept for a window and n / `least_rate` at most.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace aforro::http {

struct SendPaceOptions {
  std::chrono::milliseconds stall_timeout{30'000};
  std::chrono::milliseconds window{60'000};
  std::size_t least_rate = 1024;  // bytes a second
};

class SendPace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  SendPace() = default;

  // Sending began, when the client had taken so many bytes.
  SendPace(const SendPaceOptions& options, TimePoint now, std::uint64_t taken);

  // The client has taken so many by now. False if it is too slow.
  bool keeps_up(TimePoint now, std::uint64_t taken);

  // When to ask again at the latest.
  TimePoint look_again_at() const { return looked_at_ + look_every_; }

  TimePoint began_at() const { return began_at_; }
  std::uint64_t taken_before() const { return taken_before_; }

 private:
  SendPaceOptions options_;
  std::chrono::milliseconds look_every_{};
  TimePoint began_at_;
  TimePoint looked_at_;
  TimePoint progress_at_;  // the last time that more had been taken
  TimePoint window_at_;
  std::uint64_t taken_before_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t taken_at_window_ = 0;
};

}  // namespace aforro::http
