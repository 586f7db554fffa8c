// What happens when the disk is full or another process keeps the database to itself.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
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

void check_unavailable(const HttpResponse& response, int line = __builtin_LINE()) {
  check_problem(response, 503, line);
  const std::string seconds = response.header("Retry-After").value_or("none");
  CAPTURE(seconds);
  CHECK(!seconds.empty());
  CHECK(seconds.find_first_not_of("0123456789") == std::string::npos);
}

// The soft limit on the size of the files that the server writes.
void limit_files(const Shop& shop, std::uint64_t bytes) {
  const_cast<Shop&>(shop).server().limit({RLIMIT_FSIZE, bytes});
}

std::uintmax_t log_bytes(const Shop& shop) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(shop.database().string() + "-wal", missing);
  return missing ? 0 : bytes;
}

}  // namespace

TEST_CASE("while the disk is full orders get 503, and none that was acknowledged is lost") {
  Shop shop;
  const std::string body = good_order(shop);
  std::set<std::int64_t> acknowledged;
  const auto place = [&](HttpClient& client) {
    const HttpResponse response = client.post("/orders/", body);
    if (response.status == 201) acknowledged.insert(parse(response)["id"].get<std::int64_t>());
    return response;
  };
  for (int i = 0; i < 20; ++i) CHECK(place(shop.client()).status == 201);

  // Room for a few more, then none.
  limit_files(shop, log_bytes(shop) + 60'000);
  int refused = 0;
  for (int i = 0; i < 200 && refused < 20; ++i) {
    const HttpResponse response = place(shop.client());
    if (response.status == 201) continue;
    check_unavailable(response);
    ++refused;
  }
  CHECK(refused == 20);
  CHECK(acknowledged.size() > 20);
  // Reading goes on, and shows what was acknowledged and nothing else.
  const auto sold = static_cast<std::int64_t>(acknowledged.size());
  CHECK(shop.client().get("/readyz").status == 200);
  CHECK(shop.quantity("North", "CAT") == 1'000 - sold);
  CHECK(parse(shop.client().get(shop.orders_path("North") + "?limit=1000")).size() == acknowledged.size());

  limit_files(shop, RLIM_INFINITY);
  for (int i = 0; i < 20; ++i) CHECK(place(shop.client()).status == 201);
  CHECK(shop.server().stop() == 0);
  const auto stored = query_numbers(shop.database(), "SELECT id FROM orders");
  CHECK(std::set<std::int64_t>(stored.begin(), stored.end()) == acknowledged);
  check_ledger(shop.database());
}

TEST_CASE("many clients at once on a full disk are all answered, and the right ones") {
  constexpr int kClients = 8;
  Shop shop;
  const std::string body = good_order(shop);
  CHECK(shop.client().post("/orders/", body).status == 201);
  limit_files(shop, log_bytes(shop) + 120'000);
  std::atomic<int> confirmed = 1;
  std::atomic<int> unavailable = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&] {
      HttpClient client = shop.connect();
      for (int n = 0; n < 40; ++n) {
        const int status = client.post("/orders/", body).status;
        ++(status == 201 ? confirmed : status == 503 ? unavailable : others);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(others == 0);
  CHECK(unavailable > 0);
  CHECK(shop.quantity("North", "CAT") == 1'000 - confirmed);
  limit_files(shop, RLIM_INFINITY);
  CHECK(shop.client().post("/orders/", body).status == 201);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == confirmed + 1);
  check_ledger(shop.database());
}

TEST_CASE("an idempotency key whose order met a full disk is still unused") {
  Shop shop;
  const std::string body = good_order(shop);
  const Headers key{{"Idempotency-Key", "k"}};
  CHECK(shop.client().post("/orders/", body).status == 201);
  limit_files(shop, 0);
  check_unavailable(shop.client().post("/orders/", body, key));
  limit_files(shop, RLIM_INFINITY);
  const HttpResponse first = shop.client().post("/orders/", body, key);
  CHECK(first.status == 201);
  CHECK(!first.has("Idempotency-Replayed"));
  CHECK(shop.client().post("/orders/", body, key).has("Idempotency-Replayed"));
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 2);
}

TEST_CASE(
    "the confirmation of an order that was acknowledged on a filling disk is sent or still to be sent") {
  Shop shop;
  limit_files(shop, log_bytes(shop) + 60'000);
  std::set<std::int64_t> acknowledged;
  for (int i = 0; i < 200; ++i) {
    const HttpResponse response = shop.client().post("/orders/", good_order(shop));
    if (response.status == 503) break;
    acknowledged.insert(parse(response)["id"].get<std::int64_t>());
  }
  REQUIRE(!acknowledged.empty());
  limit_files(shop, RLIM_INFINITY);
  CHECK(shop.server().stop() == 0);
  const auto waiting = query_texts(shop.database(), "SELECT payload FROM jobs WHERE state = 'waiting'");
  const std::string log = shop.server().log();
  for (const std::int64_t id : acknowledged) {
    const bool is_sent = log.find("\"order-" + std::to_string(id) + "-confirmed\"") != std::string::npos;
    const bool is_waiting = std::find(waiting.begin(), waiting.end(), std::to_string(id)) != waiting.end();
    CHECK((is_sent || is_waiting));
  }
}

TEST_CASE("nothing is acknowledged while the database file is not where it was") {
  namespace fs = std::filesystem;
  Shop shop;
  const std::string body = good_order(shop);
  CHECK(shop.client().post("/orders/", body).status == 201);
  const fs::path elsewhere = shop.folder() / "elsewhere.db";
  fs::rename(shop.database(), elsewhere);
  for (int i = 0; i < 5; ++i) check_unavailable(shop.client().post("/orders/", body));
  // Nor is it taken for another that lies there now.
  fs::copy_file(elsewhere, shop.database());
  check_unavailable(shop.client().post("/orders/", body));
  fs::remove(shop.database());
  CHECK(shop.client().get("/livez").status == 200);
  for (int i = 0; i < 20; ++i) CHECK(shop.connect().get("/api/stores/").status < 500);
  CHECK(!fs::exists(shop.database()));

  fs::rename(elsewhere, shop.database());
  CHECK(shop.client().post("/orders/", body).status == 201);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 2);
}

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

TEST_CASE("a command waits for the lock as the server does, and says so when that takes too long") {
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
      std::this_thread::sleep_for(milliseconds(300));  // for it to be waiting
    }
    waiting.join();
  }
  {
    const WriteLock lock(shop.database());
    refused = shop.command(order);
  }
  CHECK_MESSAGE(patient.exit_status == 0, patient.err);
  CHECK(refused.exit_status == 1);
  CHECK(refused.out.empty());
  CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  CHECK(refused.err.find("another process") != std::string::npos);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 1);
}
