// All orders with their lines, as their tables have them: in the order of their ids, by pages, whatever they
// say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "shop/types.h"
#include "sql/connection.h"
#include "verify/takings.h"

namespace aforro::verify {

struct StoredLine {
  std::int64_t order;
  std::int64_t position;
  std::int64_t product;
  std::int64_t quantity;
  std::int64_t unit_price_minor;
  std::optional<std::int64_t> available;
};

struct StoredOrder {
  std::int64_t id;
  std::int64_t store;
  std::optional<shop::OrderStatus> status;  // none: one that there isn't
  std::optional<std::int64_t> expires_at;
  std::int64_t total_items;
  std::int64_t total_quantity;
  std::int64_t total_price_minor;
  std::vector<StoredLine> lines;  // by position
};

// What follows from an order's lines and state.
std::vector<Taking> takings_of(const StoredOrder& order);

struct OrderVisitor {
  FunctionRef<bool(std::int64_t order)> wants;  // asked in order; the others are passed over
  FunctionRef<void(const StoredOrder&)> order;
  FunctionRef<void(const StoredLine&)> stray;  // a line of no order, among those that are wanted
};

void for_each_order(sql::Connection& connection, const OrderVisitor& visitor);

}  // namespace aforro::verify
