// How many sessions a database takes of its server, and what becomes of it when the server has none left.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "sql/postgres.h"
#include "support/postgres_cluster.h"
#include "support/postgres_session.h"
#include "support/things.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT

constexpr std::size_t kSessions = 6;

// A server that has so many sessions for those who are no superusers.
struct Place {
  test::PostgresCluster cluster{
      test::PostgresCluster::Writes::to_memory,
      {"-cmax_connections=" + std::to_string(kSessions + 2), "-csuperuser_reserved_connections=2"}};
  std::string name = cluster.create_database();

  std::unique_ptr<Database> open(std::size_t connections = 4) const {
    return open_postgres(
        cluster.url(name), test::schema_of_things(),
        {.missing = Missing::create, .max_connections = connections, .max_writing = connections});
  }
  std::string count(const std::string& which = "true") const {
    return cluster.query("postgres", "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + name +
                                         "' AND usename = 'aforro' AND " + which)[0][0];
  }
  // Those of a database that is closed take a moment to be gone.
  bool wait_for(const std::string& sessions) const {
    return test::wait_until([&] { return count() == sessions; });
  }
  std::unique_ptr<test::PostgresSession> take_one() const {
    return std::make_unique<test::PostgresSession>(cluster.url(name));
  }
};

template <class F>
void on_four_threads(F f) {
  std::vector<std::thread> threads;
  for (std::int64_t i = 0; i < 4; ++i) threads.emplace_back([&f, i] { f(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("databases that want more sessions than there are go on with those that they have") {
  const Place place;
  constexpr std::int64_t kDatabases = 4;
  std::vector<std::unique_ptr<Database>> databases;
  for (std::int64_t i = 0; i < kDatabases; ++i) {
    databases.push_back(place.open());
    test::add_thing(*databases.back(), i);
  }
  on_four_threads([&](std::int64_t thread) {
    for (std::int64_t i = 0; i < 200; ++i) {
      Database& database = *databases[static_cast<std::size_t>(i % kDatabases)];
      CHECK_NOTHROW(test::add_thing(database, 1000 * (thread + 1) + i));
    }
  });
  CHECK(test::count_things(*databases[0]) == kDatabases + 800);
  for (const auto& database : databases) CHECK(!database->write_obstacle());
}

TEST_CASE("who has no session, and gets none, says that the server has none left") {
  const Place place;
  const auto database = place.open();
  std::vector<std::unique_ptr<test::PostgresSession>> others;
  REQUIRE(place.wait_for("0"));
  while (others.size() < kSessions) others.push_back(place.take_one());
  std::string why;
  try {
    test::count_things(*database);
  } catch (const Unavailable& fault) {
    why = fault.what();
  }
  CHECK(why.find("max_connections") != std::string::npos);
  CHECK(why.find("--database-connections") != std::string::npos);
  CHECK(why.find("53300") == std::string::npos);
  CHECK(why.find('\n') == std::string::npos);
  CHECK(database->write_obstacle() == "the database server has no connection left for this one");
  try {
    place.open();
    FAIL("it was opened");
  } catch (const Problem& problem) {
    CHECK(problem.kind() == Problem::Kind::unavailable);
    CHECK(problem.detail().find("max_connections") != std::string::npos);
  }
  others.clear();
  CHECK(test::adds_once_let(*database, 1));
  CHECK(!database->write_obstacle());
}

TEST_CASE("a session that waits for a lock is not given up because the server has no other one left") {
  const Place place;
  const auto database = place.open();
  test::add_thing(*database, 1);
  std::vector<std::unique_ptr<test::PostgresSession>> others;
  others.push_back(place.take_one());
  others[0]->query("BEGIN; SELECT 1 FROM things WHERE id = 1 FOR UPDATE");
  std::thread waiting([&] {
    CHECK_NOTHROW(database->write([](Connection& connection) {
      connection.maybe_integer("SELECT id FROM things WHERE id = 1 FOR UPDATE");
    }));
  });
  CHECK(test::wait_until([&] { return place.count("wait_event_type = 'Lock'") == "1"; }));
  while (others.size() < kSessions - 1) others.push_back(place.take_one());
  // Longer than a server may be silent. Meanwhile somebody is refused a session, and waits for this one.
  std::thread refused([&] { CHECK_NOTHROW(test::count_things(*database)); });
  CHECK(test::wait_until([&] {
    return place.count("wait_event_type = 'Lock' AND now() - query_start > INTERVAL '2s'") == "1";
  }));
  others[0]->query("COMMIT");
  waiting.join();
  refused.join();
}

TEST_CASE("sessions that nobody needs any more are closed, but for the one in use") {
  const Place place;
  PostgresCounters counters;
  const auto database = open_postgres(
      place.cluster.url(place.name), test::schema_of_things(),
      {.missing = Missing::create, .idle_deadline = std::chrono::milliseconds(1), .counters = &counters});
  std::atomic<int> reading = 0;
  on_four_threads([&](std::int64_t) {
    database->read([&](Connection& connection) {
      ++reading;
      while (reading < 4) std::this_thread::yield();
      connection.maybe_integer("SELECT 1");
    });
  });
  CHECK(counters.connections == 4);
  CHECK(test::wait_until([&] {
    test::count_things(*database);
    return place.count() == "1";
  }));
}

}  // namespace
