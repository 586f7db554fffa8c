// The items of an order there as the lines of an order here, where each product stands once. A pure function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "django/report.h"

namespace aforro::django {

struct OrderItem {
  std::int64_t product;
  std::int64_t quantity;  // from 1, at most one more than kMaxPieces
  std::int64_t price;     // in cents, at most kMaxPrice
};

// As many as an order of ours may have; sums of so many are below 2^63.
inline constexpr std::size_t kMaxItems = 2'000;

inline constexpr std::int64_t kMaxPieces = 1'000'000;  // of a product in an order

struct SettledOrder {
  std::optional<Note> left_out;  // why it can't be taken
  std::vector<OrderItem> lines;  // in the order of the first item of each product
  std::int64_t total_quantity = 0;
  std::int64_t total_price = 0;
  bool is_added_up = false;  // a product had more than one item …
  bool is_averaged = false;  // … with different prices: the line has their mean, to the nearest cent
};

SettledOrder settle_order(std::span<const OrderItem> items);

}  // namespace aforro::django
