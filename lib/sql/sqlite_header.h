// The head of a SQLite file as bytes (https://sqlite.org/fileformat.html, 1.3): what can be told of a file
// before SQLite opens it, which might already change it. Part of the driver; a value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sql/schema.h"
#include "sql/sqlite_file.h"

namespace aforro::sql {

struct SqliteHeader {
  static constexpr std::size_t kBytes = 100;

  std::uint32_t application_id;
  SchemaMark schema;
  std::uint64_t file_bytes;  // as many as the database says it has; the log may hold more
  bool uses_log;             // a log beside it may hold what the file does not

  // Nothing if these are not the first bytes of a database.
  static std::optional<SqliteHeader> parse(std::string_view bytes);
};

// What an open database says of its schema, as of the snapshot that the connection has or takes.
SchemaMark schema_mark(Connection& connection);

// Why a file with this head is no shop that this program can use, as what follows "the file"; empty if it
// is one.
std::string why_not_ours(const std::optional<SqliteHeader>& header, const Schema& schema);

// The head of the file. Throws Problem (conflict) if it is not one of ours, or is shorter than it says and
// has no log that could make up for that. Looks at the bytes alone: opening it by SQLite could already run
// its recovery. The log may hold a version that is newer still.
SqliteHeader require_ours(const SqliteFile& file, const Schema& schema);

}  // namespace aforro::sql
