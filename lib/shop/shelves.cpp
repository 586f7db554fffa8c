#include "shop/shelves.h"

#include <algorithm>
#include <cassert>

#include "shop/lookup.h"

namespace aforro::shop {
namespace {

std::vector<std::optional<std::int64_t>> read(sql::Connection& connection, std::span<const Shelf> shelves,
                                              sql::Text lock) {
  std::vector<std::optional<std::int64_t>> held(shelves.size());
  sql::ParamRows rows;
  for (const Shelf& shelf : shelves) rows.add({shelf.store.value(), shelf.product.value()});
  sql::Composed read_shelf("SELECT quantity FROM inventory WHERE store_id = $1 AND product_id = $2");
  read_shelf += lock;
  connection.for_each(read_shelf, rows,
                      [&](std::size_t i, const sql::Row& row) { held[i] = row.integer(0); });
  return held;
}

}  // namespace

std::vector<std::optional<std::int64_t>> read_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves) {
  return read(connection, shelves, "");
}

std::vector<std::optional<std::int64_t>> lock_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves) {
  assert(std::is_sorted(shelves.begin(), shelves.end()));
  const auto seen = read(connection, shelves, "");
  const bool makes_shelves = std::find(seen.begin(), seen.end(), std::nullopt) != seen.end();
  if (makes_shelves) raise_catalogue_version(connection);  // and so waits for others that make some
  return read(connection, shelves, connection.dialect().for_update);
}

void write_changes(sql::Connection& connection, std::string_view reason, std::span<const ShelfChange> changes,
                   Time now) {
  sql::ParamRows updates;
  sql::ParamRows inserts;
  sql::ParamRows movements;
  for (const ShelfChange& change : changes) {
    const auto [store, product] = change.shelf;
    (change.is_new ? inserts : updates).add({store.value(), product.value(), change.quantity});
    movements.add({store.value(), product.value(), reason, change.change, change.quantity, now.micros()});
  }
  connection.for_each("INSERT INTO inventory (store_id, product_id, quantity) VALUES ($1, $2, $3)", inserts);
  connection.for_each(
      "UPDATE inventory SET quantity = $3, version = version + 1 WHERE store_id = $1 AND product_id = $2",
      updates);
  connection.for_each(
      "INSERT INTO movements (store_id, product_id, reason, change, quantity_after, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      movements);
}

}  // namespace aforro::shop
