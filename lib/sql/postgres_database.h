// The pool of connections behind open_postgres(), for a database that has been looked at and is ready. Part
// of the driver.
#pragma once

#include <memory>
#include <string>

#include "sql/database.h"
#include "sql/postgres.h"

namespace aforro::sql {

// Each of its sessions is one of a program that knows `schema`: none begins once the database has one that
// such a program must not use.
std::unique_ptr<Database> make_postgres_database(const std::string& url, const Schema& schema,
                                                 const PostgresOptions& options);

}  // namespace aforro::sql
