// PostgreSQL taken away from under a server with customers: restarted, crashed, its sessions ended, frozen.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <thread>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/keyed_customers.h"
#include "support/postgres_cluster.h"
#include "support/server.h"
#include "support/shop.h"

using namespace aforro::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::int64_t kStock = 1'000'000;

// A shop on a database server of its own, which writes to disk in earnest.
struct Place {
  PostgresCluster cluster{PostgresCluster::Writes::to_disk};
  Location database = cluster.url(cluster.create_database());

  Place() {
    fill_database(Goods::corner, database);
    import_inventory(database, "store,sku,quantity\nNorth,CAT," + std::to_string(kStock) + "\n");
  }
  std::int64_t number(const std::string& sql) const { return query_number(database, sql); }
  std::string order() const {
    return order_body(number("SELECT id FROM stores WHERE name = 'North'"),
                      {{number("SELECT id FROM products WHERE sku = 'CAT'"), 1}});
  }
  void end_sessions() const {
    cluster.query("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                                  database.name() + "'");
  }
};

TEST_CASE(
    "a database that is restarted, crashes and loses sessions under load: what was acknowledged is there "
    "once") {
  Place place;
  Server server(place.database);
  KeyedCustomers customers(server.port(), place.order(), 8);
  customers.wait_for_more_orders(50);

  for (int i = 0; i < 3; ++i) {
    place.end_sessions();
    customers.wait_for_more_orders(30);
  }
  place.cluster.stop();
  customers.wait_for_more_refusals(20);
  place.cluster.start();
  customers.wait_for_more_orders(50);
  place.cluster.kill();
  customers.wait_for_more_refusals(20);
  place.cluster.start();
  customers.wait_for_more_orders(50);
  customers.stop();

  CHECK(customers.statuses() == std::set<int>{201, 503});
  MESSAGE("the longest answer took ", customers.longest().count(), " ms");
  CHECK(customers.longest() < milliseconds(3'000));  // a second, on a machine that has nothing else to do
  std::set<std::int64_t> acknowledged;
  for (const auto& [key, id] : customers.orders()) {
    CHECK(acknowledged.insert(id).second);
    CHECK(place.number("SELECT order_id FROM idempotency_keys WHERE key = '" + key + "'") == id);
  }
  const auto stored = query_numbers(place.database, "SELECT id FROM orders ORDER BY id");
  CHECK(std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()));
  // A key that was given up for good may have been committed all the same; no other has more than one order.
  CHECK(stored.size() <= acknowledged.size() + 8);
  CHECK(place.number("SELECT count(DISTINCT order_id) FROM idempotency_keys") ==
        static_cast<std::int64_t>(stored.size()));
  CHECK(place.number(
            "SELECT quantity FROM inventory i JOIN products p ON p.id = i.product_id WHERE sku = 'CAT'") ==
        kStock - static_cast<std::int64_t>(stored.size()));
  check_ledger(place.database);
  check_verified(place.database);
  CHECK(server.stop() == 0);
}

TEST_CASE("while the database is away every request is answered soon, and what needs none goes on") {
  Place place;
  Server server(place.database);
  HttpClient client(server.port());
  CHECK(client.get("/readyz").status == 200);
  place.cluster.stop();

  for (int round = 0; round < 5; ++round) {
    for (const char* target : {"/readyz", "/api/stores/", "/stores/1/inventory/",
                               "/api/search/products/?q=mug", "/orders/1/", "/stores/1/orders/"}) {
      CAPTURE(target);
      const auto begun = steady_clock::now();
      check_unavailable(client.get(target));
      CHECK(steady_clock::now() - begun < milliseconds(1'000));
    }
    CHECK(client.get("/livez").status == 200);
    CHECK(client.get("/nothing/").status == 404);
    CHECK(client.post("/orders/", "{}").status == 400);
  }
  place.cluster.start();
  for (int i = 0; i < 500 && client.get("/readyz").status != 200; ++i) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  CHECK(client.get("/stores/1/inventory/").status == 200);
  CHECK(server.stop() == 0);
}

TEST_CASE(
    "a database that says nothing any more keeps nobody waiting, and all goes on when it speaks again") {
  Place place;
  Server server(place.database);
  KeyedCustomers customers(server.port(), place.order(), 8);
  customers.wait_for_more_orders(50);

  place.cluster.signal(SIGSTOP);
  customers.wait_for_more_refusals(100);
  place.cluster.signal(SIGCONT);
  customers.wait_for_more_orders(50);
  customers.stop();

  CHECK(customers.statuses() == std::set<int>{201, 503});
  MESSAGE("the longest answer took ", customers.longest().count(), " ms");
  CHECK(customers.longest() < milliseconds(4'000));  // a second, on a machine that has nothing else to do
  check_ledger(place.database);
  check_verified(place.database);
  CHECK(server.stop() == 0);
}

TEST_CASE("a password is in no log, whatever happens to the database") {
  Place place;
  Server server(place.database);
  HttpClient client(server.port());
  client.get("/readyz");
  place.end_sessions();
  client.get("/readyz");
  place.cluster.stop();
  client.get("/readyz");
  CHECK(server.stop() == 0);
  const std::string url = place.database.string();
  const std::size_t begin = url.rfind(':', url.find('@')) + 1;
  const std::string password = url.substr(begin, url.find('@') - begin);
  CHECK(password.size() > 3);
  CHECK(server.log().find("error") != std::string::npos);
  CHECK(server.log().find(password) == std::string::npos);
}

}  // namespace
