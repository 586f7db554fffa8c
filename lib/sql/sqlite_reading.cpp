// A second implementation of Database, and not a mode of the first: a server's database has a writer, a watch
// and a log to keep, and a file that is only read, perhaps on a read-only disk, must have none of them. How
// the file can be read is found once, by SqliteSource. Where the way is only safe while nothing changes, each
// result is checked after it was read; if the file changed, the result is thrown away, and so is a fault,
// which may come from the change.
#include "sql/sqlite_reading.h"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/problem.h"
#include "sql/pool.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_source.h"
#include "sql/sqlite_storage.h"

namespace aforro::sql {
namespace {

class SqliteReading final : public Database {
 public:
  SqliteReading(std::unique_ptr<SqliteFile> file, const SqliteOptions& options)
      : file_(std::move(file)),
        source_(*file_),
        options_(options),
        readers_(options.max_readers, options.deadline, [this] { return connect(); }) {}

  // Only servers ask for it, and they open the database to write.
  std::optional<std::uint64_t> change_mark() override { return std::nullopt; }
  Identity identity(Text /*table*/) override { return {}; }

  StorageReport check_storage() override {
    StorageReport report;
    unchanged([&] { report = check_sqlite_storage(*connect()); });
    return report;
  }

  SchemaMark schema() override { return read(schema_mark); }

  std::optional<std::string> write_obstacle() override { return "the database was opened to be read"; }

 protected:
  void do_read(FunctionRef<void(Connection&)> piece, ReadTime time) override {
    const auto now = std::chrono::steady_clock::now();
    readers_.with([&](SqliteConnection& connection) {
      connection.set_lock_deadline(now + options_.deadline);
      connection.read(time == ReadTime::bounded ? std::optional(now + options_.read_time) : std::nullopt,
                      [&](Connection&) { unchanged([&] { piece(connection); }); });
    });
  }

  void do_write(FunctionRef<void(Connection&)> /*piece*/) override {
    throw std::logic_error("a database that was opened to be read is written to");
  }

 private:
  std::unique_ptr<SqliteConnection> connect() const {
    return std::make_unique<SqliteConnection>(source_.file(), source_.role(), options_.deadline);
  }

  // Reads: the result, or the fault, counts only if the file is as it was.
  void unchanged(FunctionRef<void()> read) const {
    try {
      read();
    } catch (...) {
      source_.require_unchanged();
      throw;
    }
    source_.require_unchanged();
  }

  const std::unique_ptr<SqliteFile> file_;  // its descriptor is the last that is closed
  const SqliteSource source_;
  const SqliteOptions options_;
  Pool<SqliteConnection> readers_;
};

}  // namespace

std::unique_ptr<Database> make_sqlite_reading(std::unique_ptr<SqliteFile> file, const Schema& schema,
                                              const SqliteOptions& options) {
  auto database = std::make_unique<SqliteReading>(std::move(file), options);
  require_usable(schema, database->schema(), Access::read_only);
  return database;
}

}  // namespace aforro::sql
