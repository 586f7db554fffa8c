// Orders as they read. A reservation past its time reads as expired from that moment on, noted or not; the
// time is taken before the snapshot, so that one which was confirmed in time is never taken for expired by a
// reader that was slow.
#include "shop/lookup.h"
#include "shop/order_book.h"
#include "shop/order_rows.h"

namespace aforro::shop {
namespace {

std::optional<Time> maybe_time(const sql::Row& row, int column) {
  const auto micros = row.maybe_integer(column);
  return micros ? std::optional(Time::from_micros(*micros)) : std::nullopt;
}

// $1 store, $2 limit, $3 and $4 cursor, $5 now. Columns as listed; a reservation may be past its time.
sql::Composed rows_where(sql::Text condition, bool has_cursor) {
  sql::Composed text(
      "SELECT id, status, created_at, total_items, total_quantity, expires_at FROM orders"
      " WHERE store_id = $1");
  text += condition;
  if (has_cursor) text += " AND (created_at, id) < ($3, $4)";
  text += " ORDER BY created_at DESC, id DESC LIMIT $2";
  return text;
}

// Those that were noted as expired and those that are due, each in order by its index, then merged.
sql::Composed expired_rows(bool has_cursor) {
  sql::Composed text("SELECT * FROM (");
  text += rows_where(" AND status = 'EXPIRED' AND status <> 'CONFIRMED'", has_cursor);
  text += ") a UNION ALL SELECT * FROM (";
  text += rows_where(" AND status = 'PENDING' AND status <> 'CONFIRMED' AND expires_at <= $5", has_cursor);
  text += ") b ORDER BY 3 DESC, 1 DESC LIMIT $2";
  return text;
}

sql::Composed list_text(std::optional<OrderStatus> status, bool has_cursor) {
  if (!status) return rows_where("", has_cursor);
  switch (*status) {
    case OrderStatus::pending:
      return rows_where(" AND status = 'PENDING' AND status <> 'CONFIRMED' AND expires_at > $5", has_cursor);
    case OrderStatus::confirmed:
      return rows_where(" AND status = 'CONFIRMED'", has_cursor);
    case OrderStatus::rejected:
      return rows_where(" AND status = 'REJECTED' AND status <> 'CONFIRMED'", has_cursor);
    case OrderStatus::cancelled:
      return rows_where(" AND status = 'CANCELLED' AND status <> 'CONFIRMED'", has_cursor);
    case OrderStatus::expired:
      return expired_rows(has_cursor);
  }
  return rows_where("", has_cursor);
}

}  // namespace

std::optional<Order> read_order(sql::Connection& connection, OrderId id, sql::Text lock) {
  std::optional<Order> order;
  sql::Composed text(
      "SELECT store_id, status, created_at, total_quantity, total_price_minor, expires_at FROM orders"
      " WHERE id = $1");
  text += lock;
  connection.query(text, {id.value()}, [&](const sql::Row& row) {
    order = Order{.id = id,
                  .store = StoreId(row.integer(0)),
                  .status = *parse_order_status(row.text(1)),
                  .created_at = Time::from_micros(row.integer(2)),
                  .total_quantity = row.integer(3),
                  .total_price = Money::from_minor(row.integer(4)),
                  .lines = {},
                  .expires_at = maybe_time(row, 5)};
  });
  if (!order) return order;
  connection.query(
      "SELECT product_id, product_title, quantity, unit_price_minor, available FROM order_lines"
      " WHERE order_id = $1 ORDER BY position",
      {id.value()}, [&](const sql::Row& row) {
        order->lines.push_back({.product = ProductId(row.integer(0)),
                                .product_title = std::string(row.text(1)),
                                .quantity = row.integer(2),
                                .unit_price = Money::from_minor(row.integer(3)),
                                .available = row.maybe_integer(4)});
      });
  return order;
}

std::optional<Order> OrderBook::find(OrderId id) {
  const Time now = clock_.now();
  std::optional<Order> order =
      database_.read([&](sql::Connection& connection) { return read_order(connection, id, ""); });
  if (order) order->status = status_at(order->status, order->expires_at, now);
  return order;
}

Page<OrderSummary, OrderCursor> OrderBook::list(StoreId store, std::optional<OrderStatus> status,
                                                const std::optional<OrderCursor>& after, std::int64_t limit) {
  const Time now = clock_.now();
  const sql::Composed text = list_text(status, after.has_value());
  const OrderCursor from = after.value_or(OrderCursor{Time(), OrderId(0)});
  return database_.read([&](sql::Connection& connection) {
    require_store(connection, store);
    Page<OrderSummary, OrderCursor> page;
    connection.query(
        text, {store.value(), limit + 1, from.created_at.micros(), from.id.value(), now.micros()},
        [&](const sql::Row& row) {
          page.rows.push_back({.id = OrderId(row.integer(0)),
                               .status = status_at(*parse_order_status(row.text(1)), maybe_time(row, 5), now),
                               .created_at = Time::from_micros(row.integer(2)),
                               .total_items = row.integer(3),
                               .total_quantity = row.integer(4)});
        });
    if (page.rows.size() > static_cast<std::size_t>(limit)) {
      page.rows.pop_back();
      page.next = OrderCursor{page.rows.back().created_at, page.rows.back().id};
    }
    return page;
  });
}

std::vector<std::optional<OrderStatus>> noted_statuses(sql::Database& database,
                                                       std::span<const OrderId> orders) {
  sql::ParamRows ids;
  for (const OrderId order : orders) ids.add({order.value()});
  return database.read([&](sql::Connection& connection) {
    std::vector<std::optional<OrderStatus>> statuses(orders.size());
    connection.for_each(
        "SELECT status FROM orders WHERE id = $1", ids,
        [&](std::size_t i, const sql::Row& row) { statuses[i] = parse_order_status(row.text(0)); });
    return statuses;
  });
}

}  // namespace aforro::shop
