// The smallest schema that a database of tests needs: things with an id.
#pragma once

#include <cstdint>

#include "base/problem.h"
#include "sql/database.h"
#include "sql/schema.h"
#include "support/wait_until.h"

namespace aforro::test {

inline sql::Schema schema_of_things() {
  return {.application_id = 7,
          .version = 1,
          .script = {.sqlite = "", .postgres = "CREATE TABLE things (id BIGINT PRIMARY KEY)"},
          .steps = {}};
}

// Looks first, as an order does: so its COMMIT has a number to be asked about.
inline void add_thing(sql::Database& database, std::int64_t id) {
  database.write([&](sql::Connection& connection) {
    connection.maybe_integer("SELECT count(*) FROM things");
    connection.run("INSERT INTO things (id) VALUES ($1)", {id});
  });
}

inline std::int64_t count_things(sql::Database& database) {
  return database.read([](sql::Connection& connection) {
    return connection.maybe_integer("SELECT count(*) FROM things").value();
  });
}

// For a fifth of a second after a failure nobody tries to connect. False if it can't be added for long.
inline bool adds_once_let(sql::Database& database, std::int64_t id) {
  return wait_until([&] {
    try {
      add_thing(database, id);
      return true;
    } catch (const Unavailable&) {
      return false;
    }
  });
}

}  // namespace aforro::test
