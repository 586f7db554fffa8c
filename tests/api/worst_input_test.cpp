// The worst orders, cursors and keys: what is kept for them and how long they take.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "api/cursor.h"
#include "api/order_request.h"
#include "base/problem.h"
#include "http/problem_document.h"
#include "support/cost.h"
#include "support/refusal.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using test::Cost;
using test::cost_of;
using test::kMaxGrowth;
using test::repeated;

constexpr std::size_t kMebibyte = 1024 * 1024;

// See tests/http/worst_input_test.cpp. The address of an order is brought to NFC, for which its characters
// stand in four bytes each; one that is too long anyway is not.
constexpr double kMaxBodyFactor = 8;

// A cursor is a part of the target, which has 8 KiB.
constexpr double kMaxCursorFactor = 16;

void read_order(const std::string& text) {
  http::Request request;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = text;
  api::parse_order_request(request);
}

struct Shape {
  std::string name;
  std::string (*make)(std::size_t bytes);
};

const std::vector<Shape>& orders() {
  static const std::vector<Shape> kOrders{
      {"lines of nothing", [](std::size_t bytes) { return repeated(bytes, "{},", "{\"items\":[", "0]}"); }},
      {"lines that are none", [](std::size_t bytes) { return repeated(bytes, "0,", "{\"items\":[", "0]}"); }},
      {"lines of one product",
       [](std::size_t bytes) {
         return repeated(bytes, R"({"product_id":1,"quantity_requested":1000000},)", "{\"items\":[", "0]}");
       }},
      {"unknown fields of lines",
       [](std::size_t bytes) { return repeated(bytes, R"({"product":1,"b":1},)", "{\"items\":[", "0]}"); }},
      {"many lists of lines",
       [](std::size_t bytes) { return repeated(bytes, R"("items":[{}],)", "{", "\"\":0}"); }},
      {"an address",
       [](std::size_t bytes) { return repeated(bytes, "x", "{\"customer_email\":\"", "@b\"}"); }},
      {"an address that grows in NFC",
       [](std::size_t bytes) { return repeated(bytes, "\U0001D160", "{\"customer_email\":\"", "@b\"}"); }},
      {"an address of escapes",
       [](std::size_t bytes) { return repeated(bytes, "\\u0344", "{\"customer_email\":\"", "@b\"}"); }},
      {"a store of many digits",
       [](std::size_t bytes) { return repeated(bytes, "9", "{\"store_id\":", "}"); }},
      {"a hold with a long fraction",
       [](std::size_t bytes) { return repeated(bytes, "0", "{\"reserve_for\":1.", "}"); }},
  };
  return kOrders;
}

TEST_CASE("an order takes a few times its size and time in proportion, whatever is wrong with it") {
  for (const Shape& shape : orders()) {
    CAPTURE(shape.name);
    const Cost cost = cost_of(kMebibyte, shape.make, &read_order);
    CAPTURE(cost.memory);
    CHECK(cost.memory <= kMaxBodyFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

TEST_CASE("an order with more than fifty faults is refused with all counted") {
  std::string items;
  for (int i = 0; i < 2'000; ++i) items += R"({"a":1,"b":1},)";
  items.pop_back();
  const auto problem = test::problem_of([&] { read_order("{\"items\":[" + items + "],\"x\":1,\"x\":2}"); });
  REQUIRE(problem);
  CHECK(problem->faults().listed().size() == 50);
  CHECK(problem->faults().listed().size() + problem->faults().more() == 2'000 * 4 + 3);
  CHECK(http::problem_response(*problem, "id").body->size() <= http::kMaxRefusalBytes);
}

TEST_CASE("a cursor takes a few times its size, whatever it holds") {
  const std::vector<Shape> cursors{
      {"base64", [](std::size_t bytes) { return repeated(bytes, "A"); }},
      {"no base64", [](std::size_t bytes) { return repeated(bytes, "*"); }},
      {"of another list",
       [](std::size_t bytes) { return api::make_cursor("y", {std::string(bytes * 3 / 4 - 32, 'x')}); }},
      {"one text",
       [](std::size_t bytes) { return api::make_cursor("x", {std::string(bytes * 3 / 4 - 32, 'x')}); }},
      {"many texts",
       [](std::size_t bytes) { return api::make_cursor("x", std::vector<std::string>(bytes / 4, "")); }},
  };
  for (const Shape& shape : cursors) {
    CAPTURE(shape.name);
    for (const std::size_t bytes : {std::size_t{8 * 1024}, kMebibyte}) {
      const Cost cost =
          cost_of(bytes, shape.make, [](const std::string& text) { api::read_cursor(text, "x", 2); });
      CAPTURE(cost.memory);
      CHECK(cost.memory <= kMaxCursorFactor);
      CHECK(cost.growth <= kMaxGrowth);
    }
  }
}

}  // namespace
