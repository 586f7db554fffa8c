// What a connection promises of statements, parameters and rows, by the driver of either engine.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sql/database.h"
#include "support/child.h"
#include "support/small_database.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::test::SmallDatabase;

// Runs `use` on a reading connection.
template <class F>
auto reading(F&& use) {
  SmallDatabase small;
  return small.database->read(use);
}

std::string joined(Connection& connection, Text text, std::initializer_list<Param> params) {
  std::string all;
  connection.query(text, params, [&](const Row& row) {
    if (!all.empty()) all += ' ';
    all += row.text(0);
  });
  return all;
}

TEST_CASE("a parameter is bound by its number, in whatever order the text has them") {
  reading([](Connection& connection) {
    CHECK(joined(connection, "SELECT $3 || $1 || $2", {"a", "b", "c"}) == "cab");
    CHECK(joined(connection, "SELECT $2 || $1 || $2 || $2", {"a", "b"}) == "babb");
    CHECK(joined(connection, "SELECT $10 || $9 || $1", {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}) ==
          "1091");
  });
}

TEST_CASE("a parameter that the text has not is passed over") {
  reading([](Connection& connection) {
    CHECK(joined(connection, "SELECT $2", {"a", "b", "c"}) == "b");
    CHECK(joined(connection, "SELECT 'x'", {"a"}) == "x");
  });
}

TEST_CASE("a parameter that is missing runs into an assertion") {
  CHECK(aforro::test::aborts([] {
    reading([](Connection& connection) { connection.query("SELECT $1, $2", {"a"}, [](const Row&) {}); });
  }));
}

TEST_CASE("values come back as they went in") {
  reading([](Connection& connection) {
    const std::string odd = "a'\"\\$1\n\xC3\xA9";
    connection.query("SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), $3, $4, $5, $6",
                     {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(), odd,
                      "", nullptr, std::optional<std::int64_t>()},
                     [&](const Row& row) {
                       CHECK(row.integer(0) == std::numeric_limits<std::int64_t>::min());
                       CHECK(row.integer(1) == std::numeric_limits<std::int64_t>::max());
                       CHECK(row.text(2) == odd);
                       CHECK(row.text(3).empty());
                       CHECK(!row.is_null(3));
                       CHECK(row.is_null(4));
                       CHECK(row.maybe_integer(0).has_value());
                       CHECK(!row.maybe_integer(5));
                     });
  });
}

TEST_CASE("to ask a column for what it does not hold runs into an assertion") {
  const auto asks = [](auto&& ask) {
    return aforro::test::aborts(
        [&] { reading([&](Connection& connection) { connection.query("SELECT 1, 'a', NULL", {}, ask); }); });
  };
  CHECK(!asks([](const Row& row) { CHECK(row.integer(0) == 1); }));
  CHECK(asks([](const Row& row) { return row.text(0).empty(); }));
  CHECK(asks([](const Row& row) { return row.integer(1); }));
  CHECK(asks([](const Row& row) { return row.integer(2); }));
  CHECK(asks([](const Row& row) { return row.text(2).empty(); }));
}

TEST_CASE("what one run bound is not there in the next") {
  reading([](Connection& connection) {
    CHECK(joined(connection, "SELECT coalesce($1, 'none')", {"left over"}) == "left over");
    CHECK(joined(connection, "SELECT coalesce($1, 'none')", {nullptr}) == "none");
  });
}

TEST_CASE("text is data, whatever it looks like") {
  SmallDatabase small;
  const std::string text = "'); DROP TABLE things; --";
  small.database->write([&](Connection& connection) {
    connection.run("INSERT INTO things (id, name) VALUES (1, $1)", {text});
  });
  small.database->read(
      [&](Connection& connection) { CHECK(joined(connection, "SELECT name FROM things", {}) == text); });
}

TEST_CASE("rows come in order, all of them, none when there are none") {
  reading([](Connection& connection) {
    CHECK(joined(connection,
                 "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
                 " SELECT CAST(i AS TEXT) FROM n ORDER BY i DESC",
                 {5}) == "5 4 3 2 1");
    CHECK(joined(connection, "SELECT 'x' WHERE 1 = 0", {}).empty());
  });
}

TEST_CASE("one statement runs for each row of parameters, in order, and tells whose row it is") {
  SmallDatabase small;
  small.database->write([](Connection& connection) {
    ParamRows rows;
    rows.add({3, "c"});
    rows.add({1, "a"});
    rows.add({2, nullptr});
    std::vector<std::pair<std::size_t, std::int64_t>> returned;
    connection.for_each("INSERT INTO things (id, name) VALUES ($1, $2) RETURNING id", rows,
                        [&](std::size_t i, const Row& row) { returned.emplace_back(i, row.integer(0)); });
    CHECK(returned == std::vector<std::pair<std::size_t, std::int64_t>>{{0, 3}, {1, 1}, {2, 2}});
  });
  CHECK(small.things() == 3);
}

TEST_CASE("a row of parameters may find no row or several") {
  reading([](Connection& connection) {
    ParamRows rows;
    for (const int count : {2, 0, 1}) rows.add({count});
    std::vector<std::size_t> seen;
    connection.for_each(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n WHERE "
        "i <= $1",
        rows, [&](std::size_t i, const Row&) { seen.push_back(i); });
    CHECK(seen == std::vector<std::size_t>{0, 0, 2});
  });
}

TEST_CASE("no rows of parameters are no statement, not even a wrong one") {
  reading([](Connection& connection) { CHECK_NOTHROW(connection.for_each("no SQL at all", ParamRows())); });
}

TEST_CASE("a statement may be used again inside the visit of another, and after a visitor threw") {
  reading([](Connection& connection) {
    std::string all;
    connection.query("SELECT 1 UNION ALL SELECT 2 ORDER BY 1", {}, [&](const Row& row) {
      all += std::to_string(connection.maybe_integer("SELECT $1 * 10", {row.integer(0)}).value()) + " ";
    });
    CHECK(all == "10 20 ");

    const auto throwing = [](const Row&) { throw std::out_of_range("enough"); };
    CHECK_THROWS_AS(connection.query("SELECT '7' UNION ALL SELECT '8'", {}, throwing), std::out_of_range);
    CHECK(joined(connection, "SELECT '7' UNION ALL SELECT '8'", {}) == "7 8");
  });
}

TEST_CASE("the first column of the only row is read, or nothing") {
  reading([](Connection& connection) {
    CHECK(connection.maybe_integer("SELECT 7, 8") == 7);
    CHECK(!connection.maybe_integer("SELECT id FROM things"));
  });
}

TEST_CASE("a text may be put together of literals, in any number") {
  reading([](Connection& connection) {
    Composed where(" WHERE 1 = 1");
    for (int i = 0; i < 3; ++i) where += " AND $1 = 'a'";
    Composed text("SELECT 'found'");
    text += where;
    CHECK(text.operator Text().view() == "SELECT 'found' WHERE 1 = 1 AND $1 = 'a' AND $1 = 'a' AND $1 = 'a'");
    CHECK(joined(connection, text, {"a"}) == "found");
    CHECK(joined(connection, text, {"b"}).empty());
  });
}

TEST_CASE("a reading connection cannot write") {
  SmallDatabase small;
  CHECK_THROWS(small.database->read([](Connection& connection) { connection.run("DELETE FROM things"); }));
  CHECK_THROWS(small.database->read([](Connection& connection) { connection.run("CREATE TABLE x (y)"); }));
}

TEST_CASE("a text that is no SQL is a fault of the program, and leaves the database usable") {
  SmallDatabase small;
  const auto read = [&](Text text) {
    return small.database->read([&](Connection& connection) { return connection.maybe_integer(text); });
  };
  CHECK_THROWS_AS(read("SELEC 1"), std::runtime_error);
  CHECK_THROWS_AS(read("SELECT nowhere FROM things"), std::runtime_error);
  CHECK(read("SELECT 1") == 1);
}

TEST_CASE("a script runs many statements, with comments and semicolons inside text") {
  SmallDatabase small;
  small.database->write([](Connection& connection) {
    connection.script(
        "-- a comment; with a semicolon\n"
        "INSERT INTO things (id, name) VALUES (1, 'a;b');\n"
        "CREATE TABLE others (id INTEGER);"
        "INSERT INTO others (id) VALUES (2), (3);");
  });
  CHECK(small.number("SELECT (SELECT count(*) FROM things) + (SELECT sum(id) FROM others)") == 6);
}

}  // namespace
