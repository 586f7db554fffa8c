// The change mark of a PostgreSQL database: it moves with every commit of whoever it is, and a statement of
// the server answers for all threads that ask at once.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "base/problem.h"
#include "sql/postgres.h"
#include "sql/postgres_mark.h"
#include "support/on_threads.h"
#include "support/postgres_cluster.h"
#include "support/wait_until.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT
using test::PostgresCluster;

const Schema kSchema{.application_id = 7,
                     .version = 1,
                     .script = {.sqlite = "", .postgres = "CREATE TABLE things (id BIGINT PRIMARY KEY)"},
                     .steps = {}};

// On a server of its own, on which nobody else commits.
struct Place {
  PostgresCluster cluster;
  std::string name = cluster.create_database();
  PostgresCounters counters;

  std::unique_ptr<Database> open() {
    return open_postgres(cluster.url(name), kSchema, {.missing = Missing::create, .counters = &counters});
  }
};

void add(Database& database, std::int64_t id) {
  database.write([&](Connection& connection) { connection.run("INSERT INTO things VALUES ($1)", {id}); });
}

std::int64_t count(Database& database) {
  return database.read(
      [](Connection& connection) { return *connection.maybe_integer("SELECT count(*) FROM things"); });
}

// The mark, once it is not left alone for being moved too often, and the server is there.
std::uint64_t mark_of(Database& database) {
  std::optional<std::uint64_t> mark;
  REQUIRE(test::wait_until([&] {
    try {
      mark = database.change_mark();
    } catch (const Unavailable&) {
      return false;  // for a fifth of a second after a failure nobody tries to connect
    }
    return mark.has_value();
  }));
  return *mark;
}

TEST_CASE("the mark of PostgreSQL stands still while nothing is committed, and moves with every commit") {
  Place place;
  const auto database = place.open();
  const auto other = place.open();
  CHECK_FALSE(database->is_mark_at_hand());
  const auto first = mark_of(*database);
  CHECK(mark_of(*database) == first);
  count(*database);
  CHECK_THROWS(database->write([](Connection&) { throw std::out_of_range("undone before it wrote"); }));
  CHECK(mark_of(*database) == first);

  auto last = first;
  for (std::int64_t id = 1; id <= 20; ++id) {
    add(id % 2 == 0 ? *database : *other, id);
    const auto mark = mark_of(*database);
    REQUIRE(mark != last);
    last = mark;
  }

  // Of two transactions the one that began first commits last.
  database->write([&](Connection& connection) {
    connection.run("INSERT INTO things VALUES (100)");
    connection.maybe_integer("SELECT count(*) FROM things");  // so that it is sent
    add(*other, 101);
    last = mark_of(*other);
  });
  CHECK(mark_of(*other) != last);
}

TEST_CASE("a read that misses a commit began under a mark that has moved since, on PostgreSQL") {
  Place place;
  const auto database = place.open();
  const auto other = place.open();
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (std::int64_t id = 1; !stop; ++id) add(*other, id);
  });
  int asked = 0;
  for (int i = 0; i < 400; ++i) {
    const auto before = database->change_mark();
    const std::int64_t seen = count(*database);
    const bool has_moved = count(*database) != seen;
    const auto after = database->change_mark();
    if (before && after) ++asked;
    if (has_moved && before && after) CHECK(before != after);
  }
  stop = true;
  writer.join();
  CHECK(asked > 0);
}

TEST_CASE("threads that ask for the mark at once share an answer") {
  Place place;
  const auto database = place.open();
  mark_of(*database);
  const auto before = place.counters.round_trips.load();
  constexpr int kThreads = 16;
  constexpr int kEach = 100;
  test::on_threads(kThreads, [&](int) {
    for (int i = 0; i < kEach; ++i) database->change_mark();
  });
  const auto trips = place.counters.round_trips - before;
  MESSAGE((kThreads * kEach) << " marks, " << trips << " questions");
  CHECK(trips < kThreads * kEach);
}

TEST_CASE("without a server there is no mark, and a crash moves it") {
  Place place;
  const auto database = place.open();
  add(*database, 1);
  const auto before = mark_of(*database);
  place.cluster.kill();
  CHECK_THROWS_AS(database->change_mark(), Unavailable);
  place.cluster.start();
  // Numbers of transactions that were not on disk are given out again.
  CHECK(mark_of(*database) != before);
}

TEST_CASE("a mark that moves each time is left alone for a while, and then asked for again") {
  PostgresMark mark;
  int commits = 0;
  const auto ask = [&] { return std::optional(std::to_string(++commits)); };
  std::optional<std::uint64_t> last = 0;
  int given = 0;
  for (; last && given < 100; ++given) last = mark.get(ask);
  CHECK(given > 2);
  CHECK(given < 100);
  const int asked = commits;
  CHECK_FALSE(mark.get(ask));
  CHECK(commits == asked);
  CHECK(test::wait_until([&] { return mark.get(ask).has_value(); }));
}

TEST_CASE("who waits for a question that fails is told the same, and asks no more") {
  PostgresMark mark;
  std::atomic<int> asked{0};
  std::atomic<int> told{0};
  std::atomic<int> waiting{0};
  constexpr int kThreads = 8;
  test::on_threads(kThreads, [&](int) {
    ++waiting;
    try {
      mark.get([&]() -> std::optional<std::string> {
        ++asked;
        // Until the others have come, or are about to.
        test::wait_until([&] { return waiting == kThreads; });
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        throw Unavailable("away");
      });
    } catch (const Unavailable& fault) {
      if (std::string_view(fault.what()) == "away") ++told;
    }
  });
  CHECK(told == kThreads);
  CHECK(asked < kThreads);
  CHECK(mark.get([] { return std::optional<std::string>("1:1:"); }));
}

TEST_CASE("where there is no memory to find out, the next one finds out") {
  PostgresMark mark;
  CHECK_THROWS_AS(mark.get([]() -> std::optional<std::string> { throw std::bad_alloc(); }), std::bad_alloc);
  CHECK(mark.get([] { return std::optional<std::string>("1:1:"); }));
}

TEST_CASE("a server that can't tell what is committed has no mark") {
  PostgresMark mark;
  CHECK_FALSE(mark.get([] { return std::optional<std::string>(); }));
}

}  // namespace
