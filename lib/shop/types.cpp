#include "shop/types.h"

namespace aforro::shop {

std::string_view to_string(OrderStatus status) {
  return status == OrderStatus::confirmed ? "CONFIRMED" : "REJECTED";
}

std::optional<OrderStatus> parse_order_status(std::string_view text) {
  for (const OrderStatus status : {OrderStatus::confirmed, OrderStatus::rejected}) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

}  // namespace aforro::shop
