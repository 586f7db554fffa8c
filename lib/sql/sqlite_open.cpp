// The order in which a file is opened. Whether it is ours is read from its bytes before SQLite opens it,
// since opening alone may already run SQLite's recovery and change it. A log that does not belong to the
// file, or has lost its file, is refused, because SQLite would blend or remove it without a word. Only then
// is anything made: first the application's id, outside the log, so that a file that was cut off while being
// made can be known; then the log with its first stamp; then the schema, in one transaction.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/problem.h"
#include "sql/log_index.h"
#include "sql/log_stamps.h"
#include "sql/sqlite.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_database.h"
#include "sql/sqlite_file.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_reading.h"

namespace aforro::sql {
namespace {

// True if a transaction was cut off that began with an empty file: the one by which mark_as_ours() marks it.
// Its journal says so; SQLite plays it back as soon as it opens the file, which is then empty again.
bool was_making_cut_off(const SqliteFile& file) {
  static constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);  // fileformat.html, 3
  std::array<char, 28> header{};
  const int journal = ::open(file.companion("-journal").c_str(), O_RDONLY | O_CLOEXEC);
  if (journal < 0) return false;
  const ssize_t got = ::pread(journal, header.data(), header.size(), 0);
  ::close(journal);
  const std::string_view bytes(header.data(), header.size());
  return got == static_cast<ssize_t>(header.size()) && bytes.starts_with(kMagic) &&
         bytes.substr(16, 4) == std::string_view("\0\0\0\0", 4);  // pages of the database before
}

bool is_empty(const SqliteFile& file) { return file.size_bytes() == 0 || was_making_cut_off(file); }

// A file that is missing, or empty, beside a log that has something: the shop is in the log, which SQLite
// would remove without a word.
void refuse_orphaned_log(const std::filesystem::path& path) {
  std::error_code missing;
  const std::filesystem::path log = std::filesystem::weakly_canonical(path).string() + "-wal";
  const auto bytes = std::filesystem::file_size(log, missing);
  if (missing || bytes <= kLogHeaderBytes) return;
  refuse_file(path, "is missing or empty, and the log beside it, " + log.filename().string() +
                        ", has what was stored last. To go on with the shop that the log belongs to, put its "
                        "file back; to begin anew, move the log away, and what only the log has is lost");
}

// Runs what changes a file that is not yet, or no longer, in WAL mode. There SQLite itself does not wait
// where that might be a deadlock, as when two open a new file at once.
void run_patiently(SqliteConnection& connection, std::string_view statement,
                   std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      connection.script(statement);
      return;
    } catch (const LockTimeout&) {
      if (std::chrono::steady_clock::now() >= deadline) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void mark_as_ours(const SqliteFile& file, const Schema& schema, std::chrono::milliseconds patience) {
  try {
    SqliteConnection connection(file, SqliteConnection::Role::writer, patience);
    // First of all, and outside the log, so that the header of the file itself says which program it is of.
    run_patiently(connection, "PRAGMA application_id = " + std::to_string(schema.application_id), patience);
  } catch (const std::exception& error) {
    refuse_file(file.path(), std::string("cannot be created: ") + error.what());
  }
}

// Gives the file its log and its first stamp.
void prepare_log(const SqliteFile& file, std::chrono::milliseconds patience) {
  SqliteConnection connection(file, SqliteConnection::Role::writer, patience);
  run_patiently(connection, "PRAGMA journal_mode = WAL", patience);
  const auto has_stamp = [&] {
    return connection.maybe_integer("SELECT 1 FROM sqlite_schema WHERE name = 'log_stamp'").has_value();
  };
  if (has_stamp()) return;
  connection.set_lock_deadline(std::chrono::steady_clock::now() + patience);
  connection.begin_immediate();
  if (!has_stamp()) {  // another process may have been faster
    connection.script(kMakeStampTable);
    connection.run("INSERT INTO log_stamp (id, mark, stamp, previous) VALUES (1, $1, $2, $3)",
                   {kStampMark, make_stamp(), kNoStamp});
  }
  connection.run("COMMIT");
}

void migrate(Database& database, const Schema& schema, MigrationProgress progress) {
  if (database.schema().version >= schema.version) return;
  database.write([&](Connection& connection) {
    const SchemaMark found = schema_mark(connection);  // another process may have been faster
    upgrade(connection, schema, found, &Script::sqlite, progress);
    const std::uint32_t packed = pack_mark(mark_after_upgrade(schema, found));
    connection.script("PRAGMA user_version = " + std::to_string(packed));
  });
}

std::unique_ptr<Database> open_to_read(const std::filesystem::path& path, std::unique_ptr<SqliteFile> file,
                                       const Schema& schema, const SqliteOptions& options) {
  assert(options.missing == Missing::refuse);
  file->require_one_name(kClaimPatience);
  require_its_log(*file);
  try {
    return make_sqlite_reading(std::move(file), schema, options);
  } catch (const Damaged& fault) {
    refuse_file(path, std::string("is damaged: ") + fault.what());
  } catch (const Unavailable& fault) {
    refuse_file(path, std::string("cannot be read: ") + fault.what());
  }
}

}  // namespace

std::unique_ptr<Database> open_sqlite(const std::filesystem::path& path, const Schema& schema,
                                      const SqliteOptions& options) {
  auto file = SqliteFile::find(path);
  if (!file || file->size_bytes() == 0) refuse_orphaned_log(path);
  if (!file && options.missing == Missing::create) file = SqliteFile::find_or_make(path);
  if (!file || (is_empty(*file) && options.missing == Missing::refuse)) {
    const std::string of_folder = folder_fault(path, InFolder::found);
    throw Problem::not_found(
        "there is no database at " + path.string() +
        (of_folder.empty()
             ? "; make one with `aforro seed` or `aforro migrate`, or name another with --database"
             : ": " + of_folder));
  }
  if (!is_empty(*file)) require_ours(*file, schema);
  if (options.access == Access::read_only) return open_to_read(path, std::move(file), schema, options);
  file->require_writable();
  file->claim(kClaimPatience);
  if (!file->is_at_its_path()) {  // another one was put in its place meanwhile, as `restore` does it
    file.reset();
    return open_sqlite(path, schema, options);
  }
  if (is_empty(*file)) mark_as_ours(*file, schema, options.deadline);
  require_its_log(*file);
  try {
    prepare_log(*file, options.deadline);
    auto database = make_sqlite_database(std::move(file), schema.version, options);
    migrate(*database, schema, options.migrating);
    return database;
  } catch (const Damaged& fault) {
    refuse_file(path, std::string("is damaged: ") + fault.what());
  } catch (const SchemaTooNew& newer) {  // as the log says, which is newer than the file's head
    refuse_file(path, newer_than(schema, newer.found()));
  } catch (const Unavailable& fault) {
    const std::string of_folder = folder_fault(std::filesystem::weakly_canonical(path), InFolder::made);
    refuse_file(path, "cannot be opened: " + (of_folder.empty() ? fault.what() : of_folder));
  } catch (const std::system_error&) {  // of a thread: that says nothing of the file
    throw;
  } catch (const std::runtime_error& fault) {
    refuse_file(path, std::string("cannot be brought to the present schema: ") + fault.what());
  }
}

}  // namespace aforro::sql
