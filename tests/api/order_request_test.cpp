#include "api/order_request.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "support/refusal.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using aforro::test::places_of;
using aforro::test::problem_of;
using Places = std::vector<std::string>;

http::Request with_body(std::string body) {
  http::Request request;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  return request;
}

api::OrderRequest parsed(const std::string& body) { return api::parse_order_request(with_body(body)); }

// The places of all faults, sorted: their order is nobody's business.
Places faults(const std::string& body) {
  Places places = places_of([&] { parsed(body); });
  std::sort(places.begin(), places.end());
  return places;
}

// A body with these items.
std::string ordering(const std::string& items) { return R"({"store_id": 1, "items": [)" + items + "]}"; }

std::string line(const std::string& product, const std::string& quantity) {
  return R"({"product_id": )" + product + R"(, "quantity_requested": )" + quantity + "}";
}

std::string detail_of(const std::string& body) {
  const auto problem = problem_of([&] { parsed(body); });
  return problem && problem->faults().listed().size() == 1 ? problem->faults().listed()[0].detail
                                                           : "not one fault";
}

TEST_CASE("an order is read with its store, its lines and its address") {
  const auto order = parsed(R"({"items": [{"quantity_requested": 2, "product_id": 10},
                                {"product_id": 15, "quantity_requested": 1}],
                                "store_id": 9223372036854775807, "customer_email": "jo@example.org"})");
  CHECK(order.store.value() == 9'223'372'036'854'775'807);
  REQUIRE(order.basket.lines().size() == 2);
  CHECK(order.basket.lines()[0].product.value() == 10);
  CHECK(order.basket.lines()[0].quantity == 2);
  CHECK(order.basket.lines()[1].product.value() == 15);
  CHECK(order.customer_email == "jo@example.org");
}

TEST_CASE("lines that name the same product are added up at the place of the first") {
  const auto order = parsed(ordering(line("10", "2") + "," + line("15", "1") + "," + line("10", "3")));
  REQUIRE(order.basket.lines().size() == 2);
  CHECK(order.basket.lines()[0].product.value() == 10);
  CHECK(order.basket.lines()[0].quantity == 5);
  CHECK(order.basket.line_of_input() == std::vector<std::size_t>{0, 1, 0});
}

TEST_CASE("a body that is no object is pointed at as a whole") {
  for (const char* body : {"[]", "7", "\"x\"", "null", "true"}) {
    CAPTURE(body);
    CHECK(faults(body) == Places{""});
  }
}

TEST_CASE("what is missing is said to be missing, all at once") {
  CHECK(faults("{}") == Places{"/items", "/store_id"});
  CHECK(faults(ordering("{}")) == Places{"/items/0/product_id", "/items/0/quantity_requested"});
  CHECK(detail_of(R"({"items": [)" + line("1", "1") + "]}") == "is missing");
}

TEST_CASE("what is no whole number from 1 on is refused where it stands") {
  for (const std::string wrong : {"0", "-1", "-0", "1.0", "1e0", "0.5", "\"1\"", "true", "null", "[]", "[1]",
                                  "{}", "9223372036854775808", "18446744073709551615", "18446744073709551616",
                                  "-9223372036854775809", "1e400", "-1e400"}) {
    CAPTURE(wrong);
    CHECK(faults(R"({"store_id": )" + wrong + R"(, "items": [)" + line("1", "1") + "]}") ==
          Places{"/store_id"});
    CHECK(faults(ordering(line(wrong, "1"))) == Places{"/items/0/product_id"});
    CHECK(faults(ordering(line("1", "1") + "," + line("1", wrong))) == Places{"/items/1/quantity_requested"});
  }
}

TEST_CASE("a quantity is at most a million, also after adding up") {
  CHECK(parsed(ordering(line("1", "1000000"))).basket.lines()[0].quantity == 1'000'000);
  CHECK(detail_of(ordering(line("1", "1000001"))) == "must be a whole number from 1 to 1000000");
  CHECK(faults(ordering(line("1", "999999") + "," + line("2", "5") + "," + line("1", "2"))) ==
        Places{"/items/2/quantity_requested"});
  CHECK(parsed(ordering(line("1", "999999") + "," + line("1", "1"))).basket.lines()[0].quantity == 1'000'000);
}

TEST_CASE("an order has 1 to 2,000 lines") {
  const auto lines = [](int count) {
    std::string items;
    for (int i = 0; i < count; ++i) items += (i == 0 ? "" : ",") + line(std::to_string(i % 1'500 + 1), "1");
    return ordering(items);
  };
  CHECK(faults(lines(0)) == Places{"/items"});
  CHECK(parsed(lines(2'000)).basket.lines().size() == 1'500);
  CHECK(faults(lines(2'001)) == Places{"/items"});
  for (const std::string items : {"{}", "null", "7", "\"x\""}) {
    CHECK(faults(R"({"store_id": 1, "items": )" + items + "}") == Places{"/items"});
  }
  CHECK(faults(ordering("7," + line("1", "1") + ",[],\"x\"")) == Places{"/items/0", "/items/2", "/items/3"});
}

TEST_CASE("an unknown field is refused by its name, and the nearest known one named") {
  CHECK(detail_of(R"({"store_id": 1, "item": 1, "items": [)" + line("1", "1") + "]}") ==
        "is not known here; did you mean items?");
  CHECK(faults(ordering(R"({"product_id": 1, "quantity_requested": 1, "quantity": 1, "a/b": 1})")) ==
        Places{"/items/0/a~1b", "/items/0/quantity"});
  CHECK(detail_of(R"({"STORE_ID": 1, "store_id": 1, "items": [)" + line("1", "1") + "]}") ==
        "is not known here; did you mean store_id?");
  CHECK(detail_of(R"({"colour": 1, "store_id": 1, "items": [)" + line("1", "1") + "]}") ==
        "is not known here");
  CHECK(detail_of(ordering(R"({"product_id": 1, "quantity_requested": 1, "quantity": 1})")) ==
        "is not known here; did you mean quantity_requested?");
  CHECK(detail_of(ordering(R"({"product_id": 1, "quantity_requested": 1, "product": 1})")) ==
        "is not known here; did you mean product_id?");
  CHECK(detail_of(R"({"store": 1, "store_id": 1, "items": [)" + line("1", "1") + "]}") ==
        "is not known here; did you mean store_id?");
}

TEST_CASE("a key given twice is a fault among the others, and its first value counts") {
  CHECK(faults(R"({"store_id": 1, "store_id": "x", "items": []})") == Places{"/items", "/store_id"});
  CHECK(faults(R"({"store_id": 1, "store_id": 2, "items": [)" + line("1", "1") + "]}") ==
        Places{"/store_id"});
  CHECK(faults(ordering(R"({"product_id": 1, "a": {"b": 1, "b": 2}, "product_id": 2})")) ==
        Places{"/items/0/a", "/items/0/a/b", "/items/0/product_id", "/items/0/quantity_requested"});
}

TEST_CASE("a product whose lines add up to too many is a fault among the others") {
  CHECK(faults(R"({"items": [)" + line("1", "999999") + "," + line("1", "\"x\"") + "," + line("1", "2") +
               "," + line("2", "0") + "]}") == Places{"/items/1/quantity_requested",
                                                      "/items/2/quantity_requested",
                                                      "/items/3/quantity_requested", "/store_id"});
}

std::string with_email(const std::string& email) {
  return R"({"store_id": 1, "items": [)" + line("1", "1") + R"(], "customer_email": )" + email + "}";
}

TEST_CASE("an address has something on both sides of one at sign and no white space") {
  CHECK(parsed(with_email("null")).customer_email == std::nullopt);
  CHECK(parsed(with_email("\"a@b\"")).customer_email == "a@b");
  CHECK(parsed(with_email("\"jose\\u0301@example.org\"")).customer_email == "jos\u00E9@example.org");
  const std::string longest = std::string(252, 'a') + "@b";
  CHECK(parsed(with_email('"' + longest + '"')).customer_email == longest);
  for (const std::string& wrong :
       {std::string("\"\""), std::string("\"@\""), std::string("\"a@\""), std::string("\"@b\""),
        std::string("\"ab\""), std::string("\"a@b@c\""), std::string("\"a b@c\""), std::string("\"a@b\\n\""),
        std::string("\"a@b\\tc\""), std::string("\"a@b\\u0000\""), std::string("\"a@b\\u0007\""),
        std::string("7"), std::string("true"), std::string("[]"), "\"a" + longest + '"'}) {
    CAPTURE(wrong);
    CHECK(faults(with_email(wrong)) == Places{"/customer_email"});
  }
}

std::string reserving(const std::string& seconds) {
  return R"({"store_id": 1, "reserve_for": )" + seconds + R"(, "items": [)" + line("1", "1") + "]}";
}

TEST_CASE("a reservation is for 1 to 86,400 whole seconds") {
  using std::chrono::seconds;
  CHECK(parsed(reserving("1")).reserve_for == seconds(1));
  CHECK(parsed(reserving("86400")).reserve_for == seconds(86'400));
  CHECK(!parsed(ordering(line("1", "1"))).reserve_for);
  CHECK(detail_of(reserving("0")) == "must be a whole number from 1 to 86400");
  for (const std::string wrong : {"0", "-1", "86401", "1.0", "1e1", "\"60\"", "true", "null", "[]", "{}",
                                  "18446744073709551616", "9223372036854775807"}) {
    CAPTURE(wrong);
    CHECK(faults(reserving(wrong)) == Places{"/reserve_for"});
  }
}

TEST_CASE("a request that says all by its path may have an empty object for a body, and nothing else") {
  const auto faults_of = [](std::string body) {
    http::Request request;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = std::move(body);
    return places_of([&] { api::require_no_fields(request); });
  };
  CHECK(faults_of("").empty());
  CHECK(faults_of(" {} ").empty());
  CHECK(faults_of(R"({"status": 1, "a/b": 2})") == Places{"/status", "/a~1b"});
  for (const std::string body : {"[]", "null", "7", "\"x\""}) CHECK(faults_of(body) == Places{""});
}

std::optional<std::string> key(const std::string& header) {
  http::Request request;
  request.headers = {{"Idempotency-Key", header}};
  return api::parse_idempotency_key(request);
}

TEST_CASE("an idempotency key is 1 to 255 visible characters, quoted or not") {
  CHECK(key("abc") == "abc");
  CHECK(key("\"abc\"") == "abc");
  CHECK(key("!~") == "!~");
  CHECK(key("\"") == "\"");
  CHECK(key("\"\"\"") == "\"");
  CHECK(key(std::string(255, 'x')) == std::string(255, 'x'));
  CHECK(key('"' + std::string(255, 'x') + '"') == std::string(255, 'x'));
  CHECK(!api::parse_idempotency_key(http::Request()));
  for (const std::string& wrong : {std::string(), std::string("\"\""), std::string("a b"),
                                   std::string("\" \""), std::string("caf\xC3\xA9"), std::string("a\tb"),
                                   std::string(256, 'x'), '"' + std::string(256, 'x') + '"'}) {
    CAPTURE(wrong);
    CHECK(problem_of([&] { key(wrong); })->kind() == Problem::Kind::invalid);
  }
}

TEST_CASE("a key given twice is no key") {
  http::Request request;
  request.headers = {{"Idempotency-Key", "a"}, {"idempotency-key", "b"}};
  CHECK(problem_of([&] { api::parse_idempotency_key(request); }).has_value());
}

TEST_CASE("requests that mean the same have the same fingerprint") {
  const std::string print = api::fingerprint(parsed(ordering(line("10", "5") + "," + line("15", "1"))));
  CHECK(api::fingerprint(parsed(ordering(line("15", "1") + "," + line("10", "5")))) == print);
  CHECK(api::fingerprint(parsed(ordering(line("10", "2") + "," + line("15", "1") + "," + line("10", "3")))) ==
        print);
  CHECK(api::fingerprint(
            parsed(R"( {"customer_email" : null, "items":[ {"quantity_requested":5,"product_id":10},)" +
                   line("15", "1") + R"(], "store_id":1})")) == print);
  CHECK(api::fingerprint(parsed(with_email("\"jose\\u0301@b\""))) ==
        api::fingerprint(parsed(with_email("\"jos\u00E9@b\""))));
}

TEST_CASE("requests that mean something else have another fingerprint") {
  const std::vector<std::string> bodies = {
      ordering(line("1", "1")),
      ordering(line("1", "2")),
      ordering(line("2", "1")),
      ordering(line("1", "1") + "," + line("2", "1")),
      ordering(line("11", "1")),
      ordering(line("1", "11")),
      R"({"store_id": 2, "items": [)" + line("1", "1") + "]}",
      R"({"store_id": 11, "items": [)" + line("1", "1") + "]}",
      reserving("60"),
      reserving("61"),
      with_email("\"a@b\""),
      with_email("\"a@B\""),
  };
  std::vector<std::string> prints;
  prints.reserve(bodies.size());
  for (const std::string& body : bodies) prints.push_back(api::fingerprint(parsed(body)));
  std::sort(prints.begin(), prints.end());
  CHECK(std::adjacent_find(prints.begin(), prints.end()) == prints.end());
}

}  // namespace
