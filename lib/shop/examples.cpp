#include "shop/examples.h"

namespace aforro::shop {

Examples find_examples(sql::Database& database) {
  return database.read([](sql::Connection& connection) {
    Examples examples;
    if (const auto id = connection.maybe_integer("SELECT id FROM stores ORDER BY id LIMIT 1")) {
      examples.store = StoreId(*id);
    }
    connection.query("SELECT id, title FROM products ORDER BY id LIMIT 1", {}, [&](const sql::Row& row) {
      examples.product = ProductId(row.integer(0));
      examples.title = row.text(1);
    });
    if (const auto id = connection.maybe_integer("SELECT id FROM orders ORDER BY id DESC LIMIT 1")) {
      examples.order = OrderId(*id);
    }
    connection.query(
        "SELECT store_id, product_id FROM (SELECT store_id, product_id, quantity FROM inventory"
        " ORDER BY store_id, product_id LIMIT 200) AS shelves WHERE quantity >= 2"
        " ORDER BY store_id, product_id LIMIT 1",
        {}, [&](const sql::Row& row) {
          examples.in_stock = {.store = StoreId(row.integer(0)), .product = ProductId(row.integer(1))};
        });
    return examples;
  });
}

}  // namespace aforro::shop
