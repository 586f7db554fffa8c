// Which database a command works on, and why: a flag, a setting, or the default.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "search/product_search.h"
#include "sql/database.h"
#include "sql/schema.h"

namespace aforro::app {

struct DatabaseChoice {
  std::string location;     // a file, or postgres://…
  std::string reason;       // "--database", "the default", …
  bool is_implied = false;  // by a setting that other programs know too: worth a remark
};

// `given` is what --database or AFORRO_DATABASE says, empty if neither does; then DB_NAME means PostgreSQL,
// and without it the file aforro.db in the working folder counts. `given_by` names which of them it was.
DatabaseChoice choose_database(const std::string& given, const std::string& given_by);

bool is_postgres(const DatabaseChoice& choice);

// The location as it may be shown: without a password.
std::string shown_location(const DatabaseChoice& choice);

// An open database with the search that belongs to its engine.
struct Database {
  std::unique_ptr<sql::Database> engine;
  std::unique_ptr<search::ProductSearch> search;
  std::size_t max_waiting;  // threads of a pool that it keeps waiting at once; one more is refused
};

// What a command may be told while it opens a database, and afterwards.
struct Telling {
  // How far an older database has been brought: rows done, rows in all.
  std::function<void(std::int64_t done, std::int64_t all)> migrating = [](std::int64_t, std::int64_t) {};
  std::function<void(std::uint64_t log_bytes)> log_is_held = {};  // as SqliteOptions says
};

struct Patience {
  std::chrono::milliseconds locks;    // of each transaction, for what another process has locked
  std::chrono::milliseconds connect;  // with a database server, for a new session
  std::chrono::milliseconds silence;  // with a database server that says nothing at all
};

// How many connections to a database server a process has at most, unless it is told otherwise, for what it
// reads and writes. docs/scaling.md says why so many.
inline constexpr std::size_t kDatabaseConnections = 16;

// Each step of opening waits for locks, too; but on PostgreSQL a process that brings the schema up to date is
// waited for as long as that takes.
//
// Throws Problem as open_sqlite() and open_postgres() do.
Database open_database(const DatabaseChoice& choice, sql::Missing missing, sql::Access access,
                       const Patience& patience, Telling telling,
                       std::size_t connections = kDatabaseConnections);

// For a program that stays: a warning if a newer one has brought the database further, as it is in the middle
// of a rolling upgrade.
void warn_of_newer_schema(sql::Database& database, Log& log);

// True if there is something at the location: a file that is not empty, or our tables.
bool database_exists(const DatabaseChoice& choice);

}  // namespace aforro::app
