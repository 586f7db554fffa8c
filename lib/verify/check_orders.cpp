// Everything about an order that follows from its lines and its state is worked out again. A damaged line
// makes the totals wrong too, so all that is wrong with one order is one fault. Sums wrap around: damaged
// numbers may be as large as they like, and overflow of signed numbers must not take the check down.
#include <algorithm>

#include "base/money.h"
#include "base/text.h"
#include "verify/inspection.h"
#include "verify/stored_orders.h"

namespace aforro::verify {
namespace {

// All that is wrong with one order, as one fault: what damages a line damages the totals too.
class OrderCheck {
 public:
  explicit OrderCheck(const StoredOrder& order) : order_(order) {}

  std::string faults() {
    if (order_.lines.empty()) add("has no lines");
    if (!order_.lines.empty()) check_lines();
    check_state();
    return std::move(faults_);
  }

 private:
  void add(std::string_view fault) { faults_.append(faults_.empty() ? "" : "; ").append(fault); }

  void check_total(std::string_view name, const std::string& kept, const std::string& lines_make) {
    if (kept != lines_make) {
      add(std::string(name) + " is " + kept + ", its lines make " + lines_make);
    }
  }

  void check_lines() {
    const std::vector<StoredLine>& lines = order_.lines;
    std::int64_t pieces = 0;
    std::int64_t price = 0;
    bool are_in_place = true;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      are_in_place = are_in_place && lines[i].position == static_cast<std::int64_t>(i);
      pieces = wrapped_sum(pieces, lines[i].quantity);
      price = wrapped_sum(price, wrapped_product(lines[i].quantity, lines[i].unit_price_minor));
    }
    if (!are_in_place) add("the positions of its lines are not 0 to " + std::to_string(lines.size() - 1));
    check_total("total_items", std::to_string(order_.total_items), std::to_string(lines.size()));
    check_total("total_quantity", std::to_string(order_.total_quantity), std::to_string(pieces));
    check_total("total_price", Money::from_minor(order_.total_price_minor).to_string(),
                Money::from_minor(price).to_string());
  }

  void check_state() {
    if (!order_.status) {
      add("is in a state that there isn't");
      return;
    }
    const std::string status(to_string(*order_.status));
    const bool is_reserved_state =
        order_.status == shop::OrderStatus::pending || order_.status == shop::OrderStatus::expired;
    if (is_reserved_state && !order_.expires_at) add("is " + status + " and has no expires_at");
    const bool is_rejected = order_.status == shop::OrderStatus::rejected;
    if (is_rejected && order_.expires_at) add("is " + status + " and has an expires_at");
    const auto says_what_was_there = [](const StoredLine& line) { return line.available.has_value(); };
    const auto is_short = [](const StoredLine& line) { return line.available.value_or(0) < line.quantity; };
    const auto& lines = order_.lines;
    if (!is_rejected && std::any_of(lines.begin(), lines.end(), says_what_was_there)) {
      add("is " + status + " and has lines that say what was available");
    }
    if (!is_rejected || lines.empty()) return;
    // Of an order that came from another program nobody may know it: then no line says it.
    if (std::none_of(lines.begin(), lines.end(), says_what_was_there)) return;
    if (!std::all_of(lines.begin(), lines.end(), says_what_was_there)) {
      add("is " + status + " and has lines that don't say what was available, beside others that do");
    } else if (std::none_of(lines.begin(), lines.end(), is_short)) {
      add("is " + status + " though there was enough");
    }
  }

  const StoredOrder& order_;
  std::string faults_;
};

}  // namespace

void check_orders(const Inspection& inspection, const Known& known, TakingBalance& balance) {
  std::int64_t order_count = 0;
  std::int64_t line_count = 0;
  const auto verify_one = [&](const StoredOrder& order) {
    const std::string name = "order " + std::to_string(order.id);
    if (std::string faults = OrderCheck(order).faults(); !faults.empty()) {
      inspection.findings.fault(Check::order, name + ": " + faults);
    }
    if (!known.stores.contains(order.store)) {
      inspection.findings.fault(
          Check::reference, name + " is of store " + std::to_string(order.store) + ", which is not there");
    }
    for (const Taking& taking : takings_of(order)) balance.expect(taking);
    ++order_count;
    line_count += static_cast<std::int64_t>(order.lines.size());
    inspection.looked_at(1);
  };
  const auto say_stray = [&](const StoredLine& line) {
    inspection.findings.fault(Check::reference, "line " + std::to_string(line.position) + " of order " +
                                                    std::to_string(line.order) + ", which is not there");
    ++line_count;
  };
  for_each_order(inspection.connection,
                 {.wants = [](std::int64_t) { return true; }, .order = verify_one, .stray = say_stray});
  inspection.findings.counted("orders", order_count);
  inspection.findings.counted("order lines", line_count);
}

void check_keys(const Inspection& inspection) {
  std::int64_t count = 0;
  std::string after;
  for (bool is_more = true; is_more;) {
    std::int64_t rows = 0;
    inspection.connection.query(
        "SELECT k.key, k.order_id, (SELECT 1 FROM orders o WHERE o.id = k.order_id),"
        " CASE WHEN k.answer = '' THEN 1 ELSE 0 END FROM idempotency_keys k WHERE k.key > $1 ORDER BY k.key"
        " LIMIT $2",
        {after, kRowsOfPage}, [&](const sql::Row& row) {
          ++rows;
          after = row.text(0);
          const std::string name = "key " + (is_valid_utf8(after) ? after : "that is no UTF-8");
          if (row.is_null(2)) {
            inspection.findings.fault(
                Check::key, name + " names order " + std::to_string(row.integer(1)) + ", which is not there");
          } else if (row.integer(3) != 0) {
            inspection.findings.fault(Check::key, name + " keeps no answer");
          }
        });
    count += rows;
    is_more = rows == kRowsOfPage;
    inspection.looked_at(rows);
  }
  inspection.findings.counted("idempotency keys", count);
}

}  // namespace aforro::verify
