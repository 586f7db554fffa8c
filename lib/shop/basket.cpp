// An order locks and changes each shelf once, so lines of one product must be one line. But what the client
// is told points at the lines that it sent: `line_of_input_` leads from those to the line each became part
// of. Sums can't overflow: 2,000 lines of at most 1,000,000 each are far below 2^63.
#include "shop/basket.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <string>
#include <unordered_map>

#include "base/problem.h"

namespace aforro::shop {

Basket Basket::of(std::span<const BasketLine> lines) {
  if (lines.empty() || lines.size() > kMaxLines) {
    throw Problem::invalid({{Fault::In::body, "/items", "must have 1 to 2,000 lines"}});
  }
  const std::vector<std::optional<BasketLine>> sound(lines.begin(), lines.end());
  Faults faults;
  Basket basket = of(sound, faults);
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
  return basket;
}

Basket Basket::of(std::span<const std::optional<BasketLine>> lines, Faults& faults) {
  assert(lines.size() <= kMaxLines);
  Basket basket;
  std::unordered_map<std::int64_t, std::size_t> line_of_product;
  const auto fault = [&](std::size_t input, const char* detail) {
    faults.add([&] {
      return Fault{Fault::In::body, "/items/" + std::to_string(input) + "/quantity_requested", detail};
    });
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i]) continue;
    const auto [product, quantity] = *lines[i];
    if (quantity < 1 || quantity > kMaxQuantity) {
      fault(i, "must be a whole number from 1 to 1,000,000");
      continue;
    }
    const auto [found, is_new] = line_of_product.try_emplace(product.value(), basket.lines_.size());
    basket.line_of_input_.push_back(found->second);
    if (is_new) {
      basket.lines_.push_back({product, quantity});
      continue;
    }
    std::int64_t& sum = basket.lines_[found->second].quantity;
    const bool was_too_much = sum > kMaxQuantity;
    sum += quantity;  // at most 2,000 times 1,000,000
    if (sum > kMaxQuantity && !was_too_much)
      fault(i, "makes more than 1,000,000 of this product with the lines before");
  }
  return basket;
}

std::vector<std::size_t> Basket::by_product() const {
  std::vector<std::size_t> order(lines_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return lines_[a].product < lines_[b].product; });
  return order;
}

OrderStatus settle(const Basket& basket, std::span<const std::optional<std::int64_t>> on_hand) {
  assert(on_hand.size() == basket.lines().size());
  const bool enough =
      std::equal(basket.lines().begin(), basket.lines().end(), on_hand.begin(),
                 [](const BasketLine& line, auto held) { return held.value_or(0) >= line.quantity; });
  return enough ? OrderStatus::confirmed : OrderStatus::rejected;
}

}  // namespace aforro::shop
