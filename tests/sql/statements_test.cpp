#include <doctest/doctest.h>

#include <cstdint>

#include "support/local_shop.h"

namespace {

using aforro::sql::Composed;
using aforro::sql::Connection;
using aforro::sql::Row;
using aforro::test::LocalShop;

// "SELECT 0 + 1 + 1 …": a text of its own for every number.
std::int64_t count_up_to(Connection& connection, int number) {
  Composed text("SELECT 0");
  for (int i = 0; i < number; ++i) text += " + 1";
  return connection.maybe_integer(text).value();
}

TEST_CASE("a connection takes any number of distinct statements, each again after the others") {
  LocalShop shop;
  shop.database->read([](Connection& connection) {
    for (int round = 0; round < 2; ++round) {
      for (int number = 0; number < 700; ++number) CHECK(count_up_to(connection, number) == number);
    }
  });
}

TEST_CASE("a statement goes on while its visitor runs many others") {
  LocalShop shop;
  shop.database->read([](Connection& connection) {
    std::int64_t rows = 0;
    connection.query("SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3", {}, [&](const Row& row) {
      for (int number = 0; number < 700; ++number) CHECK(count_up_to(connection, number) == number);
      ++rows;
      CHECK(row.integer(0) == rows);
    });
    CHECK(rows == 3);
  });
}

}  // namespace
