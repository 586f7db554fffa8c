#include "shop/stock.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "shop/lookup.h"

namespace aforro::shop {
namespace {

// Throws Problem (not_found) if there is no such store.
InventoryVersion read_version(sql::Connection& connection, StoreId store) {
  InventoryVersion version{};
  connection.query(
      "SELECT (SELECT version FROM catalogue WHERE id = 1), count(*), CAST(coalesce(sum(version), 0) AS "
      "BIGINT)"
      " FROM inventory WHERE store_id = $1",
      {store.value()}, [&](const sql::Row& row) {
        version = {.catalogue = row.integer(0), .rows = row.integer(1), .changes = row.integer(2)};
      });
  if (version.rows == 0) require_store(connection, store);  // rows stand in a store
  return version;
}

// What stands on each shelf; nothing where there is none.
std::vector<std::optional<std::int64_t>> read_shelves(sql::Connection& connection,
                                                      std::span<const StockCount> shelves, sql::Text lock) {
  std::vector<std::optional<std::int64_t>> held(shelves.size());
  sql::ParamRows rows;
  for (const StockCount& shelf : shelves) rows.add({shelf.store.value(), shelf.product.value()});
  sql::Composed read_shelf("SELECT quantity FROM inventory WHERE store_id = $1 AND product_id = $2");
  read_shelf += lock;
  connection.for_each(read_shelf, rows,
                      [&](std::size_t i, const sql::Row& row) { held[i] = row.integer(0); });
  return held;
}

}  // namespace

Stock::Stock(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

InventoryVersion Stock::version(StoreId store) {
  return database_.read([&](sql::Connection& connection) { return read_version(connection, store); });
}

InventoryListing Stock::list(StoreId store, const InventoryQuery& query) {
  sql::Composed text(
      "SELECT p.id, p.title, p.price_minor, c.name, i.quantity, p.title_key FROM inventory i"
      " JOIN products p ON p.id = i.product_id JOIN categories c ON c.id = p.category_id WHERE i.store_id = "
      "$1");
  if (query.max_quantity) text += " AND i.quantity <= $2";
  if (query.after) text += " AND (p.title_key, p.id) > ($4, $5)";
  text += " ORDER BY p.title_key, p.id LIMIT $3";
  const InventoryCursor from = query.after.value_or(InventoryCursor{"", ProductId(0)});
  const std::int64_t limit = query.limit.value_or(std::numeric_limits<std::int64_t>::max() - 1);
  const std::int64_t at_most = query.max_quantity.value_or(std::numeric_limits<std::int64_t>::max());

  return database_.read([&](sql::Connection& connection) {
    InventoryListing listing{.version = read_version(connection, store), .total = 0, .page = {}};
    listing.total = query.max_quantity
                        ? *connection.maybe_integer(
                              "SELECT count(*) FROM inventory WHERE store_id = $1 AND quantity <= $2",
                              {store.value(), at_most})
                        : listing.version.rows;
    std::string last_key;
    std::string key_before;
    connection.query(text, {store.value(), at_most, limit + 1, from.title_key, from.product.value()},
                     [&](const sql::Row& row) {
                       listing.page.rows.push_back({.product = ProductId(row.integer(0)),
                                                    .product_title = std::string(row.text(1)),
                                                    .price = Money::from_minor(row.integer(2)),
                                                    .category = std::string(row.text(3)),
                                                    .quantity = row.integer(4)});
                       key_before = std::move(last_key);
                       last_key = row.text(5);
                     });
    if (listing.page.rows.size() > static_cast<std::size_t>(limit)) {
      listing.page.rows.pop_back();
      listing.page.next = InventoryCursor{key_before, listing.page.rows.back().product};
    }
    return listing;
  });
}

std::int64_t Stock::set(std::span<const StockCount> counts) {
  const Time now = clock_.now();
  // Shelves are locked in the order in which orders lock them, so that none waits for the other in a circle.
  std::vector<StockCount> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const StockCount& a, const StockCount& b) {
    return std::pair(a.store, a.product) < std::pair(b.store, b.product);
  });
  return database_.write([&](sql::Connection& connection) {
    const auto seen = read_shelves(connection, sorted, "");
    const bool makes_shelves = std::find(seen.begin(), seen.end(), std::nullopt) != seen.end();
    if (makes_shelves) raise_catalogue_version(connection);  // and so waits for others that make some
    auto held = read_shelves(connection, sorted, connection.dialect().for_update);
    std::int64_t changed = 0;
    sql::ParamRows updates;
    sql::ParamRows inserts;
    sql::ParamRows movements;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const StockCount& count = sorted[i];
      if (held[i] == count.quantity) continue;
      ++changed;
      (held[i] ? updates : inserts).add({count.store.value(), count.product.value(), count.quantity});
      movements.add({count.store.value(), count.product.value(), count.quantity - held[i].value_or(0),
                     count.quantity, now.micros()});
      const bool is_counted_again = i + 1 < sorted.size() && sorted[i + 1].store == count.store &&
                                    sorted[i + 1].product == count.product;
      if (is_counted_again) held[i + 1] = count.quantity;
    }
    connection.for_each("INSERT INTO inventory (store_id, product_id, quantity) VALUES ($1, $2, $3)",
                        inserts);
    connection.for_each(
        "UPDATE inventory SET quantity = $3, version = version + 1 WHERE store_id = $1 AND product_id = $2",
        updates);
    connection.for_each(
        "INSERT INTO movements (store_id, product_id, reason, change, quantity_after, created_at)"
        " VALUES ($1, $2, 'adjust', $3, $4, $5)",
        movements);
    return changed;
  });
}

std::int64_t Stock::preview(std::span<const StockCount> counts) {
  return database_.read([&](sql::Connection& connection) {
    const auto held = read_shelves(connection, counts, "");
    std::int64_t changed = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (held[i] != counts[i].quantity) ++changed;
    }
    return changed;
  });
}

}  // namespace aforro::shop
