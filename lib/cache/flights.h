// What many threads want at once is made by one of them, once. Safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/mutex.h"
#include "cache/cache.h"

namespace aforro::cache {

class Flights {
 public:
  // Threads that wait at once, of a server that says how many of its threads may (http::TransportOptions).
  static constexpr std::size_t kMaxWaiting = 32;

  explicit Flights(std::chrono::milliseconds patience = std::chrono::seconds(1)) : patience_(patience) {}

  struct Landed {
    std::shared_ptr<const Entry> entry;
    bool is_own;  // it was made by this call
  };
  // Returns what `make` makes, or what another thread makes of the same key, if it has begun already. Where
  // that one fails or takes longer than the patience, and where too many wait, this thread makes its own.
  // Throws what `make` throws.
  Landed once(std::string_view key, FunctionRef<std::shared_ptr<const Entry>()> make);

 private:
  struct Flight {
    CondVar landed;
    std::shared_ptr<const Entry> entry;  // guarded by mutex_; null if it failed
    bool is_over = false;                // likewise
  };
  class Pilot;

  std::shared_ptr<const Entry> wait_for(const std::shared_ptr<Flight>& flight) REQUIRES(mutex_);

  const std::chrono::milliseconds patience_;
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Flight>, std::less<>> flights_ GUARDED_BY(mutex_);
  std::size_t waiting_ GUARDED_BY(mutex_) = 0;
};

}  // namespace aforro::cache
