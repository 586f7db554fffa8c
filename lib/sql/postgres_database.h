// The pool of connections behind open_postgres(), for a database that has been looked at and is ready. Part
// of the driver.
#pragma once

#include <memory>
#include <string>

#include "sql/database.h"
#include "sql/postgres.h"

namespace aforro::sql {

std::unique_ptr<Database> make_postgres_database(const std::string& url, const PostgresOptions& options);

}  // namespace aforro::sql
