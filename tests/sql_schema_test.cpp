// Bringing a database to the present schema, step by step, once.
#include "sql/schema.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sql/sqlite.h"
#include "support/temporary_folder.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::test::TemporaryFolder;

constexpr std::uint32_t kId = 0x73746570;  // "step"

// As the schema was when it had its first version.
const Schema& first() {
  static const Schema kFirst{
      .application_id = kId,
      .version = 1,
      .script = {.sqlite = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);", .postgres = ""},
      .steps = {}};
  return kFirst;
}

constexpr std::array kSteps{
    Migration{
        2,
        {.sqlite = "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO b SELECT x + 1 FROM a;", .postgres = ""}},
    Migration{3, {.sqlite = "UPDATE b SET x = x * 10; ALTER TABLE a ADD COLUMN y INTEGER;", .postgres = ""}}};

const Schema& third() {
  static const Schema kThird{
      .application_id = kId,
      .version = 3,
      .script = {.sqlite = "CREATE TABLE a (x INTEGER, y INTEGER) STRICT; CREATE TABLE b (x INTEGER) STRICT;",
                 .postgres = ""},
      .steps = kSteps};
  return kThird;
}

std::unique_ptr<Database> open(const TemporaryFolder& folder, const Schema& schema) {
  return open_sqlite(folder / "steps.db", schema, {.missing = Missing::create});
}

std::int64_t number(Database& database, Text query) {
  return database.read([&](Connection& connection) { return connection.maybe_integer(query).value(); });
}

TEST_CASE("a new file gets the whole schema and none of the steps") {
  const TemporaryFolder folder;
  const auto database = open(folder, third());
  CHECK(number(*database, "PRAGMA user_version") == 3);
  CHECK(number(*database, "SELECT count(*) FROM b") == 0);
}

TEST_CASE("an older file gets the steps that it lacks, in order, with its content, and once") {
  const TemporaryFolder folder;
  open(folder, first());
  for (int times = 0; times < 2; ++times) {
    const auto database = open(folder, third());
    CHECK(number(*database, "PRAGMA user_version") == 3);
    CHECK(number(*database, "SELECT x FROM b") == 20);
    CHECK(number(*database, "SELECT count(*) FROM a WHERE y IS NULL") == 1);
  }
}

TEST_CASE("a step that fails leaves the file as it was") {
  static constexpr std::array kBroken{kSteps[0],
                                      Migration{3, {.sqlite = "UPDATE nowhere SET x = 1;", .postgres = ""}}};
  Schema broken = third();
  broken.steps = kBroken;
  const TemporaryFolder folder;
  open(folder, first());
  CHECK_THROWS(open(folder, broken));
  const auto database = open(folder, first());
  CHECK(number(*database, "PRAGMA user_version") == 1);
  CHECK(number(*database, "SELECT count(*) FROM sqlite_schema WHERE name = 'b'") == 0);
}

TEST_CASE("many may open and migrate at once, and each step is taken once") {
  for (int round = 0; round < 5; ++round) {
    const TemporaryFolder folder;
    if (round % 2 == 0) open(folder, first());
    std::vector<std::string> failures(6);
    std::vector<std::thread> threads;
    threads.reserve(failures.size());
    for (std::string& failure : failures) {
      threads.emplace_back([&] {
        try {
          open(folder, third());
        } catch (const std::exception& error) {
          failure = error.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& failure : failures) CHECK(failure == "");
    const auto database = open(folder, third());
    CHECK(number(*database, "PRAGMA user_version") == 3);
    CHECK(number(*database, "SELECT coalesce(sum(x), 0) FROM b") == (round % 2 == 0 ? 20 : 0));
  }
}

}  // namespace
