// The refusal that every operation on a store begins with. Runs inside the caller's transaction.
#pragma once

#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// Throws Problem (not_found) if there is no such store.
void require_store(sql::Connection& connection, StoreId store);

}  // namespace aforro::shop
