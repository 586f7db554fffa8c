// Placing an order, inside the transaction of shop/order_book.h.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/time.h"
#include "shop/basket.h"
#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// What is to be placed. It must not outlive what it refers to.
struct Placement {
  StoreId store;
  const Basket& basket;
  const std::optional<std::string>& customer_email;
  std::optional<std::chrono::seconds> reserve_for;
  Time now;
};

// Writes the order, with all that follows from it, as OrderBook::place() says. Returns nothing, with the
// transaction untouched, when the store has overdue reservations: the caller expires them and tries again.
std::optional<Order> place_in(sql::Connection& connection, const Placement& placement);

}  // namespace aforro::shop
