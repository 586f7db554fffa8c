#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr const char* kOrigin = "https://shop.example";

bool has_word(const HttpResponse& response, const std::string& name, const std::string& word) {
  for (const auto& [key, value] : response.headers) {
    if (key == name && value.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a request id of 1 to 128 visible characters is echoed, else one is made up") {
  Shop shop;
  for (const std::string& id : {std::string("a"), std::string("8e03978e-40d5-43e8"), std::string(128, 'x'),
                                std::string("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")}) {
    CAPTURE(id);
    CHECK(shop.client().get("/livez", {{"X-Request-Id", id}}).header("X-Request-Id") == id);
    const HttpResponse refused = shop.client().get("/nowhere", {{"x-request-ID", id}});
    check_problem(refused, 404);
    CHECK(parse(refused)["request_id"] == id);
  }
  std::set<std::string> made_up;
  for (const std::string& id :
       {std::string(""), std::string(129, 'x'), std::string("two words"), std::string("a\tb"),
        std::string("caf\xC3\xA9"), std::string("\xFF"), std::string(4'000, 'x')}) {
    CAPTURE(id);
    const HttpResponse response = shop.client().get("/nowhere", {{"X-Request-Id", id}});
    check_problem(response, 404);
    CHECK(response.header("X-Request-Id") != id);
    made_up.insert(response.header("X-Request-Id").value());
  }
  made_up.insert(shop.client().get("/livez").header("X-Request-Id").value());
  CHECK(made_up.size() == 8);
}

TEST_CASE("a request is found in the log by its id and by the trace that it belongs to") {
  Shop shop(Goods::corner, {"--log-level", "debug"});
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  CHECK(shop.client().get("/api/stores/?_=1", {{"X-Request-Id", "find-me"}, {"traceparent", trace}}).status ==
        200);
  const std::string log = shop.server().log();
  const std::size_t at = log.find("find-me");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = log.rfind('\n', at) + 1;
  const json line = parse(log.substr(begin, log.find('\n', at) - begin));
  CHECK(line["request_id"] == "find-me");
  CHECK(line["traceparent"] == trace);
  CHECK(line["method"] == "GET");
  CHECK(line["path"] == "/api/stores/");
  CHECK(line["status"] == 200);
  // What a client sends can't break the lines.
  shop.client().get("/%0a{\"event\":\"x\"}/\xC3\x28", {{"traceparent", "\"},{\xFF"}});
  const std::string more = shop.server().log();
  for (std::size_t from = 0; from < more.size();) {
    const std::size_t end = more.find('\n', from);
    REQUIRE(end != std::string::npos);
    CHECK(json::accept(more.substr(from, end - from)));
    from = end + 1;
  }
}

TEST_CASE("every kind of refusal carries the id of its request") {
  Shop shop;
  const Headers id{{"X-Request-Id", "mine"}};
  for (const HttpResponse& response :
       {shop.client().get("/nowhere", id), shop.client().request("BREW", "/", id),
        shop.client().request("PUT", "/", id), shop.client().post("/orders/", "{", id),
        shop.client().request("POST", "/orders/", id, "{}"),
        shop.client().post("/orders/", std::string(2'000'000, ' '), id)}) {
    CAPTURE(response.status);
    check_problem(response, response.status);
    CHECK(response.header("X-Request-Id") == "mine");
  }
}

TEST_CASE("an answer is packed for those who take it once it is over 1 KiB, and says on what that depends") {
  Shop shop(Goods::demo);
  const Headers gzip{{"Accept-Encoding", "gzip"}};
  for (const std::string page :
       {"/", "/problems/", "/api/stores/", "/api/search/products/", "/stores/1/inventory/"}) {
    CAPTURE(page);
    const HttpResponse plain = shop.client().get(page);
    const HttpResponse packed = shop.client().get(page, gzip);
    CHECK(!plain.has("Content-Encoding"));
    CHECK(packed.header("Content-Encoding") == "gzip");
    CHECK(packed.body.size() < plain.body.size());
    CHECK(gunzip(packed.body) == plain.body);
    CHECK(packed.header("Content-Type") == plain.header("Content-Type"));
    CHECK(has_word(plain, "Vary", "Accept-Encoding"));
    CHECK(has_word(packed, "Vary", "Accept-Encoding"));
    const HttpResponse head = shop.client().head(page, gzip);
    CHECK(head.header("Content-Encoding") == "gzip");
    CHECK(head.header("Content-Length") == std::to_string(packed.body.size()));
  }
  for (const std::string page : {"/livez", "/nowhere", "/orders/999"}) {
    CAPTURE(page);
    const HttpResponse small = shop.client().get(page, gzip);
    CHECK(!small.has("Content-Encoding"));
    CHECK(json::accept(small.body));
    CHECK(has_word(small, "Vary", "Accept-Encoding"));
  }
  std::string order = R"({"store_id": 1, "items": [)";
  for (int i = 1; i <= 100; ++i) {
    order += std::string(i == 1 ? "" : ",") + R"({"product_id": )" + std::to_string(i) +
             R"(, "quantity_requested": 1})";
  }
  const HttpResponse placed = shop.client().post("/orders/", order + "]}", gzip);
  CHECK(placed.status == 201);
  CHECK(parse(gunzip(placed.body))["total_items"] == 100);
  const HttpResponse refused =
      shop.client().post("/orders/", R"({"items": [)" + std::string(2'000, ' ') + "]}", gzip);
  check_problem(refused, 400);
}

TEST_CASE("a page elsewhere gets at nothing unless it is let in") {
  Shop shop;
  for (const std::string method : {"GET", "OPTIONS"}) {
    const HttpResponse response = shop.client().request(method, "/api/stores/", {{"Origin", kOrigin}});
    for (const auto& [name, value] : response.headers) CHECK(!name.starts_with("Access-Control-"));
  }
}

TEST_CASE("a page that is let in may ask, order, and read what the answer says") {
  Shop shop(Goods::corner, {"--cors-origin", kOrigin});
  const Headers from{{"Origin", kOrigin}};

  const HttpResponse before =
      shop.client().request("OPTIONS", "/orders/",
                            {{"Origin", kOrigin},
                             {"Access-Control-Request-Method", "POST"},
                             {"Access-Control-Request-Headers", "content-type,idempotency-key"}});
  CHECK(before.status == 204);
  CHECK(before.header("Access-Control-Allow-Origin") == kOrigin);
  CHECK(has_word(before, "Access-Control-Allow-Headers", "Content-Type"));
  CHECK(has_word(before, "Access-Control-Allow-Headers", "Idempotency-Key"));

  const HttpResponse order =
      shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}}), from);
  CHECK(order.status == 201);
  CHECK(order.header("Access-Control-Allow-Origin") == kOrigin);
  for (const std::string name : {"Location", "Link", "X-Total-Count", "X-Request-Id", "Idempotency-Replayed",
                                 "ETag", "Retry-After", "RateLimit", "RateLimit-Policy"}) {
    CAPTURE(name);
    CHECK(has_word(order, "Access-Control-Expose-Headers", name));
  }
  const HttpResponse refused = shop.client().get("/nowhere", from);
  check_problem(refused, 404);
  CHECK(refused.header("Access-Control-Allow-Origin") == kOrigin);
  CHECK(!refused.has("Access-Control-Allow-Credentials"));
  // Another page is answered too, but its browser sees that the answer is not for it.
  const HttpResponse other = shop.client().get("/livez", {{"Origin", "https://evil.example"}});
  CHECK(other.header("Access-Control-Allow-Origin") == kOrigin);
  CHECK(has_word(other, "Vary", "Origin"));
}

TEST_CASE("a page is told apart from what it pretends to be") {
  Shop shop;
  CHECK(shop.client().get("/").header("Content-Type") == "text/html; charset=utf-8");
  CHECK(shop.client().get("/api/stores/").header("Content-Type") == "application/json");
  // A title with markup is data in a page of JSON, not a page.
  const HttpResponse response = shop.client().get("/api/search/products/?%3Cscript%3E=1");
  check_problem(response, 400);
}
