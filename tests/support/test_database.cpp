#include "support/test_database.h"

#include "shop/schema.h"
#include "sql/postgres.h"
#include "sql/sqlite.h"
#include "support/postgres_cluster.h"

namespace aforro::test {
namespace {

// A database with the schema, to make copies of: much quicker than the schema itself.
const std::string& original() {
  static const std::string kName = [] {
    PostgresCluster& cluster = PostgresCluster::shared();
    const std::string name = cluster.create_database();
    sql::open_postgres(cluster.url(name), shop::schema(), {.missing = sql::Missing::create});
    return name;
  }();
  return kName;
}

Location place_in(const TemporaryFolder& folder, Engine engine) {
  if (engine == Engine::sqlite) return free_location(folder, engine);
  PostgresCluster& cluster = PostgresCluster::shared();
  return cluster.url(cluster.create_database(original()));
}

}  // namespace

std::unique_ptr<sql::Database> open_database(const Location& location, std::chrono::milliseconds patience) {
  if (location.is_postgres()) {
    return sql::open_postgres(location.string(), shop::schema(), {.lock_timeout = patience});
  }
  return sql::open_sqlite(location.string(), shop::schema(),
                          {.missing = sql::Missing::create, .deadline = patience});
}

TestDatabase::TestDatabase(Engine engine)
    : location_(place_in(folder_, engine)), database_(open_database(location_)) {}

TestDatabase::~TestDatabase() {
  database_.reset();
  drop_database(location_);
}

std::unique_ptr<search::ProductSearch> TestDatabase::make_search() const {
  return location_.is_postgres() ? search::make_postgres_search(*database_)
                                 : search::make_fts5_search(*database_);
}

std::unique_ptr<sql::Database> TestDatabase::open_again(std::chrono::milliseconds patience) const {
  return open_database(location_, patience);
}

}  // namespace aforro::test
