// What tells a database from all others.
#include <doctest/doctest.h>

#include <filesystem>
#include <memory>

#include "support/postgres_cluster.h"
#include "support/test_database.h"

namespace {

using aforro::sql::Identity;
using aforro::test::TestDatabase;

TEST_CASE("a database is the same for all who have it open, and no other is") {
  const TestDatabase one;
  const TestDatabase other;
  const Identity identity = one->identity("inventory");
  CHECK(!identity.database.empty());
  CHECK(identity.life != identity.database);
  const Identity again = one.open_again()->identity("inventory");
  CHECK(again.database == identity.database);
  CHECK((again.life == identity.life) == one.location().is_postgres());
  CHECK(one->identity("inventory").life == identity.life);
  const Identity another = other->identity("inventory");
  CHECK(another.database != identity.database);
  CHECK(another.life != identity.life);
}

TEST_CASE("what takes the place of its rows has another life") {
  const TestDatabase one;
  const Identity before = one->identity("inventory");
  if (one.location().is_postgres()) {
    aforro::test::PostgresCluster::shared().query(one.location().name(), "TRUNCATE inventory CASCADE");
    const Identity after = one->identity("inventory");
    CHECK(after.database == before.database);
    CHECK(after.life != before.life);
  } else {
    // As `aforro restore` does it.
    const auto file = one.location().file();
    const TestDatabase other;
    std::filesystem::copy_file(other.location().file(), file.string() + ".new");
    std::filesystem::rename(file.string() + ".new", file);
    const Identity after = one->identity("inventory");
    CHECK(after.database == before.database);
    CHECK(after.life != before.life);
  }
}

}  // namespace
