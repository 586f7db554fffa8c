// A bucket is kept as one number, the time at which it will be full again (the generic cell rate algorithm,
// ITU-T I.371, in its virtual-scheduling form): a token taken moves that time on by window / burst. Kept as a
// count, each bucket would also need the time of its last refill, and rounding at each refill would lose
// parts of tokens.
//
// A client that has not come for a window has a full bucket, the same as a client that was never seen. So
// memory is bounded by forgetting the fullest bucket first, which `by_fullness_` keeps at its front: to
// forget it costs its client nothing, or the least there is.
#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"
#include "limit/limiter.h"

namespace aforro::limit {
namespace {

using Instant = std::chrono::steady_clock::time_point;
using Nanoseconds = std::chrono::nanoseconds;

class TokenBucket final : public Limiter {
 public:
  TokenBucket(const Rate& rate, const Clock& clock, std::size_t max_keys)
      : burst_(rate.burst),
        per_token_(std::chrono::duration_cast<Nanoseconds>(rate.window) / rate.burst),
        clock_(clock),
        max_keys_(max_keys) {}

  Verdict take(std::string_view key) override {
    const Instant now = clock_.steady();
    const Lock lock(mutex_);
    const auto found = full_at_.find(key);
    const Instant full_at = found == full_at_.end() ? now : std::max(found->second->first, now);
    const Nanoseconds whole = per_token_ * burst_;
    // Full later than it can be: the clock went back. Such a bucket counts as empty, and is from now on.
    const bool is_too_late = full_at - now > whole;
    const Nanoseconds missing = is_too_late ? whole : full_at - now;
    // `missing` is how long the bucket takes to fill, so `burst` tokens in time less that is what is left.
    const bool allowed = missing + per_token_ <= whole;
    const Nanoseconds missing_after = allowed ? missing + per_token_ : missing;
    if ((allowed || is_too_late) && found != full_at_.end()) {
      move(*found, now + missing_after);
    } else if (allowed) {
      remember(key, now + missing_after);
      if (full_at_.size() > max_keys_) forget(full_at_.find(by_fullness_.begin()->second));
    }
    const std::int64_t left = (whole - missing_after) / per_token_;
    const Nanoseconds next = missing_after - per_token_ * (burst_ - left - 1);
    return {.allowed = allowed,
            .tokens_left = left,
            .next_token_in = std::chrono::ceil<std::chrono::seconds>(next)};
  }

 private:
  using ByFullness = std::multimap<Instant, std::string>;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using FullAt = std::unordered_map<std::string, ByFullness::iterator, Hash, std::equal_to<>>;

  // Needs no memory, so that a client that was let through before can't gain by its want.
  void move(FullAt::value_type& key, Instant full_at) REQUIRES(mutex_) {
    auto bucket = by_fullness_.extract(key.second);
    bucket.key() = full_at;
    key.second = by_fullness_.insert(std::move(bucket));
  }

  // Enters the bucket in both containers, or in neither.
  void remember(std::string_view key, Instant full_at) REQUIRES(mutex_) {
    ByFullness made;
    const auto placed = made.emplace(full_at, std::string(key));
    const auto known = full_at_.emplace(key, placed).first;
    known->second = by_fullness_.insert(made.extract(placed));
  }

  void forget(FullAt::iterator key) REQUIRES(mutex_) {
    by_fullness_.erase(key->second);
    full_at_.erase(key);
  }

  const std::int64_t burst_;
  const Nanoseconds per_token_;
  const Clock& clock_;
  const std::size_t max_keys_;
  Mutex mutex_;
  ByFullness by_fullness_ GUARDED_BY(mutex_);  // the fullest first
  FullAt full_at_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Limiter> make_token_bucket(const Rate& rate, const Clock& clock, std::size_t max_keys) {
  assert(rate.burst > 0 && rate.window.count() > 0);
  return std::make_unique<TokenBucket>(rate, clock, max_keys);
}

}  // namespace aforro::limit
