// A bell on PostgreSQL, by LISTEN and NOTIFY.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "sql/postgres.h"
#include "support/postgres_cluster.h"
#include "support/wait_until.h"

namespace {

using aforro::test::PostgresCluster;
using aforro::test::wait_until;

struct Process {
  explicit Process(const std::string& url)
      : bell(aforro::sql::make_postgres_bell(url, [this] { ++heard; })) {}

  std::atomic<int> heard = 0;
  std::unique_ptr<aforro::Bell> bell;
};

TEST_CASE("a bell is heard by the other processes with the database, and not by its own") {
  PostgresCluster& cluster = PostgresCluster::shared();
  const std::string name = cluster.create_database();
  const std::string other = cluster.create_database();
  {
    Process one(cluster.url(name));
    Process two(cluster.url(name));
    Process elsewhere(cluster.url(other));
    CHECK(wait_until([&] { return one.heard == 1 && two.heard == 1 && elsewhere.heard == 1; }));
    one.bell->ring();
    CHECK(wait_until([&] { return two.heard == 2; }));
    two.bell->ring();
    CHECK(wait_until([&] { return one.heard == 2; }));
    CHECK(two.heard == 2);
    CHECK(elsewhere.heard == 1);
    // A session that is ended is made anew, and what was missed meanwhile is looked for.
    cluster.query("postgres",
                  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
    CHECK(wait_until([&] { return one.heard >= 3 && two.heard >= 3; }));
    const int before = one.heard;
    two.bell->ring();
    CHECK(wait_until([&] { return one.heard > before; }));
  }
  cluster.drop_database(name);
  cluster.drop_database(other);
}

TEST_CASE("without a server nothing is heard, and the bell goes at once") {
  Process alone("postgres://nobody@127.0.0.1:1/nothing");
  alone.bell->ring();
  CHECK(alone.heard == 0);
}

}  // namespace
