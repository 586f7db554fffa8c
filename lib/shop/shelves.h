// Shelves as the stock's operations change them: locked in the one order that all share (by store, then
// product, after the catalogue where one is made), and written with their movement. Run inside a transaction.
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

struct Shelf {
  StoreId store;
  ProductId product;
  friend auto operator<=>(const Shelf&, const Shelf&) = default;
};

struct ShelfChange {
  Shelf shelf;
  std::int64_t change;
  std::int64_t quantity;  // afterwards
  bool is_new;            // there was no such shelf
};

// What stands on each; nothing where there is no such shelf.
std::vector<std::optional<std::int64_t>> read_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves);

// The same, keeping others from changing them until the end of the transaction. They must be sorted. If one
// is missing, nobody else makes one meanwhile.
std::vector<std::optional<std::int64_t>> lock_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves);

// Writes what follows from locked shelves, and the movements, in the order given.
void write_changes(sql::Connection& connection, std::string_view reason, std::span<const ShelfChange> changes,
                   Time now);

}  // namespace aforro::shop
