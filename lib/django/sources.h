// The places where a Django service keeps its rows: its database, on PostgreSQL or in a SQLite file, and what
// `manage.py dumpdata` has written.
#pragma once

#include <memory>

#include "base/function_ref.h"
#include "django/source.h"
#include "sql/connection.h"

namespace aforro::django {

// Within one snapshot of the database (sql/foreign.h), which must outlive the source.
std::unique_ptr<Source> make_postgres_source(sql::Connection& snapshot);
std::unique_ptr<Source> make_sqlite_source(sql::Connection& snapshot);

// Reads some more bytes into the buffer; 0 at the end.
using ReadBytes = FunctionRef<std::size_t(std::span<char> buffer)>;

// Takes a dump apart, however long it is and in whatever order its models come, and puts its rows into the
// staging, from which the source then reads: both must outlive it. `progress` is told objects read.
//
// Throws Problem (invalid) if it is no dump of JSON; says where.
std::unique_ptr<Source> read_dump(sql::Connection& staging, ReadBytes read,
                                  FunctionRef<void(std::int64_t done)> progress);

}  // namespace aforro::django
