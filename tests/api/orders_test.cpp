#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;

std::int64_t orders_stored(const Shop& shop) {
  return query_number(shop.database(), "SELECT count(*) FROM orders");
}

}  // namespace

TEST_CASE("an order within the stock is confirmed, takes the stock and can be read again") {
  Shop shop;
  const auto store = shop.store("North");
  const auto cups = shop.product("CUPS");
  const auto knife = shop.product("KNIFE");

  const HttpResponse response = shop.client().post("/orders/", order_body(store, {{cups, 2}, {knife, 3}}));

  CHECK(response.status == 201);
  CHECK(response.header("Content-Type").value_or("none").starts_with("application/json"));
  json order = parse(response);
  CHECK(names(order) == Names{"created_at", "id", "items", "status", "store_id", "total_items", "total_price",
                              "total_quantity"});
  const auto path = "/orders/" + std::to_string(order["id"].get<std::int64_t>()) + "/";
  CHECK(response.header("Location") == path);
  CHECK(is_time(order["created_at"].get<std::string>()));
  const json expected = {{"id", order["id"]},
                         {"store_id", store},
                         {"status", "CONFIRMED"},
                         {"created_at", order["created_at"]},
                         {"total_items", 2},
                         {"total_quantity", 5},
                         {"total_price", "107.97"},
                         {"items",
                          {{{"product_id", cups},
                            {"product_title", "Café Crème Cups"},
                            {"quantity_requested", 2},
                            {"unit_price", "24.00"}},
                           {{"product_id", knife},
                            {"product_title", "Bread Knife"},
                            {"quantity_requested", 3},
                            {"unit_price", "19.99"}}}}};
  CHECK(order == expected);
  CHECK(shop.quantity("North", "CUPS") == 3);
  CHECK(shop.quantity("North", "KNIFE") == 0);
  const HttpResponse again = shop.client().get(path);
  CHECK(again.status == 200);
  CHECK(parse(again) == expected);
  check_ledger(shop.database());
}

TEST_CASE("an order beyond the stock is rejected, names every short line and takes nothing") {
  Shop shop;
  const auto store = shop.store("North");
  const auto red = shop.product("MUG-RED");
  const auto blue = shop.product("MUG-BLUE");
  const auto hose = shop.product("HOSE");
  const auto spade = shop.product("SPADE");  // which the store does not carry

  const HttpResponse response =
      shop.client().post("/orders/", order_body(store, {{hose, 2}, {red, 10}, {spade, 1}, {blue, 1}}));

  CHECK(response.status == 201);
  const json order = parse(response);
  CHECK(names(order) == Names{"created_at", "id", "items", "shortages", "status", "store_id", "total_items",
                              "total_price", "total_quantity"});
  CHECK(order["status"] == "REJECTED");
  CHECK(order["total_items"] == 4);
  CHECK(order["total_quantity"] == 14);
  CHECK(order["shortages"] == json({{{"product_id", hose}, {"requested", 2}, {"available", 1}},
                                    {{"product_id", spade}, {"requested", 1}, {"available", 0}},
                                    {{"product_id", blue}, {"requested", 1}, {"available", 0}}}));
  CHECK(shop.quantity("North", "HOSE") == 1);
  CHECK(shop.quantity("North", "MUG-RED") == 10);
  REQUIRE(response.header("Location") == "/orders/" + order["id"].dump() + "/");
  CHECK(parse(shop.client().get(*response.header("Location"))) == order);
  check_ledger(shop.database());
}

TEST_CASE("lines naming the same product are added up before anything is judged") {
  Shop shop;
  const auto store = shop.store("North");
  const auto red = shop.product("MUG-RED");
  const auto cat = shop.product("CAT");

  const json oversold =
      parse(shop.client().post("/orders/", order_body(store, {{red, 6}, {cat, 1}, {red, 5}})));
  CHECK(oversold["status"] == "REJECTED");
  CHECK(oversold["shortages"] == json({{{"product_id", red}, {"requested", 11}, {"available", 10}}}));

  const json sold = parse(shop.client().post("/orders/", order_body(store, {{red, 6}, {cat, 3}, {red, 4}})));
  CHECK(sold["status"] == "CONFIRMED");
  CHECK(sold["total_items"] == 2);
  CHECK(sold["total_quantity"] == 13);
  CHECK(sold["total_price"] == "85.30");
  CHECK(numbers(sold["items"], "product_id") == std::vector<std::int64_t>{red, cat});
  CHECK(numbers(sold["items"], "quantity_requested") == std::vector<std::int64_t>{10, 3});
  CHECK(shop.quantity("North", "MUG-RED") == 0);
  check_ledger(shop.database());
}

TEST_CASE("money is exact, small and large") {
  Shop shop;
  const auto store = shop.store("North");
  CHECK(parse(shop.client().post("/orders/", order_body(store, {{shop.product("CAT"), 3}})))["total_price"] ==
        "0.30");
  const json order =
      parse(shop.client().post("/orders/", order_body(store, {{shop.product("LAMP"), 1'000'000}})));
  CHECK(order["status"] == "CONFIRMED");
  CHECK(order["total_price"] == "9999999990000.00");
  const auto gnome = order_body(shop.store("West"), {{shop.product("GNOME"), 2}});
  CHECK(parse(shop.client().post("/orders/", gnome))["total_price"] == "0.00");
}

TEST_CASE("an order keeps the titles, prices and availability of its time") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("HOSE"), 1}});
  const HttpResponse confirmed = shop.client().post("/orders/", body);
  const HttpResponse rejected = shop.client().post("/orders/", body);
  CHECK(parse(rejected)["shortages"][0]["available"] == 0);

  import_products(shop.database(),
                  "sku,title,description,price,category\nHOSE,Fire Hose,Thick.,31.00,Garden\n");
  import_inventory(shop.database(), "store,sku,quantity\nNorth,HOSE,9\n");

  CHECK(parse(shop.client().get(confirmed.header("Location").value())) == parse(confirmed));
  CHECK(parse(shop.client().get(rejected.header("Location").value())) == parse(rejected));
  const json later = parse(shop.client().post("/orders/", body));
  CHECK(later["items"][0]["product_title"] == "Fire Hose");
  CHECK(later["total_price"] == "31.00");
}

TEST_CASE(
    "an order for a store that does not exist is 404, one for unknown products points at each such line") {
  Shop shop;
  const auto red = shop.product("MUG-RED");
  check_problem(shop.client().post("/orders/", order_body(999, {{red, 1}})), 404);
  check_problem(shop.client().post("/orders/", order_body(9223372036854775807, {{red, 1}})), 404);
  check_invalid(
      shop.client().post("/orders/", order_body(shop.store("North"), {{99, 1}, {red, 1}, {98, 1}, {99, 2}})),
      {"/items/0/product_id", "/items/2/product_id", "/items/3/product_id"});
  CHECK(orders_stored(shop) == 0);
  CHECK(shop.quantity("North", "MUG-RED") == 10);
}

TEST_CASE("what is no whole number of the right size is refused where it stands") {
  Shop shop;
  const char* const wrong_numbers[] = {"0",
                                       "-1",
                                       "1.0",
                                       "1.5",
                                       "1e0",
                                       "\"1\"",
                                       "true",
                                       "false",
                                       "null",
                                       "[1]",
                                       "{}",
                                       "\"\"",
                                       "\"abc\"",
                                       "9223372036854775808",
                                       "-9223372036854775809",
                                       "18446744073709551616",
                                       "1e400",
                                       "0.1"};
  for (const std::string wrong : wrong_numbers) {
    CAPTURE(wrong);
    const std::string right = R"("items": [{"product_id": 1, "quantity_requested": 1}])";
    check_invalid(shop.client().post("/orders/", R"({"store_id": )" + wrong + ", " + right + "}"),
                  {"/store_id"});
    check_invalid(shop.client().post("/orders/", R"({"store_id": 1, "items": [{"product_id": )" + wrong +
                                                     R"(, "quantity_requested": 1}]})"),
                  {"/items/0/product_id"});
    check_invalid(shop.client().post("/orders/",
                                     R"({"store_id": 1, "items": [{"product_id": 1, "quantity_requested": )" +
                                         wrong + "}]}"),
                  {"/items/0/quantity_requested"});
  }
  for (const std::string too_many : {"1000001", "2147483648", "4294967297", "9223372036854775807"}) {
    CAPTURE(too_many);
    check_invalid(shop.client().post("/orders/",
                                     R"({"store_id": 1, "items": [{"product_id": 1, "quantity_requested": )" +
                                         too_many + "}]}"),
                  {"/items/0/quantity_requested"});
  }
  CHECK(orders_stored(shop) == 0);
}

TEST_CASE("a quantity past the bound only when added up is refused") {
  Shop shop;
  const auto cat = shop.product("CAT");
  const auto store = shop.store("North");
  const HttpResponse response =
      shop.client().post("/orders/", order_body(store, {{cat, 600'000}, {cat, 400'001}}));
  check_problem(response, 400);
  CHECK(parse(response)["errors"].size() >= 1);
  CHECK(orders_stored(shop) == 0);
  CHECK(parse(shop.client().post(
            "/orders/", order_body(store, {{cat, 600'000}, {cat, 400'000}})))["status"] == "REJECTED");
}

TEST_CASE("an order has 1 to 2,000 lines") {
  Shop shop;
  for (const std::string items : {"[]", "{}", "null", "\"x\"", "1"}) {
    CAPTURE(items);
    check_invalid(shop.client().post("/orders/", R"({"store_id": 1, "items": )" + items + "}"), {"/items"});
  }
  check_invalid(shop.client().post(
                    "/orders/",
                    R"({"store_id": 1, "items": [5, {"product_id": 1, "quantity_requested": 1}, "x", []]})"),
                {"/items/0", "/items/2", "/items/3"});
  const auto cat = shop.product("CAT");
  const auto store = shop.store("North");
  check_invalid(shop.client().post("/orders/", order_body(store, std::vector<Line>(2'001, {cat, 1}))),
                {"/items"});
  CHECK(orders_stored(shop) == 0);
  const json order =
      parse(shop.client().post("/orders/", order_body(store, std::vector<Line>(2'000, {cat, 1}))));
  CHECK(order["status"] == "REJECTED");
  CHECK(order["shortages"][0]["requested"] == 2'000);
}

TEST_CASE("all faults of an order are reported at once") {
  Shop shop;
  check_invalid(shop.client().post("/orders/", "{}"), {"/store_id", "/items"});
  check_invalid(
      shop.client().post("/orders/", R"({"store_id": 0, "colour": "red", "items": [{"product_id": "x"},
                                                {"quantity_requested": 0, "size": 4}], "customer_email": 5})"),
      {"/store_id", "/colour", "/items/0/product_id", "/items/0/quantity_requested", "/items/1/product_id",
       "/items/1/quantity_requested", "/items/1/size", "/customer_email"});
}

TEST_CASE(
    "faults of the query, a header and the body of one request are named at once, on every route with a "
    "body") {
  Shop shop;
  const auto post = [&](const std::string& target, const std::string& body, const Headers& headers = {}) {
    return shop.client().request("POST", target, headers, body);
  };
  const Headers json_type{{"Content-Type", "application/json"}};
  check_invalid(post("/orders/?foo=1&bar=2", R"({"store_id": 0, "items": []})", json_type),
                {"foo", "bar", "/store_id", "/items"});
  check_invalid(post("/orders/?foo=1", ""), {"foo", "/store_id", "/items"});
  check_invalid(post("/orders/7/confirm/?foo=1", R"({"bar": 1})", json_type), {"foo", "/bar"});
  check_invalid(post("/orders/7/cancel?foo=1", "[]", json_type), {"foo", ""});

  const Headers with_key{{"Content-Type", "application/json"}, {"Idempotency-Key", "a b"}};
  const HttpResponse all = post("/orders/?foo=1", R"({"store_id": 0, "items": []})", with_key);
  check_invalid(all, {"foo", "/store_id", "/items"});
  CHECK(all.body.find("The Idempotency-Key must be") != std::string::npos);

  const HttpResponse no_json = post("/orders/?foo=1", "{", with_key);
  check_invalid(no_json, {"foo"});
  CHECK(no_json.body.find("The Idempotency-Key must be") != std::string::npos);
  CHECK(no_json.body.find("The body is not valid JSON") != std::string::npos);

  // A body that is not to be read is all that is said.
  check_problem(post("/orders/7/cancel/?foo=1", "{}", {{"Content-Type", "text/plain"}}), 415);
}

TEST_CASE("an unknown field is refused and the nearest known one named") {
  Shop shop;
  const HttpResponse line = shop.client().post(
      "/orders/",
      R"({"store_id": 1, "items": [{"product_id": 1, "quantity_requested": 1, "quantity_requestd": 2}]})");
  check_invalid(line, {"/items/0/quantity_requestd"});
  CHECK(line.body.find("quantity_requested") != std::string::npos);
  const HttpResponse order = shop.client().post(
      "/orders/", R"({"store_id": 1, "stor_id": 1, "items": [{"product_id": 1, "quantity_requested": 1}]})");
  check_invalid(order, {"/stor_id"});
  CHECK(order.body.find("store_id") != std::string::npos);
  // A name is data on its way into a JSON pointer: "~" and "/" are escaped there.
  check_invalid(shop.client().post(
                    "/orders/",
                    R"({"a/b~c": 1, "store_id": 1, "items": [{"product_id": 1, "quantity_requested": 1}]})"),
                {"/a~1b~0c"});
}

TEST_CASE("an e-mail address is taken or refused, and never breaks anything") {
  Shop shop;
  const auto body = [&](const std::string& email) {
    return R"({"store_id": )" + std::to_string(shop.store("North")) + R"(, "customer_email": )" + email +
           R"(, "items": [{"product_id": )" + std::to_string(shop.product("CAT")) +
           R"(, "quantity_requested": 1}]})";
  };
  CHECK(shop.client().post("/orders/", body("\"jo@example.org\"")).status == 201);
  for (const std::string wrong :
       {"5", "true", "[]", "{}", "\"a\\u0000b@example.org\"", "\"a\\u0007@example.org\""}) {
    CAPTURE(wrong);
    check_invalid(shop.client().post("/orders/", body(wrong)), {"/customer_email"});
  }
  check_problem(shop.client().post("/orders/", body("\"a\xff@example.org\"")), 400);
  check_problem(shop.client().post("/orders/", body("\"a\\ud800@example.org\"")), 400);
  CHECK(orders_stored(shop) == 1);
}

TEST_CASE("an order id that is unknown, below 1, past 63 bits or no number is 404") {
  Shop shop;
  for (const std::string id :
       {"1", "0", "-1", "abc", "1.0", "1e3", "9223372036854775807", "9223372036854775808",
        "99999999999999999999999", "%00", "1%00", "0x1", "+1", "'"}) {
    CAPTURE(id);
    check_problem(shop.client().get("/orders/" + id + "/"), 404);
    check_problem(shop.client().get("/orders/" + id), 404);
  }
}

TEST_CASE("paths with and without their trailing slash are the same") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  const HttpResponse order = shop.client().post("/orders", body);
  CHECK(order.status == 201);
  const std::string path = order.header("Location").value();
  CHECK(path.ends_with("/"));
  const HttpResponse without = shop.client().get(path.substr(0, path.size() - 1));
  CHECK(without.status == 200);
  CHECK(without.body == shop.client().get(path).body);
}
