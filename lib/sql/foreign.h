// Databases of other programs, which are only looked at, and a database of nobody but this process. Nothing
// of ours is expected there: no schema, no mark, none of our locks.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "sql/connection.h"

namespace aforro::sql {

// Runs `read` in one snapshot, however long it takes, on a session that can't write. Waits up to `patience`
// to connect, and for each lock of another session (of one that alters a table, say).
//
// Throws Problem: invalid if the url can't be read, unavailable if the server can't be reached, conflict if
// it can't be used (older than PostgreSQL 10; no such user). What is thrown while reading passes.
void read_foreign_postgres(const std::string& url, std::chrono::milliseconds patience,
                           FunctionRef<void(Connection&)> read);

// The same of a SQLite file, which, its folder and its log included, is left as it is. A program that is
// about to commit there may have to wait.
//
// Throws Problem: not_found if there is no such file, conflict if it can't be read or is no SQLite database.
void read_foreign_sqlite(const std::filesystem::path& file, std::chrono::milliseconds patience,
                         FunctionRef<void(Connection&)> read);

// A database without a name, for what is larger than memory and needed for a while: on the disk where the
// system keeps what is temporary (SQLITE_TMPDIR, TMPDIR, else /var/tmp), gone with the connection or with the
// process. `schema` is run first. Used by one thread at a time. Every method throws Problem (conflict) if
// that disk does not take it; says which folder.
std::unique_ptr<Connection> open_unnamed(std::string_view schema);

}  // namespace aforro::sql
