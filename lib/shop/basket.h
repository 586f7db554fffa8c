// What a customer wants to order. It can only be made with repeated products added up and every bound
// checked, so nothing behind it asks again; and the rule that says whether it can be had.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/faults.h"
#include "shop/types.h"

namespace aforro::shop {

inline constexpr std::size_t kMaxLines = 2'000;
inline constexpr std::int64_t kMaxQuantity = 1'000'000;  // of one product, repeated lines added up

struct BasketLine {
  ProductId product;
  std::int64_t quantity;
};

class Basket {
 public:
  // Adds up lines that name the same product, at the place of the first. Throws Problem (invalid) for none or
  // too many lines and for every quantity below 1 or above kMaxQuantity, pointing at "/items/…".
  static Basket of(std::span<const BasketLine> lines);

  // The same for 1 to kMaxLines lines, of which those that could not be read are nothing: what is wrong with
  // the others is added to `faults`. The basket may be used only if there are no faults in the end.
  static Basket of(std::span<const std::optional<BasketLine>> lines, Faults& faults);

  const std::vector<BasketLine>& lines() const { return lines_; }

  // Which line each line that was asked for became part of.
  const std::vector<std::size_t>& line_of_input() const { return line_of_input_; }

  // Indexes of lines() by product: the order in which stock is locked, so that no two orders deadlock.
  std::vector<std::size_t> by_product() const;

 private:
  std::vector<BasketLine> lines_;
  std::vector<std::size_t> line_of_input_;
};

// Confirmed if the shelf holds enough of every line. `on_hand` goes line by line with the basket; nothing
// where the store does not carry the product.
OrderStatus settle(const Basket& basket, std::span<const std::optional<std::int64_t>> on_hand);

}  // namespace aforro::shop
