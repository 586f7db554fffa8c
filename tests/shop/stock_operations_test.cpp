#include "shop/stock_operations.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "shop/order_book.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: stock is all that this file speaks of
using aforro::Problem;
using aforro::test::LocalShop;
using aforro::test::places_of;
using aforro::test::problem_of;

using Texts = std::vector<std::string>;
using Kind = Correction::Kind;

struct RoomShop : LocalShop {
  // "receive +5 -> 5", with the store and the product before it, in the order of the ledger.
  Texts movements() const {
    return aforro::test::query_texts(location,
                                     "SELECT store_id || '/' || product_id || ' ' || reason || ' ' || change"
                                     " || ' -> ' || quantity_after FROM movements ORDER BY id");
  }
  // Checks that it is refused so, and that nothing has changed.
  template <class F>
  void check_refused(Problem::Kind kind, const std::string& why, F&& operation) {
    const Texts before = movements();
    const auto problem = problem_of(operation);
    REQUIRE(problem);
    CHECK(problem->kind() == kind);
    CHECK_MESSAGE(problem->detail().find(why) != std::string::npos, problem->detail());
    CHECK(movements() == before);
    aforro::test::check_ledger(location);
  }

  StoreId north = add_store("North");
  StoreId south = add_store("South");
  ProductId mug = add({.title = "Mug"});
  ProductId lamp = add({.title = "Lamp"});
  StockOperations room{*database, clock};
};

TEST_CASE("what is received stands on the shelves, new ones too, and in the ledger") {
  RoomShop shop;
  shop.shelve(shop.north, shop.mug, 3);

  const auto changes =
      shop.room.receive(shop.north, std::array{Goods{shop.lamp, 4}, Goods{shop.mug, 2}, Goods{shop.lamp, 1}});

  REQUIRE(changes.size() == 2);
  CHECK(changes[0].shelf == Shelf{shop.north, shop.lamp});
  CHECK(changes[0].change == 5);
  CHECK(changes[0].quantity == 5);
  CHECK(changes[1].quantity == 5);
  CHECK(shop.quantity(shop.north, shop.mug) == 5);
  CHECK(shop.quantity(shop.north, shop.lamp) == 5);
  CHECK(shop.movements() == Texts{"1/1 adjust 3 -> 3", "1/2 receive 5 -> 5", "1/1 receive 2 -> 5"});
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a correction is a count or a difference; a shelf that is right is left alone") {
  RoomShop shop;
  shop.shelve(shop.north, shop.mug, 3);

  shop.room.adjust(shop.north, std::array{Correction{shop.mug, Kind::difference, -2},
                                          Correction{shop.lamp, Kind::counted, 0}});
  const auto same = shop.room.adjust(shop.north, std::array{Correction{shop.mug, Kind::counted, 1}});
  shop.room.adjust(shop.north, std::array{Correction{shop.mug, Kind::difference, 9}});

  CHECK(same.at(0).change == 0);
  CHECK(shop.quantity(shop.north, shop.lamp) == 0);
  CHECK(shop.movements() ==
        Texts{"1/1 adjust 3 -> 3", "1/1 adjust -2 -> 1", "1/2 adjust 0 -> 0", "1/1 adjust 9 -> 10"});
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a transfer takes from one store what it puts into the other, as two movements") {
  RoomShop shop;
  shop.shelve(shop.south, shop.mug, 5);

  const auto changes =
      shop.room.transfer(shop.south, shop.north, std::array{Goods{shop.mug, 2}, Goods{shop.mug, 1}});

  REQUIRE(changes.size() == 2);
  CHECK(changes[0].shelf == Shelf{shop.south, shop.mug});
  CHECK(changes[1].shelf == Shelf{shop.north, shop.mug});
  CHECK(shop.quantity(shop.south, shop.mug) == 2);
  CHECK(shop.quantity(shop.north, shop.mug) == 3);
  CHECK(shop.movements() == Texts{"2/1 adjust 5 -> 5", "2/1 transfer -3 -> 2", "1/1 transfer 3 -> 3"});
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("what a store does not have is refused, naming the shelves, and nothing is changed") {
  RoomShop shop;
  shop.shelve(shop.north, shop.mug, 3);
  shop.check_refused(Problem::Kind::conflict, "store 1 has 3 of product 1, fewer than 4", [&] {
    shop.room.transfer(shop.north, shop.south, std::array{Goods{shop.mug, 4}});
  });
  shop.check_refused(Problem::Kind::conflict, "store 1 has 0 of product 2, fewer than 1", [&] {
    shop.room.transfer(shop.north, shop.south, std::array{Goods{shop.mug, 1}, Goods{shop.lamp, 1}});
  });
  shop.check_refused(Problem::Kind::conflict, "store 1 has 3 of product 1, fewer than 4", [&] {
    shop.room.adjust(shop.north, std::array{Correction{shop.lamp, Kind::counted, 4},
                                            Correction{shop.mug, Kind::difference, -4}});
  });
}

TEST_CASE("no shelf comes to hold more than a trillion") {
  RoomShop shop;
  shop.shelve(shop.north, shop.mug, kMaxStock - 1);
  shop.room.receive(shop.north, std::array{Goods{shop.mug, 1}});
  const std::vector<Goods> much(kMaxGoods, Goods{shop.lamp, kMaxStock});
  shop.check_refused(Problem::Kind::conflict, "can't hold 1 more", [&] {
    shop.room.receive(shop.north, std::array{Goods{shop.mug, 1}});
  });
  shop.check_refused(Problem::Kind::conflict, "can't hold", [&] { shop.room.receive(shop.north, much); });
}

TEST_CASE("every line that makes no sense is pointed at") {
  RoomShop shop;
  const ProductId unknown(99);
  CHECK(places_of([&] {
          shop.room.receive(shop.north, std::array{Goods{shop.mug, 0}, Goods{shop.lamp, 1},
                                                   Goods{shop.lamp, kMaxStock + 1}});
        }) == Texts{"/items/0/quantity", "/items/2/quantity"});
  CHECK(places_of([&] {
          shop.room.receive(shop.north, std::array{Goods{shop.mug, 1}, Goods{unknown, 1}});
        }) == Texts{"/items/1/product_id"});
  CHECK(places_of([&] {
          shop.room.adjust(shop.north, std::array{Correction{shop.mug, Kind::counted, -1},
                                                  Correction{shop.mug, Kind::difference, 0}});
        }) == Texts{"/items/0/quantity", "/items/1/quantity", "/items/1/product_id"});
  CHECK(places_of([&] { shop.room.receive(shop.north, {}); }) == Texts{"/items"});
  CHECK(places_of([&] {
          shop.room.receive(shop.north, std::vector<Goods>(kMaxGoods + 1, Goods{shop.mug, 1}));
        }) == Texts{"/items"});
  shop.check_refused(Problem::Kind::invalid, "to itself", [&] {
    shop.room.transfer(shop.north, shop.north, std::array{Goods{shop.mug, 1}});
  });
  for (const auto& stores : {std::pair(shop.north, StoreId(9)), std::pair(StoreId(9), shop.north)}) {
    shop.check_refused(Problem::Kind::not_found, "no store 9", [&] {
      shop.room.transfer(stores.first, stores.second, std::array{Goods{shop.mug, 1}});
    });
  }
}

TEST_CASE(
    "opposite transfers, receipts and orders at once lose nothing and wait for each other in no circle") {
  constexpr int kRounds = 60;
  constexpr std::int64_t kStock = 10'000;
  RoomShop shop;
  for (const StoreId store : {shop.north, shop.south}) {
    for (const ProductId product : {shop.mug, shop.lamp}) shop.shelve(store, product, kStock);
  }
  const ProductId fresh = shop.add({.title = "Fresh"});  // on no shelf yet: all race to make it
  OrderBook orders(*shop.database, shop.clock, [] {});
  const auto beside = shop.open_again();
  StockOperations other(*beside, shop.clock);
  const std::array forwards{Goods{shop.mug, 1}, Goods{shop.lamp, 1}};
  const std::array backwards{Goods{shop.lamp, 1}, Goods{shop.mug, 1}};
  std::atomic<int> failures{0};

  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      StockOperations& room = thread % 2 == 0 ? shop.room : other;
      const StoreId here = thread % 4 < 2 ? shop.north : shop.south;
      const StoreId there = thread % 4 < 2 ? shop.south : shop.north;
      try {
        for (int i = 0; i < kRounds; ++i) {
          room.transfer(here, there, thread % 3 == 0 ? forwards : backwards);
          room.receive(here, std::array{Goods{fresh, 1}, Goods{shop.mug, 1}});
          orders.place(there, Basket::of(std::array{BasketLine{shop.lamp, 1}, BasketLine{shop.mug, 1}}),
                       std::nullopt);
        }
      } catch (const std::exception&) {
        ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  CHECK(failures == 0);
  const auto everywhere = [&](ProductId product) {
    return shop.quantity(shop.north, product) + shop.quantity(shop.south, product);
  };
  CHECK(everywhere(shop.mug) == 2 * kStock);  // as many received as sold
  CHECK(everywhere(shop.lamp) == 2 * kStock - 8 * kRounds);
  CHECK(everywhere(fresh) == 8 * kRounds);
  aforro::test::check_ledger(shop.location);
}

}  // namespace
