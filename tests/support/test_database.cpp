#include "support/test_database.h"

#include <stdexcept>

#include "shop/schema.h"
#include "sql/postgres.h"
#include "sql/sqlite.h"
#include "support/engine.h"
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

std::unique_ptr<sql::Database> open(const std::string& location) {
  if (engine() == Engine::postgres) return sql::open_postgres(location, shop::schema(), {});
  return sql::open_sqlite(location, shop::schema(), {.missing = sql::Missing::create});
}

}  // namespace

TestDatabase::TestDatabase() {
  if (engine() == Engine::postgres) {
    PostgresCluster& cluster = PostgresCluster::shared();
    location_ = cluster.url(cluster.create_database(original()));
  } else {
    location_ = folder_ / "shop.db";
  }
  database_ = open(location_);
}

TestDatabase::~TestDatabase() {
  database_.reset();
  if (engine() == Engine::postgres) {
    PostgresCluster::shared().drop_database(location_.substr(location_.rfind('/') + 1));
  }
}

std::unique_ptr<sql::Database> TestDatabase::open_again() const { return open(location_); }

}  // namespace aforro::test
