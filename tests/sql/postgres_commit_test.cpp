// What is known of a COMMIT whose answer was lost: a proxy cuts the session just before the server gets it,
// or just after.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <string>

#include "base/problem.h"
#include "sql/postgres.h"
#include "sql/postgres_breaker.h"
#include "sql/postgres_pulse.h"
#include "support/postgres_cluster.h"
#include "support/postgres_proxy.h"
#include "support/wait_until.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT
using test::PostgresCluster;
using test::PostgresProxy;
using Cut = test::PostgresProxy::Cut;

const Schema kSchema{.application_id = 7,
                     .version = 1,
                     .script = {.sqlite = "", .postgres = "CREATE TABLE things (id BIGINT PRIMARY KEY)"},
                     .steps = {}};

struct Place {
  explicit Place(PostgresCluster& on = PostgresCluster::shared()) : cluster(on) {}
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    database.reset();
    cluster.drop_database(name);
  }

  // Adds a thing; `reads` says whether the transaction waits for anything before its COMMIT.
  enum class Reads { something, nothing };
  void add(std::int64_t id, Reads reads = Reads::something) {
    database->write([&](Connection& connection) {
      ++runs;
      if (reads == Reads::something) connection.maybe_integer("SELECT count(*) FROM things");
      connection.run("INSERT INTO things (id) VALUES ($1)", {id});
    });
  }
  // For a fifth of a second after a failure nobody tries to connect.
  bool adds_once_let(std::int64_t id) {
    return test::wait_until([&] {
      try {
        add(id);
        return true;
      } catch (const Unavailable&) {
        return false;
      }
    });
  }
  std::int64_t stored() const { return std::stoll(cluster.query(name, "SELECT count(*) FROM things")[0][0]); }

  PostgresCluster& cluster;
  std::string name = cluster.create_database();
  PostgresProxy proxy{cluster.url(name)};
  std::unique_ptr<Database> database = open_postgres(proxy.url(), kSchema, {.missing = Missing::create});
  int runs = 0;
};

TEST_CASE("a transaction whose answer to COMMIT was lost is found to be committed, and is not run again") {
  Place place;
  for (std::int64_t id = 1; id <= 5; ++id) {
    place.proxy.cut(Cut::after_commit);
    place.add(id);
    CHECK(place.stored() == id);
  }
  CHECK(place.runs == 5);
  CHECK(place.proxy.cuts() == 5);
}

TEST_CASE(
    "a transaction whose COMMIT did not arrive is found to be undone: nothing was done, and it is said so") {
  Place place;
  for (std::int64_t id = 1; id <= 5; ++id) {
    place.proxy.cut(Cut::before_commit);
    CHECK_THROWS_AS(place.add(id), Unavailable);
  }
  CHECK(place.stored() == 0);
  CHECK(place.runs == 5);
  place.add(1);
  CHECK(place.stored() == 1);
}

TEST_CASE("where nobody can be asked what became of a transaction, its outcome is unknown, and soon so") {
  Place place;
  place.add(1);
  place.proxy.shut_with_next_cut();
  place.proxy.cut(Cut::after_commit);
  const auto begun = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(place.add(2), OutcomeUnknown);
  CHECK(std::chrono::steady_clock::now() - begun <
        std::chrono::seconds(3));  // half a second on an idle machine
  CHECK(place.stored() == 2);

  place.proxy.let_in(true);
  CHECK(place.adds_once_let(3));
  place.proxy.shut_with_next_cut();
  place.proxy.cut(Cut::before_commit);
  CHECK_THROWS_AS(place.add(4), OutcomeUnknown);
  CHECK(place.stored() == 3);
  CHECK(place.runs == 4);
}

TEST_CASE("a transaction that waited for nothing before its COMMIT has no number to ask by: unknown") {
  Place place;
  place.proxy.cut(Cut::after_commit);
  CHECK_THROWS_AS(place.add(1, Place::Reads::nothing), OutcomeUnknown);
  CHECK(place.stored() == 1);
  place.proxy.cut(Cut::before_commit);
  CHECK_THROWS_AS(place.add(2, Place::Reads::nothing), OutcomeUnknown);
  CHECK(place.stored() == 1);
}

TEST_CASE("a COMMIT that the server turns down is no unknown outcome") {
  Place place;
  place.cluster.query(place.name,
                      "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS "
                      "'BEGIN RAISE SQLSTATE ''53100''; END';"
                      "CREATE CONSTRAINT TRIGGER refuses AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED"
                      " FOR EACH ROW EXECUTE FUNCTION refuse()");
  CHECK_THROWS_AS(place.add(1), Unavailable);
  CHECK_THROWS_AS(place.add(1, Place::Reads::nothing), Unavailable);
  CHECK(place.stored() == 0);
}

TEST_CASE("after a crash nothing is concluded from a number, which may be another transaction's by then") {
  PostgresCluster cluster;
  Place place(cluster);
  place.add(1);
  SUBCASE("of the server") {
    const auto crash = [&](Connection& connection) {
      connection.maybe_integer("SELECT count(*) FROM things");
      cluster.kill();
      cluster.start();
    };
    CHECK_THROWS_AS(place.database->write(crash), OutcomeUnknown);
  }
  SUBCASE("of one of its processes, which its first one outlives") {
    const auto crash = [&](Connection& connection) {
      connection.maybe_integer("SELECT count(*) FROM things");
      const std::string pid = cluster.query(
          "postgres", "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")[0][0];
      const std::string since = "SELECT stats_reset FROM pg_stat_bgwriter";
      ::kill(std::stoi(pid), SIGKILL);
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
      bool is_back = false;
      while (!is_back && std::chrono::steady_clock::now() < until) {
        try {
          is_back = cluster
                        .query("postgres",
                               "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'walwriter'"
                               " AND pid <> " +
                                   pid)
                        .size() == 1;
        } catch (const std::exception&) {
        }
      }
      CHECK(is_back);
    };
    CHECK_THROWS_AS(place.database->write(crash), OutcomeUnknown);
  }
  CHECK(place.stored() == 1);
}

TEST_CASE("where a standby is waited for, what the server itself has committed is not taken for safe") {
  PostgresCluster cluster;
  Place place(cluster);
  place.add(1);
  cluster.query("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'somewhere'");
  cluster.query("postgres", "ALTER DATABASE " + place.name + " SET synchronous_commit = 'local'");
  cluster.query("postgres", "SELECT pg_reload_conf()");
  place.database = open_postgres(place.proxy.url(), kSchema, {});
  place.add(2);
  place.proxy.cut(Cut::after_commit);
  CHECK_THROWS_AS(place.add(3), OutcomeUnknown);
  cluster.query("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
  cluster.query("postgres", "SELECT pg_reload_conf()");
}

TEST_CASE("a server that could not be reached is tried again as soon as it has said anything to anybody") {
  static constexpr std::chrono::milliseconds kPatience{100};
  PostgresBreaker breaker;
  PostgresPulse pulse(
      [](std::chrono::milliseconds patience) {
        CHECK(patience == kPatience);
        return false;
      },
      &breaker);
  breaker.failed("away");
  CHECK_THROWS_AS(breaker.enter(), Unavailable);
  CHECK(!pulse.is_answered(kPatience));
  CHECK(pulse.is_silent());

  pulse.heard();

  CHECK_NOTHROW(breaker.enter());
  CHECK(pulse.is_answered(kPatience));
  CHECK(!pulse.is_silent());
  breaker.failed("away again");
  CHECK_THROWS_AS(breaker.enter(), Unavailable);
}

TEST_CASE("a server that has no session left is tried again after a while, whatever it says on others") {
  PostgresBreaker breaker;
  PostgresPulse pulse([](std::chrono::milliseconds) { return true; }, &breaker);
  breaker.failed("full", PostgresBreaker::Until::later);
  pulse.heard();
  CHECK_THROWS_AS(breaker.enter(), Unavailable);
  CHECK(pulse.is_answered(std::chrono::milliseconds(1)));
}

}  // namespace
