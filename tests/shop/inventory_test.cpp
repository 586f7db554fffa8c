#include "shop/inventory.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "shop/order_book.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: stock is all that this file speaks of
using aforro::Money;
using aforro::Problem;
using aforro::test::LocalShop;

using Titles = std::vector<std::string>;

Titles titles(const InventoryListing& listing) {
  Titles found;
  for (const InventoryRow& row : listing.page.rows) found.push_back(row.product_title);
  return found;
}

struct StockShop : LocalShop {
  InventoryListing list(const InventoryQuery& query = {}) { return inventory.list(north, query); }

  // What a movement says: "adjust +5 -> 5".
  Titles movements() {
    return aforro::test::query_texts(
        location, "SELECT reason || ' ' || change || ' -> ' || quantity_after FROM movements ORDER BY id");
  }

  StoreId north = add_store("North");
  StoreId south = add_store("South");
};

TEST_CASE("a listing is by title without regard to case and accents, then by id, empty shelves too") {
  StockShop shop;
  const ProductId second_mug = shop.add({.title = "Mug", .price_minor = 2});
  const ProductId first_mug = shop.add({.title = "MÚG", .price_minor = 1});
  for (const char* title : {"zebra", "Élan", "apple", "Ember"}) {
    shop.shelve(shop.north, shop.add({.title = title, .category = "Büro"}), 3);
  }
  shop.shelve(shop.north, first_mug, 1);
  shop.shelve(shop.north, second_mug, 5);
  shop.shelve(shop.north, second_mug, 0);
  shop.shelve(shop.south, shop.add({.title = "Elsewhere"}), 9);

  const InventoryListing listing = shop.list();

  CHECK(titles(listing) == Titles{"apple", "Élan", "Ember", "Mug", "MÚG", "zebra"});
  CHECK(listing.total == 6);
  CHECK(!listing.page.next);
  const InventoryRow& mug = listing.page.rows[3];
  CHECK(mug.product == second_mug);
  CHECK(mug.price == Money::from_minor(2));
  CHECK(mug.category == "Things");
  CHECK(mug.quantity == 0);
  CHECK(listing.page.rows[0].category == "Büro");
  CHECK(listing.page.rows[0].quantity == 3);
}

TEST_CASE("a store without shelves has an empty listing, one that is not there has none") {
  StockShop shop;
  CHECK(shop.list().page.rows.empty());
  CHECK(shop.list().total == 0);
  for (const auto& problem : {aforro::test::problem_of([&] { shop.inventory.list(StoreId(99), {}); }),
                              aforro::test::problem_of([&] { shop.inventory.version(StoreId(99)); })}) {
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::not_found);
  }
}

TEST_CASE("pages of a listing follow each other whatever their size, though titles repeat") {
  StockShop shop;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 12; ++i) {
    const ProductId product = shop.add({.title = i < 7 ? "Same" : "Title " + std::to_string(i)});
    shop.shelve(shop.north, product, i);
    all.push_back(product.value());
  }
  std::sort(all.begin() + 7, all.end(), [](std::int64_t a, std::int64_t b) {
    return "Title " + std::to_string(a - 1) < "Title " + std::to_string(b - 1);
  });

  for (const std::int64_t limit : {1, 2, 5, 11, 12, 100}) {
    CAPTURE(limit);
    std::vector<std::int64_t> listed;
    InventoryQuery query{.max_quantity = std::nullopt, .after = std::nullopt, .limit = limit};
    do {
      const InventoryListing listing = shop.list(query);
      CHECK(listing.total == 12);
      CHECK(listing.page.rows.size() <= static_cast<std::size_t>(limit));
      for (const InventoryRow& row : listing.page.rows) listed.push_back(row.product.value());
      query.after = listing.page.next;
    } while (query.after);
    CHECK(listed == all);
  }
}

TEST_CASE("a listing may keep to shelves with at most so many") {
  StockShop shop;
  for (const std::int64_t quantity : {0, 1, 2, 3, 1'000}) {
    shop.shelve(shop.north, shop.add({.title = "With " + std::to_string(quantity)}), quantity);
  }
  const auto at_most = [&](std::int64_t quantity) {
    return shop.list({.max_quantity = quantity, .after = std::nullopt, .limit = std::nullopt});
  };
  CHECK(titles(at_most(0)) == Titles{"With 0"});
  CHECK(titles(at_most(2)) == Titles{"With 0", "With 1", "With 2"});
  CHECK(at_most(2).total == 3);
  CHECK(at_most(1'000).total == 5);

  const InventoryListing first = shop.list({.max_quantity = 2, .after = std::nullopt, .limit = 2});
  CHECK(first.total == 3);
  CHECK(titles(shop.list({.max_quantity = 2, .after = first.page.next, .limit = 2})) == Titles{"With 2"});
}

TEST_CASE("a count sets the shelf and says in the ledger by how much") {
  StockShop shop;
  const ProductId mug = shop.add({.title = "Mug"});
  const ProductId lamp = shop.add({.title = "Lamp"});

  CHECK(shop.inventory.set(std::array{StockCount{shop.north, mug, 5}, StockCount{shop.north, lamp, 0},
                                      StockCount{shop.south, mug, kMaxStock}}) == 3);
  CHECK(shop.inventory.set(std::array{StockCount{shop.north, mug, 2}, StockCount{shop.north, lamp, 0}}) == 1);
  CHECK(shop.inventory.set(std::array{StockCount{shop.north, mug, 7}, StockCount{shop.north, mug, 1}}) == 2);

  CHECK(shop.quantity(shop.north, mug) == 1);
  CHECK(shop.quantity(shop.north, lamp) == 0);
  CHECK(shop.quantity(shop.south, mug) == kMaxStock);
  CHECK(shop.movements() == Titles{"adjust 5 -> 5", "adjust 0 -> 0", "adjust 1000000000000 -> 1000000000000",
                                   "adjust -3 -> 2", "adjust 5 -> 7", "adjust -6 -> 1"});
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("a preview says how many a count would change, and changes nothing") {
  StockShop shop;
  const ProductId mug = shop.add({.title = "Mug"});
  shop.shelve(shop.north, mug, 5);
  const std::array counts{StockCount{shop.north, mug, 5}, StockCount{shop.south, mug, 0}};
  CHECK(shop.inventory.preview(counts) == 1);
  CHECK(shop.inventory.preview(std::array{StockCount{shop.north, mug, 6}}) == 1);
  CHECK(shop.quantity(shop.north, mug) == 5);
  CHECK(shop.quantity(shop.south, mug) == -1);
  CHECK(shop.movements() == Titles{"adjust 5 -> 5"});
  CHECK(shop.inventory.set(counts) == 1);
}

// What of a store's listing changes the version that a cached copy carries.
TEST_CASE("the version moves with everything that a listing shows, and stands still otherwise") {
  StockShop shop;
  const ProductId mug = shop.add({.title = "Mug", .price_minor = 850, .sku = "MUG"});
  const ProductId lamp = shop.add({.title = "Lamp", .sku = "LAMP"});
  shop.shelve(shop.north, mug, 5);
  shop.shelve(shop.south, mug, 5);
  OrderBook orders(*shop.database, shop.clock, [] {});
  const auto order = [&](StoreId store, std::int64_t quantity) {
    orders.place(store, Basket::of(std::array{BasketLine{mug, quantity}}), std::nullopt);
  };
  InventoryVersion version = shop.inventory.version(shop.north);
  const auto moved = [&] {
    const InventoryVersion before = std::exchange(version, shop.inventory.version(shop.north));
    CHECK(shop.list().version == version);
    return !(before == version);
  };

  CHECK(!moved());
  order(shop.north, 1);
  CHECK(moved());
  shop.shelve(shop.north, mug, 7);
  CHECK(moved());
  shop.shelve(shop.north, mug, 4);  // what it was two changes ago
  CHECK(moved());
  shop.shelve(shop.north, lamp, 0);
  CHECK(moved());
  shop.add({.title = "Mug", .price_minor = 851, .sku = "MUG"});
  CHECK(moved());
  shop.add({.title = "Big Mug", .price_minor = 851, .sku = "MUG"});
  CHECK(moved());
  shop.add({.title = "Big Mug", .price_minor = 851, .category = "Kitchen", .sku = "MUG"});
  CHECK(moved());

  order(shop.north, 1'000);  // rejected
  CHECK(!moved());
  order(shop.south, 1);
  CHECK(!moved());
  shop.shelve(shop.south, mug, 100);
  CHECK(!moved());
  shop.shelve(shop.north, mug, 4);  // as it is
  CHECK(!moved());
  shop.add({.title = "Big Mug", .price_minor = 851, .category = "kitchen", .sku = "MUG"});  // as it is
  CHECK(!moved());
  shop.add({.title = "On no shelf"});
  CHECK(!moved());
}

}  // namespace
