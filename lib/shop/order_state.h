// The life of an order: one table of every transition there is, and what follows from a state. Pure
// functions; docs/orders.md draws them.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "base/time.h"
#include "shop/types.h"

namespace aforro::shop {

enum class OrderEvent { confirm, cancel, expire };

struct OrderTransition {
  OrderStatus from;
  OrderEvent event;
  OrderStatus to;  // the same as `from`: it is there already, and nothing is to be done
};

// What is not in here is refused.
inline constexpr std::array kOrderTransitions{
    OrderTransition{OrderStatus::pending, OrderEvent::confirm, OrderStatus::confirmed},
    OrderTransition{OrderStatus::pending, OrderEvent::cancel, OrderStatus::cancelled},
    OrderTransition{OrderStatus::pending, OrderEvent::expire, OrderStatus::expired},
    OrderTransition{OrderStatus::confirmed, OrderEvent::cancel, OrderStatus::cancelled},
    OrderTransition{OrderStatus::confirmed, OrderEvent::confirm, OrderStatus::confirmed},
    OrderTransition{OrderStatus::cancelled, OrderEvent::cancel, OrderStatus::cancelled},
    OrderTransition{OrderStatus::expired, OrderEvent::expire, OrderStatus::expired},
};

// The state that the event leads to; nothing if it is refused.
constexpr std::optional<OrderStatus> transition(OrderStatus from, OrderEvent event) {
  const auto* const found =
      std::find_if(kOrderTransitions.begin(), kOrderTransitions.end(),
                   [&](const OrderTransition& row) { return row.from == from && row.event == event; });
  return found == kOrderTransitions.end() ? std::nullopt : std::optional(found->to);
}

// Whether the stock of its lines is off the shelf. A transition that ends this gives it back.
constexpr bool holds_stock(OrderStatus status) {
  return status == OrderStatus::pending || status == OrderStatus::confirmed;
}

// What an order kept as `kept` is at that moment: a reservation past its time is expired, noted or not.
constexpr OrderStatus status_at(OrderStatus kept, std::optional<Time> expires_at, Time now) {
  const bool is_due = kept == OrderStatus::pending && expires_at && *expires_at <= now;
  return is_due ? OrderStatus::expired : kept;
}

}  // namespace aforro::shop
