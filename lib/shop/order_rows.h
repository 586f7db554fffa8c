// The rows of an order. This file alone writes orders.status. Runs inside the caller's transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// Reads an order in two statements. Its status is that of the row, which may say PENDING of a reservation
// that is past its time (see status_at()). `lock` is appended to the first statement.
std::optional<Order> read_order(sql::Connection& connection, OrderId id, sql::Text lock);

// Writes the order and its lines, and gives it its id: `id`, where the engine has given one ahead (then there
// is no answer to wait for), or the next.
void insert_order(sql::Connection& connection, Order& order, std::optional<std::int64_t> id,
                  const std::optional<std::string>& customer_email);

// The orders must be locked by this transaction, and the status one that shop/order_state.h leads to.
void set_status(sql::Connection& connection, const std::vector<OrderId>& orders, OrderStatus status);

// Rows of orders (id, store_id, status, created_at, expires_at, customer_email, total_items, total_quantity,
// total_price_minor) and of their lines (order_id, position, product_id, product_title, quantity,
// unit_price_minor, available) as another shop has them, for a shop that has none.
void restore_orders(sql::Connection& connection, const sql::ParamRows& rows);
void restore_order_lines(sql::Connection& connection, const sql::ParamRows& rows);

// A column of a time that may be none.
std::optional<Time> maybe_time(const sql::Row& row, int column);

}  // namespace aforro::shop
