#include "django/order_lines.h"

#include <unordered_map>

namespace aforro::django {
namespace {

// Of one product.
struct Sum {
  std::size_t place;
  std::int64_t quantity = 0;
  std::int64_t amount = 0;
  std::int64_t first_price = 0;
  bool differs = false;
};

}  // namespace

SettledOrder settle_order(std::span<const OrderItem> items) {
  SettledOrder order;
  if (items.empty()) order.left_out = Note::order_empty;
  if (items.size() > kMaxItems) order.left_out = Note::order_too_long;
  if (order.left_out) return order;
  std::unordered_map<std::int64_t, Sum> sums;
  for (const OrderItem& item : items) {
    const auto [found, is_first] = sums.try_emplace(item.product, Sum{.place = order.lines.size()});
    Sum& sum = found->second;
    if (is_first) {
      order.lines.push_back(item);
      sum.first_price = item.price;
    }
    order.is_added_up = order.is_added_up || !is_first;
    sum.quantity += item.quantity;
    sum.amount += item.quantity * item.price;
    sum.differs = sum.differs || item.price != sum.first_price;
  }
  for (const auto& entry : sums) {
    const Sum& sum = entry.second;
    OrderItem& line = order.lines[sum.place];
    line.quantity = sum.quantity;
    if (sum.differs) line.price = (2 * sum.amount + sum.quantity) / (2 * sum.quantity);
    order.is_averaged = order.is_averaged || sum.differs;
    if (line.quantity > kMaxPieces) order.left_out = Note::order_line_too_large;
    order.total_quantity += line.quantity;
    order.total_price += line.quantity * line.price;
  }
  return order;
}

}  // namespace aforro::django
