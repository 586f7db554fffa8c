// The keys under which requests may be sent again, and the answers kept for them. Runs inside the transaction
// of shop/order_book.h.
#pragma once

#include "base/time.h"
#include "shop/order_book.h"
#include "sql/connection.h"

namespace aforro::shop {

// Takes the key for this transaction: another transaction that wants it waits until this one has ended. False
// if the key was used within its life. Throws Problem (conflict) if the database's patience with locks ends
// before.
bool claim_key(sql::Connection& connection, const Repeatable& request, Time now);
void release_key(sql::Connection& connection, const Repeatable& request);

void keep_answer(sql::Connection& connection, const Repeatable& request, const Placed& placed);
// Throws Problem (key_reused) if the key was used for something else.
Placed first_answer(sql::Connection& connection, const Repeatable& request);

}  // namespace aforro::shop
