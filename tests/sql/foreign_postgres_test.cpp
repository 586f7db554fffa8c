// PostgreSQL databases of other programs.
#include <doctest/doctest.h>

#include <string>

#include "sql/foreign.h"
#include "support/location.h"
#include "support/postgres_cluster.h"
#include "support/refusal.h"

using namespace aforro;        // NOLINT: of several parts
using namespace aforro::test;  // NOLINT

namespace {

constexpr std::chrono::milliseconds kPatience{5'000};

// A database of another program.
struct Other {
  PostgresCluster& cluster = PostgresCluster::shared();
  std::string name = cluster.create_database();
  std::string url = cluster.url(name);

  Other() {
    PostgresSession(url).query("CREATE TABLE things (id BIGINT); INSERT INTO things VALUES (1), (2)");
  }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  ~Other() { cluster.drop_database(name); }
};

std::int64_t count(sql::Connection& snapshot) {
  return *snapshot.maybe_integer("SELECT count(*) FROM things");
}

}  // namespace

TEST_CASE("another program's database is read in one snapshot, while that goes on, and can't be written") {
  const Other other;
  sql::read_foreign_postgres(other.url, kPatience, [&](sql::Connection& snapshot) {
    CHECK(count(snapshot) == 2);
    PostgresSession(other.url).query("INSERT INTO things VALUES (3); CREATE TABLE more (id BIGINT)");
    CHECK(count(snapshot) == 2);
  });
  CHECK_THROWS_AS(sql::read_foreign_postgres(other.url, kPatience,
                                             [](sql::Connection& snapshot) {
                                               snapshot.run("DELETE FROM things");
                                               count(snapshot);
                                             }),
                  Unavailable);
  CHECK(other.cluster.query(other.name, "SELECT count(*) FROM things")[0][0] == "3");
  CHECK(other.cluster.query(other.name,
                            "SELECT count(*) FROM pg_class WHERE relname = 'schema_versions'")[0][0] == "0");
}

TEST_CASE("a database that can't be reached or used is said so, without its password") {
  const Other other;
  const auto nothing = [](sql::Connection&) {};
  const auto away = problem_of(
      [&] { sql::read_foreign_postgres("postgres://ann:pass-word@127.0.0.1:1/old", kPatience, nothing); });
  REQUIRE(away);
  CHECK(away->kind() == Problem::Kind::unavailable);
  CHECK(away->detail().find("can't be reached") != std::string::npos);
  CHECK(away->detail().find("pass-word") == std::string::npos);
  const auto torn = problem_of([&] { sql::read_foreign_postgres("postgres://[", kPatience, nothing); });
  REQUIRE(torn);
  CHECK(torn->kind() == Problem::Kind::invalid);
}
