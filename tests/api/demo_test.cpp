// A fresh demo answers what somebody tries first: the requests that users of the former service have in their
// notes.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

TEST_CASE("the sample order is confirmed on a fresh demo") {
  Shop shop(Goods::demo);
  const HttpResponse response = shop.client().post(
      "/orders/", R"({"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 2},)"
                  R"( {"product_id": 15, "quantity_requested": 1}]})");
  REQUIRE(response.status == 201);
  const json order = parse(response);
  CHECK(order["status"] == "CONFIRMED");
  CHECK(order["total_quantity"] == 3);
}

TEST_CASE("the sample search fills at least half a page of a fresh demo, with what the store has") {
  Shop shop(Goods::demo);
  const HttpResponse response =
      shop.client().get("/api/search/products/?q=phone&min_price=100&store_id=1&in_stock=true");
  REQUIRE(response.status == 200);
  const json page = parse(response);
  CHECK(page["results"].size() >= 10);
  for (const json& result : page["results"]) {
    CAPTURE(result["title"].get<std::string>());
    CHECK(result["inventory_quantity"] > 0);
    CHECK(std::stod(result["price"].get<std::string>()) >= 100);
  }
}
