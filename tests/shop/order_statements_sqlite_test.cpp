// How many statements it takes to read orders, and to place one: as SQLite itself counts them.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "shop/ledger.h"
#include "shop/order_book.h"
#include "support/local_shop.h"
#include "support/statement_log.h"

namespace {

using namespace aforro::shop;  // NOLINT: orders are all that this file speaks of
using namespace std::chrono_literals;
using aforro::test::LocalShop;
using aforro::test::StatementLog;

struct CountedShop {
  StatementLog log;  // must outlive the connections
  LocalShop shop;
  OrderBook orders{*shop.database, shop.clock, [] {}};
  StoreId store = shop.add_store("North");

  std::vector<BasketLine> stocked(int products) {
    std::vector<BasketLine> lines;
    for (int i = 0; i < products; ++i) {
      const ProductId product = shop.add({.title = "Thing"});
      shop.shelve(store, product, 1'000);
      lines.push_back({product, 1});
    }
    return lines;
  }

  // Without those that begin and end a snapshot or a transaction.
  std::size_t statements(const std::function<void()>& act) {
    act();  // so that everything is prepared
    log.clear();
    act();
    std::size_t frame = 0;
    for (const std::string& text : log.texts()) {
      for (const char* word : {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA"})
        frame += text.starts_with(word) ? 1 : 0;
    }
    return log.count() - frame;
  }
};

TEST_CASE("an order is read in two statements, a list of orders and the ledger in two, whatever their size") {
  CountedShop counted;
  const auto lines = counted.stocked(40);
  const Basket large = Basket::of(lines);
  const Basket small = Basket::of(std::vector<BasketLine>{lines[0]});
  const OrderId id = counted.orders.place(counted.store, large, std::nullopt).id;
  for (int i = 0; i < 30; ++i) {
    counted.orders.place(counted.store, small, std::nullopt, std::chrono::seconds(1 + i));
    counted.orders.cancel(counted.orders.place(counted.store, small, std::nullopt).id);
  }
  counted.shop.clock.advance(15s);  // half of those that are held are due, and not swept

  CHECK(counted.statements([&] { CHECK(counted.orders.find(id)->lines.size() == 40); }) == 2);
  CHECK(counted.statements([&] { counted.orders.find(OrderId(2)); }) == 2);  // due
  std::vector<std::optional<OrderStatus>> statuses{std::nullopt};
  statuses.insert(statuses.end(), kOrderStatuses.begin(), kOrderStatuses.end());
  for (const auto& status : statuses) {
    CHECK(counted.statements([&] { counted.orders.list(counted.store, status, std::nullopt, 1'000); }) == 2);
  }
  CHECK(counted.statements([&] {
    CHECK(Ledger(*counted.shop.database).list(counted.store, std::nullopt, 1'000).rows.size() > 100);
  }) == 2);
}

TEST_CASE("an order pays no statement for reservations of which none is due") {
  CountedShop counted;
  const Basket basket = Basket::of(counted.stocked(3));
  const auto place = [&] { counted.orders.place(counted.store, basket, std::nullopt); };
  const std::size_t without = counted.statements(place);
  CHECK(without ==
        3 + 1 + 3 + 3 + 3 + 1 +
            1);  // and the stamp of the commit  // lines read, order, lines, shelves, movements, job
  for (int i = 0; i < 50; ++i) counted.orders.place(counted.store, basket, std::nullopt, 60s);
  CHECK(counted.statements(place) == without);
}

}  // namespace
