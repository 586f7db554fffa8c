// What clients and users are told when the session with PostgreSQL is lost in COMMIT, and what is stored
// then.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/postgres_cluster.h"
#include "support/postgres_proxy.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"

using namespace aforro::test;
using Cut = PostgresProxy::Cut;

namespace {

// A shop behind a proxy.
struct Place {
  PostgresCluster cluster;
  Location database = cluster.url(cluster.create_database());
  PostgresProxy proxy{database.string(), "INSERT INTO orders "};  // not the jobs of earlier ones

  Place() { fill_database(Goods::corner, database); }
  std::int64_t number(const std::string& sql) const { return query_number(database, sql); }
  std::int64_t orders() const { return number("SELECT count(*) FROM orders"); }
  std::int64_t store() const { return number("SELECT id FROM stores WHERE name = 'North'"); }
  std::int64_t product() const { return number("SELECT id FROM products WHERE sku = 'CAT'"); }
  std::string order() const { return order_body(store(), {{product(), 1}}); }
};

void check_outcome_unknown(const HttpResponse& response) {
  INFO("answered ", response.status, " ", response.body);
  CHECK(response.status == 503);
  CHECK(response.header("Retry-After") == "1");
  CHECK(response.header("Content-Type") == "application/problem+json");
  const auto problem = parse(response);
  CHECK(problem["type"] == "/problems/outcome-unknown");
  CHECK(has(problem["detail"].get<std::string>(), "may have been stored"));
}

TEST_CASE("an order whose COMMIT was answered to nobody is acknowledged all the same, and stored once") {
  Place place;
  Server server(place.proxy.url());
  HttpClient client(server.port());
  for (std::int64_t i = 1; i <= 5; ++i) {
    place.proxy.cut(Cut::after_commit);
    const HttpResponse response = client.post("/orders/", place.order());
    CHECK_MESSAGE(response.status == 201, response.body);
    CHECK(place.orders() == i);
    CHECK(place.number("SELECT count(*) FROM orders WHERE id = " + parse(response)["id"].dump()) == 1);
  }
  check_ledger(place.database);
  CHECK(server.stop() == 0);
}

TEST_CASE("an order whose COMMIT did not arrive is refused as unchanged, which is true") {
  Place place;
  Server server(place.proxy.url());
  HttpClient client(server.port());
  for (int i = 0; i < 5; ++i) {
    place.proxy.cut(Cut::before_commit);
    check_unavailable(client.post("/orders/", place.order()));
    CHECK(place.orders() == 0);
  }
  CHECK(client.post("/orders/", place.order()).status == 201);
  CHECK(server.stop() == 0);
}

TEST_CASE("an order of which nobody knows whether it is stored is told as that; its key makes it one order") {
  for (const Cut where : {Cut::after_commit, Cut::before_commit}) {
    CAPTURE(where == Cut::after_commit);
    Place place;
    Server server(place.proxy.url());
    HttpClient client(server.port());
    const std::vector<std::pair<std::string, std::string>> key{{"Idempotency-Key", "mine"}};
    CHECK(client.get("/readyz").status == 200);
    place.proxy.shut_with_next_cut();
    place.proxy.cut(where);

    check_outcome_unknown(client.post("/orders/", place.order(), key));

    CHECK(place.orders() == (where == Cut::after_commit ? 1 : 0));
    place.proxy.let_in(true);
    HttpResponse again = client.post("/orders/", place.order(), key);
    for (int i = 0; i < 100 && again.status == 503; ++i) again = client.post("/orders/", place.order(), key);
    CHECK(again.status == 201);
    CHECK(again.header("Idempotency-Replayed").has_value() == (where == Cut::after_commit));
    CHECK(place.orders() == 1);
    CHECK(has(client.get("/problems/outcome-unknown").body, "Idempotency-Key"));
    CHECK(has(client.get("/problems/").body, "/problems/outcome-unknown"));
    CHECK(server.stop() == 0);
    CHECK(has(server.log(), "outcome_unknown"));
  }
}

TEST_CASE(
    "whatever is cut and whenever, a client with a key never gets two orders, nor one that is not there") {
  constexpr int kClients = 6;
  constexpr int kOrdersOfEach = 15;
  Place place;
  Server server(place.proxy.url());
  const std::string body = place.order();
  std::atomic<bool> is_over = false;
  std::thread cutter([&] {
    for (int i = 0; !is_over; ++i) {
      constexpr Cut kWhere[]{Cut::at_commit, Cut::after_commit, Cut::before_commit};
      place.proxy.cut(kWhere[i % 3], 1 + static_cast<std::size_t>(i) % 4);
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  std::vector<std::set<std::int64_t>> acknowledged(kClients);
  std::atomic<int> unknown = 0;
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < acknowledged.size(); ++i) {
    clients.emplace_back([&, i] {
      HttpClient client(server.port());
      for (int order = 0; order < kOrdersOfEach; ++order) {
        const std::string key = std::to_string(i) + "-" + std::to_string(order);
        HttpResponse response = client.post("/orders/", body, {{"Idempotency-Key", key}});
        while (response.status == 503) {
          if (has(response.body, "outcome-unknown")) ++unknown;
          response = client.post("/orders/", body, {{"Idempotency-Key", key}});
        }
        if (response.status == 201) acknowledged[i].insert(parse(response)["id"].get<std::int64_t>());
      }
    });
  }
  for (std::thread& client : clients) client.join();
  is_over = true;
  cutter.join();
  CHECK(server.stop() == 0);

  std::set<std::int64_t> all;
  for (const auto& some : acknowledged) {
    CHECK(some.size() == kOrdersOfEach);
    all.insert(some.begin(), some.end());
  }
  MESSAGE(place.proxy.cuts(), " sessions cut, ", unknown.load(), " outcomes unknown");
  CHECK(place.proxy.cuts() > 10);
  const auto stored = query_numbers(place.database, "SELECT id FROM orders ORDER BY id");
  CHECK(std::set<std::int64_t>(stored.begin(), stored.end()) == all);
  CHECK(all.size() == kClients * kOrdersOfEach);
  check_ledger(place.database);
  check_verified(place.database);
}

TEST_CASE("a command says in one line that its order may have been stored, and fails") {
  Place place;
  place.proxy.shut_with_next_cut();
  place.proxy.cut(Cut::after_commit);
  const ProgramResult result =
      run_program({"order", "--store", std::to_string(place.store()), "--item",
                   std::to_string(place.product()) + ":1", "--database", place.proxy.url()});
  INFO(result.err);
  CHECK(result.exit_status == 1);
  CHECK(result.out.empty());
  CHECK(has(result.err, "it may have been stored, or not: look before you try again"));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(place.orders() == 1);
}

}  // namespace
