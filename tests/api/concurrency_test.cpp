#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr int kClients = 16;

// Runs `work(client, its number)` for so many clients at once and waits for all.
template <class Work>
void at_once(const Shop& shop, int clients, Work work) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(clients));
  for (int number = 0; number < clients; ++number) {
    threads.emplace_back([&shop, &work, number] {
      HttpClient client = shop.connect();
      work(client, number);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("many clients that want the same products in opposite order sell exactly the stock") {
  constexpr int kOrders = 2'000;
  constexpr std::int64_t kStock = kOrders / 2;
  const std::array<std::string, 5> skus{"MUG-RED", "MUG-BLUE", "CUPS", "KNIFE", "SLICER"};
  Shop shop;
  std::string csv = "store,sku,quantity\n";
  for (const std::string& sku : skus) csv += "North," + sku + ',' + std::to_string(kStock) + '\n';
  import_inventory(shop.database(), csv);
  const auto store = shop.store("North");
  std::vector<Line> forward;
  forward.reserve(skus.size());
  for (const std::string& sku : skus) forward.push_back({shop.product(sku), 1});
  const std::vector<Line> backward(forward.rbegin(), forward.rend());
  const std::array<std::string, 2> bodies{order_body(store, forward), order_body(store, backward)};

  std::atomic<int> next = 0;
  std::atomic<int> confirmed = 0;
  std::atomic<int> rejected = 0;
  std::atomic<int> others = 0;
  at_once(shop, kClients, [&](HttpClient& client, int) {
    for (int order = next++; order < kOrders; order = next++) {
      const HttpResponse response = client.post("/orders/", bodies[static_cast<std::size_t>(order % 2)]);
      if (response.status != 201) {
        ++others;
      } else if (response.body.find("\"CONFIRMED\"") != std::string::npos) {
        ++confirmed;
      } else {
        ++rejected;
      }
    }
  });

  CHECK(others == 0);
  CHECK(confirmed == kStock);
  CHECK(rejected == kOrders - kStock);
  for (const std::string& sku : skus) CHECK(shop.quantity("North", sku) == 0);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders WHERE status = 'CONFIRMED'") == kStock);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == kOrders);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("orders of several pieces never take more than there is, whoever comes first") {
  constexpr std::int64_t kStock = 997;  // so that the last pieces can't be shared out evenly
  Shop shop;
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT," + std::to_string(kStock) + "\n");
  const auto store = shop.store("North");
  const auto cat = shop.product("CAT");
  std::atomic<std::int64_t> sold = 0;
  std::atomic<int> others = 0;
  at_once(shop, kClients, [&](HttpClient& client, int number) {
    for (int i = 0; i < 40; ++i) {
      const std::int64_t pieces = 1 + (number * 7 + i * 3) % 5;
      const HttpResponse response = client.post("/orders/", order_body(store, {{cat, pieces}}));
      if (response.status != 201) ++others;
      if (response.status == 201 && parse(response)["status"] == "CONFIRMED") sold += pieces;
    }
  });
  CHECK(others == 0);
  CHECK(sold <= kStock);
  CHECK(shop.quantity("North", "CAT") == kStock - sold);
  CHECK(shop.quantity("North", "CAT") < 5);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("many readers never see a state older than an order that was acknowledged before they asked") {
  constexpr int kReaders = 12;
  constexpr int kOrders = 300;
  Shop shop;
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT,1000000\n");
  const std::string listing = shop.inventory_path("North");
  const std::string orders = shop.orders_path("North") + "?limit=1";
  const auto cat = shop.product("CAT");
  const auto body = order_body(shop.store("North"), {{cat, 1}});
  const auto quantity_in = [&](const HttpResponse& response) {
    for (const json& row : parse(response)) {
      if (row["product_id"] == cat) return row["quantity"].get<std::int64_t>();
    }
    return std::int64_t{-1};
  };

  std::atomic<std::int64_t> acknowledged = 0;
  std::atomic<bool> is_over = false;
  std::atomic<int> stale = 0;
  std::atomic<int> faults = 0;
  std::atomic<int> hits = 0;
  std::atomic<int> reads = 0;
  std::vector<std::thread> threads;
  threads.reserve(kReaders);
  for (int number = 0; number < kReaders; ++number) {
    threads.emplace_back([&, number] {
      HttpClient client = shop.connect();
      std::int64_t least = 0;
      while (!is_over) {
        const std::int64_t before = acknowledged;
        if (number % 3 == 2) {
          const HttpResponse response = client.get(orders);
          const json list = parse(response);
          const std::int64_t newest = list.empty() ? 0 : list[0]["id"].get<std::int64_t>();
          if (newest < before || newest < least) ++stale;
          least = newest;
        } else {
          const HttpResponse response = client.get(listing);
          const std::int64_t sold = 1'000'000 - quantity_in(response);
          if (sold < before || sold < least) ++stale;  // nor does time run backwards
          least = sold;
          if (response.header("X-Cache") == "hit") ++hits;
          if (response.status != 200) ++faults;
        }
        ++reads;
      }
    });
  }
  HttpClient client = shop.connect();
  for (int order = 1; order <= kOrders; ++order) {
    if (client.post("/orders/", body).status != 201) ++faults;
    acknowledged = order;
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();

  CHECK(stale == 0);
  CHECK(faults == 0);
  CHECK(hits > 0);
  CHECK(reads > kOrders);
  CHECK(1'000'000 - shop.quantity("North", "CAT") == kOrders);
}

TEST_CASE("what an order takes is taken in all lines or in none, for whoever looks in between") {
  constexpr int kOrders = 300;
  Shop shop;
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT,1000000\nNorth,CUPS,1000000\n");
  const auto cat = shop.product("CAT");
  const auto cups = shop.product("CUPS");
  const auto body = order_body(shop.store("North"), {{cat, 1}, {cups, 1}});
  std::atomic<bool> is_over = false;
  std::atomic<int> torn = 0;
  std::thread reader([&] {
    HttpClient client = shop.connect();
    while (!is_over) {
      std::map<std::int64_t, std::int64_t> quantities;
      for (const json& row : parse(client.get(shop.inventory_path("North"))))
        quantities[row["product_id"]] = row["quantity"];
      if (quantities[cat] != quantities[cups]) ++torn;
    }
  });
  at_once(shop, 4, [&](HttpClient& client, int) {
    for (int i = 0; i < kOrders / 4; ++i) client.post("/orders/", body);
  });
  is_over = true;
  reader.join();
  CHECK(torn == 0);
  CHECK(shop.quantity("North", "CAT") == 1'000'000 - kOrders);
}

TEST_CASE("commands that order beside the server share the stock with it") {
  constexpr std::int64_t kStock = 60;
  Shop shop;
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT," + std::to_string(kStock) + "\n");
  const std::string store = std::to_string(shop.store("North"));
  const std::string item = std::to_string(shop.product("CAT")) + ":1";
  const auto body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  std::atomic<int> confirmed = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        const ProgramResult result = shop.command({"order", "--store", store, "--item", item});
        if (result.exit_status == 0) ++confirmed;
        if (result.exit_status > 1 || result.exit_status < 0) ++others;
      }
    });
  }
  at_once(shop, 4, [&](HttpClient& client, int) {
    for (int n = 0; n < 25; ++n) {
      const HttpResponse response = client.post("/orders/", body);
      if (response.status != 201) ++others;
      if (response.body.find("\"CONFIRMED\"") != std::string::npos) ++confirmed;
    }
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(others == 0);
  CHECK(confirmed == kStock);
  CHECK(shop.quantity("North", "CAT") == 0);
  check_ledger(shop.database());
  check_verified(shop.database());
}
