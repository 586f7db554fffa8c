// What stands on the shelves: listings of a store's inventory, the versions by which a cached listing proves
// itself true, and counts that set a quantity. Every change of a quantity is a movement in the ledger,
// written in the same transaction. Safe to call from any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

// Two listings of a store made at equal versions show the same.
struct InventoryVersion {
  std::int64_t catalogue;
  std::int64_t rows;
  std::int64_t changes;
  friend bool operator==(const InventoryVersion&, const InventoryVersion&) = default;
};

struct InventoryCursor {
  std::string title_key;
  ProductId product;
};

struct InventoryQuery {
  std::optional<std::int64_t> max_quantity;  // only rows with at most that many
  std::optional<InventoryCursor> after;
  std::optional<std::int64_t> limit;  // all rows without
};

struct InventoryListing {
  InventoryVersion version;
  std::int64_t total;  // rows that the query matches, without `after` and `limit`
  Page<InventoryRow, InventoryCursor> page;
};

// A shelf that was counted.
struct StockCount {
  StoreId store;
  ProductId product;
  std::int64_t quantity;  // 0 to kMaxStock
};

class Inventory {
 public:
  Inventory(sql::Database& database, const Clock& clock);

  // By title, then id; rows with quantity 0 too. Throws Problem (not_found) if there is no such store.
  InventoryListing list(StoreId store, const InventoryQuery& query);

  // Throws Problem (not_found) if there is no such store.
  InventoryVersion version(StoreId store);

  // Sets each to what was counted, as a movement `adjust` of the difference, after what reservations past
  // their time hold in these stores has been given back; a row that there is none of is made. Returns how
  // many were changed or made. To be called with few enough at a time (about 200) for one short transaction.
  // Stores and products must exist.
  std::int64_t set(std::span<const StockCount> counts);

  // How many set() would change or make.
  std::int64_t preview(std::span<const StockCount> counts);

 private:
  sql::Database& database_;
  const Clock& clock_;
};

}  // namespace aforro::shop
