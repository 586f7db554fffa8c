#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr const char* kAsk = "/api/search/suggest/?q=mug";

// The two numbers of `"suggest";r=19;t=3`.
struct Allowance {
  int tokens_left;
  int next_in_s;
};

Allowance limit_of(const HttpResponse& response) {
  const std::string text = response.header("RateLimit").value_or("");
  INFO("RateLimit: ", text);
  Allowance limit{};
  REQUIRE(std::sscanf(text.c_str(), "\"suggest\";r=%d;t=%d", &limit.tokens_left, &limit.next_in_s) == 2);
  CHECK(text ==
        "\"suggest\";r=" + std::to_string(limit.tokens_left) + ";t=" + std::to_string(limit.next_in_s));
  return limit;
}

// Asks until it is refused; how often it was not.
int ask_until_refused(HttpClient& client, const Headers& headers = {}) {
  for (int asked = 0; asked < 100; ++asked) {
    if (client.get(kAsk, headers).status != 200) return asked;
  }
  FAIL("nobody is ever refused");
  return 0;
}

}  // namespace

TEST_CASE("a client may ask 20 times a minute, and each answer says how much is left") {
  Shop shop;
  for (int asked = 1; asked <= 20; ++asked) {
    CAPTURE(asked);
    const HttpResponse response = shop.client().get(kAsk);
    CHECK(response.status == 200);
    CHECK(response.header("RateLimit-Policy") == "\"suggest\";q=20;w=60");
    const Allowance limit = limit_of(response);
    CHECK(limit.tokens_left == 20 - asked);
    CHECK(limit.next_in_s >= 1);
    CHECK(limit.next_in_s <= 3);
    CHECK(!response.has("Retry-After"));
  }
  const HttpResponse refused = shop.client().get(kAsk);
  check_problem(refused, 429);
  CHECK(refused.header("RateLimit-Policy") == "\"suggest\";q=20;w=60");
  CHECK(limit_of(refused).tokens_left == 0);
  const std::string wait = refused.header("Retry-After").value_or("none");
  CHECK((wait == "1" || wait == "2" || wait == "3"));
  CHECK(refused.body.find("Mug") == std::string::npos);
  // Nothing else is limited.
  CHECK(shop.client().get("/api/search/products/?q=mug").status == 200);
}

TEST_CASE("after the seconds of Retry-After a request does succeed") {
  Shop shop(Goods::corner, {"--suggest-rate", "3/s"});
  CHECK(ask_until_refused(shop.client()) >= 3);
  HttpResponse refused = shop.client().get(kAsk);
  for (int i = 0; i < 50 && refused.status == 200; ++i) refused = shop.client().get(kAsk);
  check_problem(refused, 429);
  CHECK(refused.header("RateLimit-Policy") == "\"suggest\";q=3;w=1");
  REQUIRE(refused.header("Retry-After") == "1");
  std::this_thread::sleep_for(std::chrono::seconds(1));
  CHECK(shop.client().get(kAsk).status == 200);
}

TEST_CASE("the limit is looked at before anything else, and what is refused for another reason counts") {
  Shop shop(Goods::corner, {"--suggest-rate", "4/min"});
  check_invalid(shop.client().get("/api/search/suggest/?q=m"), {"q"});
  CHECK(limit_of(shop.client().get("/api/search/suggest/")).tokens_left == 2);
  check_problem(shop.client().get("/api/search/suggest?nonsense=1"), 400);
  CHECK(shop.client().head("/api/search/suggest/?q=mug").status == 200);
  check_problem(shop.client().get("/api/search/suggest/?q=m"), 429);
  CHECK(shop.client().head("/api/search/suggest/?q=mug").status == 429);
}

TEST_CASE("each address has a limit of its own") {
  Shop shop(Goods::corner, {"--suggest-rate", "5/min"});
  CHECK(ask_until_refused(shop.client()) == 5);
  HttpClient other = shop.connect("127.0.0.2");
  CHECK(ask_until_refused(other) == 5);
  HttpClient same = shop.connect("127.0.0.1");
  CHECK(ask_until_refused(same) == 0);
}

TEST_CASE("an address that a client makes up does not help") {
  Shop shop(Goods::corner, {"--suggest-rate", "5/min"});
  CHECK(ask_until_refused(shop.client(), {{"X-Forwarded-For", "10.0.0.1"}}) == 5);
  for (const Headers& headers :
       {Headers{{"X-Forwarded-For", "10.0.0.2"}}, Headers{{"X-Forwarded-For", "10.0.0.3, 10.0.0.4"}},
        Headers{{"X-Real-IP", "10.0.0.5"}}, Headers{{"Forwarded", "for=10.0.0.6"}},
        Headers{{"REMOTE_ADDR", "10.0.0.7"}}, Headers{{"X-Client-IP", "10.0.0.8"}},
        Headers{{"CF-Connecting-IP", "10.0.0.9"}}}) {
    CAPTURE(headers.front().first);
    check_problem(shop.client().get(kAsk, headers), 429);
  }
}

TEST_CASE("a trusted proxy names the client, and what the client wrote itself counts for nothing") {
  Shop shop(Goods::corner, {"--suggest-rate", "5/min", "--trusted-proxy", "127.0.0.1"});
  const auto from = [](const std::string& addresses) { return Headers{{"X-Forwarded-For", addresses}}; };
  CHECK(ask_until_refused(shop.client(), from("10.0.0.1")) == 5);
  CHECK(ask_until_refused(shop.client(), from("10.0.0.2")) == 5);
  // The proxy puts the address it saw at the end.
  check_problem(shop.client().get(kAsk, from("10.9.9.9, 10.0.0.1")), 429);
  check_problem(shop.client().get(kAsk, from("nonsense, 10.0.0.1")), 429);
  check_problem(shop.client().get(kAsk, from("10.9.9.9,10.0.0.1, 127.0.0.1")), 429);
  // Or in a line of its own after the client's.
  check_problem(shop.client().get(kAsk, {{"X-Forwarded-For", "10.9.9.8"}, {"X-Forwarded-For", "10.0.0.1"}}),
                429);
  // An IPv6 client is its /64.
  CHECK(ask_until_refused(shop.client(), from("2001:db8:0:1::1")) == 5);
  check_problem(shop.client().get(kAsk, from("2001:db8:0:1:ffff::2")), 429);
  check_problem(shop.client().get(kAsk, from("[2001:db8:0:1::3]:4711")), 429);
  CHECK(shop.client().get(kAsk, from("2001:db8:0:2::1")).status == 200);
  // Another peer is no proxy.
  HttpClient other = shop.connect("127.0.0.2");
  CHECK(ask_until_refused(other, from("10.0.0.3")) == 5);
  check_problem(other.get(kAsk, from("10.0.0.4")), 429);
}

TEST_CASE("a proxy that names nobody is the client itself") {
  Shop shop(Goods::corner, {"--suggest-rate", "5/min", "--trusted-proxy", "127.0.0.0/8"});
  CHECK(ask_until_refused(shop.client()) == 5);
  for (const std::string text :
       {"", " ", ",", "unknown", "_hidden", "127.0.0.1", "\xFF", "1.2.3", "1.2.3.4.5"}) {
    CAPTURE(text);
    check_problem(shop.client().get(kAsk, {{"X-Forwarded-For", text}}), 429);
  }
}

TEST_CASE("without a limit nobody is refused and nothing is said of one") {
  Shop shop(Goods::corner, {"--suggest-rate", "off"});
  for (int i = 0; i < 30; ++i) {
    const HttpResponse response = shop.client().get(kAsk);
    CHECK(response.status == 200);
    CHECK(!response.has("RateLimit"));
    CHECK(!response.has("RateLimit-Policy"));
  }
}
