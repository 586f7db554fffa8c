// The one row that stands for the catalogue: whoever makes or renames products, categories, stores or
// inventory rows locks it first, and raises its version, by which cached listings notice. Run inside
// transactions.
#pragma once

#include "sql/connection.h"

namespace aforro::shop {

// Waits for others that change what the catalogue has, and holds them up until the end of the transaction: to
// be taken before anything is looked for that is then made.
void lock_catalogue(sql::Connection& connection);

// Says that something a listing shows of the catalogue changes in this transaction. Locks the catalogue.
void raise_catalogue_version(sql::Connection& connection);

}  // namespace aforro::shop
