#include "sql/schema.h"

#include "base/problem.h"

namespace aforro::sql {

std::string newer_than(const Schema& schema, std::int64_t found) {
  return "was written by a newer version of this program (schema " + std::to_string(found) +
         ", this one knows up to " + std::to_string(schema.version) + "); use that version";
}

void refuse_newer(const Schema& schema, int found) {
  if (found > schema.version) {
    throw Problem(Problem::Kind::conflict, "the database " + newer_than(schema, found));
  }
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
