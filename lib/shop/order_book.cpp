// What becomes of an order once it is placed (order_placing.cpp places it). A change locks the order's row
// first and looks at the clock after that; then the table of transitions (order_state.h) judges what the
// order is at that moment. So of several changes that come at once the first to lock the row wins, and the
// others see what it made of the order. Comparing versions instead (optimistic locking) would turn the losers
// away with nothing to tell them but to try again.
//
// A reservation past its time reads as expired from that moment on, whether its row says so or not: no reader
// waits for the sweep. A reader takes the time before its snapshot. With a time taken after it, a slow reader
// could call a reservation expired that was confirmed in time, by a commit that its snapshot does not have.
#include "shop/order_book.h"

#include <chrono>
#include <utility>

#include "base/problem.h"
#include "jobs/queue.h"
#include "shop/catalogue_rows.h"
#include "shop/idempotency_keys.h"
#include "shop/inventory_posting.h"
#include "shop/order_placing.h"
#include "shop/order_rows.h"
#include "shop/reservations.h"

namespace aforro::shop {
namespace {

// Runs the transaction until it has placed the order: it places nothing while the store has overdue
// reservations, which are then expired in transactions of their own.
template <class F>
auto after_expiring_due(sql::Database& database, const Placement& placement, const F& place) {
  for (;;) {
    auto placed = database.write(place);
    if (placed) return *std::move(placed);
    expire_due_of(database, placement.store, placement.now);
  }
}

[[noreturn]] void refuse(const Order& order, OrderEvent event) {
  std::string detail = "Order " + std::to_string(order.id.value()) + " is " +
                       std::string(to_string(order.status)) + " and cannot be ";
  detail += event == OrderEvent::confirm ? "confirmed." : "cancelled.";
  throw Problem(Problem::Kind::conflict, std::move(detail))
      .with("order_status", std::string(to_string(order.status)));
}

void give_back_lines(sql::Connection& connection, const Order& order, Time now) {
  std::vector<Taken> taken;
  taken.reserve(order.lines.size());
  for (const OrderLine& line : order.lines)
    taken.push_back({{order.store, line.product}, order.id, line.quantity});
  post_returns(connection, Reason::cancel, std::move(taken), now);
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

// Orders whose row says expired, and those that are overdue: each in order by its index, then merged.
sql::Composed expired_rows(bool has_cursor) {
  sql::Composed text("SELECT * FROM (");
  text += rows_where(" AND status = 'EXPIRED' AND status <> 'CONFIRMED'", has_cursor);
  text += ") a UNION ALL SELECT * FROM (";
  text += rows_where(" AND status = 'PENDING' AND status <> 'CONFIRMED' AND expires_at <= $5", has_cursor);
  text += ") b ORDER BY 3 DESC, 1 DESC LIMIT $2";
  return text;
}

// That a status is not CONFIRMED is said beside what it is: SQLite uses a partial index only if the query has
// its condition.
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

OrderBook::OrderBook(sql::Database& database, const Clock& clock, std::function<void()> on_confirmed)
    : database_(database), clock_(clock), on_confirmed_(std::move(on_confirmed)) {}

Order OrderBook::place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
                       std::optional<std::chrono::seconds> reserve_for) {
  const Placement placement{store, basket, customer_email, reserve_for, clock_.now()};
  Order order = after_expiring_due(
      database_, placement, [&](sql::Connection& connection) { return place_in(connection, placement); });
  if (order.status == OrderStatus::confirmed) on_confirmed_();
  return order;
}

Placed OrderBook::place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
                        const Repeatable& request, std::optional<std::chrono::seconds> reserve_for) {
  const Placement placement{store, basket, customer_email, reserve_for, clock_.now()};
  Placed placed =
      after_expiring_due(database_, placement, [&](sql::Connection& connection) -> std::optional<Placed> {
        if (!claim_key(connection, request, placement.now)) return first_answer(connection, request);
        const std::optional<Order> order = place_in(connection, placement);
        if (!order) {
          release_key(connection, request);
          return std::nullopt;
        }
        Placed fresh{
            .id = order->id, .status = order->status, .answer = request.answer(*order), .replayed = false};
        keep_answer(connection, request, fresh);
        return fresh;
      });
  if (!placed.replayed && placed.status == OrderStatus::confirmed) on_confirmed_();
  return placed;
}

Order OrderBook::confirm(OrderId id) { return change(id, OrderEvent::confirm); }
Order OrderBook::cancel(OrderId id) { return change(id, OrderEvent::cancel); }

Order OrderBook::change(OrderId id, OrderEvent event) {
  struct Changed {
    Order order;
    bool is_newly_confirmed;
  };
  Changed changed = database_.write([&](sql::Connection& connection) {
    std::optional<Order> order = read_order(connection, id, connection.dialect().for_update);
    if (!order) throw Problem::not_found("There is no order " + std::to_string(id.value()) + ".");
    const Time now = clock_.now();  // not before it was locked: the wait may have been long
    const OrderStatus from = status_at(order->status, order->expires_at, now);
    order->status = from;
    const std::optional<OrderStatus> to = transition(from, event);
    if (!to) refuse(*order, event);
    if (to != from) {
      set_status(connection, {id}, *to);
      if (holds_stock(from) && !holds_stock(*to)) give_back_lines(connection, *order, now);
      if (to == OrderStatus::confirmed) {
        jobs::enqueue(connection, kConfirmationJob, std::to_string(id.value()), now);
      }
      order->status = *to;
    }
    return Changed{*std::move(order), to != from && to == OrderStatus::confirmed};
  });
  if (changed.is_newly_confirmed) on_confirmed_();
  return std::move(changed.order);
}

std::int64_t OrderBook::expire_due(std::int64_t limit) { return expire_some(database_, clock_.now(), limit); }

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
