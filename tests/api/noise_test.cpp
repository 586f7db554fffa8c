// Requests that nobody would think of: good ones with bytes changed, dropped, doubled and shuffled, the same
// each time. Whatever comes, the answer is HTTP, no fault of the server, and the server goes on.
#include <doctest/doctest.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

std::string order_request(const std::string& body, const std::string& headers = "") {
  return "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// What goes into a text where it may hurt.
const std::array<std::string, 24> kBites{"\r\n",
                                         "\n",
                                         "\r",
                                         "\r\n\r\n",
                                         std::string(1, '\0'),
                                         "\xFF",
                                         "\xC3",
                                         "%00",
                                         "%",
                                         "%FF",
                                         "\"",
                                         "'",
                                         "\\",
                                         "[[[",
                                         "{",
                                         "}",
                                         "-1",
                                         "99999999999999999999",
                                         "1e999",
                                         "?",
                                         "&",
                                         "=",
                                         ";",
                                         std::string(9'000, 'A')};

std::string mutated(std::string text, Random& random) {
  for (std::size_t changes = 1 + below(random, 4); changes > 0 && !text.empty(); --changes) {
    const std::size_t at = below(random, text.size());
    switch (below(random, 6)) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, 1 + below(random, 8));
        break;
      case 2:
        text.insert(at, kBites[below(random, kBites.size())]);
        break;
      case 3:
        text.insert(at, text.substr(at, 1 + below(random, 40)));
        break;
      case 4:
        std::swap(text[at], text[below(random, text.size())]);
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

// Sends it all and reads every answer that comes.
std::vector<HttpResponse> answers_to(const Shop& shop, const std::string& bytes) {
  HttpClient client = shop.connect();
  client.send(bytes);
  client.finish_sending();
  std::vector<HttpResponse> answers;
  try {
    while (answers.size() < 20) answers.push_back(client.receive());
  } catch (const HttpFault&) {
    // closed: there is no more
  }
  return answers;
}

}  // namespace

TEST_CASE(
    "bytes of any kind are answered by HTTP, never by a fault, and change nothing that they should not") {
  constexpr int kRequests = 4'000;
  Shop shop(Goods::corner, {"--suggest-rate", "off"});
  const std::string body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  const std::vector<std::string> good{
      order_request(body),
      order_request(body, "Idempotency-Key: noise\r\nX-Request-Id: a\r\nAccept-Encoding: gzip\r\n"),
      "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5\r\n" +
          body.substr(0, 5) + "\r\n1f\r\n" + body.substr(5, 31) + "\r\n0\r\n\r\n",
      "GET /api/search/products/?q=mug&category=kitchen&min_price=1&max_price=9.99&store_id=1&in_stock=true&"
      "sort=price&page=1&page_size=5 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /stores/1/inventory/?limit=2&max_quantity=100 HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"a\", "
      "W/\"b\"\r\n\r\n",
      "GET /stores/1/orders/?limit=2&status=CONFIRMED HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /api/search/suggest/?q=mug HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /orders/1/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\nGET /api/stores/ HTTP/1.0\r\n\r\n"};
  Random random(20'261'125);  // NOLINT: the same noise each time
  std::map<int, int> statuses;
  for (int i = 0; i < kRequests; ++i) {
    std::string bytes = mutated(good[below(random, good.size())], random);
    if (below(random, 3) == 0) bytes += mutated(good[below(random, good.size())], random);
    for (const HttpResponse& answer : answers_to(shop, bytes)) {
      ++statuses[answer.status];
      const bool is_fault = answer.status >= 500 && answer.status != 501;
      CAPTURE(bytes);
      REQUIRE(!is_fault);
      const bool is_problem = answer.status >= 400 && !answer.body.empty();
      if (is_problem && !answer.has("Content-Encoding")) check_problem(answer, answer.status);
    }
  }
  // It has met more than one door.
  for (const int status : {200, 201, 400, 404, 415, 431, 501}) {
    CAPTURE(status);
    CHECK(statuses[status] > 0);
  }
  CHECK(shop.client().get("/livez").status == 200);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") <= statuses[201]);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("JSON of any kind is an order or a refusal, never a fault") {
  constexpr int kBodies = 4'000;
  Shop shop;
  json order =
      json::parse(order_body(shop.store("North"), {{shop.product("CAT"), 1}, {shop.product("CUPS"), 1}}));
  order["customer_email"] = "jo@example.org";
  const std::string good = order.dump();
  Random random(7);  // NOLINT: the same noise each time
  std::map<int, int> statuses;
  for (int i = 0; i < kBodies; ++i) {
    const std::string body = mutated(good, random);
    const HttpResponse answer = shop.client().post("/orders/", body);
    ++statuses[answer.status];
    const bool is_expected = answer.status == 201 || answer.status == 400 || answer.status == 404;
    CAPTURE(body);
    REQUIRE(is_expected);
    if (answer.status != 201) check_problem(answer, answer.status);
  }
  CHECK(statuses[400] > kBodies / 4);
  CHECK(shop.client().connections() == 1);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == statuses[201]);
  check_ledger(shop.database());
  check_verified(shop.database());
}
