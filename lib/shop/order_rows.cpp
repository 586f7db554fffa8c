// An order is written once, whole; afterwards only its status changes. That is why titles and prices are
// copied into its lines: what was sold stays as it was, whatever becomes of the products. The order's row
// comes before its lines, which need its id. Where the engine has given the id ahead, none of the statements
// waits for an answer, and on PostgreSQL all of them travel with COMMIT.
#include "shop/order_rows.h"

#include <initializer_list>

namespace aforro::shop {
namespace {

std::optional<std::int64_t> micros_of(std::optional<Time> time) {
  return time ? std::optional(time->micros()) : std::nullopt;
}

void write_lines(sql::Connection& connection, const Order& order) {
  sql::ParamRows lines;
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    lines.add({order.id.value(), i, line.product.value(), line.product_title, line.quantity,
               line.unit_price.minor_units(), line.available});
  }
  restore_order_lines(connection, lines);
}

}  // namespace

std::optional<Time> maybe_time(const sql::Row& row, int column) {
  const auto micros = row.maybe_integer(column);
  return micros ? std::optional(Time::from_micros(*micros)) : std::nullopt;
}

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

void insert_order(sql::Connection& connection, Order& order, std::optional<std::int64_t> id,
                  const std::optional<std::string>& customer_email) {
  static constexpr sql::Text kInsert =
      "INSERT INTO orders (id, store_id, status, created_at, expires_at, customer_email, total_items,"
      " total_quantity, total_price_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
  const std::initializer_list<sql::Param> values{id,
                                                 order.store.value(),
                                                 to_string(order.status),
                                                 order.created_at.micros(),
                                                 micros_of(order.expires_at),
                                                 customer_email,
                                                 order.lines.size(),
                                                 order.total_quantity,
                                                 order.total_price.minor_units()};
  if (id) {
    order.id = OrderId(*id);
    connection.run(kInsert, values);
  } else {
    connection.query(kInsert, values, [&](const sql::Row& row) { order.id = OrderId(row.integer(0)); });
  }
  write_lines(connection, order);
}

void set_status(sql::Connection& connection, const std::vector<OrderId>& orders, OrderStatus status) {
  sql::ParamRows rows;
  for (const OrderId order : orders) rows.add({order.value(), to_string(status)});
  connection.for_each("UPDATE orders SET status = $2 WHERE id = $1", rows);
}

void restore_orders(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO orders (id, store_id, status, created_at, expires_at, customer_email, total_items,"
      " total_quantity, total_price_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      rows);
}

void restore_order_lines(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO order_lines (order_id, position, product_id, product_title, quantity, unit_price_minor,"
      " available) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      rows);
}

}  // namespace aforro::shop
