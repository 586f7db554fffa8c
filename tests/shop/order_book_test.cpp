#include "shop/order_book.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: orders are all that this file speaks of
using namespace std::chrono_literals;
using aforro::Money;
using aforro::Problem;
using aforro::Time;
using aforro::test::LocalShop;

struct OrderShop : LocalShop {
  // Two stores; in North ten mugs, three lamps, no spades left; nobody sells the kite.
  OrderShop() {
    shelve(north, mug, 10);
    shelve(north, lamp, 3);
    shelve(north, spade, 2);
    shelve(north, spade, 0);
    shelve(south, mug, 1'000);
  }

  Order place(StoreId store, const std::vector<BasketLine>& lines) {
    return orders.place(store, Basket::of(lines), std::nullopt);
  }
  Placed place_once(const std::string& key, const std::string& fingerprint,
                    const std::vector<BasketLine>& lines) {
    const auto render = [](const Order& order) {
      return "order " + std::to_string(order.id.value()) + ' ' + std::string(to_string(order.status));
    };
    return orders.place(north, Basket::of(lines), std::nullopt, {key, fingerprint, render});
  }
  std::int64_t orders_kept() { return number("SELECT count(*) FROM orders"); }
  std::int64_t jobs() { return number("SELECT count(*) FROM jobs"); }

  StoreId north = add_store("North");
  StoreId south = add_store("South");
  ProductId mug = add({.title = "Mug", .price_minor = 850});
  ProductId lamp = add({.title = "Lamp", .price_minor = 65'146});
  ProductId spade = add({.title = "Spade", .price_minor = 3'500, .sku = "SPADE"});
  ProductId kite = add({.title = "Kite", .price_minor = 999'999'999});
  int confirmations = 0;
  OrderBook orders{*database, clock, [this] { ++confirmations; }};
};

Problem::Kind refusal(const std::function<void()>& act) {
  const auto problem = aforro::test::problem_of(act);
  REQUIRE(problem);
  return problem->kind();
}

TEST_CASE("an order within the stock is confirmed and takes it") {
  OrderShop shop;

  const Order order =
      shop.orders.place(shop.north, Basket::of(std::array{BasketLine{shop.lamp, 3}, BasketLine{shop.mug, 4}}),
                        "jo@example.org");

  CHECK(order.status == OrderStatus::confirmed);
  CHECK(order.store == shop.north);
  CHECK(order.created_at == shop.clock.now());
  CHECK(order.total_quantity == 7);
  CHECK(order.total_price == Money::from_minor(3 * 65'146 + 4 * 850));
  REQUIRE(order.lines.size() == 2);
  CHECK(order.lines[0].product == shop.lamp);
  CHECK(order.lines[0].product_title == "Lamp");
  CHECK(order.lines[0].quantity == 3);
  CHECK(order.lines[0].unit_price == Money::from_minor(65'146));
  CHECK(!order.lines[0].available);
  CHECK(shop.quantity(shop.north, shop.lamp) == 0);
  CHECK(shop.quantity(shop.north, shop.mug) == 6);
  CHECK(shop.quantity(shop.south, shop.mug) == 1'000);
  CHECK(aforro::test::query_texts(shop.location, "SELECT customer_email FROM orders") ==
        std::vector<std::string>{"jo@example.org"});
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("an order beyond the stock is rejected, takes nothing and keeps what there was") {
  OrderShop shop;

  const Order order =
      shop.place(shop.north, {{shop.mug, 10}, {shop.lamp, 4}, {shop.spade, 1}, {shop.kite, 1}});

  CHECK(order.status == OrderStatus::rejected);
  REQUIRE(order.lines.size() == 4);
  CHECK(order.lines[0].available == 10);
  CHECK(order.lines[1].available == 3);
  CHECK(order.lines[2].available == 0);
  CHECK(order.lines[3].available == 0);  // exists, but is not sold there
  CHECK(shop.quantity(shop.north, shop.mug) == 10);
  CHECK(shop.quantity(shop.north, shop.lamp) == 3);
  CHECK(shop.quantity(shop.north, shop.kite) == -1);
  CHECK(shop.jobs() == 0);
  CHECK(shop.confirmations == 0);
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a confirmed order queues its confirmation with it, and says so once it is kept") {
  OrderShop shop;
  std::int64_t orders_seen = 0;
  std::int64_t jobs_seen = 0;
  OrderBook orders(*shop.database, shop.clock, [&] {
    orders_seen = shop.orders_kept();
    jobs_seen = shop.jobs();
  });

  const Order order = orders.place(shop.north, Basket::of(std::array{BasketLine{shop.mug, 1}}), std::nullopt);

  CHECK(orders_seen == 1);
  CHECK(jobs_seen == 1);
  const std::string job = std::string(kConfirmationJob) + ' ' + std::to_string(order.id.value()) +
                          " waiting " + std::to_string(shop.clock.now().micros());
  CHECK(aforro::test::query_texts(
            shop.location, "SELECT kind || ' ' || payload || ' ' || state || ' ' || run_at FROM jobs") ==
        std::vector<std::string>{job});
}

TEST_CASE("lines of one product are judged by their sum") {
  OrderShop shop;
  CHECK(shop.place(shop.north, {{shop.mug, 6}, {shop.lamp, 1}, {shop.mug, 5}}).status ==
        OrderStatus::rejected);
  CHECK(shop.place(shop.north, {{shop.mug, 6}, {shop.lamp, 1}, {shop.mug, 4}}).status ==
        OrderStatus::confirmed);
  CHECK(shop.quantity(shop.north, shop.mug) == 0);
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a kept order is found as it was answered") {
  OrderShop shop;
  for (const std::vector<BasketLine>& lines :
       {std::vector<BasketLine>{{shop.mug, 2}, {shop.lamp, 1}}, {{shop.mug, 1}, {shop.kite, 1'000'000}}}) {
    const Order placed = shop.place(shop.north, lines);
    const std::optional<Order> found = shop.orders.find(placed.id);
    REQUIRE(found);
    CHECK(found->id == placed.id);
    CHECK(found->store == placed.store);
    CHECK(found->status == placed.status);
    CHECK(found->created_at == placed.created_at);
    CHECK(found->total_quantity == placed.total_quantity);
    CHECK(found->total_price == placed.total_price);
    REQUIRE(found->lines.size() == placed.lines.size());
    for (std::size_t i = 0; i < placed.lines.size(); ++i) {
      CHECK(found->lines[i].product == placed.lines[i].product);
      CHECK(found->lines[i].product_title == placed.lines[i].product_title);
      CHECK(found->lines[i].quantity == placed.lines[i].quantity);
      CHECK(found->lines[i].unit_price == placed.lines[i].unit_price);
      CHECK(found->lines[i].available == placed.lines[i].available);
    }
  }
  CHECK(!shop.orders.find(OrderId(3)));
  CHECK(!shop.orders.find(OrderId(kMaxId)));
}

TEST_CASE("title, price and stock of an order stay those of its time") {
  OrderShop shop;
  const Order confirmed = shop.place(shop.south, {{shop.mug, 1}});
  shop.shelve(shop.south, shop.spade, 1);
  const Order rejected = shop.place(shop.south, {{shop.spade, 5}});

  shop.add({.title = "Shovel", .price_minor = 1, .sku = "SPADE"});
  shop.shelve(shop.south, shop.spade, 50);

  CHECK(shop.orders.find(confirmed.id)->total_price == Money::from_minor(850));
  const Order kept = shop.orders.find(rejected.id).value();
  CHECK(kept.lines[0].product_title == "Spade");
  CHECK(kept.lines[0].unit_price == Money::from_minor(3'500));
  CHECK(kept.lines[0].available == 1);
}

TEST_CASE("the largest order there can be has a sum that is right") {
  OrderShop shop;
  std::vector<BasketLine> lines;
  for (std::size_t i = 0; i < kMaxLines; ++i) {
    lines.push_back({shop.add({.title = "Yacht", .price_minor = 999'999'999}), kMaxQuantity});
  }
  const Order order = shop.place(shop.north, lines);
  CHECK(order.total_price == Money::from_minor(999'999'999LL * 1'000'000 * 2'000));
  CHECK(order.total_quantity == 2'000'000'000);
  CHECK(shop.orders.find(order.id)->total_price == order.total_price);
}

TEST_CASE("an order in a store that is not there is refused") {
  OrderShop shop;
  CHECK(refusal([&] { shop.place(StoreId(99), {{shop.mug, 1}}); }) == Problem::Kind::not_found);
  CHECK(refusal([&] { shop.orders.list(StoreId(99), std::nullopt, std::nullopt, 10); }) ==
        Problem::Kind::not_found);
  CHECK(shop.orders_kept() == 0);
}

TEST_CASE("each line of a product that is not there is pointed at, and nothing is kept") {
  OrderShop shop;
  const auto order_what_is_not_there = [&] {
    shop.place(shop.north, {{ProductId(98), 1}, {shop.mug, 1}, {ProductId(99), 1}, {ProductId(98), 2}});
  };
  CHECK(refusal(order_what_is_not_there) == Problem::Kind::invalid);
  CHECK(aforro::test::places_of(order_what_is_not_there) ==
        std::vector<std::string>{"/items/0/product_id", "/items/2/product_id", "/items/3/product_id"});
  CHECK(shop.orders_kept() == 0);
  CHECK(shop.quantity(shop.north, shop.mug) == 10);
}

TEST_CASE("a request sent again gets the first answer and takes nothing") {
  OrderShop shop;
  const Placed first = shop.place_once("key", "two mugs", {{shop.mug, 2}});
  shop.clock.advance(1s);
  const Placed second = shop.place_once("key", "two mugs", {{shop.mug, 2}});

  CHECK(!first.replayed);
  CHECK(second.replayed);
  CHECK(second.id == first.id);
  CHECK(second.status == OrderStatus::confirmed);
  CHECK(second.answer == first.answer);
  CHECK(first.answer == "order 1 CONFIRMED");
  CHECK(shop.orders_kept() == 1);
  CHECK(shop.jobs() == 1);
  CHECK(shop.confirmations == 1);
  CHECK(shop.quantity(shop.north, shop.mug) == 8);
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a rejection is answered again too, even when there is stock by now") {
  OrderShop shop;
  const Placed first = shop.place_once("key", "a spade", {{shop.spade, 1}});
  shop.shelve(shop.north, shop.spade, 5);
  const Placed second = shop.place_once("key", "a spade", {{shop.spade, 1}});
  CHECK(first.status == OrderStatus::rejected);
  CHECK(second.replayed);
  CHECK(second.answer == first.answer);
  CHECK(shop.quantity(shop.north, shop.spade) == 5);
}

TEST_CASE("a key that was used for another request is refused, and the first answer stays") {
  OrderShop shop;
  const Placed first = shop.place_once("key", "a mug", {{shop.mug, 1}});
  CHECK(refusal([&] { shop.place_once("key", "a lamp", {{shop.lamp, 1}}); }) == Problem::Kind::key_reused);
  CHECK(shop.place_once("key", "a mug", {{shop.mug, 1}}).answer == first.answer);
  CHECK(shop.place_once("another key", "a mug", {{shop.mug, 1}}).id != first.id);
  CHECK(shop.orders_kept() == 2);
}

TEST_CASE("a request that was refused does not use its key up") {
  OrderShop shop;
  CHECK(refusal([&] { shop.place_once("key", "what?", {{ProductId(99), 1}}); }) == Problem::Kind::invalid);
  CHECK(!shop.place_once("key", "a mug", {{shop.mug, 1}}).replayed);
}

TEST_CASE("a key is kept for 24 hours to the microsecond") {
  OrderShop shop;
  const Placed first = shop.place_once("key", "a mug", {{shop.mug, 1}});

  shop.clock.advance(24h - 1us);
  CHECK(shop.place_once("key", "a mug", {{shop.mug, 1}}).replayed);
  shop.clock.advance(1us);
  const Placed next_day = shop.place_once("key", "a lamp", {{shop.lamp, 1}});

  CHECK(!next_day.replayed);
  CHECK(next_day.id != first.id);
  CHECK(shop.place_once("key", "a lamp", {{shop.lamp, 1}}).id == next_day.id);
  CHECK(refusal([&] { shop.place_once("key", "a mug", {{shop.mug, 1}}); }) == Problem::Kind::key_reused);
}

TEST_CASE("a key outlives the process") {
  OrderShop shop;
  const Placed first = shop.place_once("key", "a mug", {{shop.mug, 1}});

  const auto again = shop.open_again();
  OrderBook orders(*again, shop.clock, [] { FAIL("nothing was confirmed"); });
  const auto render = [](const Order&) { return std::string("rendered anew"); };
  const Placed second = orders.place(shop.north, Basket::of(std::array{BasketLine{shop.mug, 1}}),
                                     std::nullopt, {"key", "a mug", render});

  CHECK(second.replayed);
  CHECK(second.answer == first.answer);
}

std::vector<std::int64_t> ids(const Page<OrderSummary, OrderCursor>& page) {
  std::vector<std::int64_t> found;
  for (const OrderSummary& order : page.rows) found.push_back(order.id.value());
  return found;
}

TEST_CASE("a store's orders are listed newest first, ties by id descending") {
  OrderShop shop;
  shop.place(shop.north, {{shop.mug, 2}, {shop.lamp, 1}});
  shop.place(shop.north, {{shop.mug, 1'000}});
  shop.place(shop.south, {{shop.mug, 1}});
  shop.clock.advance(1us);
  shop.place(shop.north, {{shop.mug, 1}});
  shop.clock.set(shop.clock.now() - 1h);  // as clocks do
  shop.place(shop.north, {{shop.mug, 1}});

  const auto page = shop.orders.list(shop.north, std::nullopt, std::nullopt, 100);

  CHECK(ids(page) == std::vector<std::int64_t>{4, 2, 1, 5});
  CHECK(!page.next);
  const OrderSummary& oldest = page.rows[2];
  CHECK(oldest.status == OrderStatus::confirmed);
  CHECK(oldest.total_items == 2);
  CHECK(oldest.total_quantity == 3);
  CHECK(page.rows[1].status == OrderStatus::rejected);
  CHECK(ids(shop.orders.list(shop.south, std::nullopt, std::nullopt, 100)) == std::vector<std::int64_t>{3});
}

TEST_CASE("a list may be of one status") {
  OrderShop shop;
  for (const std::int64_t quantity : {1, 1'000, 1, 1'000, 1}) shop.place(shop.north, {{shop.mug, quantity}});
  using Ids = std::vector<std::int64_t>;
  CHECK(ids(shop.orders.list(shop.north, OrderStatus::confirmed, std::nullopt, 100)) == Ids{5, 3, 1});
  CHECK(ids(shop.orders.list(shop.north, OrderStatus::rejected, std::nullopt, 100)) == Ids{4, 2});
  const auto first = shop.orders.list(shop.north, OrderStatus::rejected, std::nullopt, 1);
  CHECK(ids(first) == Ids{4});
  CHECK(ids(shop.orders.list(shop.north, OrderStatus::rejected, first.next, 1)) == Ids{2});
}

TEST_CASE("pages of a list skip and repeat nothing while orders arrive") {
  OrderShop shop;
  const auto place = [&] { return shop.place(shop.north, {{shop.mug, 1'000'000}}).id.value(); };
  std::vector<std::int64_t> there;
  for (int i = 0; i < 25; ++i) {
    if (i % 4 == 0) shop.clock.advance(1us);  // four at a time
    there.insert(there.begin(), place());
  }

  std::vector<std::int64_t> listed;
  std::optional<OrderCursor> cursor;
  do {
    const auto page = shop.orders.list(shop.north, std::nullopt, cursor, 3);
    for (const std::int64_t id : ids(page)) listed.push_back(id);
    cursor = page.next;
    place();
    shop.clock.advance(1us);
    place();
  } while (cursor);

  CHECK(listed == there);
}

TEST_CASE("a page that just fits is the last") {
  OrderShop shop;
  for (int i = 0; i < 3; ++i) shop.place(shop.north, {{shop.mug, 1}});
  CHECK(!shop.orders.list(shop.north, std::nullopt, std::nullopt, 3).next);
  CHECK(shop.orders.list(shop.north, std::nullopt, std::nullopt, 2).next);
}

}  // namespace
