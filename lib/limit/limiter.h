// How often each client may do something: a token bucket per key. A bucket holds `burst` tokens and fills
// evenly, so that a full one is reached a `window` after an empty one. Safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace aforro::limit {

struct Rate {
  std::int64_t burst = 20;
  std::chrono::seconds window{60};
};

// Reads "20/min", "5/s", "100/hour", "5/10s": how many, in what time (s, min or h, a whole number of them
// before). Nothing for anything else, for less than one, or for more than a million or a day.
std::optional<Rate> parse_rate(std::string_view text);

struct Verdict {
  bool allowed;
  std::int64_t tokens_left;  // whole ones
  std::chrono::seconds
      next_token_in;  // rounded up: after that many seconds there is one more; 0 in a full bucket
};

class Limiter {
 public:
  Limiter() = default;
  Limiter(const Limiter&) = delete;
  Limiter& operator=(const Limiter&) = delete;
  virtual ~Limiter() = default;

  // Throws std::bad_alloc, with nothing taken.
  virtual Verdict take(std::string_view key) = 0;
};

// In this process, for at most `max_keys` clients at a time: beyond that, those whose bucket is fullest are
// forgotten first, which costs them nothing.
std::unique_ptr<Limiter> make_token_bucket(const Rate& rate, const Clock& clock,
                                           std::size_t max_keys = 100'000);

}  // namespace aforro::limit
