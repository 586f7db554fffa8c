// Several servers in one url: a standby that is promoted while its primary is killed or frozen is found, and
// nothing that was acknowledged is missing there.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "sql/postgres.h"
#include "support/free_port.h"
#include "support/postgres_cluster.h"
#include "support/postgres_pair.h"
#include "support/things.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Place {
  test::PostgresPair pair;
  std::string name = pair.primary().create_database();
  std::unique_ptr<Database> database =
      open_postgres(pair.url(name), test::schema_of_things(), {.missing = Missing::create});

  std::set<std::int64_t> stored_in(const test::PostgresCluster& cluster) const {
    std::set<std::int64_t> ids;
    for (const auto& row : cluster.query(name, "SELECT id FROM things")) ids.insert(std::stoll(row[0]));
    return ids;
  }
};

// Threads that add things without a pause, and know which were acknowledged.
class Writers {
 public:
  explicit Writers(Database& database) {
    for (std::int64_t i = 0; i < 4; ++i) {
      threads_.emplace_back([this, &database, i] {
        for (std::int64_t n = 0; !is_over_; ++n) write(database, 1'000'000 * (i + 1) + n);
      });
    }
  }
  ~Writers() { stop(); }

  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return acknowledged_.size();
  }
  bool wait_for_more(std::size_t more) {
    const std::size_t enough = count() + more;
    return test::wait_until([&] { return count() >= enough; });
  }
  const std::set<std::int64_t>& stop() {
    is_over_ = true;
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    return acknowledged_;
  }

 private:
  void write(Database& database, std::int64_t id) {
    try {
      test::add_thing(database, id);
      const std::lock_guard lock(mutex_);
      acknowledged_.insert(id);
    } catch (const OutcomeUnknown&) {
    } catch (const Unavailable&) {
    }
  }

  std::mutex mutex_;
  std::set<std::int64_t> acknowledged_;
  std::atomic<bool> is_over_ = false;
  std::vector<std::thread> threads_;
};

void check_all_there(const std::set<std::int64_t>& acknowledged, const std::set<std::int64_t>& stored) {
  std::size_t missing = 0;
  for (const std::int64_t id : acknowledged) missing += stored.contains(id) ? 0 : 1;
  CHECK(missing == 0);
}

TEST_CASE(
    "a standby that is promoted after its primary was killed is found, with all that was acknowledged") {
  Place place;
  Writers writers(*place.database);
  REQUIRE(writers.wait_for_more(100));
  place.pair.primary().kill();
  const auto killed = steady_clock::now();
  place.pair.standby().promote();
  const auto promoted = steady_clock::now();
  REQUIRE(writers.wait_for_more(1));
  const auto found = steady_clock::now();
  MESSAGE("promoted after ", std::chrono::duration_cast<milliseconds>(promoted - killed).count(),
          " ms, written to after ", std::chrono::duration_cast<milliseconds>(found - promoted).count(),
          " ms more");
  CHECK(found - promoted < std::chrono::seconds(5));
  CHECK(writers.wait_for_more(100));
  const std::set<std::int64_t>& acknowledged = writers.stop();
  check_all_there(acknowledged, place.stored_in(place.pair.standby()));
  CHECK(!place.database->write_obstacle());
}

TEST_CASE("a standby is found while its primary is frozen, which is not used any more once it goes on") {
  Place place;
  Writers writers(*place.database);
  REQUIRE(writers.wait_for_more(100));
  place.pair.primary().signal(SIGSTOP);
  place.pair.standby().promote();
  const auto promoted = steady_clock::now();
  REQUIRE(writers.wait_for_more(1));
  const auto found = steady_clock::now();
  MESSAGE("written to ", std::chrono::duration_cast<milliseconds>(found - promoted).count(),
          " ms after that");
  CHECK(found - promoted < std::chrono::seconds(8));
  REQUIRE(writers.wait_for_more(100));

  place.pair.primary().signal(SIGCONT);
  CHECK(test::wait_until([&] { return place.pair.primary().query("postgres", "SELECT 1")[0][0] == "1"; }));
  const std::set<std::int64_t> there = place.stored_in(place.pair.primary());
  CHECK(writers.wait_for_more(200));
  const std::set<std::int64_t>& acknowledged = writers.stop();
  check_all_there(acknowledged, place.stored_in(place.pair.standby()));
  CHECK(place.stored_in(place.pair.primary()) == there);

  // It takes writes, but its history ends before that of the one which is used.
  place.pair.standby().stop();
  std::string why;
  CHECK(test::wait_until([&] {
    try {
      test::add_thing(*place.database, 1);
    } catch (const std::runtime_error& fault) {
      why = fault.what();
    }
    return why.find("old primary") != std::string::npos;
  }));
  CHECK(place.stored_in(place.pair.primary()) == there);
  place.pair.standby().start();
  CHECK(test::adds_once_let(*place.database, 2));
}

TEST_CASE(
    "what became of a COMMIT that a promotion came in between of is unknown, whatever the new server says") {
  Place place;
  test::add_thing(*place.database, 1);
  CHECK_THROWS_AS(place.database->write([&](Connection& connection) {
    connection.maybe_integer("SELECT count(*) FROM things");
    connection.run("INSERT INTO things (id) VALUES (2)");
    connection.maybe_integer("SELECT count(*) FROM things");
    place.pair.primary().kill();
    place.pair.standby().promote();
    // The number of this transaction is one of another's there, which is committed.
    for (int i = 10; i < 20; ++i) {
      place.pair.standby().query(place.name, "INSERT INTO things (id) VALUES (" + std::to_string(i) + ")");
    }
  }),
                  OutcomeUnknown);
  CHECK(place.stored_in(place.pair.standby()).count(2) == 0);
  CHECK(test::adds_once_let(*place.database, 3));
}

TEST_CASE("what was begun on the old primary is not committed there once the other one is used") {
  Place place;
  test::add_thing(*place.database, 1);
  CHECK_THROWS_AS(place.database->write([&](Connection& connection) {
    connection.maybe_integer("SELECT count(*) FROM things");
    connection.run("INSERT INTO things (id) VALUES (2)");
    place.pair.primary().signal(SIGSTOP);
    place.pair.standby().promote();
    std::thread([&] { CHECK(test::adds_once_let(*place.database, 3)); }).join();
    place.pair.primary().signal(SIGCONT);
  }),
                  Unavailable);
  CHECK(place.stored_in(place.pair.standby()) == std::set<std::int64_t>{1, 3});
  CHECK(place.stored_in(place.pair.primary()) == std::set<std::int64_t>{1});
}

TEST_CASE("a COMMIT whose wait for the standby an administrator ends is not acknowledged") {
  Place place;
  test::add_thing(*place.database, 1);
  place.pair.standby().signal(SIGSTOP);
  std::thread administrator([&] {
    CHECK(test::wait_until([&] {
      return !place.pair.primary()
                  .query("postgres",
                         "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                  .empty();
    }));
  });
  CHECK_THROWS_AS(test::add_thing(*place.database, 2), OutcomeUnknown);
  administrator.join();
  CHECK(place.database->write_obstacle() == "the last change could not be stored");
  place.pair.standby().signal(SIGCONT);
  test::add_thing(*place.database, 3);
  CHECK(test::count_things(*place.database) == 3);
}

TEST_CASE("a standby alone is not enough, and each server says why it is not used") {
  test::PostgresPair pair;
  const std::string name = pair.primary().create_database();
  const std::string url = pair.url(name);
  open_postgres(url, test::schema_of_things(), {.missing = Missing::create});
  pair.primary().stop();
  try {
    open_postgres(url, test::schema_of_things(), {});
    FAIL("it was opened");
  } catch (const Problem& problem) {
    CHECK(problem.kind() == Problem::Kind::unavailable);
    CHECK(problem.detail().find("127.0.0.1:" + std::to_string(pair.primary().port())) != std::string::npos);
    CHECK(problem.detail().find("read-only") != std::string::npos);
    CHECK(problem.detail().find("s3cret") == std::string::npos);
  }
}

TEST_CASE("a first server that says nothing leaves time for the next, and is not asked first again") {
  test::PostgresCluster& cluster = test::PostgresCluster::shared();
  const std::string name = cluster.create_database();
  // The system takes connections to it, and nobody ever answers.
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::listen(silent, 64) == 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  std::string url = cluster.url(name);
  url.insert(url.rfind("127.0.0.1"), "127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + ",");
  {
    const auto database = open_postgres(url, test::schema_of_things(), {.missing = Missing::create});
    test::add_thing(*database, 1);
    const auto begun = steady_clock::now();
    std::vector<std::thread> threads;
    for (std::int64_t id = 10; id < 14; ++id) {
      threads.emplace_back([&database, id] { test::add_thing(*database, id); });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(steady_clock::now() - begun < milliseconds(400));  // of which the silent one would take as many
    CHECK(test::count_things(*database) == 5);
  }
  ::close(silent);
  cluster.drop_database(name);
}

}  // namespace
