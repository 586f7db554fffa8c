// A client fails one of two tests. One bound on the whole time would be simpler, but fits no answer: a large
// one takes long on a slow line, and a small one could be taken byte by byte for as long as the bound lasts.
// An average since the beginning would let a client live on what it took in the first second. So each window
// counts for itself, and a stall ends it sooner.
#include "http/send_pace.h"

#include <algorithm>

namespace aforro::http {
namespace {

// Progress is noticed when one looks, so a client may stand still for that much longer.
constexpr int kLooks = 8;

}  // namespace

SendPace::SendPace(const SendPaceOptions& options, TimePoint now, std::uint64_t taken)
    : options_(options),
      look_every_(std::min(options.stall_timeout, options.window) / kLooks),
      began_at_(now),
      looked_at_(now),
      progress_at_(now),
      window_at_(now),
      taken_before_(taken),
      taken_(taken),
      taken_at_window_(taken) {}

bool SendPace::keeps_up(TimePoint now, std::uint64_t taken) {
  looked_at_ = now;
  if (taken > taken_) {
    progress_at_ = now;
    taken_ = taken;
  }
  if (now - progress_at_ >= options_.stall_timeout) return false;
  const auto seconds = std::chrono::duration<double>(now - window_at_).count();
  if (now - window_at_ < options_.window) return true;
  if (static_cast<double>(taken_ - taken_at_window_) < static_cast<double>(options_.least_rate) * seconds)
    return false;
  window_at_ = now;
  taken_at_window_ = taken_;
  return true;
}

}  // namespace aforro::http
