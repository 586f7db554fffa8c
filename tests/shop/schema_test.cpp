// Shops of earlier versions, brought to the present one.
#include "shop/schema.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "jobs/queue.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/older_schema.h"

namespace {

using namespace aforro;  // NOLINT
using test::LocalShop;

std::string definition_of_index(const test::Location& location, const std::string& name) {
  const std::string query = location.is_postgres()
                                ? "SELECT indexdef FROM pg_indexes WHERE indexname = '" + name + "'"
                                : "SELECT sql FROM sqlite_master WHERE name = '" + name + "'";
  return test::query_texts(location, query).at(0);
}

TEST_CASE("a shop of version 1 keeps its jobs, and can look them up by kind") {
  LocalShop shop;
  const std::string now = definition_of_index(shop.location, "jobs_due");
  shop.database->write([&](sql::Connection& connection) {
    jobs::enqueue(connection, "kind", "payload", shop.clock.now());
    connection.run("DROP INDEX jobs_due");
    connection.run("CREATE INDEX jobs_due ON jobs (run_at, id) WHERE state = 'waiting'");
  });
  test::take_back_to_version_2(shop.location);
  test::query_texts(shop.location, shop.location.is_postgres() ? "UPDATE schema_version SET version = 1"
                                                               : "PRAGMA user_version = 1");
  REQUIRE(definition_of_index(shop.location, "jobs_due") != now);

  const auto opened = shop.open_again();

  CHECK(definition_of_index(shop.location, "jobs_due") == now);
  CHECK(jobs::Queue(*opened, shop.clock).claim("kind", 10).size() == 1);
}

}  // namespace
