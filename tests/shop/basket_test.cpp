#include "shop/basket.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: a basket is all that this file speaks of

struct Wanted {
  std::int64_t product;
  std::int64_t quantity;
};

Basket basket(const std::vector<Wanted>& wanted) {
  std::vector<BasketLine> lines;
  lines.reserve(wanted.size());
  for (const auto& [product, quantity] : wanted) lines.push_back({ProductId(product), quantity});
  return Basket::of(lines);
}

std::vector<std::pair<std::int64_t, std::int64_t>> lines(const Basket& basket) {
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  for (const BasketLine& line : basket.lines()) found.emplace_back(line.product.value(), line.quantity);
  return found;
}

using Lines = std::vector<std::pair<std::int64_t, std::int64_t>>;
using Indexes = std::vector<std::size_t>;
using Places = std::vector<std::string>;

// Where the faults are, for which there is no such basket.
Places faults(const std::vector<Wanted>& wanted) {
  return aforro::test::places_of([&] { basket(wanted); });
}

TEST_CASE("a basket holds its lines in the order of the request") {
  const Basket made = basket({{30, 1}, {10, 1'000'000}, {20, 5}});
  CHECK(lines(made) == Lines{{30, 1}, {10, 1'000'000}, {20, 5}});
  CHECK(made.line_of_input() == Indexes{0, 1, 2});
}

TEST_CASE("lines of the same product are added up at the place of the first") {
  const Basket made = basket({{7, 2}, {3, 1}, {7, 4}, {5, 1}, {3, 9}, {7, 1}});
  CHECK(lines(made) == Lines{{7, 7}, {3, 10}, {5, 1}});
  CHECK(made.line_of_input() == Indexes{0, 1, 0, 2, 1, 0});
}

TEST_CASE("stock is locked by product, whatever the order of the request") {
  const Basket made = basket({{30, 1}, {10, 1}, {20, 1}, {10, 1}});
  CHECK(made.by_product() == Indexes{1, 2, 0});
}

TEST_CASE("a basket has 1 to 2,000 lines, counted as they were asked for") {
  CHECK(faults({}) == Places{"/items"});
  CHECK(faults(std::vector<Wanted>(2'001, {1, 1})) == Places{"/items"});
  CHECK(lines(basket(std::vector<Wanted>(2'000, {1, 500}))) == Lines{{1, 1'000'000}});

  std::vector<Wanted> many;
  for (std::int64_t product = 2'000; product > 0; --product) many.push_back({product, product});
  const Basket made = basket(many);
  CHECK(made.lines().size() == 2'000);
  CHECK(made.by_product().front() == 1'999);
}

TEST_CASE("every quantity below 1 or above 1,000,000 is a fault of its own line") {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  CHECK(faults({{1, 0}, {2, 1}, {3, -1}, {4, 1'000'001}, {5, kHuge}, {6, -kHuge}}) ==
        Places{"/items/0/quantity_requested", "/items/2/quantity_requested", "/items/3/quantity_requested",
               "/items/4/quantity_requested", "/items/5/quantity_requested"});
}

TEST_CASE("a sum above 1,000,000 is a fault of the line that makes it so, once for each product") {
  CHECK(faults({{1, 999'999}, {1, 1}}).empty());
  CHECK(faults({{1, 999'999}, {2, 1}, {1, 2}, {1, 1}, {2, 1'000'000}}) ==
        Places{"/items/2/quantity_requested", "/items/4/quantity_requested"});
}

TEST_CASE("an order is confirmed if the shelf holds enough of every line") {
  const Basket wanted = basket({{1, 2}, {2, 3}});
  using OnHand = std::vector<std::optional<std::int64_t>>;
  CHECK(settle(wanted, OnHand{2, 3}) == OrderStatus::confirmed);
  CHECK(settle(wanted, OnHand{1'000'000'000'000, 3}) == OrderStatus::confirmed);
  CHECK(settle(wanted, OnHand{1, 3}) == OrderStatus::rejected);
  CHECK(settle(wanted, OnHand{2, 2}) == OrderStatus::rejected);
  CHECK(settle(wanted, OnHand{0, 0}) == OrderStatus::rejected);
  CHECK(settle(wanted, OnHand{2, std::nullopt}) == OrderStatus::rejected);
}

}  // namespace
