// Many threads order at once. What they leave must be what some sequence of the same orders could have left.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shop/order_book.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/on_threads.h"

namespace {

using namespace aforro::shop;  // NOLINT: orders are all that this file speaks of
using aforro::test::LocalShop;
using aforro::test::on_threads;

TEST_CASE("orders of the same products in opposite order sell exactly the stock") {
  constexpr int kThreads = 16;
  constexpr int kOrders = 125;  // each
  constexpr std::int64_t kStock = 1'000;
  LocalShop shop;
  const StoreId store = shop.add_store("North");
  std::vector<BasketLine> forwards;
  for (int i = 0; i < 5; ++i) {
    const ProductId product = shop.add({.title = "Mug"});
    shop.shelve(store, product, kStock);
    forwards.push_back({product, 1});
  }
  const std::vector<BasketLine> backwards(forwards.rbegin(), forwards.rend());
  std::atomic<std::int64_t> confirmed{0};
  std::atomic<std::int64_t> rejected{0};
  std::atomic<std::int64_t> told{0};
  OrderBook orders(*shop.database, shop.clock, [&] { ++told; });

  on_threads(kThreads, [&](int thread) {
    const Basket basket = Basket::of(thread % 2 == 0 ? forwards : backwards);
    for (int i = 0; i < kOrders; ++i) {
      const bool taken = orders.place(store, basket, std::nullopt).status == OrderStatus::confirmed;
      ++(taken ? confirmed : rejected);
    }
  });

  CHECK(confirmed == kStock);
  CHECK(rejected == kThreads * kOrders - kStock);
  CHECK(told == kStock);
  CHECK(shop.number("SELECT count(*) FROM orders WHERE status = 'CONFIRMED'") == kStock);
  CHECK(shop.number("SELECT count(*) FROM jobs") == kStock);
  for (const BasketLine& line : forwards) CHECK(shop.quantity(store, line.product) == 0);
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("orders through two connections of different processes sell exactly the stock") {
  constexpr int kOrders = 100;  // of each thread
  constexpr std::int64_t kStock = 200;
  LocalShop shop;
  const StoreId store = shop.add_store("North");
  const ProductId mug = shop.add({.title = "Mug"});
  shop.shelve(store, mug, kStock);
  const auto beside = shop.open_again();
  OrderBook here(*shop.database, shop.clock, [] {});
  OrderBook there(*beside, shop.clock, [] {});
  const Basket basket = Basket::of(std::array{BasketLine{mug, 1}});

  on_threads(4, [&](int thread) {
    OrderBook& orders = thread % 2 == 0 ? here : there;
    for (int i = 0; i < kOrders; ++i) orders.place(store, basket, std::nullopt);
  });

  CHECK(shop.number("SELECT count(*) FROM orders WHERE status = 'CONFIRMED'") == kStock);
  CHECK(shop.number("SELECT count(*) FROM orders WHERE status = 'REJECTED'") == 4 * kOrders - kStock);
  CHECK(shop.quantity(store, mug) == 0);
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a key sent many times at once makes one order, and all get its answer") {
  constexpr int kThreads = 16;
  constexpr int kKeys = 20;
  LocalShop shop;
  const StoreId store = shop.add_store("North");
  const ProductId mug = shop.add({.title = "Mug"});
  shop.shelve(store, mug, 10'000);
  std::atomic<int> told{0};
  OrderBook orders(*shop.database, shop.clock, [&] { ++told; });
  const Basket basket = Basket::of(std::array{BasketLine{mug, 1}});
  const auto render = [](const Order& order) { return "order " + std::to_string(order.id.value()); };
  std::vector<std::vector<std::string>> answers(kThreads);

  on_threads(kThreads, [&](int thread) {
    for (int key = 0; key < kKeys; ++key) {
      answers[static_cast<std::size_t>(thread)].push_back(
          orders.place(store, basket, std::nullopt, {"key " + std::to_string(key), "a mug", render}).answer);
    }
  });

  CHECK(told == kKeys);
  CHECK(shop.number("SELECT count(*) FROM orders") == kKeys);
  CHECK(shop.quantity(store, mug) == 10'000 - kKeys);
  const std::set<std::vector<std::string>> distinct(answers.begin(), answers.end());
  CHECK(distinct.size() == 1);
}

TEST_CASE("a reader sees an order whole or not at all") {
  LocalShop shop;
  const StoreId store = shop.add_store("North");
  const ProductId mug = shop.add({.title = "Mug"});
  const ProductId lamp = shop.add({.title = "Lamp"});
  shop.shelve(store, mug, 200);
  shop.shelve(store, lamp, 200);
  OrderBook orders(*shop.database, shop.clock, [] {});
  const Basket basket = Basket::of(std::array{BasketLine{lamp, 1}, BasketLine{mug, 1}});
  std::atomic<bool> done{false};
  std::atomic<int> looked{0};
  std::atomic<int> torn{0};

  on_threads(3, [&](int thread) {
    if (thread == 0) {
      for (int i = 0; i < 200; ++i) orders.place(store, basket, std::nullopt);
      done = true;
      return;
    }
    while (!done) {
      const auto rows = shop.inventory.list(store, {}).page.rows;
      ++looked;
      if (rows.at(0).quantity != rows.at(1).quantity) ++torn;
    }
  });

  CHECK(looked > 0);
  CHECK(torn == 0);
}

}  // namespace
