#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }

std::int64_t orders_stored(const Shop& shop) {
  return query_number(shop.database(), "SELECT count(*) FROM orders");
}

void check_replay(const HttpResponse& response, const HttpResponse& first, int line = __builtin_LINE()) {
  INFO("asked for at line ", line, ", answered ", response.body);
  CHECK(response.status == 201);
  CHECK(response.header("Idempotency-Replayed") == "true");
  CHECK(response.header("Location") == first.header("Location"));
  CHECK(response.header("Content-Type") == first.header("Content-Type"));
  CHECK(response.body == first.body);
}

}  // namespace

TEST_CASE("the same request with the same key gets the first answer again and orders once") {
  Shop shop;
  const auto body =
      order_body(shop.store("North"), {{shop.product("MUG-RED"), 2}, {shop.product("CUPS"), 1}});
  const HttpResponse first = shop.client().post("/orders/", body, key("k-1"));
  CHECK(first.status == 201);
  CHECK(!first.has("Idempotency-Replayed"));

  check_replay(shop.client().post("/orders/", body, key("k-1")), first);
  check_replay(shop.client().post("/orders", body, key("k-1")), first);
  check_replay(shop.client().post("/orders/", "  " + body + "\n", key("k-1")), first);

  CHECK(orders_stored(shop) == 1);
  CHECK(shop.quantity("North", "MUG-RED") == 8);
  const HttpResponse other = shop.client().post("/orders/", body, key("k-2"));
  CHECK(other.status == 201);
  CHECK(!other.has("Idempotency-Replayed"));
  CHECK(parse(other)["id"] != parse(first)["id"]);
}

TEST_CASE("what a request means counts, not how it is written") {
  Shop shop;
  const auto red = shop.product("MUG-RED");
  const auto store = shop.store("North");
  const HttpResponse first = shop.client().post("/orders/", order_body(store, {{red, 5}}), key("k"));
  check_replay(shop.client().post("/orders/", order_body(store, {{red, 2}, {red, 3}}), key("k")), first);
  CHECK(orders_stored(shop) == 1);
}

TEST_CASE("a key is the same with and without quotes") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("MUG-RED"), 1}});
  const HttpResponse first = shop.client().post("/orders/", body, key("\"8e03978e-40d5\""));
  CHECK(first.status == 201);
  check_replay(shop.client().post("/orders/", body, key("8e03978e-40d5")), first);
  CHECK(orders_stored(shop) == 1);
}

TEST_CASE("a key that another request has used is refused") {
  Shop shop;
  const auto red = shop.product("MUG-RED");
  const auto blue = shop.product("MUG-BLUE");
  const auto north = shop.store("North");
  const HttpResponse first = shop.client().post("/orders/", order_body(north, {{red, 1}}), key("k"));
  check_problem(shop.client().post("/orders/", order_body(north, {{red, 2}}), key("k")), 422);
  check_problem(shop.client().post("/orders/", order_body(north, {{blue, 1}}), key("k")), 422);
  check_problem(shop.client().post("/orders/", order_body(north, {{red, 1}, {blue, 1}}), key("k")), 422);
  check_problem(shop.client().post("/orders/", order_body(shop.store("South"), {{red, 1}}), key("k")), 422);
  json with_email = json::parse(order_body(north, {{red, 1}}));
  with_email["customer_email"] = "jo@example.org";
  check_problem(shop.client().post("/orders/", with_email.dump(), key("k")), 422);
  check_replay(shop.client().post("/orders/", order_body(north, {{red, 1}}), key("k")), first);
  CHECK(orders_stored(shop) == 1);
}

TEST_CASE("a key is used up by an answer of 201 alone") {
  Shop shop;
  const auto red = shop.product("MUG-RED");
  const auto north = shop.store("North");
  check_problem(shop.client().post("/orders/", order_body(north, {{red, 0}}), key("k")), 400);
  check_problem(shop.client().post("/orders/", order_body(north, {{999, 1}}), key("k")), 400);
  check_problem(shop.client().post("/orders/", order_body(999, {{red, 1}}), key("k")), 404);
  const HttpResponse first = shop.client().post("/orders/", order_body(north, {{red, 1}}), key("k"));
  CHECK(first.status == 201);
  CHECK(!first.has("Idempotency-Replayed"));
}

TEST_CASE("a rejected order is answered again as rejected, whatever has come in since") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("HOSE"), 2}});
  const HttpResponse first = shop.client().post("/orders/", body, key("k"));
  CHECK(parse(first)["status"] == "REJECTED");
  import_inventory(shop.database(), "store,sku,quantity\nNorth,HOSE,100\n");
  check_replay(shop.client().post("/orders/", body, key("k")), first);
  CHECK(parse(shop.client().post("/orders/", body, key("k2")))["status"] == "CONFIRMED");
  CHECK(shop.quantity("North", "HOSE") == 98);
}

TEST_CASE("keys are 1 to 255 visible ASCII characters") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  for (const std::string& right :
       {std::string("a"), std::string(255, 'k'), std::string("!#$%&'()*+,-./:;<=>?@[]^_`{|}~")}) {
    CAPTURE(right);
    const HttpResponse first = shop.client().post("/orders/", body, key(right));
    CHECK(first.status == 201);
    check_replay(shop.client().post("/orders/", body, key(right)), first);
  }
  const auto stored = orders_stored(shop);
  for (const std::string& wrong :
       {std::string(256, 'k'), std::string("two words"), std::string("caf\xc3\xa9"), std::string("\"\"")}) {
    CAPTURE(wrong);
    check_problem(shop.client().post("/orders/", body, key(wrong)), 400);
  }
  CHECK(orders_stored(shop) == stored);
}

TEST_CASE("keys are remembered when the server is stopped or killed") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("MUG-RED"), 1}});
  const HttpResponse first = shop.client().post("/orders/", body, key("k"));
  CHECK(first.status == 201);
  CHECK(shop.server().stop() == 0);
  shop.restart();
  check_replay(shop.client().post("/orders/", body, key("k")), first);
  shop.server().kill();
  shop.restart();
  check_replay(shop.client().post("/orders/", body, key("k")), first);
  CHECK(shop.quantity("North", "MUG-RED") == 9);
}

TEST_CASE("of many at once with the same key one orders and all get its answer") {
  constexpr int kClients = 8;
  constexpr int kRounds = 20;
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  for (int round = 0; round < kRounds; ++round) {
    std::vector<HttpResponse> answers(kClients);
    std::vector<std::thread> threads;
    threads.reserve(answers.size());
    for (HttpResponse& answer : answers) {
      threads.emplace_back(
          [&] { answer = shop.connect().post("/orders/", body, key("round-" + std::to_string(round))); });
    }
    for (std::thread& thread : threads) thread.join();
    int replays = 0;
    for (const HttpResponse& answer : answers) {
      CHECK(answer.status == 201);
      CHECK(answer.body == answers[0].body);
      replays += answer.has("Idempotency-Replayed") ? 1 : 0;
    }
    CHECK(replays == kClients - 1);
  }
  CHECK(orders_stored(shop) == kRounds);
  CHECK(shop.quantity("North", "CAT") == 1'000 - kRounds);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("while the first is in progress the second waits for its answer") {
  Shop shop;
  const auto body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  std::vector<HttpResponse> answers(2);
  std::vector<std::thread> threads;
  {
    const WriteLock lock(shop.database());
    for (HttpResponse& answer : answers) {
      threads.emplace_back([&] { answer = shop.connect().post("/orders/", body, key("k")); });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // for both to be waiting
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(answers[0].status == 201);
  CHECK(answers[1].status == 201);
  CHECK(answers[0].body == answers[1].body);
  CHECK(answers[0].has("Idempotency-Replayed") != answers[1].has("Idempotency-Replayed"));
  CHECK(orders_stored(shop) == 1);
}
