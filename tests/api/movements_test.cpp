#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;
using Ids = std::vector<std::int64_t>;

std::string path(const Shop& shop, const std::string& store) {
  return "/stores/" + std::to_string(shop.store(store)) + "/movements/";
}

std::int64_t order(Shop& shop, const std::string& sku, int quantity) {
  return parse(
             shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product(sku), quantity}})))
      .at("id")
      .get<std::int64_t>();
}

}  // namespace

TEST_CASE("the ledger of a store shows every change with its cause and what was left, newest first") {
  Shop shop;
  const std::int64_t id = order(shop, "CUPS", 2);
  shop.client().request("POST", "/orders/" + std::to_string(id) + "/cancel/");

  const HttpResponse response = shop.client().get(path(shop, "North"));

  CHECK(response.status == 200);
  CHECK(!response.has("Link"));
  const json movements = parse(response);
  REQUIRE(movements.size() == 10);  // eight shelves that were counted, an order and its end
  for (const json& movement : movements) {
    CHECK(names(movement) ==
          Names{"change", "created_at", "id", "order_id", "product_id", "quantity_after", "reason"});
    CHECK(is_time(movement["created_at"].get<std::string>()));
  }
  const auto facts = [](const json& movement) {
    return json{movement["reason"], movement["order_id"], movement["product_id"], movement["change"],
                movement["quantity_after"]};
  };
  const auto cups = shop.product("CUPS");
  CHECK(facts(movements[0]) == json{"cancel", id, cups, 2, 5});
  CHECK(facts(movements[1]) == json{"order", id, cups, -2, 3});
  CHECK(movements[9]["reason"] == "adjust");
  CHECK(movements[9]["order_id"].is_null());
  CHECK(parse(shop.client().get(path(shop, "West"))).size() == 1);
  const std::string with_slash = path(shop, "North");
  CHECK(shop.client().get(with_slash.substr(0, with_slash.size() - 1)).body == response.body);
}

TEST_CASE("the quantity of every shelf is the sum of what the ledger lists") {
  Shop shop;
  for (const int quantity : {1, 2, 3, 4}) order(shop, "CAT", quantity);
  std::int64_t sum = 0;
  for (const json& movement : parse(shop.client().get(path(shop, "North")))) {
    if (movement["product_id"] == shop.product("CAT")) sum += movement["change"].get<std::int64_t>();
  }
  CHECK(sum == 990);
  CHECK(shop.quantity("North", "CAT") == 990);
}

TEST_CASE("pages of the ledger skip and repeat nothing while stock moves") {
  Shop shop;
  for (int i = 0; i < 8; ++i) order(shop, "CAT", 1);
  const Ids there = numbers(parse(shop.client().get(path(shop, "North"))), "id");
  Ids seen;
  std::string target = path(shop, "North") + "?limit=4";
  while (!target.empty()) {
    const HttpResponse page = shop.client().get(target);
    REQUIRE(page.status == 200);
    const Ids ids = numbers(parse(page), "id");
    seen.insert(seen.end(), ids.begin(), ids.end());
    order(shop, "CAT", 1);
    target = next_target(page, shop.server().url());
  }
  CHECK(seen == there);
}

TEST_CASE("what is wrong in the query of the ledger is refused, and so is another list's cursor") {
  Shop shop;
  for (int i = 0; i < 3; ++i) order(shop, "CAT", 1);
  const std::string north = path(shop, "North");
  for (const std::string limit : {"0", "-1", "abc", "1.5"}) {
    check_invalid(shop.client().get(north + "?limit=" + limit), {"limit"});
  }
  CHECK(parse(shop.client().get(north + "?limit=99999")).size() == 11);
  check_invalid(shop.client().get(north + "?cursor=x"), {"cursor"});
  check_invalid(shop.client().get(north + "?reson=order"), {"reson"});
  const std::string next = next_target(shop.client().get(north + "?limit=1"), shop.server().url());
  const std::string cursor = next.substr(next.find("cursor="));
  CHECK(shop.client().get(north + "?" + cursor).status == 200);
  check_invalid(shop.client().get(path(shop, "South") + "?" + cursor), {"cursor"});
  check_invalid(shop.client().get(shop.orders_path("North") + "?" + cursor), {"cursor"});
  const std::string other =
      next_target(shop.client().get(shop.orders_path("North") + "?limit=1"), shop.server().url());
  check_invalid(shop.client().get(north + "?" + other.substr(other.find("cursor="))), {"cursor"});
  check_problem(shop.client().get("/stores/999/movements/"), 404);
}
