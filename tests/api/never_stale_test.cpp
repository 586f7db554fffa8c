#include <doctest/doctest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/database_file.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

// Makes sure that the next listing would come from the cache.
void warm(Shop& shop, const std::string& path) {
  for (int i = 0; i < 3; ++i) {
    if (shop.client().get(path).header("X-Cache") == "hit") return;
  }
  FAIL("the listing never comes from the cache");
}

json row_of(Shop& shop, const std::string& path, std::int64_t product) {
  for (const json& row : parse(shop.client().get(path))) {
    if (row["product_id"] == product) return row;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("an order placed by a command is in the next listing of the server") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const auto cat = shop.product("CAT");
  for (int sold = 1; sold <= 5; ++sold) {
    warm(shop, path);
    const ProgramResult result = shop.command({"order", "--store", std::to_string(shop.store("North")),
                                               "--item", std::to_string(cat) + ":1", "--json"});
    CHECK_MESSAGE(result.exit_status == 0, result.err);
    CHECK(parse(result.out)["status"] == "CONFIRMED");
    CHECK(row_of(shop, path, cat)["quantity"] == 1'000 - sold);
  }
  check_ledger(shop.database());
}

TEST_CASE("an order placed by a command is in the next list of orders of the server") {
  Shop shop;
  CHECK(shop.client().get(shop.orders_path("North")).body == "[]");
  const std::string line = std::to_string(shop.product("CAT")) + ":1";
  const ProgramResult result =
      shop.command({"order", "--store", std::to_string(shop.store("North")), "--item", line, "--json"});
  REQUIRE(result.exit_status == 0);
  const json orders = parse(shop.client().get(shop.orders_path("North")));
  REQUIRE(orders.size() == 1);
  CHECK(orders[0]["id"] == parse(result.out)["id"]);
}

TEST_CASE("stock counted by an import is in the next listing of the server") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const auto cat = shop.product("CAT");
  for (const int count : {7, 0, 1'000'000'000}) {
    warm(shop, path);
    import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT," + std::to_string(count) + "\n");
    CHECK(row_of(shop, path, cat)["quantity"] == count);
  }
  // A row that was not there before.
  warm(shop, path);
  import_inventory(shop.database(), "store,sku,quantity\nNorth,KITE,3\n");
  CHECK(row_of(shop, path, shop.product("KITE"))["quantity"] == 3);
  check_ledger(shop.database());
}

TEST_CASE("a title, price or category changed by an import is in the next listing of the server") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const auto cat = shop.product("CAT");
  const auto change = [&](const std::string& row) {
    warm(shop, path);
    import_products(shop.database(), "sku,title,description,price,category\n" + row + "\n");
    return row_of(shop, path, cat);
  };
  CHECK(change("CAT,Meek Cat,A cat that knows.,0.10,Toys & Games")["product_title"] == "Meek Cat");
  CHECK(change("CAT,Meek Cat,A cat that knows.,0.20,Toys & Games")["price"] == "0.20");
  CHECK(change("CAT,Meek Cat,A cat that knows.,0.20,Garden")["category"] == "Garden");
  CHECK(change("CAT,Meek Cat,A cat that knows.,0.20,Pets")["category"] == "Pets");
}

TEST_CASE("an acknowledged order is in the next listing while readers keep filling the cache") {
  constexpr int kOrders = 150;
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const auto cat = shop.product("CAT");
  const auto body = order_body(shop.store("North"), {{cat, 1}});
  std::atomic<bool> is_over = false;
  std::atomic<int> hits = 0;
  std::atomic<int> faults = 0;
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      HttpClient client = shop.connect();
      while (!is_over) {
        const HttpResponse response = client.get(path);
        if (response.status != 200) ++faults;
        if (response.header("X-Cache") == "hit") ++hits;
      }
    });
  }
  int stale = 0;
  for (int sold = 1; sold <= kOrders; ++sold) {
    if (shop.client().post("/orders/", body).status != 201) ++faults;
    if (row_of(shop, path, cat)["quantity"] != 1'000 - sold) ++stale;
  }
  is_over = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(stale == 0);
  CHECK(faults == 0);
  CHECK(hits > 0);
}

TEST_CASE("each store's listing is its own") {
  Shop shop;
  const auto red = shop.product("MUG-RED");
  const std::string north = shop.inventory_path("North");
  const std::string south = shop.inventory_path("South");
  CHECK(row_of(shop, north, red)["quantity"] == 10);
  CHECK(row_of(shop, south, red)["quantity"] == 0);
  warm(shop, north);
  warm(shop, south);
  shop.client().post("/orders/", order_body(shop.store("North"), {{red, 4}}));
  CHECK(row_of(shop, north, red)["quantity"] == 6);
  CHECK(row_of(shop, south, red)["quantity"] == 0);
}
