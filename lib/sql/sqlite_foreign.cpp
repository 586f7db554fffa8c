#include <array>
#include <string>

#include "base/problem.h"
#include "sql/foreign.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_file.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_source.h"

namespace aforro::sql {
namespace {

// Reading may also fail for what the caller does with the rows: only the engine's own words about the file
// are said of it.
void read_all(const SqliteSource& source, std::chrono::milliseconds patience,
              FunctionRef<void(Connection&)> read) {
  SqliteConnection connection(source.file(), source.role(), patience);
  connection.read(std::nullopt, [&](Connection& snapshot) {
    read(snapshot);
    source.require_unchanged();
  });
}

}  // namespace

void read_foreign_sqlite(const std::filesystem::path& path, std::chrono::milliseconds patience,
                         FunctionRef<void(Connection&)> read) {
  const auto file = SqliteFile::find(path);
  if (!file) throw Problem::not_found("there is no file " + path.string());
  std::array<char, SqliteHeader::kBytes> head{};
  const std::size_t got = file->read_at(0, head);
  if (!SqliteHeader::parse({head.data(), got})) refuse_file(path, "is no SQLite database");
  try {
    read_all(SqliteSource(*file), patience, read);
  } catch (const Damaged& fault) {
    refuse_file(path, std::string("is damaged: ") + fault.what());
  } catch (const LockTimeout& fault) {
    refuse_file(path, std::string("is locked by another program: ") + fault.what());
  }
}

std::unique_ptr<Connection> open_unnamed(std::string_view schema) {
  auto connection = std::make_unique<SqliteConnection>(SqliteConnection::Unnamed{});
  connection->script(schema);
  return connection;
}

}  // namespace aforro::sql
