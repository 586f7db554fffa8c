// What SQLite says of its own storage: PRAGMA integrity_check. Part of the driver.
#pragma once

#include "sql/database.h"
#include "sql/sqlite_connection.h"

namespace aforro::sql {

// Reads the whole file on that connection, in a transaction of its own. Throws Unavailable for faults of disk
// or memory, but not for what is damaged.
StorageReport check_sqlite_storage(SqliteConnection& connection);

}  // namespace aforro::sql
