// Small statements that several parts of the shop share, run inside their transactions.
#pragma once

#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// Throws Problem (not_found) if there is no such store.
void require_store(sql::Connection& connection, StoreId store);

// Says that something a listing shows of the catalogue changes in this transaction.
void raise_catalogue_version(sql::Connection& connection);

}  // namespace aforro::shop
