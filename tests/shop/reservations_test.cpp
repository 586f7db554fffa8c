// Reservations, and what can become of an order after it was placed, with the clock held in the hand.
#include "shop/reservations.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shop/ledger.h"
#include "shop/order_book.h"
#include "shop/stock_operations.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: orders are all that this file speaks of
using namespace std::chrono_literals;
using aforro::Problem;
using aforro::Time;
using aforro::test::LocalShop;

using Facts = std::vector<std::pair<std::string, std::string>>;

struct HoldingShop : LocalShop {
  // In North ten mugs and three lamps.
  HoldingShop() {
    shelve(north, mug, 10);
    shelve(north, lamp, 3);
  }
  Order place(const std::vector<BasketLine>& lines, std::optional<std::chrono::seconds> hold = std::nullopt) {
    return orders.place(north, Basket::of(lines), std::nullopt, hold);
  }
  Order hold(const std::vector<BasketLine>& lines, std::chrono::seconds how_long = 600s) {
    return place(lines, how_long);
  }
  Placed hold_once(const std::string& key, const std::vector<BasketLine>& lines) {
    const auto render = [](const Order& order) {
      return "order " + std::to_string(order.id.value()) + ' ' + std::string(to_string(order.status));
    };
    return orders.place(north, Basket::of(lines), std::nullopt, {key, "the same", render}, 600s);
  }
  OrderStatus status(OrderId id) { return orders.find(id).value().status; }
  std::string kept_status(OrderId id) {
    return aforro::test::query_texts(location,
                                     "SELECT status FROM orders WHERE id = " + std::to_string(id.value()))
        .at(0);
  }
  std::int64_t jobs() { return number("SELECT count(*) FROM jobs"); }
  std::int64_t mugs() { return quantity(north, mug); }
  std::int64_t lamps() { return quantity(north, lamp); }
  std::vector<std::int64_t> listed(std::optional<OrderStatus> wanted, std::int64_t limit = 100) {
    std::vector<std::int64_t> ids;
    for (const OrderSummary& order : orders.list(north, wanted, std::nullopt, limit).rows)
      ids.push_back(order.id.value());
    return ids;
  }
  void check_ledger() const { aforro::test::check_ledger(location); }

  StoreId north = add_store("North");
  ProductId mug = add({.title = "Mug", .price_minor = 850, .sku = "MUG"});
  ProductId lamp = add({.title = "Lamp", .price_minor = 65'146});
  int told = 0;
  OrderBook orders{*database, clock, [this] { ++told; }};
};

// A conflict that says so.
void check_conflict(const std::optional<Problem>& problem, const std::string& order_status,
                    int line = __builtin_LINE()) {
  INFO("asked for at line ", line);
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
  CHECK(problem->facts() == Facts{{"order_status", order_status}});
  CHECK(problem->detail().find(order_status) != std::string::npos);
}

TEST_CASE("a reservation is pending, takes the stock and confirms nothing yet") {
  HoldingShop shop;
  const Order order = shop.hold({{shop.lamp, 2}, {shop.mug, 4}}, 90s);

  CHECK(order.status == OrderStatus::pending);
  CHECK(order.expires_at == shop.clock.now() + 90s);
  CHECK(shop.mugs() == 6);
  CHECK(shop.lamps() == 1);
  CHECK(shop.jobs() == 0);
  CHECK(shop.told == 0);
  CHECK(shop.orders.find(order.id)->expires_at == order.expires_at);
  CHECK(shop.number("SELECT count(*) FROM movements WHERE reason = 'reserve'") == 2);
  shop.check_ledger();
}

TEST_CASE("a reservation beyond the stock is rejected and holds nothing") {
  HoldingShop shop;
  const Order order = shop.hold({{shop.lamp, 4}});
  CHECK(order.status == OrderStatus::rejected);
  CHECK(!order.expires_at);
  CHECK(order.lines[0].available == 3);
  CHECK(shop.lamps() == 3);
  shop.check_ledger();
}

TEST_CASE("confirming a reservation keeps the stock and queues its confirmation, once") {
  HoldingShop shop;
  const Order held = shop.hold({{shop.mug, 4}});
  const Order confirmed = shop.orders.confirm(held.id);
  const Order again = shop.orders.confirm(held.id);

  CHECK(confirmed.status == OrderStatus::confirmed);
  CHECK(confirmed.lines.size() == 1);
  CHECK(confirmed.total_price == held.total_price);
  CHECK(again.status == OrderStatus::confirmed);
  CHECK(shop.told == 1);
  CHECK(shop.number("SELECT count(*) FROM jobs WHERE kind = 'send_order_confirmation'") == 1);
  shop.clock.advance(601s);
  CHECK(shop.orders.expire_due(100) == 0);
  CHECK(shop.status(held.id) == OrderStatus::confirmed);
  CHECK(shop.mugs() == 6);
  shop.check_ledger();
}

TEST_CASE("cancelling gives back what was taken, once, whether it was an order or a reservation") {
  HoldingShop shop;
  const Order held = shop.hold({{shop.mug, 4}, {shop.lamp, 3}});
  const Order bought = shop.place({{shop.mug, 2}});
  for (int i = 0; i < 2; ++i) {
    CHECK(shop.orders.cancel(held.id).status == OrderStatus::cancelled);
    CHECK(shop.orders.cancel(bought.id).status == OrderStatus::cancelled);
  }
  CHECK(shop.mugs() == 10);
  CHECK(shop.lamps() == 3);
  CHECK(shop.number("SELECT count(*) FROM movements WHERE reason = 'cancel'") == 3);
  CHECK(shop.told == 1);
  shop.check_ledger();
}

TEST_CASE("what was taken comes back in full after price, title and stock have changed") {
  HoldingShop shop;
  const Order bought = shop.place({{shop.mug, 4}});
  const Order held = shop.hold({{shop.mug, 1}}, 60s);
  shop.add({.title = "Cup", .price_minor = 1, .sku = "MUG"});
  shop.shelve(shop.north, shop.mug, 100);

  const Order cancelled = shop.orders.cancel(bought.id);
  CHECK(cancelled.lines[0].product_title == "Mug");
  CHECK(cancelled.total_price == bought.total_price);
  CHECK(shop.mugs() == 104);
  shop.clock.advance(60s);
  CHECK(shop.orders.expire_due(100) == 1);
  CHECK(shop.orders.find(held.id)->lines[0].product_title == "Mug");
  CHECK(shop.mugs() == 105);
  shop.check_ledger();
}

TEST_CASE("what has ended can't be made something else, and the refusal says what it is") {
  HoldingShop shop;
  const OrderId cancelled = shop.orders.cancel(shop.hold({{shop.mug, 1}}).id).id;
  const OrderId rejected = shop.place({{shop.lamp, 4}}).id;
  const OrderId expired = shop.hold({{shop.mug, 1}}, 1s).id;
  shop.clock.advance(1s);

  check_conflict(aforro::test::problem_of([&] { shop.orders.confirm(cancelled); }), "CANCELLED");
  check_conflict(aforro::test::problem_of([&] { shop.orders.confirm(rejected); }), "REJECTED");
  check_conflict(aforro::test::problem_of([&] { shop.orders.cancel(rejected); }), "REJECTED");
  for (int i = 0; i < 2; ++i) {  // before the sweep and after
    check_conflict(aforro::test::problem_of([&] { shop.orders.confirm(expired); }), "EXPIRED");
    check_conflict(aforro::test::problem_of([&] { shop.orders.cancel(expired); }), "EXPIRED");
    shop.orders.expire_due(100);
  }
  CHECK(aforro::test::problem_of([&] { shop.orders.cancel(OrderId(99)); })->kind() ==
        Problem::Kind::not_found);
  CHECK(aforro::test::problem_of([&] { shop.orders.confirm(OrderId(99)); })->kind() ==
        Problem::Kind::not_found);
  CHECK(shop.mugs() == 10);
  shop.check_ledger();
}

TEST_CASE("a reservation past its time reads as expired everywhere, before the sweep and after") {
  HoldingShop shop;
  const std::int64_t early = shop.hold({{shop.mug, 1}}, 10s).id.value();
  shop.clock.advance(1us);
  const std::int64_t late = shop.hold({{shop.mug, 1}}, 20s).id.value();
  shop.clock.advance(1us);
  const std::int64_t bought = shop.place({{shop.mug, 1}}).id.value();
  using Ids = std::vector<std::int64_t>;

  shop.clock.advance(10s - 3us);
  CHECK(shop.status(OrderId(early)) == OrderStatus::pending);
  CHECK(shop.listed(OrderStatus::pending) == Ids{late, early});
  CHECK(shop.listed(OrderStatus::expired).empty());
  CHECK(shop.orders.expire_due(100) == 0);

  shop.clock.advance(1us);
  for (int i = 0; i < 2; ++i) {
    CHECK(shop.status(OrderId(early)) == OrderStatus::expired);
    CHECK(shop.listed(OrderStatus::pending) == Ids{late});
    CHECK(shop.listed(OrderStatus::expired) == Ids{early});
    CHECK(shop.listed(OrderStatus::confirmed) == Ids{bought});
    const auto all = shop.orders.list(shop.north, std::nullopt, std::nullopt, 100).rows;
    REQUIRE(all.size() == 3);
    CHECK(all[1].status == OrderStatus::pending);
    CHECK(all[2].status == OrderStatus::expired);
    CHECK(shop.kept_status(OrderId(early)) == (i == 0 ? "PENDING" : "EXPIRED"));
    CHECK(shop.orders.expire_due(100) == (i == 0 ? 1 : 0));
  }
  CHECK(shop.mugs() == 8);
  shop.check_ledger();
}

TEST_CASE("pages of expired orders go through those that are noted and those that are due as one list") {
  HoldingShop shop;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 8; ++i) {
    shop.clock.advance(1us);
    // The later half is swept below, the earlier half not.
    all.insert(all.begin(), shop.hold({{shop.mug, 1}}, i % 2 == 0 ? 60s : 10s).id.value());
  }
  shop.clock.advance(20s);
  CHECK(shop.orders.expire_due(100) == 4);
  shop.clock.advance(60s);

  std::vector<std::int64_t> paged;
  std::optional<OrderCursor> cursor;
  do {
    const auto page = shop.orders.list(shop.north, OrderStatus::expired, cursor, 3);
    for (const OrderSummary& order : page.rows) {
      CHECK(order.status == OrderStatus::expired);
      paged.push_back(order.id.value());
    }
    cursor = page.next;
  } while (cursor);
  CHECK(paged == all);
}

TEST_CASE("whoever needs the stock is not turned away by a reservation past its time") {
  HoldingShop shop;
  const OrderId held = shop.hold({{shop.lamp, 3}, {shop.mug, 1}}, 5s).id;
  CHECK(shop.place({{shop.lamp, 1}}).status == OrderStatus::rejected);
  shop.clock.advance(5s);
  const Order bought = shop.place({{shop.lamp, 3}});

  CHECK(bought.status == OrderStatus::confirmed);
  CHECK(shop.kept_status(held) == "EXPIRED");
  CHECK(shop.lamps() == 0);
  CHECK(shop.mugs() == 10);
  shop.check_ledger();
}

TEST_CASE("due reservations are expired first, in the ledger too, where there would have been enough") {
  HoldingShop shop;
  shop.hold({{shop.mug, 1}}, 5s);
  shop.clock.advance(5s);
  shop.place({{shop.mug, 2}});
  const auto rows = Ledger(*shop.database).list(shop.north, std::nullopt, 2).rows;
  CHECK(rows[0].reason == "order");
  CHECK(rows[0].quantity_after == 8);
  CHECK(rows[1].reason == "expire");
  CHECK(rows[1].quantity_after == 10);
}

TEST_CASE("what is short counts what due reservations gave back") {
  HoldingShop shop;
  shop.hold({{shop.lamp, 2}}, 5s);
  shop.clock.advance(5s);
  const Order order = shop.place({{shop.lamp, 4}});
  CHECK(order.status == OrderStatus::rejected);
  CHECK(order.lines[0].available == 3);
  shop.check_ledger();
}

TEST_CASE("an order expires what is due in its store and leaves other stores alone") {
  HoldingShop shop;
  const StoreId south = shop.add_store("South");
  shop.shelve(south, shop.mug, 5);
  const OrderId there =
      shop.orders.place(south, Basket::of(std::vector<BasketLine>{{shop.mug, 1}}), std::nullopt, 5s).id;
  const OrderId here = shop.hold({{shop.mug, 1}}, 5s).id;
  shop.clock.advance(5s);
  shop.place({{shop.mug, 1}});
  CHECK(shop.kept_status(here) == "EXPIRED");
  CHECK(shop.kept_status(there) == "PENDING");
  shop.check_ledger();
}

TEST_CASE("a transfer gets, and a count counts, what reservations past their time held") {
  HoldingShop shop;
  const StoreId south = shop.add_store("South");
  StockOperations operations(*shop.database, shop.clock);
  shop.hold({{shop.lamp, 3}}, 5s);
  shop.clock.advance(5s);
  operations.transfer(shop.north, south, std::vector<Goods>{{shop.lamp, 3}});
  CHECK(shop.quantity(south, shop.lamp) == 3);

  shop.hold({{shop.mug, 4}}, 5s);
  shop.clock.advance(5s);
  operations.adjust(shop.north, std::vector<Correction>{{shop.mug, Correction::Kind::counted, 8}});
  shop.orders.expire_due(100);
  CHECK(shop.mugs() == 8);
  shop.check_ledger();
}

TEST_CASE("an import's count is of what stands there once what is due has been given back") {
  HoldingShop shop;
  shop.hold({{shop.mug, 4}}, 1s);
  shop.hold({{shop.lamp, 3}}, 600s);
  shop.clock.advance(1s);
  shop.shelve(shop.north, shop.mug, 2);
  CHECK(shop.mugs() == 2);
  CHECK(shop.orders.expire_due(100) == 0);
  CHECK(shop.mugs() == 2);
  CHECK(shop.lamps() == 0);
  shop.check_ledger();
}

TEST_CASE("more due reservations than fit one piece are all expired for whoever needs the stock") {
  HoldingShop shop;
  shop.shelve(shop.north, shop.mug, 250);
  for (int i = 0; i < 250; ++i) shop.hold({{shop.mug, 1}}, 5s);
  CHECK(shop.mugs() == 0);
  shop.clock.advance(5s);
  CHECK(shop.place({{shop.mug, 250}}).status == OrderStatus::confirmed);
  CHECK(shop.mugs() == 0);
  shop.check_ledger();
}

TEST_CASE("a piece of the sweep is bounded by orders and by lines, and takes the oldest first") {
  HoldingShop shop;
  std::vector<BasketLine> many;
  for (int i = 0; i < 300; ++i) {
    const ProductId product = shop.add({.title = "Thing"});
    shop.shelve(shop.north, product, 10);
    many.push_back({product, 1});
  }
  const OrderId first = shop.hold(many, 5s).id;
  const OrderId second = shop.hold(many, 6s).id;
  const OrderId third = shop.hold({{shop.mug, 1}}, 7s).id;
  shop.clock.advance(10s);

  CHECK(shop.orders.expire_due(100) >= 1);
  CHECK(shop.kept_status(first) == "EXPIRED");
  CHECK(shop.kept_status(second) == "PENDING");  // 600 lines would be too much at once
  while (shop.orders.expire_due(1) > 0) {
  }
  CHECK(shop.kept_status(second) == "EXPIRED");
  CHECK(shop.kept_status(third) == "EXPIRED");
  shop.check_ledger();
}

TEST_CASE(
    "a reservation sent again with its key is made once and gets the first answer, whatever it is by now") {
  HoldingShop shop;
  const Placed first = shop.hold_once("key", {{shop.mug, 3}});
  CHECK(first.status == OrderStatus::pending);
  shop.orders.cancel(first.id);
  const Placed second = shop.hold_once("key", {{shop.mug, 3}});
  CHECK(second.replayed);
  CHECK(second.answer == "order 1 PENDING");
  CHECK(shop.number("SELECT count(*) FROM orders") == 1);
  CHECK(shop.mugs() == 10);
}

TEST_CASE("a key is used once by an order that had to expire reservations first") {
  HoldingShop shop;
  shop.hold({{shop.lamp, 3}}, 5s);
  shop.clock.advance(5s);
  const Placed first = shop.hold_once("key", {{shop.lamp, 2}});
  CHECK(first.status == OrderStatus::pending);
  CHECK(!first.replayed);
  CHECK(shop.hold_once("key", {{shop.lamp, 2}}).answer == first.answer);
  CHECK(shop.number("SELECT count(*) FROM idempotency_keys") == 1);
  CHECK(shop.lamps() == 1);
  shop.check_ledger();
}

TEST_CASE("the ledger lists a store's movements newest first with what caused them, page by page") {
  HoldingShop shop;
  const Order held = shop.hold({{shop.mug, 4}});
  shop.orders.cancel(held.id);
  Ledger ledger(*shop.database);

  const auto first = ledger.list(shop.north, std::nullopt, 2);
  REQUIRE(first.rows.size() == 2);
  CHECK(first.rows[0].reason == "cancel");
  CHECK(first.rows[0].change == 4);
  CHECK(first.rows[0].quantity_after == 10);
  CHECK(first.rows[0].order == held.id);
  CHECK(first.rows[0].product == shop.mug);
  CHECK(first.rows[0].created_at == shop.clock.now());
  CHECK(first.rows[1].reason == "reserve");
  CHECK(first.rows[1].change == -4);
  shop.place({{shop.mug, 1}});  // arrives between two pages
  const auto second = ledger.list(shop.north, first.next, 2);
  REQUIRE(second.rows.size() == 2);
  CHECK(second.rows[0].reason == "adjust");
  CHECK(!second.rows[0].order);
  CHECK(!second.next);
  CHECK(aforro::test::problem_of([&] { ledger.list(StoreId(99), std::nullopt, 2); })->kind() ==
        Problem::Kind::not_found);
}

}  // namespace
