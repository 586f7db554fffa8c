// A session that its server has ended, while the connection is still open: the process behind it has said its
// last word and takes its time to be gone.
#include <doctest/doctest.h>

#include <string>

#include "sql/postgres.h"
#include "support/postgres_cluster.h"
#include "support/postgres_proxy.h"

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
  // Returns how many there were, once they are gone.
  std::string end_sessions() const {
    return cluster.query("postgres",
                         "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000))"
                         " FROM pg_stat_activity WHERE datname = '" +
                             name + "' AND pid <> pg_backend_pid()")[0][0];
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
    CHECK(place.end_sessions() == "1");
  }
  CHECK_NOTHROW(place.write(1));
}

TEST_CASE("a session that was ended after a write is not used again, though its connection is open") {
  Place place;
  for (int i = 0; i < 3; ++i) {
    CHECK_NOTHROW(place.write(i));
    CHECK(place.end_sessions() == "1");
  }
  CHECK(place.read() == 3);
}

}  // namespace
