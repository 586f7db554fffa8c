#include "support/order_load.h"

#include <SQLiteCpp/Database.h>

#include <array>
#include <thread>
#include <vector>

#include "shop/catalogue.h"
#include "shop/schema.h"
#include "sql/sqlite.h"

namespace aforro::test {
namespace {

constexpr std::int64_t kProducts = 6;
constexpr std::int64_t kStock = 100'000;

void checkpoint(const std::filesystem::path& file, const std::string& kind) {
  SQLite::Database beside(file.string(), SQLite::OPEN_READWRITE, 5'000);
  beside.exec("PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(" + kind + ")");
}

}  // namespace

ShopFile::ShopFile(const std::filesystem::path& file)
    : database_(sql::open_sqlite(file, shop::schema(),
                                 {.missing = sql::Missing::create, .deadline = std::chrono::seconds(5)})),
      inventory_(*database_, clock_),
      orders_(*database_, clock_, [] {}) {
  fill();
}

// Repeatable, for it may have been cut off.
void ShopFile::fill() {
  shop::Catalogue catalogue(*database_, clock_);
  if (!catalogue.find_store("North")) catalogue.create_store("North", "Somewhere");
  std::vector<shop::ProductEntry> entries;
  std::vector<shop::StockCount> counts;
  for (std::int64_t i = 1; i <= kProducts; ++i) {
    entries.push_back({.sku = "P" + std::to_string(i),
                       .title = "Product " + std::to_string(i),
                       .description = "",
                       .price = Money::from_minor(100 * i),
                       .category = "Things"});
    counts.push_back({shop::StoreId(1), shop::ProductId(i), kStock});
  }
  if (catalogue.find_product(shop::ProductId(kProducts))) return;
  catalogue.put_products(entries);
  inventory_.set(counts);
}

shop::Placed ShopFile::place(std::int64_t number) {
  const std::int64_t first = number % kProducts + 1;
  const std::int64_t second = (number + 2) % kProducts + 1;
  const std::int64_t quantity = number % 5 == 4 ? kStock + 1 : number % 3 + 1;
  const std::array lines{shop::BasketLine{shop::ProductId(first), quantity},
                         shop::BasketLine{shop::ProductId(second), 1}};
  const shop::Basket basket = shop::Basket::of(lines);
  clock_.advance(std::chrono::milliseconds(1));
  if (number % 3 != 0) {
    const shop::Order order = orders_.place(shop::StoreId(1), basket, std::nullopt);
    return {.id = order.id, .status = order.status, .answer = {}, .replayed = false};
  }
  return orders_.place(
      shop::StoreId(1), basket, std::nullopt,
      {.key = "key " + std::to_string(number),
       .fingerprint = "order " + std::to_string(number),
       .answer = [](const shop::Order& order) { return "order " + std::to_string(order.id.value()); }});
}

void ShopFile::count(std::int64_t quantity) {
  inventory_.set(std::array{shop::StockCount{shop::StoreId(1), shop::ProductId(1), quantity}});
}

std::map<std::int64_t, std::string> ShopFile::orders() {
  return database_->read([](sql::Connection& connection) {
    std::map<std::int64_t, std::string> found;
    connection.query(
        "SELECT o.id, o.status || ' of ' || o.total_quantity || ' for ' || o.total_price_minor || ', jobs: '"
        " || (SELECT count(*) FROM jobs j WHERE j.payload = CAST(o.id AS TEXT)) FROM orders o",
        {}, [&](const sql::Row& row) { found.emplace(row.integer(0), row.text(1)); });
    return found;
  });
}

void run_order_load(const std::filesystem::path& file,
                    const std::function<void(std::int64_t id)>& acknowledged) {
  constexpr std::int64_t kThreads = 4;
  std::int64_t number = 0;
  const auto place = [&](ShopFile& shop, std::int64_t times) {
    for (std::int64_t i = 0; i < times; ++i) acknowledged(shop.place(number++).id.value());
  };
  {
    ShopFile shop(file);
    place(shop, 12);
    checkpoint(file, "PASSIVE");
    place(shop, 8);
    shop.count(5'000);
    std::vector<std::thread> threads;
    for (std::int64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, first = number + thread * 6] {
        for (std::int64_t i = 0; i < 6; ++i) acknowledged(shop.place(first + i).id.value());
      });
    }
    for (std::thread& thread : threads) thread.join();
    number += kThreads * 6;
    checkpoint(file, "RESTART");
    place(shop, 6);
    checkpoint(file, "TRUNCATE");
    place(shop, 6);
    shop.count(6'000);
  }
  ShopFile shop(file);
  place(shop, 8);
}

}  // namespace aforro::test
