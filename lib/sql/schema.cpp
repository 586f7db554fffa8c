#include "sql/schema.h"

#include <string>

#include "base/problem.h"

namespace aforro::sql {
namespace {

int version_of(Connection& connection) {
  return static_cast<int>(connection.maybe_integer("PRAGMA user_version").value_or(0));
}

}  // namespace

int migrate(Database& database, const Schema& schema) {
  const int before = database.read(version_of);
  if (before > schema.version) {
    throw Problem(Problem::Kind::conflict,
                  "the database was written by a newer version of this program (schema " +
                      std::to_string(before) + ", this one knows up to " + std::to_string(schema.version) +
                      "); use that version");
  }
  if (before == schema.version) return before;
  return database.write([&](Connection& connection) {
    const int found = version_of(connection);  // another process may have been faster
    if (found == 0) {
      connection.script(schema.script);
    } else {
      for (const Migration& step : schema.steps) {
        if (step.to_version > found) connection.script(step.script);
      }
    }
    if (found != schema.version) connection.script("PRAGMA user_version = " + std::to_string(schema.version));
    return found;
  });
}

}  // namespace aforro::sql
