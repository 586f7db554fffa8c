// A product and how many of it, as commands take it: PRODUCT:QUANTITY. Functions without state.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "shop/types.h"

namespace aforro::app {

struct Item {
  shop::ProductId product;
  std::string_view quantity;  // as typed
};

// Nothing if there is no colon, or no id before it.
std::optional<Item> split_item(std::string_view text);

// The item that a fault points at: "/items/3/product_id" is the fourth. Nothing if it points elsewhere.
std::optional<std::string> item_of(const Fault& fault, std::span<const std::string> items);

}  // namespace aforro::app
