// A session that its server has ended, while the connection is still open: the process behind it has said its
// last word and takes its time to be gone.
#include <doctest/doctest.h>

#include <string>

#include "sql/postgres.h"
#include "support/postgres_cluster.h"
#include "support/postgres_proxy.h"
#include "support/wait_until.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT
using test::PostgresCluster;

const Schema kSchema{.application_id = 7,
                     .version = 1,
                     .script = {.sqlite = "", .postgres = "CREATE TABLE things (id BIGINT PRIMARY KEY)"},
                     .steps = {}};

struct Place {
  Place() { proxy.linger(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    database.reset();
    cluster.drop_database(name);
  }

  std::int64_t read() {
    return database->read([](Connection& connection) {
      return connection.maybe_integer("SELECT count(*) FROM things").value();
    });
  }
  void write(std::int64_t id) {
    database->write(
        [&](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
  }
  // There is one, which has nothing left to answer: else what it says last could get lost with a request that
  // nobody takes any more. Returns when that has been passed on.
  void end_session() {
    const std::string ours =
        " FROM pg_stat_activity WHERE datname = '" + name + "' AND pid <> pg_backend_pid()";
    const auto value = [&](const std::string& what) {
      return cluster.query("postgres", "SELECT " + what + ours)[0][0];
    };
    CHECK(test::wait_until([&] { return value("count(*) FILTER (WHERE state = 'idle')") == "1"; }));
    const std::size_t before = proxy.lingering();
    CHECK(value("count(*) FILTER (WHERE pg_terminate_backend(pid, 5000))") == "1");
    CHECK(test::wait_until([&] { return proxy.lingering() > before; }));
  }

  PostgresCluster& cluster = PostgresCluster::shared();
  std::string name = cluster.create_database();
  test::PostgresProxy proxy{cluster.url(name)};
  std::unique_ptr<Database> database = open_postgres(proxy.url(), kSchema, {.missing = Missing::create});
};

TEST_CASE("a session that was ended after a read is not used again, though its connection is open") {
  Place place;
  for (int i = 0; i < 3; ++i) {
    CHECK(place.read() == 0);
    place.end_session();
  }
  CHECK_NOTHROW(place.write(1));
}

TEST_CASE("a session that was ended after a write is not used again, though its connection is open") {
  Place place;
  for (int i = 0; i < 3; ++i) {
    CHECK_NOTHROW(place.write(i));
    place.end_session();
  }
  CHECK(place.read() == 3);
}

}  // namespace
