#include "shop/upkeep.h"

#include <thread>

#include "shop/pieces.h"

namespace aforro::shop {
namespace {

constexpr std::chrono::seconds kLongestRun{10};  // well within the lease of a job
constexpr std::chrono::milliseconds kRest{2};

std::size_t sweep_piece(sql::Database& database, Time before, std::size_t limit) {
  return database.write([&](sql::Connection& connection) {
    // A key that is being used again just now is passed over: it will not be old any more.
    sql::Composed text(
        "DELETE FROM idempotency_keys WHERE key IN (SELECT key FROM idempotency_keys WHERE created_at <= $1"
        " ORDER BY created_at LIMIT $2");
    text += connection.dialect().for_update_skip_locked;
    text += ") RETURNING 1";
    std::size_t gone = 0;
    connection.query(text, {before.micros(), limit}, [&](const sql::Row&) { ++gone; });
    return gone;
  });
}

}  // namespace

std::int64_t sweep_keys(sql::Database& database, const Clock& clock) {
  const Time before = clock.now() - kKeyLife;
  const auto end = clock.steady() + kLongestRun;
  PieceSize size;
  std::int64_t gone = 0;
  for (;;) {
    const auto begun = clock.steady();
    const std::size_t asked = size.rows();
    const std::size_t found = sweep_piece(database, before, asked);
    gone += static_cast<std::int64_t>(found);
    if (found < asked || clock.steady() >= end) return gone;
    size.took(found, clock.steady() - begun);
    std::this_thread::sleep_for(kRest);
  }
}

}  // namespace aforro::shop
