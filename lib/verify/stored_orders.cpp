// A merge join by hand: orders by id and lines by order and position are each read by pages, and two cursors
// go through them together. A JOIN in SQL would hide the lines of no order, which are just what is looked
// for, and orders without lines. When only some orders are wanted, the cursor of the lines leaps over the
// pages between.
#include "verify/stored_orders.h"

#include <limits>
#include <utility>

#include "verify/inspection.h"

namespace aforro::verify {
namespace {

std::vector<StoredOrder> read_orders(sql::Connection& connection, std::int64_t after) {
  std::vector<StoredOrder> orders;
  connection.query(
      "SELECT id, store_id, status, expires_at, total_items, total_quantity, total_price_minor FROM orders"
      " WHERE id > $1 ORDER BY id LIMIT $2",
      {after, kRowsOfPage}, [&](const sql::Row& row) {
        orders.push_back({.id = row.integer(0),
                          .store = row.integer(1),
                          .status = shop::parse_order_status(row.text(2)),
                          .expires_at = row.maybe_integer(3),
                          .total_items = row.integer(4),
                          .total_quantity = row.integer(5),
                          .total_price_minor = row.integer(6),
                          .lines = {}});
      });
  return orders;
}

// Goes through all lines by order and position, a page at a time.
class LineCursor {
 public:
  explicit LineCursor(sql::Connection& connection) : connection_(connection) {}

  // Null after the last.
  const StoredLine* current() {
    if (at_ == page_.size() && !is_at_end_) read_page();
    return at_ < page_.size() ? &page_[at_] : nullptr;
  }
  void next() { ++at_; }

  // To the first line of this order, or what follows in its place.
  void skip_to(std::int64_t order) {
    while (at_ < page_.size() && page_[at_].order < order) ++at_;
    if (at_ < page_.size()) return;
    // The page is used up: the next one begins where this order's lines would.
    if (after_.first < order) after_ = {order - 1, std::numeric_limits<std::int64_t>::max()};
  }

 private:
  void read_page() {
    page_.clear();
    at_ = 0;
    connection_.query(
        "SELECT order_id, position, product_id, quantity, unit_price_minor, available FROM order_lines"
        " WHERE (order_id, position) > ($1, $2) ORDER BY order_id, position LIMIT $3",
        {after_.first, after_.second, kRowsOfPage}, [&](const sql::Row& row) {
          page_.push_back({.order = row.integer(0),
                           .position = row.integer(1),
                           .product = row.integer(2),
                           .quantity = row.integer(3),
                           .unit_price_minor = row.integer(4),
                           .available = row.maybe_integer(5)});
        });
    is_at_end_ = page_.empty();
    if (!page_.empty()) after_ = {page_.back().order, page_.back().position};
  }

  sql::Connection& connection_;
  std::pair<std::int64_t, std::int64_t> after_{kBeforeAll, kBeforeAll};
  std::vector<StoredLine> page_;
  std::size_t at_ = 0;
  bool is_at_end_ = false;
};

}  // namespace

std::vector<Taking> takings_of(const StoredOrder& order) {
  std::vector<Taking> takings;
  if (!order.status || order.status == shop::OrderStatus::rejected) return takings;
  for (const StoredLine& line : order.lines) {
    Taking taking{.order = order.id,
                  .product = line.product,
                  .reason = order.expires_at ? TakingReason::reserve : TakingReason::order,
                  .store = order.store,
                  .change = wrapped_difference(0, line.quantity)};
    takings.push_back(taking);
    const bool is_given_back =
        order.status == shop::OrderStatus::cancelled || order.status == shop::OrderStatus::expired;
    if (!is_given_back) continue;
    taking.reason =
        order.status == shop::OrderStatus::cancelled ? TakingReason::cancel : TakingReason::expire;
    taking.change = line.quantity;
    takings.push_back(taking);
  }
  return takings;
}

void for_each_order(sql::Connection& connection, const OrderVisitor& visitor) {
  LineCursor lines(connection);
  const auto pass_strays_before = [&](std::optional<std::int64_t> order) {
    for (const StoredLine* line = lines.current(); line != nullptr && (!order || line->order < *order);
         line = lines.current()) {
      if (visitor.wants(line->order)) visitor.stray(*line);
      lines.next();
    }
  };
  std::int64_t after = kBeforeAll;
  for (;;) {
    std::vector<StoredOrder> orders = read_orders(connection, after);
    if (orders.empty()) break;
    after = orders.back().id;
    for (StoredOrder& order : orders) {
      if (!visitor.wants(order.id)) {
        lines.skip_to(order.id);
        continue;
      }
      pass_strays_before(order.id);
      for (const StoredLine* line = lines.current(); line != nullptr && line->order == order.id;
           line = lines.current()) {
        order.lines.push_back(*line);
        lines.next();
      }
      visitor.order(order);
    }
  }
  pass_strays_before(std::nullopt);
}

}  // namespace aforro::verify
