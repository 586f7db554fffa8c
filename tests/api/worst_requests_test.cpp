// The worst that one client can ask for: it is refused in a short answer, and the server is no larger for it.
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "http/problem_document.h"
#include "support/cost.h"
#include "support/expect.h"
#include "support/peak_memory.h"
#include "support/shop.h"

using namespace aforro::test;
using aforro::http::kMaxRefusalBytes;
using nlohmann::json;

namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;

// For one request after another: what the largest takes, and what the allocator does not give back.
constexpr std::int64_t kMaxGrowthKib = 64 * 1024;

std::int64_t peak_kib(const Server& server) {
  std::ifstream status("/proc/" + std::to_string(server.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  FAIL("the process has no peak");
  return 0;
}

std::string below_names(int depth, const std::string& name, const std::string& piece) {
  std::string head = "{";
  for (int i = 0; i < depth; ++i) head += '"' + name + "\":{";
  return repeated(kMebibyte, piece, head + "\"a\":0", std::string(static_cast<std::size_t>(depth) + 1, '}'));
}

std::string other_names(const std::string& before, const std::string& after) {
  std::string body = before + "\"\":0";
  for (int i = 0; body.size() + after.size() + 16 < kMebibyte; ++i)
    body += ",\"" + std::to_string(i) + "\":0";
  return body + after;
}

void check_refused_shortly(const HttpResponse& response, int status) {
  check_problem(response, status);
  CHECK(response.body.size() <= kMaxRefusalBytes);
  const json document = json::parse(response.body);
  const json errors = document.value("errors", json::array());
  CHECK(errors.size() <= 50);
  if (document.contains("more_errors")) {
    CHECK(errors.size() == 50);
    CHECK(document["more_errors"].get<std::int64_t>() > 0);
  }
}

}  // namespace

TEST_CASE("fifty faults are listed and all others counted") {
  Shop shop;
  std::string items;
  for (int i = 0; i < 2'000; ++i) items += std::string(i == 0 ? "" : ",") + "{\"a\":1,\"b\":1,\"c\":1}";
  const HttpResponse lines = shop.client().post("/orders/", R"({"store_id": 1, "items": [)" + items + "]}");
  check_refused_shortly(lines, 400);
  CHECK(json::parse(lines.body)["more_errors"] == 2'000 * 5 - 50);

  const HttpResponse fifty = shop.client().post(
      "/orders/", R"({"store_id": 1, "items": [)" + repeated(10 * 3 + 2, "{},", "", "{}") + "]}");
  check_refused_shortly(fifty, 400);
  CHECK(json::parse(fifty.body)["errors"].size() == 22);
  CHECK(!json::parse(fifty.body).contains("more_errors"));

  std::string query = "/api/search/products/?";
  for (int i = 0; i < 2'000; ++i) query += "x" + std::to_string(i % 10) + '&';
  const HttpResponse names = shop.client().get(query);
  check_refused_shortly(names, 400);
  CHECK(json::parse(names.body)["more_errors"] == 1'950);
}

TEST_CASE("products that are not there are listed up to fifty") {
  Shop shop;
  std::vector<Line> lines;
  lines.reserve(60);
  for (int i = 0; i < 60; ++i) lines.push_back({1'000'000 + i, 1});
  const HttpResponse response = shop.client().post("/orders/", order_body(shop.store("North"), lines));
  check_refused_shortly(response, 400);
  CHECK(json::parse(response.body)["errors"][49]["pointer"] == "/items/49/product_id");
  CHECK(json::parse(response.body)["more_errors"] == 10);
}

TEST_CASE("no body makes the server large or the answer long") {
  Shop shop;
  const std::vector<std::pair<std::string, std::string>> bodies{
      {"repeats below long names", below_names(60, std::string(128, '~'), ",\"a\":0")},
      {"repeats below very long names", below_names(60, std::string(16'000, '/'), ",\"a\":0")},
      {"repeats of escapes", below_names(60, std::string(2'000, '\x7F'), R"(,"\u0061":0)")},
      {"flat repeats", below_names(0, "", ",\"a\":0")},
      {"unknown names", other_names("{", "}")},
      {"unknown names of one line", other_names("{\"items\":[{", "}]}")},
      {"names of control characters", "{" + repeated(kMebibyte / 2, "\\u0001", "\"", "\":0,") +
                                          repeated(kMebibyte / 2 - 2, "\\u0001", "\"x", "\":0}")},
      {"lists", repeated(kMebibyte, "[],", "[", "0]")},
      {"objects", repeated(kMebibyte, "{},", "{\"items\":[", "0]}")},
      {"texts", repeated(kMebibyte, "\"\",", "[", "0]")},
      {"digits", repeated(kMebibyte, "0,", "[", "0]")},
      {"one text", repeated(kMebibyte, "x", "\"", "\"")},
      {"an open text", repeated(kMebibyte, "x", "\"")},
      {"one number", repeated(kMebibyte, "9")},
      {"one number of a store", repeated(kMebibyte, "9", "{\"store_id\":", "}")},
      {"white space", std::string(kMebibyte, ' ')},
      {"one name", repeated(kMebibyte, "x", "{\"", "\":0}")},
      {"an address", repeated(kMebibyte, "x", "{\"customer_email\":\"", "@b\"}")},
      {"an address of marks", repeated(kMebibyte, "\u0301\u0323", "{\"customer_email\":\"a", "@b\"}")},
      {"depth", std::string(kMebibyte, '[')},
  };
  check_refused_shortly(shop.client().post("/orders/", "{}"), 400);
  const std::int64_t before = peak_kib(shop.server());
  for (const auto& shape : bodies) {
    CAPTURE(shape.first);
    check_refused_shortly(shop.client().post("/orders/", shape.second), 400);
    check_refused_shortly(shop.client().post("/orders/1/cancel/", shape.second), 400);
  }
  const std::int64_t after = peak_kib(shop.server());
  CAPTURE(before);
  CAPTURE(after);
  if (PeakMemory::kCounts) CHECK(after - before < kMaxGrowthKib);
}

TEST_CASE("no target and no header makes the server large or the answer long") {
  Shop shop;
  check_refused_shortly(shop.client().get("/nowhere"), 404);
  const std::int64_t before = peak_kib(shop.server());
  const auto ask = [&](const std::string& target) {
    const HttpResponse response = shop.client().get(target);
    check_refused_shortly(response, response.status);
  };
  constexpr std::size_t kTarget = 8 * 1024;
  for (const char* piece : {"a&", "=&", "%00&", "page&", "page=x&", "q=%01&", "%F0%9F%98%80&"}) {
    CAPTURE(piece);
    ask(repeated(kTarget, piece, "/api/search/products/?", "z=1"));
    ask(repeated(kTarget, piece, "/stores/1/orders/?", "z=1"));
  }
  for (const char* piece : {"%01", "%EF%B7%BA", "x", "\xFF"}) {
    CAPTURE(piece);
    ask(repeated(kTarget, piece, "/api/search/products/?sort="));
    ask(repeated(kTarget, piece, "/api/search/products/?", "=1"));
    ask(repeated(kTarget, piece, "/stores/1/inventory/?cursor="));
    ask(repeated(kTarget, piece, "/"));
  }
  for (const char* name :
       {"X-Request-Id", "traceparent", "Idempotency-Key", "If-None-Match", "Accept-Encoding"}) {
    CAPTURE(name);
    const HttpResponse response = shop.client().get("/nowhere", {{name, repeated(kTarget - 200, "\"x\",")}});
    check_refused_shortly(response, 404);
  }
  if (PeakMemory::kCounts) CHECK(peak_kib(shop.server()) - before < kMaxGrowthKib);
}
