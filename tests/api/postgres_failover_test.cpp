// A shop on a primary and a standby, whose primary is killed under load: its server goes on with the standby
// once that is promoted.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/keyed_customers.h"
#include "support/postgres_pair.h"
#include "support/server.h"
#include "support/shop.h"

using namespace aforro::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::int64_t kStock = 1'000'000;

TEST_CASE("a server goes on with the promoted standby, and every acknowledged order is there once") {
  PostgresPair pair;
  const Location database = pair.url(pair.primary().create_database());
  fill_database(Goods::corner, database);
  import_inventory(database, "store,sku,quantity\nNorth,CAT," + std::to_string(kStock) + "\n");
  const auto number = [&](const std::string& sql) { return query_number(database, sql); };
  Server server(database);
  KeyedCustomers customers(server.port(),
                           order_body(number("SELECT id FROM stores WHERE name = 'North'"),
                                      {{number("SELECT id FROM products WHERE sku = 'CAT'"), 1}}),
                           8);
  customers.wait_for_more_orders(50);

  pair.primary().kill();
  const auto killed = steady_clock::now();
  customers.wait_for_more_refusals(20);
  pair.standby().promote();
  const auto promoted = steady_clock::now();
  customers.wait_for_more_orders(1);
  const auto found = steady_clock::now();
  customers.wait_for_more_orders(100);
  customers.stop();

  MESSAGE("promoted ", std::chrono::duration_cast<milliseconds>(promoted - killed).count(),
          " ms after the primary was killed, the next order ",
          std::chrono::duration_cast<milliseconds>(found - promoted).count(), " ms after that");
  CHECK(customers.statuses() == std::set<int>{201, 503});
  CHECK(customers.longest() < milliseconds(3'000));
  std::set<std::int64_t> acknowledged;
  for (const auto& [key, id] : customers.orders()) {
    CHECK(acknowledged.insert(id).second);
    CHECK(number("SELECT order_id FROM idempotency_keys WHERE key = '" + key + "'") == id);
  }
  const auto stored = query_numbers(database, "SELECT id FROM orders ORDER BY id");
  CHECK(std::includes(stored.begin(), stored.end(), acknowledged.begin(), acknowledged.end()));
  CHECK(stored.size() <= acknowledged.size() + 8);
  check_ledger(database);
  check_verified(database);
  CHECK(server.stop() == 0);
}

}  // namespace
