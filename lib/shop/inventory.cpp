// The version of a listing is computed and not stored: the version of the catalogue, how many rows the store
// has, and the sum of their versions. A row of its own for each store would be simpler to read, but on an
// engine with several writers each order would have to lock it, and all orders of a store would go one after
// the other. The sum reads the store's rows, which is much less than rendering them.
#include "shop/inventory.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "shop/catalogue_rows.h"
#include "shop/inventory_posting.h"
#include "shop/reservations.h"

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

std::vector<Shelf> shelves_of(std::span<const StockCount> counts) {
  std::vector<Shelf> shelves;
  for (const StockCount& count : counts) shelves.push_back({count.store, count.product});
  return shelves;
}

}  // namespace

Inventory::Inventory(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

InventoryVersion Inventory::version(StoreId store) {
  return database_.read([&](sql::Connection& connection) { return read_version(connection, store); });
}

InventoryListing Inventory::list(StoreId store, const InventoryQuery& query) {
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

std::int64_t Inventory::set(std::span<const StockCount> counts) {
  const Time now = clock_.now();
  std::vector<StockCount> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const StockCount& a, const StockCount& b) {
    return std::pair(a.store, a.product) < std::pair(b.store, b.product);
  });
  const std::vector<Shelf> shelves = shelves_of(sorted);
  // Otherwise the sweep would soon put what they hold on top of what was counted.
  for (std::size_t i = 0; i < shelves.size(); ++i) {
    const bool is_new_store = i == 0 || shelves[i].store != shelves[i - 1].store;
    if (is_new_store) expire_due_of(database_, shelves[i].store, now);
  }
  return database_.write([&](sql::Connection& connection) {
    auto held = lock_shelves(connection, shelves);
    std::vector<Posting> postings;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      const std::int64_t counted = sorted[i].quantity;
      if (held[i] == counted) continue;
      postings.push_back({.shelf = shelves[i],
                          .change = counted - held[i].value_or(0),
                          .quantity = counted,
                          .is_new = !held[i].has_value(),
                          .order = {}});
      // If a shelf is counted twice the last count stands, and each is a movement of its own.
      const bool is_counted_again = i + 1 < sorted.size() && shelves[i + 1] == shelves[i];
      if (is_counted_again) held[i + 1] = counted;
    }
    post(connection, Reason::adjust, postings, now);
    return static_cast<std::int64_t>(postings.size());
  });
}

std::int64_t Inventory::preview(std::span<const StockCount> counts) {
  return database_.read([&](sql::Connection& connection) {
    const auto held = read_shelves(connection, shelves_of(counts));
    std::int64_t changed = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      if (held[i] != counts[i].quantity) ++changed;
    }
    return changed;
  });
}

}  // namespace aforro::shop
