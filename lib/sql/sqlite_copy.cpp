// Why the online backup of SQLite, and how it is kept from beginning again.
//
// sqlite3_backup_step() copies some pages at a time and begins anew whenever another connection has written
// in between: beside a server that takes orders it would never end. It does so because it reads each piece in
// a transaction of its own. If the connection that it reads by is in a transaction already, all pieces are of
// that one snapshot. In WAL mode no writer waits for a snapshot; the price is that the log can't be emptied
// until the copy is done.
//
// VACUUM INTO reads one snapshot as well and packs the copy tighter (a shop of 330,000 orders: 7 %
// smaller, 1.6 times the processor time). But it is one statement, which can't be told to leave the disk to
// others for a while, and what it writes is made anew: a damaged original fails it, or does not show in it.
#include "sql/sqlite_copy.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

#include "base/problem.h"
#include "base/shortage.h"
#include "sql/log_stamps.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_file.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_shortage.h"
#include "sql/sqlite_source.h"
#include "sql/sqlite_storage.h"

namespace aforro::sql {
namespace {

constexpr int kPagesAtOnce = 64;
constexpr int kPrimary = 0xFF;  // of an extended code

void tell_shortage(const SQLite::Exception& fault) {
  if (const std::string_view what = shortage_behind(fault); !what.empty()) throw Shortage(what);
}

// Both settings are lost with a crash, and so is the copy then: nobody has been told of it.
SQLite::Database open_copy(const std::filesystem::path& copy) try {
  SQLite::Database database(std::filesystem::absolute(copy).string(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | SQLite::OPEN_NOMUTEX);
  database.exec(
      "PRAGMA journal_mode = OFF;"
      "PRAGMA synchronous = OFF;"
      "PRAGMA cache_size = -2048;");
  return database;
} catch (const SQLite::Exception& fault) {
  tell_shortage(fault);
  throw Unavailable("the copy can't be made: " + std::string(fault.what()));
}

[[noreturn]] void explain(const SQLite::Exception& fault, const SQLite::Database& copying,
                          const std::filesystem::path& original) {
  tell_shortage(fault);
  switch (fault.getErrorCode() & kPrimary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Unavailable(fault.what());
    case SQLITE_FULL:
      throw Unavailable("the copy can't be written: " + std::string(fault.what()));
    default:
      break;
  }
  const int code = fault.getExtendedErrorCode();
  if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE) {
    const int error = sqlite3_system_errno(copying.getHandle());
    throw Unavailable("the copy can't be written: " +
                      std::string(error == 0 ? fault.what() : error_text(error)));
  }
  refuse_file(original, std::string("can't be read: ") + fault.what());
}

// Makes the copy say that it has no log: then it can be opened without one, even in a read-only folder.
void mark_without_log(const std::filesystem::path& copy) {
  constexpr std::array<char, 2> kRollbackJournal{1, 1};
  const int descriptor = ::open(copy.c_str(), O_WRONLY | O_CLOEXEC);
  const bool is_marked = descriptor >= 0 && ::pwrite(descriptor, kRollbackJournal.data(), 2, 18) == 2;
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!is_marked) throw Unavailable(std::string("the copy can't be written: ") + error_text(error));
}

// All of the snapshot that `reading` is in. Returns how many bytes that is.
std::uint64_t copy_pages(SQLite::Database& reading, SQLite::Database& copying, CopyProgress progress) {
  const auto page_bytes = static_cast<std::uint64_t>(reading.execAndGet("PRAGMA page_size").getInt64());
  SQLite::Backup pages(copying, reading);
  for (int outcome = SQLITE_OK; outcome != SQLITE_DONE;) {
    outcome = pages.executeStep(kPagesAtOnce);
    if (outcome != SQLITE_OK && outcome != SQLITE_DONE) throw Unavailable("the database is locked");
    const auto all = static_cast<std::uint64_t>(pages.getTotalPageCount());
    const auto left = static_cast<std::uint64_t>(pages.getRemainingPageCount());
    progress((all - left) * page_bytes, all * page_bytes);
  }
  return static_cast<std::uint64_t>(pages.getTotalPageCount()) * page_bytes;
}

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(file, error);
  return error ? 0 : bytes;
}

// One connection, which is never written by.
class StillDatabase final : public Database {
 public:
  explicit StillDatabase(std::unique_ptr<SqliteFile> file)
      : file_(std::move(file)),
        connection_(*file_, SqliteConnection::Role::immutable, std::chrono::milliseconds(0)) {}

  std::optional<std::uint64_t> change_mark() override { return 0; }
  Identity identity(Text /*table*/) override { return {}; }
  StorageReport check_storage() override { return check_sqlite_storage(connection_); }
  SchemaMark schema() override { return schema_mark(connection_); }
  std::optional<std::string> write_obstacle() override { return "the file stands still"; }

 protected:
  void do_read(FunctionRef<void(Connection&)> piece, ReadTime) override { piece(connection_); }
  void do_write(FunctionRef<void(Connection&)> /*piece*/) override {
    throw std::logic_error("a file that stands still is not written");
  }

 private:
  const std::unique_ptr<SqliteFile> file_;
  SqliteConnection connection_;
};

}  // namespace

SqliteCopy copy_sqlite(const std::filesystem::path& original, const std::filesystem::path& copy,
                       const Schema& schema, std::chrono::milliseconds patience, CopyProgress progress) {
  const auto file = SqliteFile::find(original);
  if (!file || file->size_bytes() == 0) {
    throw Problem::not_found("there is no database at " + original.string() +
                             "; name another with --database");
  }
  require_ours(*file, schema);
  file->claim(kClaimPatience);
  if (!file->is_at_its_path()) throw Unavailable("the database was replaced just now");
  require_its_log(*file);
  const SqliteSource source(*file);
  SqliteCopy result{};
  {
    SQLite::Database copying = open_copy(copy);
    try {
      SQLite::Database reading = open_as(source.role(), source.file());
      reading.setBusyTimeout(static_cast<int>(patience.count()));
      reading.exec("PRAGMA query_only = ON; BEGIN");
      const SchemaMark mark =
          unpack_mark(reading.execAndGet("PRAGMA user_version").getUInt());  // takes the snapshot
      require_usable(schema, mark, Access::read_write);
      if (mark.version == 0) throw Problem::not_found("there is no shop in " + original.string() + " yet");
      const std::filesystem::path log = file->companion("-wal");
      const std::uint64_t log_before = size_of(log);
      result.bytes = copy_pages(reading, copying, progress);
      source.require_unchanged();
      result.log_growth_bytes = std::max(size_of(log), log_before) - log_before;
    } catch (const SQLite::Exception& fault) {
      explain(fault, copying, original);
    }
  }
  mark_without_log(copy);
  return result;
}

std::unique_ptr<Database> open_still_sqlite(const std::filesystem::path& file, const Schema& schema) {
  auto opened = SqliteFile::find(file);
  if (!opened) throw Problem::not_found("there is no file " + file.string());
  if (require_ours(*opened, schema).schema.version == 0) {
    refuse_file(file, "holds no shop: what its log held is missing");
  }
  try {
    return std::make_unique<StillDatabase>(std::move(opened));
  } catch (const Damaged& fault) {
    refuse_file(file, std::string("is damaged: ") + fault.what());
  }
}

}  // namespace aforro::sql
