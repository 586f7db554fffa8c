#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

// Places that many orders of one cat in the North and returns their ids, newest first.
Numbers place_orders(Shop& shop, int count) {
  const auto body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  Numbers ids;
  for (int i = 0; i < count; ++i)
    ids.push_back(parse(shop.client().post("/orders/", body))["id"].get<std::int64_t>());
  std::reverse(ids.begin(), ids.end());
  return ids;
}

Numbers ids_of(const HttpResponse& response) { return numbers(parse(response), "id"); }

}  // namespace

TEST_CASE("a store's orders are listed newest first with their totals") {
  Shop shop;
  const auto north = shop.store("North");
  const auto red = shop.product("MUG-RED");
  const json first = parse(
      shop.client().post("/orders/", order_body(north, {{red, 2}, {shop.product("CAT"), 3}, {red, 1}})));
  const json second = parse(shop.client().post("/orders/", order_body(north, {{shop.product("HOSE"), 2}})));
  shop.client().post("/orders/", order_body(shop.store("South"), {{shop.product("SPADE"), 1}}));

  const HttpResponse response = shop.client().get(shop.orders_path("North"));

  CHECK(response.status == 200);
  CHECK(!response.has("Link"));
  CHECK(parse(response) == json({{{"id", second["id"]},
                                  {"status", "REJECTED"},
                                  {"created_at", second["created_at"]},
                                  {"total_items", 1},
                                  {"total_quantity", 2}},
                                 {{"id", first["id"]},
                                  {"status", "CONFIRMED"},
                                  {"created_at", first["created_at"]},
                                  {"total_items", 2},
                                  {"total_quantity", 6}}}));
  CHECK(shop.client().get(shop.orders_path("West")).body == "[]");
  const std::string path = shop.orders_path("North");
  CHECK(shop.client().get(path.substr(0, path.size() - 1)).body == response.body);
}

TEST_CASE("the orders of a store that does not exist are 404") {
  Shop shop;
  for (const std::string id : {"999", "0", "-1", "abc", "1.0", "9223372036854775808"}) {
    CAPTURE(id);
    check_problem(shop.client().get("/stores/" + id + "/orders/"), 404);
  }
}

TEST_CASE("100 orders are listed by default, and the link leads to the rest") {
  Shop shop;
  const Numbers placed = place_orders(shop, 105);
  const HttpResponse first = shop.client().get(shop.orders_path("North"));
  CHECK(ids_of(first) == Numbers(placed.begin(), placed.begin() + 100));
  const std::string next = next_target(first, shop.server().url());
  CHECK(next.starts_with(shop.orders_path("North") + "?"));
  const HttpResponse second = shop.client().get(next);
  CHECK(ids_of(second) == Numbers(placed.begin() + 100, placed.end()));
  CHECK(!second.has("Link"));

  CHECK(ids_of(shop.client().get(shop.orders_path("North") + "?limit=1000")) == placed);
  CHECK(ids_of(shop.client().get(shop.orders_path("North") + "?limit=99999")) == placed);
  CHECK(ids_of(shop.client().get(shop.orders_path("North") + "?limit=")) ==
        Numbers(placed.begin(), placed.begin() + 100));
}

TEST_CASE("paging neither skips nor repeats while orders arrive") {
  Shop shop;
  const Numbers placed = place_orders(shop, 11);
  Numbers seen;
  std::string target = shop.orders_path("North") + "?limit=3";
  while (!target.empty()) {
    const HttpResponse page = shop.client().get(target);
    REQUIRE(page.status == 200);
    const Numbers ids = ids_of(page);
    CHECK((ids.size() == 3 || !page.has("Link")));
    seen.insert(seen.end(), ids.begin(), ids.end());
    place_orders(shop, 2);
    target = next_target(page, shop.server().url());
  }
  CHECK(seen == placed);
}

TEST_CASE("a page that ends exactly with the last order has no next") {
  Shop shop;
  place_orders(shop, 4);
  const HttpResponse first = shop.client().get(shop.orders_path("North") + "?limit=2");
  const HttpResponse second = shop.client().get(next_target(first, shop.server().url()));
  CHECK(ids_of(second).size() == 2);
  CHECK(!second.has("Link"));
}

TEST_CASE("orders are filtered by status, page by page too") {
  Shop shop;
  const auto north = shop.store("North");
  Numbers rejected;
  for (int i = 0; i < 5; ++i) {
    place_orders(shop, 2);
    rejected.push_back(
        parse(shop.client().post("/orders/", order_body(north, {{shop.product("HOSE"), 2}})))["id"]
            .get<std::int64_t>());
  }
  std::reverse(rejected.begin(), rejected.end());
  CHECK(ids_of(shop.client().get(shop.orders_path("North") + "?status=REJECTED")) == rejected);
  CHECK(ids_of(shop.client().get(shop.orders_path("North") + "?status=CONFIRMED")).size() == 10);
  CHECK(ids_of(shop.client().get(shop.orders_path("North") + "?status=")).size() == 15);

  const HttpResponse first = shop.client().get(shop.orders_path("North") + "?limit=3&status=REJECTED");
  CHECK(ids_of(first) == Numbers(rejected.begin(), rejected.begin() + 3));
  const HttpResponse second = shop.client().get(next_target(first, shop.server().url()));
  CHECK(ids_of(second) == Numbers(rejected.begin() + 3, rejected.end()));
}

TEST_CASE("what is wrong in the query of a list of orders is refused") {
  Shop shop;
  place_orders(shop, 3);
  const std::string path = shop.orders_path("North");
  for (const std::string limit : {"0", "-1", "abc", "1.5", "1e2", "%2B1", "99999999999999999999x", "%00"}) {
    CAPTURE(limit);
    check_invalid(shop.client().get(path + "?limit=" + limit), {"limit"});
  }
  for (const std::string cursor : {"x", "1", "0", "-1", "%00", "%ff", "AAAA", "9223372036854775808", "'"}) {
    CAPTURE(cursor);
    check_invalid(shop.client().get(path + "?cursor=" + cursor), {"cursor"});
  }
  check_invalid(shop.client().get(path + "?cursor=" + std::string(5'000, 'A')), {"cursor"});
  check_invalid(shop.client().get(path + "?limit=1&limit=2"), {"limit"});
  check_invalid(shop.client().get(path + "?status=REJECTED&status=CONFIRMED"), {"status"});
  check_invalid(shop.client().get(path + "?limit=0&cursor=x&page=2"), {"limit", "cursor", "page"});
  const HttpResponse unknown = shop.client().get(path + "?limt=1");
  check_invalid(unknown, {"limt"});
  CHECK(parse(unknown)["errors"][0]["detail"].get<std::string>().find("limit") != std::string::npos);
  CHECK(shop.client().get(path + "?_=17&utm_source=letter").status == 200);
  const HttpResponse status = shop.client().get(path + "?status=NONSENSE");
  CHECK((status.status == 400 || status.body == "[]"));
}

TEST_CASE("a cursor of another list or filter is refused") {
  Shop shop;
  place_orders(shop, 3);
  for (int i = 0; i < 2; ++i)
    shop.client().post("/orders/", order_body(shop.store("South"), {{shop.product("SPADE"), 1}}));
  const std::string target =
      next_target(shop.client().get(shop.orders_path("North") + "?limit=1"), shop.server().url());
  const std::string cursor = target.substr(target.find("cursor="));
  const std::string only_cursor = cursor.substr(0, cursor.find('&'));
  CHECK(shop.client().get(shop.orders_path("North") + "?" + only_cursor).status == 200);
  CHECK(shop.client().get(shop.orders_path("North") + "?limit=2&" + only_cursor).status == 200);
  check_invalid(shop.client().get(shop.orders_path("South") + "?" + only_cursor), {"cursor"});
  check_invalid(shop.client().get(shop.orders_path("North") + "?status=CONFIRMED&" + only_cursor),
                {"cursor"});
  check_invalid(shop.client().get(shop.inventory_path("North") + "?" + only_cursor), {"cursor"});
}
