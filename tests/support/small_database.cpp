#include "support/small_database.h"

namespace aforro::test {

const sql::Schema& small_schema() {
  static const sql::Schema kSchema{
      .application_id = 0x736D616C,  // "smal"
      .version = 1,
      .script =
          {.sqlite =
               "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE,"
               " amount INTEGER CHECK (amount >= 0)) STRICT;"
               "CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES things (id)) "
               "STRICT;",
           .postgres = {}},
      .steps = {},
  };
  return kSchema;
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
