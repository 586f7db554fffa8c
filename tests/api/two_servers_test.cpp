// Two servers on one database, each with its own customers, who want the same.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/server.h"
#include "support/shop.h"

using namespace aforro::test;

namespace {

constexpr int kClients = 16;  // of each server

struct Pair {
  Shop shop;
  Server other{shop.database()};

  HttpClient client_of(int number) const {
    return number % 2 == 0 ? shop.connect() : HttpClient(other.port());
  }
  // Runs `work(client, its number)` for all clients at once and waits for them.
  template <class Work>
  void at_once(Work work) {
    std::vector<std::thread> threads;
    threads.reserve(2 * kClients);
    for (int number = 0; number < 2 * kClients; ++number) {
      threads.emplace_back([this, &work, number] {
        HttpClient client = client_of(number);
        work(client, number);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
};

TEST_CASE("customers of two servers who name the same products in opposite orders buy exactly the stock") {
  constexpr int kOrders = 1'600;
  constexpr std::int64_t kStock = kOrders / 2;
  const std::array<std::string, 5> skus{"MUG-RED", "MUG-BLUE", "CUPS", "KNIFE", "SLICER"};
  Pair pair;
  std::string csv = "store,sku,quantity\n";
  for (const std::string& sku : skus) csv += "North," + sku + ',' + std::to_string(kStock) + '\n';
  import_inventory(pair.shop.database(), csv);
  const auto store = pair.shop.store("North");
  std::vector<Line> forward;
  forward.reserve(skus.size());
  for (const std::string& sku : skus) forward.push_back({pair.shop.product(sku), 1});
  const std::vector<Line> backward(forward.rbegin(), forward.rend());
  const std::array<std::string, 2> bodies{order_body(store, forward), order_body(store, backward)};
  std::atomic<int> next = 0;
  std::atomic<int> confirmed = 0;
  std::atomic<int> rejected = 0;
  std::atomic<int> others = 0;

  pair.at_once([&](HttpClient& client, int number) {
    while (next++ < kOrders) {
      const HttpResponse response = client.post("/orders/", bodies[static_cast<std::size_t>(number / 2 % 2)]);
      const bool is_confirmed = response.body.find("\"CONFIRMED\"") != std::string::npos;
      ++(response.status != 201 ? others : is_confirmed ? confirmed : rejected);
    }
  });

  CHECK(others == 0);
  CHECK(confirmed == kStock);
  CHECK(rejected == kOrders - kStock);
  for (const std::string& sku : skus) CHECK(pair.shop.quantity("North", sku) == 0);
  CHECK(query_number(pair.shop.database(), "SELECT count(*) FROM orders") == kOrders);
  check_ledger(pair.shop.database());
  check_verified(pair.shop.database());
}

TEST_CASE("a listing of either server shows every order that either of them has acknowledged") {
  constexpr std::int64_t kStock = 100'000;
  constexpr int kOrders = 15;  // of each client
  Pair pair;
  import_inventory(pair.shop.database(), "store,sku,quantity\nNorth,CAT," + std::to_string(kStock) + "\n");
  const std::string listing = pair.shop.inventory_path("North");
  const auto cat = pair.shop.product("CAT");
  const std::string body = order_body(pair.shop.store("North"), {{cat, 1}});
  std::atomic<std::int64_t> acknowledged = 0;
  std::atomic<int> stale = 0;
  std::atomic<int> others = 0;

  pair.at_once([&](HttpClient& client, int number) {
    HttpClient reader = pair.client_of(number + 1);
    for (int i = 0; i < kOrders; ++i) {
      if (client.post("/orders/", body).status != 201) ++others;
      const std::int64_t sold = ++acknowledged;
      const HttpResponse response = reader.get(listing);
      for (const auto& row : parse(response)) {
        if (row.at("product_id") == cat && row.at("quantity").get<std::int64_t>() > kStock - sold) ++stale;
      }
    }
  });

  CHECK(others == 0);
  CHECK(stale == 0);
  for (const int server : {0, 1}) {
    HttpClient client = pair.client_of(server);
    client.get(listing);
    CHECK(client.get(listing).header("X-Cache") == "hit");
  }
  CHECK(pair.shop.quantity("North", "CAT") == kStock - acknowledged);
}

TEST_CASE("the confirmation of each order is sent once, whichever server took it") {
  constexpr int kOrders = 10;  // of each client
  Pair pair;
  import_inventory(pair.shop.database(), "store,sku,quantity\nNorth,CAT,100000\n");
  const std::string body = order_body(pair.shop.store("North"), {{pair.shop.product("CAT"), 1}});
  pair.at_once([&](HttpClient& client, int) {
    for (int i = 0; i < kOrders; ++i) client.post("/orders/", body);
  });
  for (int i = 0;
       i < 2'000 && query_number(pair.shop.database(), "SELECT count(*) FROM jobs WHERE period IS NULL") > 0;
       ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  const std::string logs = pair.shop.server().log();  // both write to it
  for (const std::int64_t id : query_numbers(pair.shop.database(), "SELECT id FROM orders")) {
    CAPTURE(id);
    const std::string line = "\"order-" + std::to_string(id) + "-confirmed\"";
    const std::size_t first = logs.find(line);
    REQUIRE(first != std::string::npos);
    CHECK(logs.find(line, first + 1) == std::string::npos);
  }
  CHECK(query_number(pair.shop.database(), "SELECT count(*) FROM orders") == 2 * kClients * kOrders);
}

}  // namespace
