#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;

std::string reservation(std::int64_t store, const std::vector<Line>& lines, int seconds) {
  json body = parse(order_body(store, lines));
  body["reserve_for"] = seconds;
  return body.dump();
}

HttpResponse reserve(Shop& shop, const std::string& sku, int quantity, int seconds,
                     const Headers& headers = {}) {
  return shop.client().post(
      "/orders/", reservation(shop.store("North"), {{shop.product(sku), quantity}}, seconds), headers);
}

std::string path_of(const HttpResponse& order) { return order.header("Location").value(); }

// As time would have it: the reservation was for longer ago.
void let_time_pass(const Shop& shop, std::int64_t seconds) {
  query_numbers(shop.database(), "UPDATE orders SET created_at = created_at - " + std::to_string(seconds) +
                                     "000000, expires_at = expires_at - " + std::to_string(seconds) +
                                     "000000 WHERE expires_at IS NOT NULL RETURNING id");
}

void check_conflict(const HttpResponse& response, const std::string& order_status,
                    int line = __builtin_LINE()) {
  check_problem(response, 409, line);
  CHECK(parse(response)["order_status"] == order_status);
}

}  // namespace

TEST_CASE("a reservation is answered 201 as pending, with when it ends, and takes the stock") {
  Shop shop;
  const HttpResponse response = reserve(shop, "CUPS", 2, 600);
  CHECK(response.status == 201);
  const json order = parse(response);
  CHECK(names(order) == Names{"created_at", "expires_at", "id", "items", "status", "store_id", "total_items",
                              "total_price", "total_quantity"});
  CHECK(order["status"] == "PENDING");
  CHECK(is_time(order["expires_at"].get<std::string>()));
  CHECK(order["created_at"].get<std::string>() < order["expires_at"].get<std::string>());
  CHECK(shop.quantity("North", "CUPS") == 3);
  CHECK(parse(shop.client().get(path_of(response))) == order);
  const json listed = parse(shop.client().get(shop.orders_path("North") + "?status=PENDING"));
  REQUIRE(listed.size() == 1);
  CHECK(names(listed[0]) == Names{"created_at", "id", "status", "total_items", "total_quantity"});
  CHECK(query_number(shop.database(), "SELECT count(*) FROM jobs WHERE period IS NULL") == 0);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("a reservation beyond the stock is rejected like any order") {
  Shop shop;
  const json order = parse(reserve(shop, "HOSE", 2, 600));
  CHECK(order["status"] == "REJECTED");
  CHECK(order["shortages"][0]["available"] == 1);
  CHECK(!order.contains("expires_at"));
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("a reservation is confirmed once, and its confirmation sent") {
  Shop shop;
  const HttpResponse held = reserve(shop, "CUPS", 2, 600);
  json expected = parse(held);
  expected["status"] = "CONFIRMED";
  for (const std::string& path : {path_of(held) + "confirm/", path_of(held) + "confirm"}) {
    const HttpResponse confirmed = shop.client().request("POST", path);
    CHECK(confirmed.status == 200);
    CHECK(parse(confirmed) == expected);
  }
  CHECK(wait_until(
      [&] { return shop.server().log().find("\"message_id\":\"order-1-confirmed\"") != std::string::npos; }));
  CHECK(shop.quantity("North", "CUPS") == 3);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("an order or a reservation is cancelled once, and its stock comes back") {
  Shop shop;
  const HttpResponse held = reserve(shop, "CUPS", 2, 600);
  const HttpResponse bought =
      shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CUPS"), 3}}));
  CHECK(shop.quantity("North", "CUPS") == 0);
  for (int i = 0; i < 2; ++i) {
    for (const HttpResponse* order : {&held, &bought}) {
      json expected = parse(*order);
      expected["status"] = "CANCELLED";
      const HttpResponse cancelled = shop.client().post(path_of(*order) + "cancel/", "{}");
      CHECK(cancelled.status == 200);
      CHECK(parse(cancelled) == expected);
    }
  }
  CHECK(shop.quantity("North", "CUPS") == 5);
  check_conflict(shop.client().request("POST", path_of(held) + "confirm/"), "CANCELLED");
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("a rejected order can be neither confirmed nor cancelled") {
  Shop shop;
  const std::string path = path_of(reserve(shop, "HOSE", 2, 600));
  check_conflict(shop.client().request("POST", path + "confirm/"), "REJECTED");
  check_conflict(shop.client().request("POST", path + "cancel/"), "REJECTED");
}

TEST_CASE("confirming and cancelling take no body, no parameter, and only orders that exist") {
  Shop shop;
  const std::string path = path_of(reserve(shop, "CUPS", 1, 600));
  for (const std::string what : {"confirm/", "cancel/"}) {
    check_problem(shop.client().request("POST", "/orders/999/" + what), 404);
    check_problem(shop.client().get(path + what), 405);
    check_problem(shop.client().request("POST", path + what, {}, "{}"), 415);
    check_invalid(shop.client().post(path + what, R"({"why": "no"})"), {"/why"});
    check_invalid(shop.client().post(path + what, "[]"), {""});
    check_invalid(shop.client().request("POST", path + what + "?force=1"), {"force"});
    check_problem(shop.client().post(path + what, "{"), 400);
  }
  CHECK(parse(shop.client().get(path))["status"] == "PENDING");
}

TEST_CASE("what a reservation is for has to be a whole number of seconds, 1 to 86,400") {
  Shop shop;
  for (const std::string wrong : {"0", "86401", "1.0", "\"60\"", "true", "null"}) {
    CAPTURE(wrong);
    check_invalid(
        shop.client().post("/orders/", R"({"store_id": 1, "reserve_for": )" + wrong +
                                           R"(, "items": [{"product_id": 1, "quantity_requested": 1}]})"),
        {"/reserve_for"});
  }
  const HttpResponse misspelt = shop.client().post(
      "/orders/",
      R"({"store_id": 1, "reserve_fro": 5, "items": [{"product_id": 1, "quantity_requested": 1}]})");
  check_invalid(misspelt, {"/reserve_fro"});
  CHECK(misspelt.body.find("reserve_for") != std::string::npos);
}

TEST_CASE("a reservation past its time is expired and its stock back within a second, by itself") {
  Shop shop;
  const HttpResponse held = reserve(shop, "CUPS", 5, 1);
  CHECK(parse(held)["status"] == "PENDING");
  CHECK(shop.quantity("North", "CUPS") == 0);
  // One second that it is held, and one for the sweep.
  CHECK(wait_until([&] { return shop.quantity("North", "CUPS") == 5; }, std::chrono::milliseconds(2'000)));
  CHECK(parse(shop.client().get(path_of(held)))["status"] == "EXPIRED");
  check_conflict(shop.client().request("POST", path_of(held) + "confirm/"), "EXPIRED");
  check_conflict(shop.client().request("POST", path_of(held) + "cancel/"), "EXPIRED");
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE(
    "what came due while no server ran reads as expired at once, by commands too, and is swept at the "
    "start") {
  Shop shop;
  const HttpResponse held = reserve(shop, "CUPS", 5, 600);
  shop.server().kill();
  let_time_pass(shop, 600);
  const ProgramResult listed = shop.command({"orders", std::to_string(shop.store("North")), "--json"});
  CHECK(texts(parse(listed.out), "status") == Names{"EXPIRED"});
  CHECK(query_texts(shop.database(), "SELECT status FROM orders") == Names{"PENDING"});
  shop.restart();
  CHECK(parse(shop.client().get(path_of(held)))["status"] == "EXPIRED");
  CHECK(wait_until([&] { return shop.quantity("North", "CUPS") == 5; }, std::chrono::milliseconds(1'000)));
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("a command is not turned away by a reservation past its time that nobody has swept") {
  Shop shop;
  reserve(shop, "CUPS", 5, 600);
  shop.server().kill();
  let_time_pass(shop, 600);
  const ProgramResult order = shop.command({"order", "--store", std::to_string(shop.store("North")), "--item",
                                            std::to_string(shop.product("CUPS")) + ":5", "--json"});
  CHECK(parse(order.out)["status"] == "CONFIRMED");
  check_ledger(shop.database());
  check_verified(shop.database());
  shop.restart();
}

TEST_CASE(
    "a reservation sent again with its key gets the first answer byte for byte, confirmed by now or not") {
  Shop shop;
  const HttpResponse first = reserve(shop, "CUPS", 2, 600, {{"Idempotency-Key", "k"}});
  shop.client().request("POST", path_of(first) + "confirm/");
  const HttpResponse again = reserve(shop, "CUPS", 2, 600, {{"Idempotency-Key", "k"}});
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(again.header("Idempotency-Replayed") == "true");
  check_problem(reserve(shop, "CUPS", 2, 601, {{"Idempotency-Key", "k"}}), 422);
  check_problem(shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CUPS"), 2}}),
                                   {{"Idempotency-Key", "k"}}),
                422);
  CHECK(shop.quantity("North", "CUPS") == 3);
}

TEST_CASE("orders are filtered by each status there is") {
  Shop shop;
  const auto cat = [&](int quantity, int seconds) { return reserve(shop, "CAT", quantity, seconds); };
  const json pending = parse(cat(1, 600));
  const json rejected = parse(cat(5'000, 600));
  const HttpResponse to_confirm = cat(1, 600);
  const HttpResponse to_cancel = cat(1, 600);
  shop.client().request("POST", path_of(to_confirm) + "confirm/");
  shop.client().request("POST", path_of(to_cancel) + "cancel/");
  const auto listed = [&](const std::string& status) {
    return numbers(parse(shop.client().get(shop.orders_path("North") + "?status=" + status)), "id");
  };
  using Ids = std::vector<std::int64_t>;
  CHECK(listed("PENDING") == Ids{pending["id"]});
  CHECK(listed("REJECTED") == Ids{rejected["id"]});
  CHECK(listed("CONFIRMED") == Ids{parse(to_confirm)["id"]});
  CHECK(listed("CANCELLED") == Ids{parse(to_cancel)["id"]});
  CHECK(listed("EXPIRED").empty());
  let_time_pass(shop, 600);
  CHECK(listed("PENDING").empty());
  CHECK(listed("EXPIRED") == Ids{pending["id"]});
  const HttpResponse unknown = shop.client().get(shop.orders_path("North") + "?status=LOST");
  check_invalid(unknown, {"status"});
  CHECK(unknown.body.find("PENDING, CONFIRMED, REJECTED, CANCELLED or EXPIRED") != std::string::npos);
}
