// The rows of the catalogue that other transactions depend on: a store that must be there, and the one row
// that stands for all of the catalogue. A transaction that makes or renames products, categories, stores or
// inventory rows locks that row first and raises its version, by which cached listings notice. Runs inside
// the caller's transaction.
#pragma once

#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// Throws Problem (not_found) if there is no such store.
void require_store(sql::Connection& connection, StoreId store);

// Waits for others that change what the catalogue has, and holds them up until the end of the transaction: to
// be taken before anything is looked for that is then made.
void lock_catalogue(sql::Connection& connection);

// Says that something a listing shows of the catalogue changes in this transaction. Locks the catalogue.
void raise_catalogue_version(sql::Connection& connection);

}  // namespace aforro::shop
