// What placing an order costs and meets on PostgreSQL alone.
#include <doctest/doctest.h>

#include <future>

#include "base/problem.h"
#include "shop/catalogue.h"
#include "shop/inventory.h"
#include "shop/ledger.h"
#include "shop/order_book.h"
#include "shop/schema.h"
#include "sql/postgres.h"
#include "support/test_database.h"

namespace {

using namespace aforro;        // NOLINT
using namespace aforro::shop;  // NOLINT

struct Shop {
  SystemClock clock;
  test::TestDatabase place;
  sql::PostgresCounters counters;
  std::unique_ptr<sql::Database> database =
      sql::open_postgres(place.location().string(), schema(),
                         {.lock_timeout = std::chrono::milliseconds(200), .counters = &counters});
  OrderBook orders{*database, clock, [] {}};
  StoreId store = Catalogue(*database, clock).create_store("North", "");
  Basket basket = fill();

  Basket fill() {
    std::vector<ProductEntry> entries;
    std::vector<StockCount> counts;
    std::vector<BasketLine> lines;
    for (std::int64_t i = 1; i <= 3; ++i) {
      entries.push_back(
          {.sku = {}, .title = "Thing", .description = "", .price = Money(), .category = "Things"});
      counts.push_back({store, ProductId(i), 1'000});
      lines.push_back({ProductId(i), 1});
    }
    Catalogue(*database, clock).put_products(entries);
    Inventory(*database, clock).set(counts);
    return Basket::of(lines);
  }

  Placed place_once(const std::string& key) {
    return orders.place(
        store, basket, std::nullopt,
        {.key = key, .fingerprint = "the same", .answer = [](const Order&) { return "answer"; }});
  }

  std::uint64_t round_trips(const std::function<void()>& f) {
    f();  // so that everything is prepared
    const auto before = counters.round_trips.load();
    f();
    return counters.round_trips - before;
  }
};

TEST_CASE("an order of three lines costs two round trips, three with a key") {
  Shop shop;
  int key = 0;
  CHECK(shop.round_trips([&] { shop.orders.place(shop.store, shop.basket, std::nullopt); }) == 2);
  CHECK(shop.round_trips([&] { shop.place_once(std::to_string(++key)); }) == 3);
  CHECK(shop.round_trips([&] { shop.place_once("1"); }) == 3);
}

TEST_CASE("what a page shows is read in few round trips, whatever its length") {
  Shop shop;
  Inventory inventory(*shop.database, shop.clock);
  const OrderId order = shop.orders.place(shop.store, shop.basket, std::nullopt).id;
  CHECK(shop.round_trips([&] { shop.orders.find(order); }) == 2);
  CHECK(shop.round_trips([&] { shop.orders.list(shop.store, std::nullopt, std::nullopt, 100); }) == 2);
  CHECK(shop.round_trips([&] { shop.orders.list(shop.store, OrderStatus::expired, std::nullopt, 100); }) ==
        2);
  CHECK(shop.round_trips([&] { Ledger(*shop.database).list(shop.store, std::nullopt, 100); }) == 2);
  CHECK(shop.round_trips([&] { inventory.list(shop.store, {}); }) == 2);
  CHECK(shop.round_trips([&] { inventory.version(shop.store); }) == 1);
}

TEST_CASE("a key whose first request does not end is a conflict that says when to come again") {
  Shop shop;
  shop.database->write([&](sql::Connection& connection) {
    connection.maybe_integer(
        "INSERT INTO idempotency_keys (key, fingerprint, order_id, answer, created_at) VALUES ('slow', '', "
        "0, '', 0)"
        " RETURNING 1");
    std::async(std::launch::async, [&] {
      try {
        shop.place_once("slow");
        FAIL_CHECK("did not wait");
      } catch (const Problem& problem) {
        CHECK(problem.kind() == Problem::Kind::conflict);
        CHECK(problem.retry_after());
      }
    }).get();
  });
}

TEST_CASE("an order that can't get at its shelves in time is unavailable") {
  Shop shop;
  shop.database->write([&](sql::Connection& connection) {
    connection.maybe_integer("SELECT 1 FROM inventory WHERE product_id = 2 FOR UPDATE");
    std::async(std::launch::async, [&] {
      CHECK_THROWS_AS(shop.orders.place(shop.store, shop.basket, std::nullopt), Unavailable);
    }).get();
  });
}

}  // namespace
