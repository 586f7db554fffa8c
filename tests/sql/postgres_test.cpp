#include "sql/postgres.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "sql/insert_rows.h"
#include "support/pooled_thread.h"
#include "support/postgres_cluster.h"
#include "support/postgres_session.h"

namespace {

using namespace aforro;       // NOLINT
using namespace aforro::sql;  // NOLINT
using test::PostgresCluster;

using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view kTables =
    "CREATE TABLE parents (id BIGINT PRIMARY KEY);"
    "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT NOT NULL, parent BIGINT REFERENCES parents (id),"
    " amount BIGINT NOT NULL CHECK (amount >= 0))";

const Schema kSchema{
    .application_id = 7, .version = 1, .script = {.sqlite = "", .postgres = kTables}, .steps = {}};

// An empty database on the shared server, and ways to open it.
struct Place {
  PostgresCluster& cluster = PostgresCluster::shared();
  std::string name = cluster.create_database();
  PostgresCounters counters;

  Place() = default;
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { cluster.drop_database(name); }

  PostgresOptions options() { return {.missing = Missing::create, .counters = &counters}; }
  std::unique_ptr<Database> open() { return open_postgres(cluster.url(name), kSchema, options()); }
  std::unique_ptr<Database> open(const PostgresOptions& options) {
    return open_postgres(cluster.url(name), kSchema, options);
  }
  std::string value(const std::string& sql) { return cluster.query(name, sql).at(0).at(0); }
  void end_sessions() {
    cluster.query("postgres",
                  "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '" + name +
                      "' AND pid <> pg_backend_pid()");
  }
};

void add_thing(Connection& connection, std::int64_t id, std::string_view thing_name,
               std::int64_t amount = 1) {
  connection.run("INSERT INTO things (id, name, amount) VALUES ($1, $2, $3)", {id, thing_name, amount});
}

std::int64_t count_things(Database& database) {
  return database.read(
      [](Connection& connection) { return *connection.maybe_integer("SELECT count(*) FROM things"); });
}

std::int64_t first_amount(Database& database) {
  return database.read([](Connection& connection) {
    return *connection.maybe_integer("SELECT amount FROM things ORDER BY id LIMIT 1");
  });
}

template <class F>
Milliseconds time_of(F&& f) {
  const auto begun = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begun);
}

template <class F>
Problem problem_of(F&& f) {
  try {
    f();
  } catch (const Problem& problem) {
    return problem;
  }
  FAIL("no Problem was thrown");
  return Problem::not_found("");
}

// --- Statements
// ----------------------------------------------------------------------------------------------------

TEST_CASE("values come back as they were given") {
  Place place;
  const auto database = place.open();
  const std::string text = "'; DROP \xC3\xA9 \"$1\" \\ \n";

  database->write([&](Connection& connection) {
    add_thing(connection, std::numeric_limits<std::int64_t>::max(), text, 0);
    add_thing(connection, std::numeric_limits<std::int64_t>::min(), "", 5);
  });

  std::vector<std::string> found;
  database->read([&](Connection& connection) {
    connection.query("SELECT id, name, parent, amount FROM things ORDER BY id", {}, [&](const Row& row) {
      CHECK(row.is_null(2));
      CHECK_FALSE(row.maybe_integer(2));
      found.push_back(std::to_string(row.integer(0)) + " " + std::string(row.text(1)));
    });
  });
  CHECK(found == std::vector<std::string>{"-9223372036854775808 ", "9223372036854775807 " + text});
}

TEST_CASE("a statement may leave out some of the parameters that it is given") {
  Place place;
  const auto database = place.open();
  database->read([](Connection& connection) {
    CHECK(connection.maybe_integer("SELECT CAST($2 AS BIGINT) + CAST($12 AS BIGINT)",
                                   {"unused", 40, 3, 4, 5, 6, nullptr, 8, 9, 10, 11, 2, "unused"}) == 42);
  });
}

TEST_CASE("a text with a NUL is refused and not cut off") {
  Place place;
  const auto database = place.open();
  CHECK_THROWS_AS(
      database->write([](Connection& connection) { add_thing(connection, 1, std::string_view("a\0b", 3)); }),
      std::runtime_error);
  CHECK(count_things(*database) == 0);
}

TEST_CASE("a visitor may run statements of its own") {
  Place place;
  const auto database = place.open();
  ParamRows rows;
  for (int id = 1; id <= 10; ++id) rows.add({id});
  std::int64_t sum = 0;

  database->read([&](Connection& connection) {
    connection.for_each("SELECT CAST($1 AS BIGINT)", rows, [&](std::size_t i, const Row& row) {
      CHECK(row.integer(0) == static_cast<std::int64_t>(i) + 1);
      sum += *connection.maybe_integer("SELECT 2 * CAST($1 AS BIGINT)", {row.integer(0)});
    });
  });

  CHECK(sum == 110);
}

TEST_CASE("more goes out and comes back in one round than all buffers hold") {
  Place place;
  const auto database = place.open();
  const std::string big(20'000, 'x');
  ParamRows rows;
  for (int id = 0; id < 2'000; ++id) rows.add({id, big});
  std::size_t seen = 0;

  database->write([&](Connection& connection) {
    connection.for_each("INSERT INTO things (id, name, amount) VALUES ($1, $2, 1) RETURNING name", rows,
                        [&](std::size_t i, const Row& row) {
                          if (i == seen && row.text(0) == big) ++seen;
                        });
  });

  CHECK(seen == 2'000);
  CHECK(count_things(*database) == 2'000);
}

TEST_CASE("a transaction waits once for each time that it reads, and once for COMMIT") {
  Place place;
  const auto database = place.open();
  const auto waits = [&](auto&& f) {
    const auto before = place.counters.round_trips.load();
    f();
    return place.counters.round_trips - before;
  };
  count_things(*database);

  CHECK(waits([&] { count_things(*database); }) == 1);
  CHECK(waits([&] { database->write([](Connection&) {}); }) == 1);
  CHECK(waits([&] {
          database->write([](Connection& connection) {
            for (int id = 1; id <= 1'000; ++id) add_thing(connection, id, "one of many");
          });
        }) == 1);
  CHECK(waits([&] {
          database->write([](Connection& connection) {
            connection.run("DELETE FROM things WHERE id = 1");
            CHECK(connection.maybe_integer("SELECT count(*) FROM things") == 999);
            connection.run("DELETE FROM things WHERE id = 2");
            connection.run("DELETE FROM things WHERE id = 3");
          });
        }) == 2);
  CHECK(place.counters.connections == 1);
}

// --- Transactions
// ----------------------------------------------------------------------------------------------------

TEST_CASE("a read sees one moment, whatever is committed meanwhile") {
  Place place;
  const auto database = place.open();
  database->read([&](Connection& connection) {
    CHECK(connection.maybe_integer("SELECT count(*) FROM things") == 0);
    std::async(std::launch::async, [&] {
      database->write([](Connection& other) { add_thing(other, 1, "late"); });
    }).get();
    CHECK(connection.maybe_integer("SELECT count(*) FROM things") == 0);
  });
  CHECK(count_things(*database) == 1);
}

TEST_CASE("a read can't write") {
  Place place;
  const auto database = place.open();
  CHECK_THROWS(database->read([](Connection& connection) {
    add_thing(connection, 1, "sneaky");
    connection.maybe_integer("SELECT 1");
  }));
  CHECK(count_things(*database) == 0);
}

TEST_CASE("what is thrown undoes the transaction and comes through, and the connection goes on") {
  Place place;
  const auto database = place.open();

  CHECK_THROWS_AS(database->write([](Connection& connection) {
    add_thing(connection, 1, "gone");
    throw Problem::not_found("no");
  }),
                  Problem);

  CHECK(count_things(*database) == 0);
  CHECK(place.counters.connections == 1);
}

TEST_CASE("a statement that was put off fails at the next that reads, or at COMMIT, by its constraint") {
  Place place;
  const auto database = place.open();
  const auto kind_of = [&](auto&& piece) {
    try {
      database->write(piece);
    } catch (const ConstraintViolation& violation) {
      return violation.kind();
    }
    FAIL("no constraint was violated");
    return ConstraintViolation::Kind::other;
  };
  using Kind = ConstraintViolation::Kind;

  CHECK(kind_of([](Connection& connection) {
          add_thing(connection, 1, "first");
          add_thing(connection, 1, "second");
        }) == Kind::unique);
  CHECK(kind_of([](Connection& connection) {
          add_thing(connection, 1, "less than nothing", -1);
          connection.maybe_integer("SELECT 1");
          FAIL("went past the failure");
        }) == Kind::check);
  CHECK(kind_of([](Connection& connection) {
          connection.run("INSERT INTO things (id, name, amount, parent) VALUES (1, 'orphan', 1, 99)");
        }) == Kind::foreign_key);
  CHECK(kind_of([](Connection& connection) {
          connection.run("INSERT INTO things (id, amount) VALUES (1, 1)");
        }) == Kind::other);
  CHECK(count_things(*database) == 0);
  CHECK(place.counters.connections == 1);
}

TEST_CASE("a failure that is swallowed can't be committed past") {
  Place place;
  const auto database = place.open();
  CHECK_THROWS(database->write([](Connection& connection) {
    add_thing(connection, 1, "before");
    try {
      connection.maybe_integer("SELECT 1 / CAST(0 AS BIGINT)");
    } catch (const std::runtime_error&) {
    }
    add_thing(connection, 2, "after");
  }));
  CHECK(count_things(*database) == 0);
}

TEST_CASE("a text whose preparation failed, or was skipped, is prepared again") {
  Place place;
  const auto database = place.open();
  const auto use_late_table = [&] {
    database->write([](Connection& connection) {
      connection.run("INSERT INTO late (id) VALUES (1)");
      connection.run("INSERT INTO late (id) VALUES (2)");
    });
  };
  CHECK_THROWS(use_late_table());
  place.cluster.query(place.name, "CREATE TABLE late (id BIGINT); GRANT ALL ON late TO aforro");

  use_late_table();

  CHECK(place.value("SELECT count(*) FROM late") == "2");
  CHECK(place.counters.connections == 1);
}

TEST_CASE("transactions that deadlock are run again until both are done") {
  Place place;
  place.cluster.query("postgres", "ALTER DATABASE " + place.name + " SET deadlock_timeout = '20ms'");
  const auto database = place.open();
  database->write([](Connection& connection) {
    add_thing(connection, 1, "one");
    add_thing(connection, 2, "two");
  });
  std::atomic<int> holding = 0;
  const auto raise_both = [&](std::int64_t first, std::int64_t second) {
    database->write([&, is_first_run = true](Connection& connection) mutable {
      connection.query("UPDATE things SET amount = amount + 1 WHERE id = $1 RETURNING 1", {first},
                       [](const Row&) {});
      if (is_first_run) ++holding;
      while (holding < 2) std::this_thread::yield();
      is_first_run = false;
      connection.run("UPDATE things SET amount = amount + 1 WHERE id = $1", {second});
    });
  };

  std::thread other([&] { raise_both(2, 1); });
  raise_both(1, 2);
  other.join();

  CHECK(place.value("SELECT string_agg(CAST(amount AS TEXT), ',' ORDER BY id) FROM things") == "3,3");
  CHECK(place.counters.retries >= 1);
}

TEST_CASE("a transaction that always conflicts is given up after a bounded number of times") {
  Place place;
  const auto database = place.open();
  place.cluster.query(place.name,
                      "CREATE FUNCTION conflict() RETURNS INTEGER LANGUAGE plpgsql AS "
                      "'BEGIN RAISE SQLSTATE ''40001''; END'");
  int runs = 0;
  CHECK_THROWS_AS(database->write([&](Connection& connection) {
    ++runs;
    connection.maybe_integer("SELECT conflict()");
  }),
                  Unavailable);
  CHECK(runs == 10);
  CHECK(place.counters.retries == 9);
}

// --- Deadlines
// -------------------------------------------------------------------------------------------------------

TEST_CASE("a lock that another transaction holds is waited for so long and no longer") {
  Place place;
  PostgresOptions options = place.options();
  options.lock_timeout = Milliseconds(50);
  const auto database = place.open(options);
  database->write([](Connection& connection) { add_thing(connection, 1, "wanted"); });

  database->write([&](Connection& connection) {
    connection.maybe_integer("SELECT id FROM things WHERE id = 1 FOR UPDATE");
    std::async(std::launch::async, [&] {
      CHECK_THROWS_AS(
          database->write([](Connection& other) { other.run("UPDATE things SET amount = 2 WHERE id = 1"); }),
          LockTimeout);
    }).get();
  });
}

TEST_CASE("a statement that takes too long is given up") {
  Place place;
  PostgresOptions options = place.options();
  options.statement_timeout = Milliseconds(50);
  const auto database = place.open(options);
  CHECK_THROWS_AS(
      database->read([](Connection& connection) { connection.maybe_integer("SELECT 1 FROM pg_sleep(30)"); }),
      Unavailable);
  CHECK(count_things(*database) == 0);
}

TEST_CASE("a statement of a read that may take long is not given up, however long no answer comes") {
  Place place;
  PostgresOptions options = place.options();
  options.statement_timeout = Milliseconds(50);
  const auto database = place.open(options);
  const auto one = database->read_for_long(
      [](Connection& connection) { return connection.maybe_integer("SELECT 1 FROM pg_sleep(1.5)"); });
  CHECK(one == 1);
  CHECK_THROWS_AS(
      database->read([](Connection& connection) { connection.maybe_integer("SELECT 1 FROM pg_sleep(30)"); }),
      Unavailable);
}

TEST_CASE("whoever finds no free connection is turned away after the deadline") {
  Place place;
  PostgresOptions options = place.options();
  options.max_connections = 1;
  options.pool_deadline = Milliseconds(50);
  const auto database = place.open(options);
  database->read([&](Connection&) {
    std::async(std::launch::async, [&] { CHECK_THROWS_AS(count_things(*database), Unavailable); }).get();
  });
  CHECK(count_things(*database) == 0);
}

TEST_CASE(
    "writes that wait for locks leave connections for reads, and a write more than may wait is refused") {
  constexpr int kWrites = 5;
  Place place;
  PostgresOptions options = place.options();
  options.max_connections = 3;
  options.max_writing = 2;
  options.max_writes = kWrites;
  const auto database = place.open(options);
  database->write([](Connection& connection) { add_thing(connection, 1, "wanted"); });
  const auto raise = [&] {
    const test::PooledThread pooled;
    database->write(
        [](Connection& connection) { connection.run("UPDATE things SET amount = amount + 1 WHERE id = 1"); });
  };
  std::atomic<int> refused = 0;
  std::vector<std::thread> writers;
  {
    test::PostgresSession holder(place.cluster.url(place.name));
    holder.query("BEGIN; SELECT 1 FROM things WHERE id = 1 FOR UPDATE");
    for (int i = 0; i < kWrites + 3; ++i) {
      writers.emplace_back([&] {
        try {
          raise();
        } catch (const Overloaded&) {
          ++refused;
        }
      });
    }
    while (refused < 3) std::this_thread::yield();

    CHECK(time_of([&] {
            for (int i = 0; i < 10; ++i) CHECK(count_things(*database) == 1);
          }) < Milliseconds(1'000));
  }
  for (std::thread& writer : writers) writer.join();

  CHECK(refused == 3);
  CHECK(place.value("SELECT amount FROM things") == std::to_string(1 + kWrites));
}

TEST_CASE("one read more than a pool may make wait is turned away at once") {
  Place place;
  PostgresOptions options = place.options();
  options.max_connections = 1;
  options.max_reads = 2;
  const auto database = place.open(options);
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  database->read([&](Connection&) {  // by a thread of no pool: it does not count
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&] {
        const test::PooledThread pooled;
        try {
          count_things(*database);
          CHECK(pooled.blocked >= 1);
        } catch (const Overloaded&) {
          ++refused;
        }
      });
    }
    while (refused < 3) std::this_thread::yield();
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 3);
}

// --- A server that goes away
// -----------------------------------------------------------------------------------------

TEST_CASE("sessions that were ended while idle are replaced without anybody noticing") {
  Place place;
  const auto database = place.open();
  for (int i = 0; i < 3; ++i) {
    CHECK(count_things(*database) == 0);
    place.end_sessions();
    database->write([](Connection&) {});
    place.end_sessions();
  }
}

TEST_CASE("a session that ends within a transaction makes it unavailable, and it is not run again") {
  Place place;
  const auto database = place.open();
  int runs = 0;
  CHECK_THROWS_AS(database->write([&](Connection& connection) {
    ++runs;
    add_thing(connection, 1, "lost");
    connection.maybe_integer("SELECT 1");
    place.end_sessions();
  }),
                  Unavailable);
  CHECK(runs == 1);
  CHECK(count_things(*database) == 0);
}

TEST_CASE("a server that is down is told within a second, and found again when it is back") {
  PostgresCluster cluster;
  const std::string url = cluster.url(cluster.create_database());
  const auto database = open_postgres(url, kSchema, {.missing = Missing::create});
  CHECK(count_things(*database) == 0);

  cluster.stop();
  for (int i = 0; i < 20; ++i) {
    CHECK(time_of([&] { CHECK_THROWS_AS(count_things(*database), Unavailable); }) < Milliseconds(1000));
  }
  CHECK(problem_of([&] { open_postgres(url, kSchema, {}); }).kind() == Problem::Kind::unavailable);
  cluster.start();

  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  bool is_back = false;
  while (!is_back && std::chrono::steady_clock::now() < until) {
    try {
      database->write([](Connection& connection) { add_thing(connection, 1, "back"); });
      is_back = true;
    } catch (const Unavailable&) {
    }
  }
  CHECK(count_things(*database) == 1);
}

// --- Opening
// ---------------------------------------------------------------------------------------------------------

TEST_CASE("a database without tables is missing until it is to be created") {
  Place place;
  const Problem problem = problem_of([&] { place.open({}); });
  CHECK(problem.kind() == Problem::Kind::not_found);
  CHECK(problem.detail().find("aforro seed") != std::string::npos);
  CHECK(place.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0");

  place.open();

  CHECK(count_things(*place.open({})) == 0);
}

TEST_CASE("a database of another program is refused and left as it is") {
  Place place;
  place.cluster.query(place.name, "CREATE TABLE shop_product (id BIGINT)");
  const Problem problem = problem_of([&] { place.open(); });
  CHECK(problem.kind() == Problem::Kind::conflict);
  CHECK(problem.detail().find("another program") != std::string::npos);
  CHECK(place.value("SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'") ==
        "shop_product");
}

TEST_CASE("a database of a newer program is refused") {
  Place place;
  place.open();
  place.cluster.query(place.name, "UPDATE schema_version SET version = 2");
  CHECK(problem_of([&] { place.open(); }).detail().find("newer version") != std::string::npos);
}

TEST_CASE("a schema that fails leaves nothing, and says what failed") {
  Place place;
  const Schema broken{.application_id = 7,
                      .version = 1,
                      .script = {.sqlite = "", .postgres = "CREATE TABLE half (id BIGINT); CREATE NONSENSE"},
                      .steps = {}};
  const Problem problem =
      problem_of([&] { open_postgres(place.cluster.url(place.name), broken, {.missing = Missing::create}); });
  CHECK(problem.detail().find("NONSENSE") != std::string::npos);
  CHECK(place.value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0");
}

TEST_CASE("ten that open a missing database at once make one schema, and steps are run once") {
  Place place;
  const std::vector<Migration> steps{
      {.to_version = 2, .script = {.sqlite = "", .postgres = "CREATE TABLE second (id BIGINT)"}},
      {.to_version = 3, .script = {.sqlite = "", .postgres = "INSERT INTO second VALUES (3)"}}};
  const Schema later{
      .application_id = 7, .version = 3, .script = {.sqlite = "", .postgres = "SELECT 1"}, .steps = steps};
  const auto open_ten_times = [&](const Schema& schema) {
    std::vector<std::future<void>> opening;
    opening.reserve(10);
    for (int i = 0; i < 10; ++i) {
      opening.push_back(std::async(std::launch::async, [&] {
        open_postgres(place.cluster.url(place.name), schema, {.missing = Missing::create});
      }));
    }
    for (auto& one : opening) one.get();
  };

  open_ten_times(kSchema);
  CHECK(place.value("SELECT count(*) FROM things") == "0");
  CHECK(place.value("SELECT version FROM schema_version") == "1");
  open_ten_times(later);
  CHECK(place.value("SELECT count(*) FROM second") == "1");
  CHECK(place.value("SELECT version FROM schema_version") == "3");
}

TEST_CASE("a password is in no message") {
  Place place;
  const std::string url = place.cluster.url(place.name);
  const std::string server = url.substr(url.find('@'));
  for (const std::string& bad :
       {"postgres://aforro:hush-hush" + server, "postgres://nobody:hush-hush" + server,
        std::string("postgres://aforro:hush-hush@127.0.0.1:1/x"),
        std::string("postgres://aforro:hush-hush@host:port:port/%zz"), url + "x?password=hush-hush"}) {
    CAPTURE(bad);
    const Problem problem = problem_of([&] { open_postgres(bad, kSchema, {}); });
    CHECK(problem.detail().find("hush") == std::string::npos);
    CHECK(problem.detail().size() > 20);
  }
}

TEST_CASE("a url is shown without its password") {
  CHECK(shown_url("postgres://ann:secret@db.example:5433/shop") == "postgres://ann@db.example:5433/shop");
  CHECK(shown_url("postgresql://db.example/shop?password=secret&user=ann") ==
        "postgres://ann@db.example/shop");
  CHECK(shown_url("postgres://ann:sec@ret@db/shop").find("sec") == std::string::npos);
  CHECK(shown_url("postgres:///shop") == "postgres:///shop");
}

TEST_CASE("a url in the words of PostgreSQL's tools has all that it says but passwords") {
  CHECK(connection_words("postgres://ann:secret@db.example:5433/shop") ==
        "user=ann dbname=shop host=db.example port=5433");
  CHECK(connection_words("postgres://ann%20lee@%2Frun%2Fpg/it%27s?sslmode=require&password=secret") ==
        "user='ann lee' dbname='it\\'s' host=/run/pg sslmode=require");
  CHECK(connection_words("postgres:///?passfile=/etc/a%5Cb") == "passfile='/etc/a\\\\b'");
  CHECK(problem_of([] { connection_words("postgres://host:port:port/%zz"); }).kind() ==
        Problem::Kind::invalid);
}

TEST_CASE("columns and tables that are added beneath a session leave what it has prepared as it is") {
  Place place;
  const auto database = place.open();
  database->write([](Connection& connection) { add_thing(connection, 1, "one", 7); });
  CHECK(first_amount(*database) == 7);
  place.cluster.query(place.name,
                      "ALTER TABLE things ADD COLUMN weight BIGINT; CREATE TABLE notes (thing BIGINT"
                      " REFERENCES things (id))");
  const auto before = place.counters.connections.load();
  CHECK(first_amount(*database) == 7);
  database->write([](Connection& connection) { add_thing(connection, 2, "two"); });
  CHECK(place.counters.connections == before);
  CHECK(place.counters.retries == 0);
}

TEST_CASE("a column whose type is changed beneath a session costs it no write, and no more than one read") {
  Place place;
  PostgresOptions options = place.options();
  options.max_connections = 1;
  options.max_writing = 1;
  const auto database = place.open(options);
  const auto raise = [&] {
    return database->write([](Connection& connection) {
      return *connection.maybe_integer("UPDATE things SET amount = amount + 1 WHERE id = 1 RETURNING amount");
    });
  };
  database->write([](Connection& connection) { add_thing(connection, 1, "one", 7); });
  CHECK(raise() == 8);
  place.cluster.query(place.name, "ALTER TABLE things ALTER COLUMN amount TYPE NUMERIC");
  CHECK(raise() == 9);
  CHECK(place.counters.retries == 1);

  CHECK(first_amount(*database) == 9);
  place.cluster.query(place.name, "ALTER TABLE things ALTER COLUMN amount TYPE BIGINT");
  CHECK_THROWS_AS(first_amount(*database), Unavailable);
  CHECK(first_amount(*database) == 9);
}

}  // namespace
