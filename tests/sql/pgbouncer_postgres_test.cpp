// PgBouncer in front of PostgreSQL: in session mode it does not show, in any other it is refused at the
// start.
#include "support/pgbouncer.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "sql/postgres.h"
#include "support/postgres_cluster.h"
#include "support/things.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT
using test::PgBouncer;
using test::PostgresCluster;

std::string mode(const std::string& mode, int pool_size, const std::string& more = "") {
  return "pool_mode = " + mode + "\ndefault_pool_size = " + std::to_string(pool_size) + '\n' + more;
}

struct Place {
  PostgresCluster& cluster = PostgresCluster::shared();
  std::string name = cluster.create_database();

  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { cluster.drop_database(name); }

  std::unique_ptr<Database> open(const PgBouncer& pooler,
                                 const PostgresOptions& options = {.missing = Missing::create}) const {
    return open_postgres(pooler.url(name), test::schema_of_things(), options);
  }
  // What opening says; empty if it succeeds.
  std::string refusal_by(const PgBouncer& pooler) const {
    try {
      open(pooler);
      return {};
    } catch (const Problem& problem) {
      CHECK(problem.kind() == Problem::Kind::conflict);
      CHECK(problem.detail().find('\n') == std::string::npos);
      return problem.detail();
    }
  }
};

TEST_CASE("a pooler that gives one session to several clients is refused, which says what to do") {
  const Place place;
  for (const char* kind : {"transaction", "statement"}) {
    for (const int pool_size : {1, 2, 20}) {
      for (const char* more : {"", "server_round_robin = 1\n"}) {
        CAPTURE(kind);
        CAPTURE(pool_size);
        CAPTURE(more);
        const PgBouncer pooler(place.cluster, mode(kind, pool_size, more));
        CHECK(place.refusal_by(pooler).find("pool_mode = session") != std::string::npos);
      }
    }
  }
  // None of them has left anything.
  CHECK(place.cluster.query(place.name, "SELECT 1 FROM pg_tables WHERE tablename = 'things'").empty());
}

TEST_CASE("a pooler in transaction mode is refused while other clients keep its sessions busy") {
  const Place place;
  const PgBouncer pooler(place.cluster, mode("transaction", 4, "server_round_robin = 1\n"));
  std::atomic<bool> is_over = false;
  std::vector<std::thread> others;
  others.reserve(8);
  for (int i = 0; i < 8; ++i) {
    others.emplace_back([&] {
      test::PostgresSession session(pooler.url(place.name));
      while (!is_over) session.query("SELECT 1");
    });
  }
  for (int i = 0; i < 10; ++i)
    CHECK(place.refusal_by(pooler).find("pool_mode = session") != std::string::npos);
  is_over = true;
  for (std::thread& other : others) other.join();
}

TEST_CASE("a pooler in session mode does not show") {
  const Place place;
  const PgBouncer pooler(place.cluster, mode("session", 20));
  for (int i = 0; i < 5; ++i) CHECK(place.refusal_by(pooler).empty());
  const auto database = place.open(pooler);
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (std::int64_t id = 0; id < 8; ++id) {
    threads.emplace_back([&database, id] {
      for (std::int64_t i = 0; i < 20; ++i) test::add_thing(*database, 100 * id + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(test::count_things(*database) == 160);

  std::atomic<int> rung = 0;
  const auto bell = make_postgres_bell(pooler.url(place.name), [&] { ++rung; });
  CHECK(test::wait_until([&] { return rung == 1; }));
  bell->ring();  // which it does not hear itself, though it has the pooler's number
  ring_postgres_bell(pooler.url(place.name));
  CHECK(test::wait_until([&] { return rung == 2; }));
}

TEST_CASE("a pooler in session mode that has one session for all is used with it, without waiting for more") {
  const Place place;
  const PgBouncer pooler(place.cluster, mode("session", 1));
  const auto begun = std::chrono::steady_clock::now();
  const auto database =
      place.open(pooler, {.missing = Missing::create, .max_connections = 1, .max_writing = 1});
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(8));
  test::add_thing(*database, 1);
  CHECK(test::count_things(*database) == 1);
}

TEST_CASE("a pooler that is set to transaction mode later does no harm, and it is said why nothing goes on") {
  const Place place;
  PgBouncer pooler(place.cluster, mode("session", 20, "server_round_robin = 1\n"));
  const auto database = place.open(pooler);
  std::int64_t id = 0;
  test::add_thing(*database, ++id);
  pooler.reload(mode("transaction", 20, "server_round_robin = 1\n"));
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<std::int64_t> added = 1;
  std::atomic<int> refused = 0;
  std::atomic<int> told = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (std::int64_t n = 0; n < 50; ++n) {
        try {
          test::add_thing(*database, 1000 * (i + 1) + n);
          ++added;
        } catch (const Unavailable& fault) {
          ++refused;
          if (std::string(fault.what()).find("pool_mode = session") != std::string::npos) ++told;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  MESSAGE("written ", added.load(), ", told why not ", told.load());
  // From its version 1.21 on PgBouncer may carry prepared statements over itself; then all goes on.
  if (refused > 0) {
    CHECK(told > 0);
    CHECK(database->write_obstacle().value_or("").find("pool_mode = session") != std::string::npos);
  }
  // What was acknowledged is there, and nothing else.
  CHECK(place.cluster.query(place.name, "SELECT count(*) FROM things")[0][0] == std::to_string(added.load()));

  pooler.reload(mode("session", 20));
  CHECK(test::adds_once_let(*database, ++id));
}

}  // namespace
