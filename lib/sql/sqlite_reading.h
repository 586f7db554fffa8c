// A SQLite file that is opened only to be read, also where it and its folder belong to another user: a
// Database that never writes. Part of the driver.
#pragma once

#include <memory>

#include "sql/sqlite.h"
#include "sql/sqlite_file.h"

namespace aforro::sql {

// The file is ours, and its log belongs to it. Throws Problem (conflict) if it can't be read as it lies
// there, or has a schema that can't be read; Damaged; Unavailable.
std::unique_ptr<Database> make_sqlite_reading(std::unique_ptr<SqliteFile> file, const Schema& schema,
                                              const SqliteOptions& options);

}  // namespace aforro::sql
