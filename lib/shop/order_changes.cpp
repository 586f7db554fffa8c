// What becomes of an order after it was placed. Its row is locked first, and what it is by then, at the time
// on the clock by then, is judged by the table of transitions: of several that come at once the first to lock
// it wins, and the others find what it made of it.
#include <utility>

#include "base/problem.h"
#include "jobs/queue.h"
#include "shop/order_book.h"
#include "shop/order_rows.h"
#include "shop/reservations.h"

namespace aforro::shop {
namespace {

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
    taken.push_back({order.store, line.product, order.id, line.quantity});
  give_back(connection, std::move(taken), "cancel", now);
}

}  // namespace

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

}  // namespace aforro::shop
