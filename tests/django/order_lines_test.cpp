#include "django/order_lines.h"

#include <doctest/doctest.h>

using namespace aforro::django;

TEST_CASE("items become lines in their order, with the totals that they make") {
  const SettledOrder order = settle_order(std::vector<OrderItem>{{7, 2, 850}, {3, 1, 100}});
  CHECK(!order.left_out);
  REQUIRE(order.lines.size() == 2);
  CHECK(order.lines[0].product == 7);
  CHECK(order.lines[1].product == 3);
  CHECK(order.total_quantity == 3);
  CHECK(order.total_price == 1'800);
  CHECK(!order.is_added_up);
  CHECK(!order.is_averaged);
}

TEST_CASE("items of one product are added up at the place of the first") {
  const SettledOrder order = settle_order(std::vector<OrderItem>{{7, 2, 850}, {3, 1, 100}, {7, 4, 850}});
  REQUIRE(order.lines.size() == 2);
  CHECK(order.lines[0].quantity == 6);
  CHECK(order.lines[0].price == 850);
  CHECK(order.is_added_up);
  CHECK(!order.is_averaged);
}

TEST_CASE(
    "items of one product with different prices are at their mean, weighed by quantity, to the nearest "
    "cent") {
  const SettledOrder order = settle_order(std::vector<OrderItem>{{7, 1, 100}, {7, 2, 101}, {7, 1, 101}});
  REQUIRE(order.lines.size() == 1);
  CHECK(order.lines[0].quantity == 4);
  CHECK(order.lines[0].price == 101);  // 403 / 4
  CHECK(order.total_price == 404);
  CHECK(order.is_averaged);
}

TEST_CASE("an order that the shop can't hold is left out, and says why") {
  CHECK(settle_order({}).left_out == Note::order_empty);
  CHECK(settle_order(std::vector<OrderItem>(kMaxItems + 1, {1, 1, 1})).left_out == Note::order_too_long);
  CHECK(!settle_order(std::vector<OrderItem>(kMaxItems, {1, 1, 1})).left_out);
  CHECK(settle_order(std::vector<OrderItem>{{1, kMaxPieces, 1}, {1, 1, 1}}).left_out ==
        Note::order_line_too_large);
  CHECK(!settle_order(std::vector<OrderItem>{{1, kMaxPieces, 1}}).left_out);
}

TEST_CASE("the largest order that can be settled overflows nothing") {
  const SettledOrder order =
      settle_order(std::vector<OrderItem>(kMaxItems, {1, kMaxPieces + 1, 999'999'999}));
  CHECK(order.left_out == Note::order_line_too_large);
  CHECK(order.total_price > 0);
}
