// A server, and the program of the next version (tests/next/schema.cpp) on the same database: what
// docs/operations.md says of rolling upgrades, while customers order. AFORRO_WIDE=1 has them order more, and
// the servers go back and forth several times.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shop/schema.h"
#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/rolling_customers.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

constexpr int kCustomers = 8;

bool is_wide() { return std::getenv("AFORRO_WIDE") != nullptr; }

const int kKnown = aforro::shop::schema().version;

Setting next_program(std::string_view schema = "adding") {
  return {.program = next_program_path(), .environment = {{"NEXT_SCHEMA", std::string(schema)}}};
}

std::string says_schema(int version) { return " has schema version " + std::to_string(version) + "\n"; }

ProgramResult migrate(const Shop& shop, const Setting& program) {
  return run_program({"migrate", "--database", shop.database().string()}, program);
}

std::set<std::int64_t> stored_orders(const Shop& shop) {
  const auto ids = query_numbers(shop.database(), "SELECT id FROM orders");
  return {ids.begin(), ids.end()};
}

// Enough for all customers, however long they order.
void fill_shelf(const Shop& shop) {
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT,100000000\n");
}

void check_nothing_failed(const RollingCustomers& customers) {
  const std::vector<std::string> failed = customers.failed();
  const std::string first = failed.empty() ? "" : failed.front();
  CAPTURE(first);
  CHECK(failed.empty());
}

}  // namespace

TEST_CASE("servers of two versions take turns on one database while customers order, and no request fails") {
  const int orders = is_wide() ? 2'000 : 60;  // of each server in each phase
  const int rounds = is_wide() ? 5 : 1;
  Shop shop;
  fill_shelf(shop);
  auto older = std::make_unique<Server>(shop.database());
  RollingCustomers customers(shop, kCustomers);
  customers.go_to({older->port()});
  customers.wait_for_orders(orders);

  const ProgramResult migrated = migrate(shop, next_program());
  CHECK(migrated.exit_status == 0);
  CHECK(has(migrated.out, says_schema(kKnown + 1)));
  customers.wait_for_orders(orders);  // the older one goes on, on the newer schema
  check_nothing_failed(customers);
  CHECK(customers.sent_again() == 0);

  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const Server newer(shop.database(), {}, next_program());
    customers.go_to({older->port(), newer.port()});
    customers.wait_for_orders(orders);
    check_nothing_failed(customers);
    const int before = customers.sent_again();

    CHECK(older->stop() == 0);  // while customers still go there
    customers.go_to({newer.port()});
    customers.wait_for_orders(orders);
    check_nothing_failed(customers);
    // Each may have asked at the moment in which its connection was closed.
    CHECK(customers.sent_again() - before <= kCustomers);

    // The way back.
    older = std::make_unique<Server>(shop.database());
    CHECK(has(older->log(), "\"schema_is_newer\""));
    customers.go_to({older->port()});
    customers.wait_for_orders(orders);
    check_nothing_failed(customers);
  }
  customers.end();

  std::printf("rolling upgrade: %lld requests answered, %d sent again to the other server\n",
              static_cast<long long>(customers.answered()), customers.sent_again());
  CHECK(stored_orders(shop) == customers.acknowledged());
  check_ledger(shop.database());
  check_verified(shop.database());
  const ProgramResult verified =
      run_program({"verify", "--database", shop.database().string()}, next_program());
  CHECK(verified.exit_status == 0);
  CHECK(!has(verified.err, "schema"));
}

TEST_CASE("beneath a server that must not see the next schema nothing is written any more, and it says why") {
  Shop shop;
  fill_shelf(shop);
  const std::string why = "schema " + std::to_string(kKnown + 2) + " by a newer version of this program";
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  CHECK(shop.client().post("/orders/", order).status == 201);
  CHECK(shop.client().get("/readyz").status == 200);

  const ProgramResult migrated = migrate(shop, next_program("breaking"));
  CHECK(migrated.exit_status == 0);
  CHECK(has(migrated.out, says_schema(kKnown + 2)));

  check_unavailable(shop.client().post("/orders/", order));
  check_unavailable(shop.client().get(shop.inventory_path("North")));
  CHECK(wait_until([&] { return has(shop.client().get("/readyz").body, why); }));
  CHECK(shop.client().get("/livez").status == 200);
  const ProgramResult health =
      run_program({"health", "http://127.0.0.1:" + std::to_string(shop.server().port())});
  if (shop.server().scheme() == "http") CHECK(has(health.err, why));
  CHECK(stored_orders(shop).size() == 1);

  const Server newer(shop.database(), {}, next_program("breaking"));
  HttpClient client(newer.port());
  CHECK(client.get("/readyz").status == 200);
  CHECK(client.post("/orders/", order).status == 201);
  check_unavailable(shop.client().post("/orders/", order));
  CHECK(stored_orders(shop).size() == 2);
  const std::string refusal = "was written by a newer version of this program (schema " +
                              std::to_string(kKnown + 2) + ", this one knows up to " +
                              std::to_string(kKnown) + "); use that version";
  check_refused(run_program({"serve", "--listen", "127.0.0.1:0", "--database", shop.database().string()}),
                refusal);
}

TEST_CASE("customers who order while the schema is changed beneath their server lose nothing that it said") {
  Shop shop;
  fill_shelf(shop);
  RollingCustomers customers(shop, kCustomers);
  customers.wait_for_orders(50);

  CHECK(migrate(shop, next_program("breaking")).exit_status == 0);
  const Server newer(shop.database(), {}, next_program("breaking"));
  customers.go_to({newer.port()});
  customers.wait_for_orders(50);
  customers.end();

  for (const std::string& failed : customers.failed()) {
    CAPTURE(failed);
    CHECK(has(failed, ": 503 "));
  }
  const auto stored = stored_orders(shop);
  for (const std::int64_t order : customers.acknowledged()) CHECK(stored.contains(order));
  check_ledger(shop.database());
  const ProgramResult verified =
      run_program({"verify", "--database", shop.database().string()}, next_program("breaking"));
  CHECK(verified.exit_status == 0);
}
