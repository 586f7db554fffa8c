#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

TEST_CASE("stores are listed by id") {
  Shop shop;
  const json stores = parse(shop.client().get("/api/stores/"));
  REQUIRE(stores.size() == 3);
  CHECK(texts(stores, "name") == std::vector<std::string>{"North", "South", "West"});
  for (const json& store : stores) {
    CHECK(names(store) == std::vector<std::string>{"id", "location", "name"});
    CHECK(store["location"].is_string());
  }
  CHECK(numbers(stores, "id") ==
        std::vector<std::int64_t>{shop.store("North"), shop.store("South"), shop.store("West")});
  Shop demo(Goods::demo);
  const json cities = parse(demo.client().get("/api/stores/"));
  CHECK(cities.size() == 24);
  for (const json& store : cities) CHECK(store["location"] != "");
}

TEST_CASE("categories are listed by name with the number of their products") {
  Shop shop;
  const json categories = parse(shop.client().get("/api/categories/"));
  CHECK(texts(categories, "name") ==
        std::vector<std::string>{"Büro", "Garden", "Kitchen", "Pantry", "Toys & Games"});
  CHECK(numbers(categories, "product_count") == std::vector<std::int64_t>{1, 3, 5, 1, 2});
  for (const json& category : categories) {
    CHECK(names(category) == std::vector<std::string>{"id", "name", "product_count"});
  }
  import_products(
      shop.database(),
      "sku,title,price,category\nTEA,Mugwort Tea,4.20,Garden\nRICE,Rice,1,pantry\nPEN,Pen,1,Zoo\n");
  const json after = parse(shop.client().get("/api/categories/"));
  CHECK(texts(after, "name") ==
        std::vector<std::string>{"Büro", "Garden", "Kitchen", "Pantry", "Toys & Games", "Zoo"});
  CHECK(numbers(after, "product_count") == std::vector<std::int64_t>{1, 4, 5, 1, 2, 1});
}

TEST_CASE("a product is shown as a search shows it, with its sku and without a quantity") {
  Shop shop;
  const auto id = shop.product("HOSE");
  const json product = parse(shop.client().get("/api/products/" + std::to_string(id) + "/"));
  CHECK(is_time(product.at("created_at").get<std::string>()));
  CHECK(product == json{{"id", id},
                        {"sku", "HOSE"},
                        {"title", "Garden Hose"},
                        {"description", "Twenty metres, with <brass> & \"fittings\"."},
                        {"price", "29.95"},
                        {"category", "Garden"},
                        {"created_at", product.at("created_at")}});
  json found = parse(shop.client().get("/api/search/products/?q=hose"))["results"][0];
  found.erase("inventory_quantity");
  found["sku"] = "HOSE";
  CHECK(found == product);
  import_products(shop.database(), "title,price,category\nWithout,1,Garden\n");
  const auto next = shop.client().get("/api/products/" + std::to_string(id + 7) + "/");
  REQUIRE(next.status == 200);
  CHECK(parse(next)["title"] == "Without");
  CHECK(parse(next)["sku"].is_null());
}

TEST_CASE("an empty shop has empty lists") {
  Shop shop(Goods::none);
  CHECK(shop.client().get("/api/stores/").body == "[]");
  CHECK(shop.client().get("/api/categories/").body == "[]");
  check_problem(shop.client().get("/api/products/1/"), 404);
  check_problem(shop.client().get("/stores/1/inventory/"), 404);
  check_problem(shop.client().get("/stores/1/orders/"), 404);
  check_problem(shop.client().get("/orders/1/"), 404);
  check_problem(shop.client().post("/orders/", order_body(1, {{1, 1}})), 404);
}

TEST_CASE("routes that know no parameters refuse all but the ones that are always ignored") {
  Shop shop;
  const auto order =
      shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}}));
  const std::string product = "/api/products/" + std::to_string(shop.product("CAT")) + "/";
  for (const std::string& path : {std::string("/api/stores/"), std::string("/api/categories/"), product,
                                  order.header("Location").value()}) {
    CAPTURE(path);
    check_invalid(shop.client().get(path + "?limit=1"), {"limit"});
    check_invalid(shop.client().get(path + "?a=1&b"), {"a", "b"});
    CHECK(shop.client().get(path + "?_x=1&utm_medium=mail&_=").status == 200);
    CHECK(shop.client().get(path + "?").status == 200);
    CHECK(shop.client().get(path + "?&&").status == 200);
  }
  const std::string body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  check_invalid(shop.client().post("/orders/?dry_run=1", body), {"dry_run"});
  CHECK(shop.client().post("/orders/?utm_source=x", body).status == 201);
}
