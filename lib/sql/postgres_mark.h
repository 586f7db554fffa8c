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
  using Ask = FunctionRef<std::optional<std::string>()>;

  // A number that is the same for two calls if nothing was committed between them. `ask` does what
  // PostgresConnection::committed() does. Nothing where that can't be told, or where so much is committed
  // that the mark would have moved in any case. Throws Unavailable if `ask` does, also in another thread that
  // asked for this one, and did so after this call began.
  std::optional<std::uint64_t> get(Ask ask);

 private:
  using Clock = std::chrono::steady_clock;

  struct Answer {
    std::optional<std::uint64_t> mark;
    bool is_unavailable = false;
  };
  Answer find_out(Ask ask, Clock::time_point asked_at) EXCLUDES(mutex_);
  Answer note(std::string committed) EXCLUDES(mutex_);

  Coalescing<Answer> asking_;
  std::atomic<Clock::time_point> moves_until_{Clock::time_point()};
  Mutex mutex_;  // one thread asks at a time, but each time another one
  std::string committed_ GUARDED_BY(mutex_);
  std::uint64_t mark_ GUARDED_BY(mutex_) = 0;
  int moved_ GUARDED_BY(mutex_) = 0;  // times in a row
  Clock::time_point failed_at_ GUARDED_BY(mutex_){};
  std::string why_ GUARDED_BY(mutex_);  // it failed
};

}  // namespace aforro::sql
