// What happens when another process keeps the database to itself.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

std::string good_order(const Shop& shop, std::int64_t pieces = 1) {
  return order_body(shop.store("North"), {{shop.product("CAT"), pieces}, {shop.product("LAMP"), pieces}});
}

}  // namespace

TEST_CASE("another process that writes for two seconds is waited for, and nobody fails") {
  constexpr int kClients = 12;
  Shop shop;
  std::vector<int> statuses(kClients);
  std::vector<std::thread> threads;
  {
    const WriteLock lock(shop.database());
    for (int& status : statuses) {
      threads.emplace_back([&] { status = shop.connect().post("/orders/", good_order(shop)).status; });
    }
    // Reading does not wait for it.
    const auto begin = steady_clock::now();
    CHECK(shop.quantity("North", "CAT") == 1'000);
    CHECK(shop.client().get("/api/search/products/?q=mug").status == 200);
    CHECK(steady_clock::now() - begin < milliseconds(1'500));
    std::this_thread::sleep_until(begin + std::chrono::seconds(2));
  }
  for (std::thread& thread : threads) thread.join();
  for (const int status : statuses) CHECK(status == 201);
  CHECK(shop.quantity("North", "CAT") == 1'000 - kClients);
  check_ledger(shop.database());
}

TEST_CASE("another process that writes for longer than five seconds makes orders 503, not wait for ever") {
  constexpr int kClients = 6;
  Shop shop;
  const std::string body = good_order(shop);
  std::vector<HttpResponse> answers(kClients);
  std::vector<std::thread> threads;
  const auto begin = steady_clock::now();
  {
    const WriteLock lock(shop.database());
    for (HttpResponse& answer : answers) {
      threads.emplace_back([&] { answer = shop.connect().post("/orders/", body); });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const auto waited = steady_clock::now() - begin;
  for (const HttpResponse& answer : answers) check_unavailable(answer);
  CHECK(waited >= milliseconds(4'500));
  CHECK(waited < milliseconds(9'000));
  CHECK(shop.client().post("/orders/", body).status == 201);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 1);
}

TEST_CASE("a command waits longer for the lock than the server does, and says so when that takes too long") {
  Shop shop;
  const std::vector<std::string> order{"order", "--store", std::to_string(shop.store("North")), "--item",
                                       std::to_string(shop.product("CAT")) + ":1"};
  ProgramResult patient;
  ProgramResult refused;
  {
    std::thread waiting;
    {
      const WriteLock lock(shop.database());
      waiting = std::thread([&] { patient = shop.command(order); });
      std::this_thread::sleep_for(std::chrono::seconds(6));
    }
    waiting.join();
  }
  {
    const WriteLock lock(shop.database());
    std::vector<std::string> impatient = order;
    impatient.insert(impatient.end(), {"--lock-timeout", "1"});
    refused = shop.command(impatient);
  }
  CHECK_MESSAGE(patient.exit_status == 0, patient.err);
  CHECK(refused.exit_status == 1);
  CHECK(refused.out.empty());
  CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  CHECK(refused.err.find("another process") != std::string::npos);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 1);
}
