#include "shop/upkeep.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>

#include "shop/order_book.h"
#include "support/local_shop.h"

namespace {

using namespace aforro::shop;  // NOLINT: the shop is all that this file speaks of
using namespace std::chrono_literals;
using aforro::test::LocalShop;

struct KeyShop : LocalShop {
  KeyShop() { shelve(north, mug, 1'000); }

  Placed order(const std::string& key) {
    const auto answer = [](const Order& order) { return std::to_string(order.id.value()); };
    return orders.place(north, Basket::of(std::array{BasketLine{mug, 1}}), std::nullopt,
                        {key, "request", answer});
  }
  // As many keys as a busy minute leaves.
  void add_keys(std::int64_t count) {
    database->write([&](aforro::sql::Connection& connection) {
      for (std::int64_t i = 0; i < count; ++i) {
        connection.run(
            "INSERT INTO idempotency_keys (key, fingerprint, order_id, answer, created_at)"
            " VALUES ($1, '', 1, '', $2)",
            {"many " + std::to_string(i), clock.now().micros()});
      }
    });
  }
  std::int64_t keys() { return number("SELECT count(*) FROM idempotency_keys"); }

  StoreId north = add_store("North");
  ProductId mug = add({.title = "Mug"});
  OrderBook orders{*database, clock, [] {}};
};

TEST_CASE("keys are forgotten when their day is over, not before, and the others stay") {
  KeyShop shop;
  shop.order("old");
  shop.clock.advance(1h);
  shop.order("young");
  shop.clock.advance(23h - 1us);
  CHECK(sweep_keys(*shop.database, shop.clock) == 0);
  CHECK(shop.order("old").replayed);

  shop.clock.advance(1us);
  CHECK(sweep_keys(*shop.database, shop.clock) == 1);
  CHECK(shop.keys() == 1);
  CHECK(shop.order("young").replayed);
  CHECK(!shop.order("old").replayed);
}

TEST_CASE("a key whose day is over counts as new before it is swept, and is young again") {
  KeyShop shop;
  const Placed first = shop.order("key");
  shop.clock.advance(24h);
  const Placed second = shop.order("key");
  CHECK(!second.replayed);
  CHECK(second.id != first.id);
  CHECK(sweep_keys(*shop.database, shop.clock) == 0);
  CHECK(shop.order("key").answer == second.answer);
}

TEST_CASE("many keys are forgotten in one run") {
  KeyShop shop;
  shop.add_keys(2'500);
  shop.clock.advance(24h);
  shop.order("young");
  CHECK(sweep_keys(*shop.database, shop.clock) == 2'500);
  CHECK(shop.keys() == 1);
}

}  // namespace
