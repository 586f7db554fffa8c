#include "shop/stock.h"

#include <limits>

#include "shop/lookup.h"

namespace aforro::shop {
namespace {

InventoryVersion read_version(sql::Connection& connection, StoreId store) {
  InventoryVersion version{};
  connection.query(
      "SELECT (SELECT version FROM catalogue WHERE id = 1), count(*), CAST(coalesce(sum(version), 0) AS "
      "BIGINT)"
      " FROM inventory WHERE store_id = $1",
      {store.value()}, [&](const sql::Row& row) {
        version = {.catalogue = row.integer(0), .rows = row.integer(1), .changes = row.integer(2)};
      });
  return version;
}

}  // namespace

Stock::Stock(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

InventoryVersion Stock::version(StoreId store) {
  return database_.read([&](sql::Connection& connection) {
    require_store(connection, store);
    return read_version(connection, store);
  });
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
    require_store(connection, store);
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
  return database_.write([&](sql::Connection& connection) {
    std::int64_t changed = 0;
    bool rows_came = false;
    sql::Composed read_shelf("SELECT quantity FROM inventory WHERE store_id = $1 AND product_id = $2");
    read_shelf += connection.dialect().for_update;
    for (const StockCount& count : counts) {
      const std::int64_t store = count.store.value();
      const std::int64_t product = count.product.value();
      const auto held = connection.maybe_integer(read_shelf, {store, product});
      if (held == count.quantity) continue;
      ++changed;
      if (held) {
        connection.run(
            "UPDATE inventory SET quantity = $3, version = version + 1 WHERE store_id = $1 AND product_id = "
            "$2",
            {store, product, count.quantity});
      } else {
        rows_came = true;
        connection.run("INSERT INTO inventory (store_id, product_id, quantity) VALUES ($1, $2, $3)",
                       {store, product, count.quantity});
      }
      connection.run(
          "INSERT INTO movements (store_id, product_id, reason, change, quantity_after, created_at)"
          " VALUES ($1, $2, 'adjust', $3, $4, $5)",
          {store, product, count.quantity - held.value_or(0), count.quantity, now.micros()});
    }
    if (rows_came) raise_catalogue_version(connection);
    return changed;
  });
}

std::int64_t Stock::preview(std::span<const StockCount> counts) {
  return database_.read([&](sql::Connection& connection) {
    std::int64_t changed = 0;
    for (const StockCount& count : counts) {
      const auto held =
          connection.maybe_integer("SELECT quantity FROM inventory WHERE store_id = $1 AND product_id = $2",
                                   {count.store.value(), count.product.value()});
      if (held != count.quantity) ++changed;
    }
    return changed;
  });
}

}  // namespace aforro::shop
