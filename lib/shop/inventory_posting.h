// The door to inventory.quantity: this file alone writes it, and writes with it the row's version and the
// movement in the ledger, so that a quantity is always the sum of its movements and a cached listing never
// outlives it. Runs inside the caller's transaction. All callers lock in one order, so that no two
// transactions wait for each other: orders before shelves, the catalogue before shelves where one is made,
// and shelves by store and product.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// A row of the inventory: a product in a store.
struct Shelf {
  StoreId store;
  ProductId product;
  friend auto operator<=>(const Shelf&, const Shelf&) = default;
};

// Why a quantity changes.
enum class Reason { seed, receive, adjust, transfer, order, reserve, cancel, expire };
std::string_view to_string(Reason reason);  // as the ledger keeps it

// What stands on each; nothing where there is no such shelf.
std::vector<std::optional<std::int64_t>> read_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves);

// The same, and locks them until the end of the transaction. They must be sorted. If one is missing, no other
// transaction makes a shelf until this one has ended.
std::vector<std::optional<std::int64_t>> lock_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves);

// A change of a shelf that this transaction has locked or, if it is new, makes.
struct Posting {
  Shelf shelf;
  std::int64_t change;
  std::int64_t quantity;         // afterwards
  bool is_new = false;           // there was no such shelf
  std::optional<OrderId> order;  // whose lines take or give back
};

// Writes them in the order given, all at the same time and for the same reason.
void post(sql::Connection& connection, Reason reason, std::span<const Posting> postings, Time now);

// What an order took off a shelf.
struct Taken {
  Shelf shelf;
  OrderId order;
  std::int64_t quantity;
};

// Puts it back, in the order in which shelves are locked. The orders must be locked by this transaction.
void post_returns(sql::Connection& connection, Reason reason, std::vector<Taken> taken, Time now);

// Rows of the inventory (store_id, product_id, quantity, version) and of the ledger (id, store_id,
// product_id, reason, change, quantity_after, order_id, created_at) as another shop has them, for a shop that
// has none: together they must add up as they did there.
void restore_shelves(sql::Connection& connection, const sql::ParamRows& rows);
void restore_movements(sql::Connection& connection, const sql::ParamRows& rows);

}  // namespace aforro::shop
