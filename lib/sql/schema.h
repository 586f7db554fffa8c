// The shape of a database file as numbered versions: a new file gets the whole schema at once, an older one
// the steps that it lacks, in one transaction; a newer one is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "sql/database.h"

namespace aforro::sql {

struct Migration {
  int to_version;           // the version that this step leads to, from the one before
  std::string_view script;  // SQL
};

struct Schema {
  std::uint32_t application_id;      // marks a file as ours
  int version;                       // what `script` makes
  std::string_view script;           // the whole schema, for a new file
  std::span<const Migration> steps;  // for older ones, ascending
};

// Brings the database to the schema's version and returns the version it had. Several processes may do so at
// once. Throws Problem (conflict) if the file is newer than the program.
int migrate(Database& database, const Schema& schema);

}  // namespace aforro::sql
