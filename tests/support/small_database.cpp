#include "support/small_database.h"

#include "sql/postgres.h"
#include "support/engine.h"
#include "support/postgres_cluster.h"

namespace aforro::test {

const sql::Schema& small_schema() {
  static const sql::Schema kSchema{
      .application_id = 0x736D616C,  // "smal"
      .version = 1,
      .script = {.sqlite =
                     "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
                     " amount INTEGER CHECK (amount >= 0)) STRICT;"
                     "CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES things"
                     " (id)) STRICT;",
                 .postgres =
                     "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT UNIQUE,"
                     " amount BIGINT CHECK (amount >= 0));"
                     "CREATE TABLE parts (id BIGINT PRIMARY KEY, thing BIGINT NOT NULL REFERENCES things"
                     " (id));"},
      .steps = {},
  };
  return kSchema;
}

SmallDatabase::SmallDatabase() {
  if (engine() == Engine::postgres) {
    PostgresCluster& cluster = PostgresCluster::shared();
    name = cluster.create_database();
    database = sql::open_postgres(cluster.url(name), small_schema(), {.missing = sql::Missing::create});
  } else {
    database = sql::open_sqlite(file, small_schema(), {.missing = sql::Missing::create});
  }
}

SmallDatabase::~SmallDatabase() {
  database.reset();
  if (!name.empty()) PostgresCluster::shared().drop_database(name);
}

SmallDatabase::SmallDatabase(sql::SqliteOptions options) {
  options.missing = sql::Missing::create;
  database = sql::open_sqlite(file, small_schema(), options);
}

std::unique_ptr<sql::Database> SmallDatabase::open_again(const sql::SqliteOptions& options) const {
  return sql::open_sqlite(file, small_schema(), options);
}

void SmallDatabase::add(std::int64_t id) {
  database->write(
      [&](sql::Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
}

std::int64_t SmallDatabase::number(sql::Text query) {
  return database->read([&](sql::Connection& connection) { return connection.maybe_integer(query).value(); });
}

}  // namespace aforro::test
