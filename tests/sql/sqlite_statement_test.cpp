// What the SQLite driver does beyond what every driver promises.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "sql/database.h"
#include "support/child.h"
#include "support/small_database.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::test::SmallDatabase;

TEST_CASE("a parameter without a number runs into an assertion") {
  CHECK(aforro::test::aborts([] {
    SmallDatabase small;
    small.database->read(
        [](Connection& connection) { connection.query("SELECT ?", {"a"}, [](const Row&) {}); });
  }));
}

TEST_CASE("a text may hold a NUL") {
  SmallDatabase small;
  const std::string odd("a\0b", 3);
  small.database->read([&](Connection& connection) {
    connection.query("SELECT $1", {odd}, [&](const Row& row) { CHECK(row.text(0) == odd); });
  });
}

TEST_CASE("a statement that fails leaves the transaction usable") {
  SmallDatabase small;
  small.database->read([](Connection& connection) {
    CHECK_THROWS_AS(connection.run("SELECT nowhere FROM things"), std::runtime_error);
    CHECK(connection.maybe_integer("SELECT 1") == 1);
  });
}

TEST_CASE("a script may make triggers") {
  SmallDatabase small;
  small.database->write([](Connection& connection) {
    connection.script(
        "CREATE TRIGGER t AFTER INSERT ON things BEGIN UPDATE things SET amount = 1; END;"
        "INSERT INTO things (id) VALUES (1), (2);");
  });
  CHECK(small.number("SELECT sum(amount) FROM things") == 2);
}

}  // namespace
