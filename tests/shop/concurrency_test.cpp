// The shop worked on by two processes at once (two databases opened on the same place stand for them). What
// holds here must hold on every engine.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "jobs/queue.h"
#include "shop/catalogue.h"
#include "shop/inventory.h"
#include "shop/order_book.h"
#include "support/test_database.h"

namespace {

using namespace aforro;        // NOLINT
using namespace aforro::shop;  // NOLINT

struct Process {
  Process(sql::Database& database, const Clock& clock)
      : catalogue(database, clock),
        inventory(database, clock),
        orders(database, clock, [] {}),
        queue(database, clock) {}

  Catalogue catalogue;
  Inventory inventory;
  OrderBook orders;
  jobs::Queue queue;
};

struct TwoProcesses {
  SystemClock clock;
  test::TestDatabase database;
  std::unique_ptr<sql::Database> same_database = database.open_again();
  Process one{*database, clock};
  Process other{*same_database, clock};

  Process& process(std::size_t i) { return i % 2 == 0 ? one : other; }

  // Products P1, P2, … of which the store has so many each.
  StoreId fill(std::int64_t products, std::int64_t of_each) {
    const StoreId store = one.catalogue.create_store("North", "");
    std::vector<ProductEntry> entries;
    std::vector<StockCount> counts;
    for (std::int64_t i = 1; i <= products; ++i) {
      entries.push_back({.sku = "P" + std::to_string(i),
                         .title = "Product " + std::to_string(i),
                         .description = "",
                         .price = Money::from_minor(100),
                         .category = "Things"});
      counts.push_back({store, ProductId(i), of_each});
    }
    one.catalogue.put_products(entries);
    one.inventory.set(counts);
    return store;
  }

  std::int64_t number(sql::Text text) {
    return database->read([&](sql::Connection& connection) { return *connection.maybe_integer(text); });
  }

  // Quantities, and whether they are what their movements say.
  void check_ledger() {
    CHECK(number("SELECT count(*) FROM inventory i WHERE i.quantity < 0 OR i.quantity <>"
                 " (SELECT coalesce(sum(m.change), 0) FROM movements m"
                 "  WHERE m.store_id = i.store_id AND m.product_id = i.product_id)") == 0);
  }
};

// Runs f(0), f(1), … at once.
void at_once(std::size_t count, const std::function<void(std::size_t)>& f) {
  std::latch start(static_cast<std::ptrdiff_t>(count));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i = i] {
      start.arrive_and_wait();
      f(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE(
    "orders of two processes that name the same products in opposite orders sell the stock and no more") {
  TwoProcesses shop;
  const StoreId store = shop.fill(5, 100);
  std::atomic<int> confirmed = 0;

  at_once(8, [&](std::size_t i) {
    std::vector<BasketLine> lines;
    for (std::int64_t product = 1; product <= 5; ++product) lines.push_back({ProductId(product), 1});
    if (i % 4 < 2) std::reverse(lines.begin(), lines.end());
    const Basket basket = Basket::of(lines);
    for (int order = 0; order < 25; ++order) {
      if (shop.process(i).orders.place(store, basket, std::nullopt).status == OrderStatus::confirmed)
        ++confirmed;
    }
  });

  CHECK(confirmed == 100);
  CHECK(shop.number("SELECT count(*) FROM orders WHERE status = 'REJECTED'") == 100);
  CHECK(shop.number("SELECT sum(quantity) FROM inventory") == 0);
  CHECK(shop.number("SELECT count(*) FROM jobs") == 100);
  shop.check_ledger();
}

TEST_CASE("a key that two processes use at the same moment places one order, and both get its answer") {
  TwoProcesses shop;
  const StoreId store = shop.fill(1, 1'000);
  const Basket basket = Basket::of(std::vector<BasketLine>{{ProductId(1), 1}});
  for (int round = 0; round < 20; ++round) {
    std::mutex mutex;
    std::set<std::string> answers;
    int replayed = 0;
    at_once(4, [&](std::size_t i) {
      const Placed placed = shop.process(i).orders.place(
          store, basket, std::nullopt,
          {.key = "key " + std::to_string(round),
           .fingerprint = "the same",
           .answer = [](const Order& order) { return "order " + std::to_string(order.id.value()); }});
      const std::lock_guard lock(mutex);
      answers.insert(placed.answer);
      replayed += placed.replayed ? 1 : 0;
    });
    CHECK(answers.size() == 1);
    CHECK(replayed == 3);
  }
  CHECK(shop.number("SELECT count(*) FROM orders") == 20);
  CHECK(shop.number("SELECT quantity FROM inventory") == 980);
}

TEST_CASE(
    "a shelf that two processes count for the first time at once is made once, and its movements add up") {
  TwoProcesses shop;
  const StoreId store = shop.fill(40, 1);
  const StoreId empty = shop.one.catalogue.create_store("Empty", "");

  at_once(4, [&](std::size_t i) {
    std::vector<StockCount> counts;
    for (std::int64_t product = 1; product <= 40; ++product) {
      counts.push_back(
          {product % 2 == 0 ? store : empty, ProductId(product), static_cast<std::int64_t>(10 + i)});
    }
    if (i % 2 == 0) std::reverse(counts.begin(), counts.end());
    shop.process(i).inventory.set(counts);
  });

  CHECK(shop.number("SELECT count(*) FROM inventory") == 60);
  shop.check_ledger();
}

TEST_CASE("a shelf that is counted twice in one go keeps the last count") {
  TwoProcesses shop;
  const StoreId store = shop.fill(1, 1);
  const StoreId empty = shop.one.catalogue.create_store("Empty", "");
  const ProductId product(1);

  const std::int64_t changed = shop.one.inventory.set(std::vector<StockCount>{
      {store, product, 5}, {empty, product, 6}, {store, product, 7}, {empty, product, 8}});

  CHECK(changed == 4);
  CHECK(shop.one.inventory.preview(std::vector<StockCount>{{store, product, 7}, {empty, product, 8}}) == 0);
  shop.check_ledger();
}

TEST_CASE("products, categories and stores that two processes make at once are made once") {
  TwoProcesses shop;
  std::atomic<int> created = 0;
  std::atomic<int> stores = 0;

  at_once(6, [&](std::size_t i) {
    std::vector<ProductEntry> entries;
    entries.reserve(30);
    for (int product = 0; product < 30; ++product) {
      entries.push_back({.sku = "P" + std::to_string(product),
                         .title = "Product",
                         .description = "",
                         .price = Money::from_minor(100),
                         .category = "Category " + std::to_string(product % 3)});
    }
    if (i % 2 == 0) std::reverse(entries.begin(), entries.end());
    for (const Put put : shop.process(i).catalogue.put_products(entries))
      created += put == Put::created ? 1 : 0;
    try {
      shop.process(i).catalogue.create_store("North", "");
      ++stores;
    } catch (const Problem& problem) {
      CHECK(problem.kind() == Problem::Kind::conflict);
    }
  });

  CHECK(created == 30);
  CHECK(stores == 1);
  CHECK(shop.number("SELECT count(*) FROM products") == 30);
  CHECK(shop.number("SELECT count(*) FROM categories") == 3);
}

TEST_CASE("jobs claimed by several processes are claimed once each") {
  TwoProcesses shop;
  shop.database->write([&](sql::Connection& connection) {
    for (int i = 0; i < 300; ++i) jobs::enqueue(connection, "kind", std::to_string(i), shop.clock.now());
  });
  std::mutex mutex;
  std::multiset<std::string> done;

  at_once(6, [&](std::size_t i) {
    jobs::Queue& queue = shop.process(i).queue;
    while (queue.has_due("kind")) {
      const std::vector<jobs::Job> claimed = queue.claim("kind", 7);
      queue.finish({.done = claimed, .failed = {}, .not_begun = {}});
      const std::lock_guard lock(mutex);
      for (const jobs::Job& job : claimed) done.insert(job.payload);
    }
  });

  CHECK(done.size() == 300);
  CHECK(std::set<std::string>(done.begin(), done.end()).size() == 300);
  CHECK(shop.number("SELECT count(*) FROM jobs") == 0);
}

TEST_CASE("a version that was read before a change is not that of any listing after it") {
  TwoProcesses shop;
  const StoreId store = shop.fill(3, 10);
  const auto listing = shop.other.inventory.list(store, {});
  CHECK(listing.version == shop.other.inventory.version(store));

  const auto is_seen = [&](auto&& change) {
    const InventoryVersion before = shop.other.inventory.version(store);
    change();
    return shop.other.inventory.version(store) != before;
  };
  CHECK(is_seen([&] {
    shop.one.orders.place(store, Basket::of(std::vector<BasketLine>{{ProductId(2), 1}}), std::nullopt);
  }));
  CHECK(is_seen([&] { shop.one.inventory.set(std::vector<StockCount>{{store, ProductId(1), 99}}); }));
  CHECK(is_seen([&] {
    shop.one.catalogue.put_products(std::vector<ProductEntry>{{.sku = "P1",
                                                               .title = "Renamed",
                                                               .description = "",
                                                               .price = Money::from_minor(1),
                                                               .category = "Things"}});
  }));
  CHECK_FALSE(is_seen([&] {
    shop.one.orders.place(store, Basket::of(std::vector<BasketLine>{{ProductId(2), 1'000}}), std::nullopt);
  }));
}

}  // namespace
