// The shape of a database as numbered versions: a new one gets the whole schema at once, an older one the
// steps that it lacks, in one transaction; a newer one is refused. Each driver keeps the version in its own
// way and picks its engine's texts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sql/connection.h"

namespace aforro::sql {

struct Script {  // the same, said to each engine
  std::string_view sqlite;
  std::string_view postgres;
};

struct Migration {
  int to_version;  // the version that this step leads to, from the one before
  Script script;
};

struct Schema {
  std::uint32_t application_id;      // marks a database as ours
  int version;                       // what `script` makes
  Script script;                     // the whole schema, for a new database
  std::span<const Migration> steps;  // for older ones, ascending
};

// What a driver is to do about a database that does not exist.
enum class Missing { create, refuse };

// What to say of a database of a newer version than the schema's: "was written by …".
std::string newer_than(const Schema& schema, std::int64_t found);

// Throws Problem (conflict) if a database of version `found` is newer than the program.
void refuse_newer(const Schema& schema, int found);

// Brings a database of version `found` (0: an empty one) to the schema's version. For drivers, inside a
// transaction that shuts out other processes doing the same.
void upgrade(Connection& connection, const Schema& schema, int found, std::string_view Script::*engine);

}  // namespace aforro::sql
