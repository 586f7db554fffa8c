// The schema of PostgreSQL changed beneath a server while somebody else reads for long, as `aforro verify`
// and pg_dump do: the change waits, and customers don't wait behind it.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "shop/schema.h"
#include "support/expect_program.h"
#include "support/postgres_session.h"
#include "support/shop.h"
#include "support/slowdown.h"

using namespace aforro::test;
using std::chrono::steady_clock;

namespace {

const Setting& next_program() {
  static const Setting kProgram{.program = next_program_path()};
  return kProgram;
}

// Has read a table that the next schema adds to, and its transaction goes on.
struct LongReading {
  explicit LongReading(const Shop& shop) : session(shop.database().string()) {
    session.query("BEGIN; SELECT count(*) FROM orders");
  }
  void end() { session.query("COMMIT"); }

  PostgresSession session;
};

// Until it is known that the migration wants a lock which it does not get.
void wait_for_wish(const Shop& shop) {
  PostgresSession session(shop.database().string());
  const auto until = steady_clock::now() + std::chrono::seconds(20);
  while (session
             .query("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND"
                    " relation = CAST('orders' AS regclass)")
             .at(0)
             .at(0) == "0") {
    REQUIRE(steady_clock::now() < until);
  }
}

}  // namespace

TEST_CASE("while a change of the schema waits for a long transaction, orders don't wait behind it") {
  Shop shop;
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  LongReading reading(shop);
  Program migrating({"migrate", "--database", shop.database().string()}, next_program());
  wait_for_wish(shop);

  // As often as the change is tried again.
  for (const auto until = steady_clock::now() + std::chrono::seconds(2); steady_clock::now() < until;) {
    const auto begun = steady_clock::now();
    CHECK(shop.client().post("/orders/", order).status == 201);
    CHECK(shop.client().get(shop.orders_path("North")).status == 200);
    CHECK(steady_clock::now() - begun < kSlowdown * std::chrono::milliseconds(1'500));
  }
  CHECK(migrating.is_running());

  reading.end();
  const ProgramResult migrated = migrating.finish();
  CHECK(migrated.exit_status == 0);
  CHECK(has(migrated.out, "has schema version " + std::to_string(aforro::shop::schema().version + 1)));
  CHECK(shop.client().post("/orders/", order).status == 201);
}

TEST_CASE("a change of the schema that never gets its locks is given up, and nothing has changed") {
  Shop shop;
  const LongReading reading(shop);
  const ProgramResult refused =
      run_program({"migrate", "--lock-timeout", "1", "--database", shop.database().string()}, next_program());
  check_refused(refused, "another session has been using one of its tables for too long");
  CHECK(shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}})).status ==
        201);
  const ProgramResult ours = shop.command({"migrate"});
  CHECK(has(ours.out, "has schema version " + std::to_string(aforro::shop::schema().version) + "\n"));
}
