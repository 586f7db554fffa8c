#include "shop/types.h"

#include <cassert>

namespace aforro::shop {

std::string_view to_string(OrderStatus status) {
  switch (status) {
    case OrderStatus::pending:
      return "PENDING";
    case OrderStatus::confirmed:
      return "CONFIRMED";
    case OrderStatus::rejected:
      return "REJECTED";
    case OrderStatus::cancelled:
      return "CANCELLED";
    case OrderStatus::expired:
      return "EXPIRED";
  }
  assert(false);
  return "";
}

std::optional<OrderStatus> parse_order_status(std::string_view text) {
  for (const OrderStatus status : kOrderStatuses) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

std::string list_order_statuses() {
  std::string list;
  for (const OrderStatus status : kOrderStatuses) {
    if (!list.empty()) list += status == kOrderStatuses.back() ? " or " : ", ";
    list += to_string(status);
  }
  return list;
}

}  // namespace aforro::shop
