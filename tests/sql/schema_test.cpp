// Bringing a database to the present schema, step by step, once; and which programs may use it then.
#include "sql/schema.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "sql/postgres.h"
#include "sql/sqlite.h"
#include "support/engine.h"
#include "support/postgres_cluster.h"
#include "support/refusal.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::OutcomeUnknown;
using aforro::Problem;
using aforro::Unavailable;
using aforro::test::Engine;
using aforro::test::engine;
using aforro::test::PostgresCluster;
using aforro::test::problem_of;
using aforro::test::wait_until;

constexpr std::uint32_t kId = 0x73746570;  // "step"

constexpr Script kMakeA{.sqlite = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);",
                        .postgres = "CREATE TABLE a (x BIGINT); INSERT INTO a VALUES (1);"};
constexpr Script kMakeBoth{
    .sqlite = "CREATE TABLE a (x INTEGER, y INTEGER) STRICT; CREATE TABLE b (x INTEGER) STRICT;",
    .postgres = "CREATE TABLE a (x BIGINT, y BIGINT); CREATE TABLE b (x BIGINT);"};
constexpr Script kAddB{.sqlite = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b SELECT x + 1 FROM a;",
                       .postgres = "CREATE TABLE b (x BIGINT); INSERT INTO b SELECT x + 1 FROM a;"};
constexpr Script kRaiseB{.sqlite = "UPDATE b SET x = x * 10; ALTER TABLE a ADD COLUMN y INTEGER;",
                         .postgres = "UPDATE b SET x = x * 10; ALTER TABLE a ADD COLUMN y BIGINT;"};
constexpr Script kRenameA{.sqlite = "ALTER TABLE a RENAME TO c;", .postgres = "ALTER TABLE a RENAME TO c;"};

// As the schema was when it had its first version.
constexpr Schema kFirst{
    .application_id = kId, .version = 1, .script = kMakeA, .steps = {}, .oldest_readable = 0};

constexpr std::array kSteps{Migration{2, kAddB}, Migration{3, kRaiseB}};
constexpr Schema kThird{
    .application_id = kId, .version = 3, .script = kMakeBoth, .steps = kSteps, .oldest_readable = 0};

// The second step adds a table that nobody looks at who does not know it; the third takes one away.
constexpr std::array kAdding{Migration{2, kAddB, 1}};
constexpr Schema kSecondAdds{
    .application_id = kId, .version = 2, .script = kMakeBoth, .steps = kAdding, .oldest_readable = 1};
constexpr std::array kBreaking{Migration{2, kAddB, 1}, Migration{3, kRenameA}};
constexpr Schema kThirdBreaks{
    .application_id = kId, .version = 3, .script = kMakeBoth, .steps = kBreaking, .oldest_readable = 2};

// A place for a database, of the engine that this run is for.
class Place {
 public:
  Place() {
    if (engine() == Engine::postgres) name_ = PostgresCluster::shared().create_database();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (!name_.empty()) PostgresCluster::shared().drop_database(name_);
  }

  std::unique_ptr<Database> open(const Schema& schema, Access access = Access::read_write) const {
    const Missing missing = access == Access::read_only ? Missing::refuse : Missing::create;
    if (engine() == Engine::postgres) {
      return open_postgres(PostgresCluster::shared().url(name_), schema,
                           {.missing = missing, .access = access});
    }
    return open_sqlite(folder_ / "steps.db", schema, {.missing = missing, .access = access});
  }

  bool has_table(const std::string& name) const {
    if (engine() == Engine::postgres) {
      const std::string sql = "SELECT 1 FROM pg_tables WHERE tablename = '" + name + "'";
      return !PostgresCluster::shared().query(name_, sql).empty();
    }
    bool found = false;
    open_sqlite(folder_ / "steps.db", kTakesAny, {.access = Access::read_only})->read([&](Connection& c) {
      c.query("SELECT 1 FROM sqlite_schema WHERE name = $1", {name}, [&](const Row&) { found = true; });
    });
    return found;
  }

 private:
  static constexpr Schema kTakesAny{
      .application_id = kId, .version = 1'000, .script = kMakeA, .steps = {}, .oldest_readable = 1};

  aforro::test::TemporaryFolder folder_;
  std::string name_;  // of PostgreSQL's database
};

std::int64_t number(Database& database, Text query) {
  return database.read([&](Connection& connection) { return connection.maybe_integer(query).value(); });
}

void insert_into_a(Database& database) {
  database.write([](Connection& connection) { connection.run("INSERT INTO a (x) VALUES (7)"); });
}

bool is_turned_away(const std::function<void()>& use) {
  try {
    use();
  } catch (const Unavailable& fault) {
    INFO(fault.what());
    return true;
  } catch (const OutcomeUnknown&) {  // the server has ended the session, and its last word was lost
    return engine() == Engine::postgres;
  }
  return false;
}

TEST_CASE("a new database gets the whole schema and none of the steps") {
  const Place place;
  CHECK(number(*place.open(kThird), "SELECT count(*) FROM b") == 0);
}

TEST_CASE("an older database gets the steps that it lacks, in order, with its content, and once") {
  const Place place;
  place.open(kFirst);
  for (int times = 0; times < 2; ++times) {
    const auto database = place.open(kThird);
    CHECK(number(*database, "SELECT x FROM b") == 20);
    CHECK(number(*database, "SELECT count(*) FROM a WHERE y IS NULL") == 1);
  }
}

TEST_CASE("a step that fails leaves the database as it was, and who used it goes on") {
  static constexpr Script kFails{.sqlite = "UPDATE nowhere SET x = 1;",
                                 .postgres = "UPDATE nowhere SET x = 1;"};
  static constexpr std::array kBroken{kSteps[0], Migration{3, kFails}};
  Schema broken = kThird;
  broken.steps = kBroken;
  const Place place;
  const auto running = place.open(kFirst);
  const auto problem = problem_of([&] { place.open(broken); });
  REQUIRE(problem);
  CHECK(problem->detail().find("damaged") == std::string::npos);
  CHECK(!place.has_table("b"));
  if (engine() == Engine::postgres)
    wait_until([&] { return !is_turned_away([&] { insert_into_a(*running); }); });
  insert_into_a(*running);
  CHECK(number(*place.open(kFirst), "SELECT count(*) FROM a WHERE x = 1") == 1);
}

TEST_CASE("many may open and migrate at once, and each step is taken once") {
  for (int round = 0; round < 5; ++round) {
    const Place place;
    if (round % 2 == 0) place.open(kFirst);
    std::vector<std::string> failures(6);
    std::vector<std::thread> threads;
    threads.reserve(failures.size());
    for (std::string& failure : failures) {
      threads.emplace_back([&] {
        try {
          place.open(kThird);
        } catch (const std::exception& error) {
          failure = error.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& failure : failures) CHECK(failure == "");
    const auto database = place.open(kThird);
    CHECK(number(*database, "SELECT coalesce(sum(x), 0) FROM b") == (round % 2 == 0 ? 20 : 0));
  }
}

TEST_CASE("after a step that only adds, the program before it is opened, and goes on beside the new one") {
  const Place place;
  const auto running = place.open(kFirst);
  insert_into_a(*running);

  const auto newer = place.open(kSecondAdds);

  CHECK(number(*newer, "SELECT count(*) FROM b") == 2);
  CHECK(running->schema() == SchemaMark{.version = 2, .oldest_program = 1});
  CHECK(!running->write_obstacle());
  insert_into_a(*running);
  CHECK(number(*running, "SELECT count(*) FROM a") == 3);
  const auto opened = place.open(kFirst);
  insert_into_a(*opened);
  CHECK(number(*newer, "SELECT count(*) FROM a") == 4);
  // What the older program did has not taken anything back.
  CHECK(number(*place.open(kSecondAdds), "SELECT count(*) FROM b") == 2);
}

TEST_CASE("a new database of a schema whose steps only add takes the program before it, too") {
  const Place place;
  place.open(kSecondAdds);
  insert_into_a(*place.open(kFirst));
  CHECK(number(*place.open(kSecondAdds), "SELECT count(*) FROM a") == 1);
}

TEST_CASE("after any other step the program before it is refused, saying which version it takes") {
  const Place place;
  place.open(kFirst);
  place.open(kThirdBreaks);
  for (const Schema& older : {kFirst, kSecondAdds}) {
    for (const Access access : {Access::read_write, Access::read_only}) {
      const auto problem = problem_of([&] { place.open(older, access); });
      REQUIRE(problem);
      CHECK(problem->kind() == Problem::Kind::conflict);
      CHECK(problem->detail().find(
                "was written by a newer version of this program (schema 3, this one knows up to " +
                std::to_string(older.version)) != std::string::npos);
    }
  }
  CHECK(!place.has_table("a"));
}

TEST_CASE("a program under which the schema is changed writes nothing any more, and reads nothing") {
  const Place place;
  const auto running = place.open(kFirst);
  const auto second = place.open(kSecondAdds);
  insert_into_a(*running);

  const auto newest = place.open(kThirdBreaks);

  for (Database* const older : {running.get(), second.get()}) {
    CHECK(is_turned_away([&] { insert_into_a(*older); }));
    // Even where its statements would do.
    CHECK(
        is_turned_away([&] { older->write([](Connection& c) { c.run("INSERT INTO b (x) VALUES (9)"); }); }));
    CHECK(is_turned_away([&] { number(*older, "SELECT count(*) FROM b"); }));
  }
  for (Database* const older : {running.get(), second.get()}) {
    const auto says_why = [&] {
      const auto obstacle = older->write_obstacle();
      return obstacle && obstacle->starts_with("the database was brought to schema 3 by a newer version");
    };
    CHECK(wait_until(says_why));
  }
  CHECK(!newest->write_obstacle());
  CHECK(number(*newest, "SELECT count(*) FROM b WHERE x = 9") == 0);
  CHECK(number(*newest, "SELECT count(*) FROM c") == 2);
}

TEST_CASE("of programs that write while the schema is changed, each is done with or turned away") {
  const Place place;
  const auto first = place.open(kFirst);
  std::atomic<bool> is_over = false;
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> writers;
  writers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      while (!is_over) {
        try {
          insert_into_a(*first);
          ++acknowledged;
        } catch (const Unavailable&) {
        } catch (const OutcomeUnknown&) {  // the session ended with the commit under way
        }
      }
    });
  }
  wait_until([&] { return acknowledged > 20; });

  const auto newest = place.open(kThirdBreaks);

  const int before = acknowledged;
  is_over = true;
  for (std::thread& writer : writers) writer.join();
  const std::int64_t stored = number(*newest, "SELECT count(*) FROM c WHERE x = 7");
  CHECK(acknowledged - before <= 4);  // known before, counted after
  CHECK(stored >= acknowledged);
  CHECK(stored <= acknowledged + 4);
  CHECK(is_turned_away([&] { insert_into_a(*first); }));
}

TEST_CASE("an older database is read as it is by a program that can, and left as it is by one that can't") {
  const Place place;
  place.open(kFirst);
  CHECK(number(*place.open(kSecondAdds, Access::read_only), "SELECT count(*) FROM a") == 1);
  CHECK(!place.has_table("b"));

  const auto problem = problem_of([&] { place.open(kThirdBreaks, Access::read_only); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
  CHECK(problem->detail().find("is of an older version (schema 1, this program reads from 2 on); run `aforro "
                               "migrate`") != std::string::npos);
  CHECK(place.has_table("a"));
  CHECK(!place.has_table("b"));
}

TEST_CASE("a database that was opened to be read can't be written to") {
  const Place place;
  place.open(kFirst);
  const auto database = place.open(kFirst, Access::read_only);
  CHECK_THROWS_AS(insert_into_a(*database), std::logic_error);
  CHECK_THROWS(database->read([](Connection& c) {
    c.run("INSERT INTO a (x) VALUES (7)");
    c.maybe_integer("SELECT 1");
  }));
  CHECK(number(*database, "SELECT count(*) FROM a") == 1);
}

TEST_CASE("a mark is one number, and a version alone where no older program may use it") {
  for (const SchemaMark mark :
       {SchemaMark{1, 1}, SchemaMark{9'999, 9'999}, SchemaMark{2, 1}, SchemaMark{300, 299}}) {
    CHECK(unpack_mark(pack_mark(mark)) == mark);
  }
  CHECK(pack_mark({.version = 3, .oldest_program = 3}) == 3);
  CHECK(unpack_mark(0) == SchemaMark());
}

TEST_CASE("a schema takes the oldest program that all of its steps take") {
  const auto oldest = [](const Schema& schema) { return mark_after_upgrade(schema, {}).oldest_program; };
  CHECK(oldest(kFirst) == 1);
  CHECK(oldest(kThird) == 3);
  CHECK(oldest(kSecondAdds) == 1);
  CHECK(oldest(kThirdBreaks) == 3);
  // One that takes away what programs before version 2 had.
  static constexpr std::array kSteps4{Migration{2, kAddB, 1}, Migration{3, kRaiseB, 1},
                                      Migration{4, kRenameA, 2}};
  Schema fourth = kSecondAdds;
  fourth.version = 4;
  fourth.steps = kSteps4;
  CHECK(oldest(fourth) == 2);
  CHECK(may_use(kSecondAdds, mark_after_upgrade(fourth, {})));
  CHECK(!may_use(kFirst, mark_after_upgrade(fourth, {})));
}

}  // namespace
