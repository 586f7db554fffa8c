// Puts what has been settled into an empty shop.
#pragma once

#include <cstdint>

#include "base/function_ref.h"
#include "base/time.h"
#include "sql/connection.h"
#include "sql/database.h"

namespace aforro::django {

// Throws Problem (conflict) if the shop has goods, orders or users.
void require_empty(sql::Connection& shop);

// In one transaction: broken off before it commits it leaves nothing. Holds at most a thousand rows in
// memory. No confirmation is sent of any order. `now` is the time of what is corrected. `progress` is told
// rows written.
//
// Throws as require_empty(), and what Database::write_for_long throws.
void carry(sql::Connection& staging, sql::Database& shop, Time now,
           FunctionRef<void(std::int64_t done)> progress);

}  // namespace aforro::django
