// A SQLite file that was looked at and prepared (see sql/sqlite_open.cpp) as a Database. Part of the driver.
#pragma once

#include <memory>

#include "sql/sqlite.h"
#include "sql/sqlite_file.h"

namespace aforro::sql {

// The file is ours, writable, claimed, and in WAL mode with a table of stamps. Once it has a schema that a
// program which knows that version must not use, all that is asked of it throws Unavailable. Throws
// Unavailable.
std::unique_ptr<Database> make_sqlite_database(std::unique_ptr<SqliteFile> file, int known_schema,
                                               const SqliteOptions& options);

}  // namespace aforro::sql
