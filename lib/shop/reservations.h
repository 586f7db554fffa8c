// Reservations that are past their time: whether there are any, and giving back what they took. Everything
// here locks orders before shelves, and shelves by store and product, so that no two transactions wait for
// each other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

// A row if the store $1 has reservations due at $2; none for a $2 that is NULL. The plus keeps the index by
// store out of it.
inline constexpr sql::Text kAnyDue =
    "SELECT 1 FROM orders WHERE status = 'PENDING' AND expires_at <= $2 AND +store_id = $1 LIMIT 1";

// For a transaction that is about to reject an order: true if it had better end, call expire_due_of() and
// begin anew.
bool has_due(sql::Connection& connection, StoreId store, Time now);

// Expires every reservation of the store that is due at that time, in short transactions of its own.
void expire_due_of(sql::Database& database, StoreId store, Time now);

// Expires up to `limit` due reservations of all stores in one short transaction, passing over those that
// other transactions have locked. Returns how many.
std::int64_t expire_some(sql::Database& database, Time now, std::int64_t limit);

}  // namespace aforro::shop
