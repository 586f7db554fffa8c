#include "sql/postgres_pulse.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kHeardLately{300};  // then the server need not be asked

}  // namespace

bool PostgresPulse::is_heard_lately() const {
  return Clock::now() < heard_at_.load(std::memory_order_relaxed) + kHeardLately;
}

bool PostgresPulse::is_answered(std::chrono::milliseconds patience) {
  if (is_heard_lately()) return true;
  const Lock probing(probing_);
  if (is_heard_lately()) return true;  // another thread has probed meanwhile
  if (is_silent_) return false;
  if (!probe_(patience)) {
    was_silent();
    return false;
  }
  heard();
  return true;
}

}  // namespace aforro::sql
