// The change mark of a PostgreSQL database, asked of the server: one small statement for all threads that
// want to know at the same time. Part of the driver; safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/coalescing.h"
#include "base/function_ref.h"
#include "base/mutex.h"

namespace aforro::sql {

class PostgresMark {
 public:
  // A number that is the same for two calls if nothing was committed between them. `ask` returns what
  // PostgresConnection::committed() does, and must not throw. Nothing where that can't be told, or where so
  // much is committed that the mark would have moved in any case.
  std::optional<std::uint64_t> get(FunctionRef<std::optional<std::string>()> ask);

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<std::uint64_t> find_out(FunctionRef<std::optional<std::string>()> ask) EXCLUDES(mutex_);

  Coalescing<std::optional<std::uint64_t>> asking_;
  std::atomic<Clock::time_point> moves_until_{Clock::time_point()};
  Mutex mutex_;  // one thread asks at a time, but each time another one
  std::string committed_ GUARDED_BY(mutex_);
  std::uint64_t mark_ GUARDED_BY(mutex_) = 0;
  int moved_ GUARDED_BY(mutex_) = 0;  // times in a row
};

}  // namespace aforro::sql
