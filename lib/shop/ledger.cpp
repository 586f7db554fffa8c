#include "shop/ledger.h"

#include <limits>
#include <string>

#include "shop/catalogue_rows.h"

namespace aforro::shop {

Page<Movement, std::int64_t> Ledger::list(StoreId store, std::optional<std::int64_t> before,
                                          std::int64_t limit) {
  return database_.read([&](sql::Connection& connection) {
    require_store(connection, store);
    Page<Movement, std::int64_t> page;
    connection.query(
        "SELECT id, product_id, reason, order_id, change, quantity_after, created_at FROM movements"
        " WHERE store_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        {store.value(), before.value_or(std::numeric_limits<std::int64_t>::max()), limit + 1},
        [&](const sql::Row& row) {
          const auto order = row.maybe_integer(3);
          page.rows.push_back({.id = row.integer(0),
                               .product = ProductId(row.integer(1)),
                               .reason = std::string(row.text(2)),
                               .order = order ? std::optional(OrderId(*order)) : std::nullopt,
                               .change = row.integer(4),
                               .quantity_after = row.integer(5),
                               .created_at = Time::from_micros(row.integer(6))});
        });
    if (page.rows.size() > static_cast<std::size_t>(limit)) {
      page.rows.pop_back();
      page.next = page.rows.back().id;
    }
    return page;
  });
}

}  // namespace aforro::shop
