#include "sql/schema.h"

#include <string>

#include "base/problem.h"

namespace aforro::sql {

void refuse_newer(const Schema& schema, int found) {
  if (found <= schema.version) return;
  throw Problem(Problem::Kind::conflict,
                "the database was written by a newer version of this program (schema " +
                    std::to_string(found) + ", this one knows up to " + std::to_string(schema.version) +
                    "); use that version");
}

void upgrade(Connection& connection, const Schema& schema, int found, std::string_view Script::*engine) {
  refuse_newer(schema, found);
  if (found == 0) {
    connection.script(schema.script.*engine);
    return;
  }
  for (const Migration& step : schema.steps) {
    if (step.to_version > found) connection.script(step.script.*engine);
  }
}

}  // namespace aforro::sql
