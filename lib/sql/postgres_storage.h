// What PostgreSQL says of its own storage: constraints and indexes that count for nothing, and, where the
// extension amcheck is there and may be used, B-trees that don't have what their tables have. Part of the
// driver.
#pragma once

#include "sql/database.h"

namespace aforro::sql {

StorageReport check_postgres_storage(Database& database);

}  // namespace aforro::sql
