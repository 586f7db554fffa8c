// What happens when the disk that SQLite writes to is full, or the file is not where it was.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

std::string good_order(const Shop& shop) {
  return order_body(shop.store("North"), {{shop.product("CAT"), 1}, {shop.product("LAMP"), 1}});
}

// The soft limit on the size of the files that the server writes.
void limit_files(const Shop& shop, std::uint64_t bytes) {
  const_cast<Shop&>(shop).server().limit({RLIMIT_FSIZE, bytes});
}

std::uintmax_t log_bytes(const Shop& shop) {
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(shop.database().file().string() + "-wal", missing);
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

  // Room for a few more, and for what runs in the background, then none: neither in the log nor in the file.
  limit_files(shop, log_bytes(shop) + 200'000);
  for (int i = 0; i < 20; ++i) CHECK(place(shop.client()).status == 201);
  limit_files(shop, 0);
  int refused = 0;
  for (int i = 0; i < 200 && refused < 20; ++i) {
    const HttpResponse response = place(shop.client());
    if (response.status == 201) continue;
    check_unavailable(response);
    ++refused;
  }
  CHECK(refused == 20);
  CHECK(acknowledged.size() == 40);
  // Reading goes on, and shows what was acknowledged and nothing else.
  const auto sold = static_cast<std::int64_t>(acknowledged.size());
  CHECK(wait_until([&] { return shop.client().get("/readyz").status == 503; }, std::chrono::seconds(3)));
  CHECK(shop.client().get("/readyz").body.find("No order can be stored now") != std::string::npos);
  CHECK(shop.quantity("North", "CAT") == 1'000 - sold);
  CHECK(parse(shop.client().get(shop.orders_path("North") + "?limit=1000")).size() == acknowledged.size());

  limit_files(shop, RLIM_INFINITY);
  for (int i = 0; i < 20; ++i) CHECK(place(shop.client()).status == 201);
  CHECK(shop.server().stop() == 0);
  const auto stored = query_numbers(shop.database(), "SELECT id FROM orders");
  CHECK(std::set<std::int64_t>(stored.begin(), stored.end()) == acknowledged);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("a log that may not grow any more is emptied, and orders go on by themselves") {
  Shop shop;
  const std::string body = good_order(shop);
  CHECK(shop.client().post("/orders/", body).status == 201);
  // More than the file will have, and less than the log would.
  limit_files(shop, std::filesystem::file_size(shop.database().file()) + 300'000);
  int confirmed = 1;
  for (int i = 0; i < 400; ++i) {
    const HttpResponse response = shop.client().post("/orders/", body);
    if (response.status == 201) ++confirmed;
  }
  CHECK(confirmed > 350);
  CHECK(shop.client().post("/orders/", body).status == 201);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == confirmed + 1);
  check_ledger(shop.database());
  check_verified(shop.database());
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
  threads.reserve(kClients);
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
  check_verified(shop.database());
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
  std::set<std::int64_t> acknowledged;
  limit_files(shop, log_bytes(shop) + 200'000);
  for (int i = 0; i < 200; ++i) {
    const HttpResponse response = shop.client().post("/orders/", good_order(shop));
    if (response.status == 503) break;
    acknowledged.insert(parse(response)["id"].get<std::int64_t>());
  }
  REQUIRE(!acknowledged.empty());
  limit_files(shop, RLIM_INFINITY);
  CHECK(shop.server().stop() == 0);
  const auto waiting = query_texts(shop.database(), "SELECT payload FROM jobs WHERE period IS NULL");
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
  const fs::path file = shop.database().file();
  const fs::path elsewhere = shop.folder() / "elsewhere.db";
  fs::rename(file, elsewhere);
  for (int i = 0; i < 5; ++i) check_unavailable(shop.client().post("/orders/", body));
  // Nor is it taken for another that lies there now.
  fs::copy_file(elsewhere, file);
  check_unavailable(shop.client().post("/orders/", body));
  fs::remove(file);
  CHECK(shop.client().get("/livez").status == 200);
  for (int i = 0; i < 20; ++i) CHECK(shop.connect().get("/api/stores/").status < 500);
  CHECK(!fs::exists(file));

  fs::rename(elsewhere, file);
  CHECK(shop.client().post("/orders/", body).status == 201);
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 2);
}
