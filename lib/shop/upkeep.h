// What the shop throws away by itself, in pieces so short that no order waits for them. Each is called by a
// periodic job.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "sql/database.h"

namespace aforro::shop {

// How long a repeat of a request is answered as the first was. From then on the key counts as new, swept or
// not.
inline constexpr std::chrono::hours kKeyLife{24};

inline constexpr std::string_view kKeySweepJob = "sweep_idempotency_keys";
inline constexpr std::chrono::minutes kKeySweepPeriod{1};

// Forgets keys whose life is over, and returns how many. Ends after ten seconds at the latest: the next run
// goes on.
std::int64_t sweep_keys(sql::Database& database, const Clock& clock);

}  // namespace aforro::shop
