// Expiring has two kinds of callers, which want opposite things of a row that another transaction has locked.
// An order or a count needs the stock now, so it waits until the other has given it back. The sweep only
// wants the work done, so it passes over such rows (SKIP LOCKED), and any number of servers can sweep at
// once.
//
// Both look first with a read, as nothing is due most of the time and the one writer must not be held for
// finding that out. And both work in short transactions of a bounded number of lines: a thousand reservations
// that end in the same second must not hold up the orders of that second.
#include "shop/reservations.h"

#include <algorithm>

#include "shop/inventory_posting.h"
#include "shop/order_rows.h"
#include "shop/order_state.h"

namespace aforro::shop {
namespace {

// The bounds of one transaction, which is to take a few milliseconds. Orders alone say little: one has a line
// or 2,000.
constexpr std::int64_t kOrdersAtOnce = 100;
constexpr std::int64_t kLinesAtOnce = 500;

struct Due {
  OrderId id;
  StoreId store;
};

// Locks the reservations that have been due for longest, by time, store and id, as every caller does.
std::vector<Due> lock_due(sql::Connection& connection, std::optional<StoreId> store, Time now,
                          std::int64_t limit) {
  sql::Composed text(
      "SELECT id, store_id, status, total_items FROM orders WHERE status = 'PENDING' AND expires_at <= $1");
  if (store) text += " AND +store_id = $3";
  text += " ORDER BY expires_at, store_id, id LIMIT $2";
  // For one store: a caller that needs the stock, and waits for it. For all: the sweep, which leaves rows to
  // the transaction that has them.
  text += store ? connection.dialect().for_update : connection.dialect().for_update_skip_locked;
  std::vector<Due> due;
  std::int64_t lines = 0;
  const auto take = [&](const sql::Row& row) {
    // Judged again by the row as it was locked: another transaction may have confirmed the order since it was
    // found.
    const auto is_to_be = transition(*parse_order_status(row.text(2)), OrderEvent::expire);
    if (is_to_be != OrderStatus::expired || (!due.empty() && lines + row.integer(3) > kLinesAtOnce)) return;
    lines += row.integer(3);
    due.push_back({OrderId(row.integer(0)), StoreId(row.integer(1))});
  };
  if (store) {
    connection.query(text, {now.micros(), limit, store->value()}, take);
  } else {
    connection.query(text, {now.micros(), limit}, take);
  }
  return due;
}

std::vector<Taken> taken_by(sql::Connection& connection, const std::vector<Due>& orders) {
  sql::ParamRows ids;
  for (const Due& order : orders) ids.add({order.id.value()});
  std::vector<Taken> taken;
  connection.for_each("SELECT product_id, quantity FROM order_lines WHERE order_id = $1", ids,
                      [&](std::size_t i, const sql::Row& row) {
                        taken.push_back({.shelf = {orders[i].store, ProductId(row.integer(0))},
                                         .order = orders[i].id,
                                         .quantity = row.integer(1)});
                      });
  return taken;
}

std::int64_t expire_in(sql::Connection& connection, std::optional<StoreId> store, Time now,
                       std::int64_t limit) {
  const std::vector<Due> due = lock_due(connection, store, now, std::min(limit, kOrdersAtOnce));
  if (due.empty()) return 0;
  std::vector<OrderId> ids;
  ids.reserve(due.size());
  for (const Due& order : due) ids.push_back(order.id);
  set_status(connection, ids, OrderStatus::expired);
  post_returns(connection, Reason::expire, taken_by(connection, due), now);
  return static_cast<std::int64_t>(due.size());
}

}  // namespace

bool has_due(sql::Connection& connection, StoreId store, Time now) {
  return connection.maybe_integer(kAnyDue, {store.value(), now.micros()}).has_value();
}

void expire_due_of(sql::Database& database, StoreId store, Time now) {
  const bool is_any_due =
      database.read([&](sql::Connection& connection) { return has_due(connection, store, now); });
  if (!is_any_due) return;  // without taking the writer's time
  while (database.write([&](sql::Connection& connection) {
    return expire_in(connection, store, now, kOrdersAtOnce);
  }) > 0) {
  }
}

std::int64_t expire_some(sql::Database& database, Time now, std::int64_t limit) {
  const bool is_any_due = database.read([&](sql::Connection& connection) {
    return connection
        .maybe_integer("SELECT 1 FROM orders WHERE status = 'PENDING' AND expires_at <= $1 LIMIT 1",
                       {now.micros()})
        .has_value();
  });
  if (!is_any_due) return 0;
  return database.write(
      [&](sql::Connection& connection) { return expire_in(connection, std::nullopt, now, limit); });
}

}  // namespace aforro::shop
