#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/problem.h"
#include "sql/pool.h"
#include "sql/sqlite.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_writer.h"

namespace aforro::sql {
namespace {

constexpr std::size_t kHeaderBytes = 100;  // https://sqlite.org/fileformat.html, 1.3

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view why) {
  throw Problem(Problem::Kind::conflict, "the database " + file.string() + ' ' + std::string(why));
}

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::uint32_t big_endian(const std::array<unsigned char, kHeaderBytes>& header, std::size_t at) {
  return std::uint32_t{header[at]} << 24 | std::uint32_t{header[at + 1]} << 16 |
         std::uint32_t{header[at + 2]} << 8 | header[at + 3];
}

// True if a transaction was cut off that began with an empty file: the one by which create() marks it. Its
// journal says so; SQLite plays it back as soon as it opens the file, which is then empty again.
bool was_making_cut_off(const std::filesystem::path& file) {
  static constexpr std::string_view kMagic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);  // fileformat.html, 3
  std::array<unsigned char, kHeaderBytes> header{};
  const Descriptor journal(::open((file.string() + "-journal").c_str(), O_RDONLY | O_CLOEXEC));
  if (journal.get() < 0) return false;
  const ssize_t got = ::pread(journal.get(), header.data(), header.size(), 0);
  const bool is_whole = got == static_cast<ssize_t>(header.size());
  return is_whole && std::memcmp(header.data(), kMagic.data(), kMagic.size()) == 0 &&
         big_endian(header, 16) == 0;
}

enum class Found { missing, ours };

// Looks at the bytes alone, so that a file that is not ours is not touched: opening it by SQLite could
// already run its recovery.
Found inspect(const std::filesystem::path& file, const Schema& schema) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) {
    if (errno == ENOENT) return Found::missing;
    refuse(file, std::string("cannot be looked at: ") + std::strerror(errno));
  }
  if (!S_ISREG(status.st_mode)) refuse(file, "is no regular file");
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.get() < 0) refuse(file, std::string("cannot be read: ") + std::strerror(errno));
  if (status.st_size == 0 || was_making_cut_off(file)) return Found::missing;
  std::array<unsigned char, kHeaderBytes> header{};
  const ssize_t got = ::pread(opened.get(), header.data(), header.size(), 0);
  if (got != static_cast<ssize_t>(header.size()) || std::memcmp(header.data(), "SQLite format 3", 16) != 0) {
    refuse(file, "is not a database; name another file with --database");
  }
  if (big_endian(header, 68) != schema.application_id) {
    refuse(file, "belongs to another program; name another file with --database");
  }
  // The log may hold a version newer still: migrate() looks again.
  const std::uint32_t version = big_endian(header, 60);
  if (std::cmp_greater(version, schema.version)) refuse(file, newer_than(schema, version));
  const std::uint32_t page_field = std::uint32_t{header[16]} << 8 | header[17];
  const std::uint64_t page_bytes = page_field == 1 ? 65536 : page_field;
  std::error_code ignored;
  const auto log_bytes = std::filesystem::file_size(file.string() + "-wal", ignored);
  const bool log_has_pages =
      !ignored && log_bytes > 0;  // then a checkpoint may have been cut off, and is repeated
  // Its size after that: another process may just have finished a checkpoint and closed.
  if (!log_has_pages && std::filesystem::file_size(file) < page_bytes * big_endian(header, 28)) {
    refuse(file, "is damaged: it is shorter than it says; restore it from a backup");
  }
  return Found::ours;
}

void require_writable(const std::filesystem::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (opened.get() < 0) refuse(file, std::string("cannot be written: ") + std::strerror(errno));
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

void create(const std::filesystem::path& file, const Schema& schema, std::chrono::milliseconds patience) {
  // By the system, which takes a path for what it says: SQLite would resolve "absent/../shop.db" by itself.
  const Descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (made.get() < 0) refuse(file, std::string("cannot be created: ") + std::strerror(errno));
  try {
    SqliteConnection connection(file, SqliteConnection::Role::writer, patience);
    // First of all, and outside the log, so that the header of the file itself says whose it is.
    run_patiently(connection, "PRAGMA application_id = " + std::to_string(schema.application_id), patience);
  } catch (const std::exception& error) {
    refuse(file, std::string("cannot be created: ") + error.what());
  }
}

int version_of(Connection& connection) {
  return static_cast<int>(connection.maybe_integer("PRAGMA user_version").value_or(0));
}

void migrate(Database& database, const Schema& schema) {
  const int before = database.read(version_of);
  refuse_newer(schema, before);
  if (before == schema.version) return;
  database.write([&](Connection& connection) {
    const int found = version_of(connection);  // another process may have been faster
    upgrade(connection, schema, found, &Script::sqlite);
    connection.script("PRAGMA user_version = " + std::to_string(schema.version));
  });
}

// A row may break a CHECK and still be one that can be read; whatever else is wrong, it may not be.
bool is_only_of_a_check(const std::string& fault) { return fault.starts_with("CHECK constraint failed in "); }

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(const std::filesystem::path& file, const SqliteOptions& options)
      : options_(options),
        file_(file),
        watcher_(prepare_file(file, options.deadline), SqliteConnection::Role::reader, options.deadline),
        readers_(options.max_readers, options.deadline,
                 [file, patience = options.deadline] {
                   return std::make_unique<SqliteConnection>(file, SqliteConnection::Role::reader, patience);
                 }),
        writer_(file, options) {}

  std::optional<std::uint64_t> change_mark() override {
    // Outside any transaction, on a connection that never writes: it moves with every commit of any other.
    const std::lock_guard lock(watcher_mutex_);
    watcher_.set_lock_deadline(std::chrono::steady_clock::now() + options_.deadline);
    return static_cast<std::uint64_t>(watcher_.maybe_integer("PRAGMA data_version").value());
  }

  StorageReport check_storage() override {
    StorageReport report;
    SqliteConnection connection(file_, SqliteConnection::Role::reader, options_.deadline);
    connection.script("PRAGMA cache_size = -65536");  // each row is looked for in each index
    try {
      connection.query("PRAGMA integrity_check", {}, [&](const Row& row) {
        if (row.text(0) != "ok") report.faults.emplace_back(row.text(0));
      });
    } catch (const Unavailable&) {
      throw;
    } catch (const std::runtime_error& fault) {
      report.faults.emplace_back(fault.what());
    }
    report.are_rows_sound = std::all_of(report.faults.begin(), report.faults.end(), is_only_of_a_check);
    return report;
  }

 protected:
  void do_read(FunctionRef<void(Connection&)> piece) override {
    readers_.with([&](SqliteConnection& connection) {
      connection.set_lock_deadline(std::chrono::steady_clock::now() + options_.deadline);
      connection.run("BEGIN");
      try {
        piece(connection);
      } catch (...) {
        if (connection.in_transaction()) connection.run("ROLLBACK");
        throw;
      }
      connection.run("COMMIT");
    });
  }

  void do_write(FunctionRef<void(Connection&)> piece) override { writer_.write(piece); }

 private:
  // The log is on before the first reader comes.
  static const std::filesystem::path& prepare_file(const std::filesystem::path& file,
                                                   std::chrono::milliseconds patience) {
    SqliteConnection connection(file, SqliteConnection::Role::writer, patience);
    run_patiently(connection, "PRAGMA journal_mode = WAL", patience);
    return file;
  }

  const SqliteOptions options_;
  const std::filesystem::path file_;
  std::mutex watcher_mutex_;
  SqliteConnection watcher_;
  Pool<SqliteConnection> readers_;
  SqliteWriter writer_;
};

}  // namespace

std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file, const Schema& schema,
                                      const SqliteOptions& options) {
  if (inspect(file, schema) == Found::missing) {
    if (options.missing == Missing::refuse) {
      throw Problem::not_found(
          "there is no database at " + file.string() +
          "; make one with `aforro seed` or `aforro migrate`, or name another with --database");
    }
    create(file, schema, options.deadline);
  }
  require_writable(file);
  try {
    auto database = std::make_unique<SqliteDatabase>(file, options);
    migrate(*database, schema);
    return database;
  } catch (const Unavailable& fault) {
    refuse(file, std::string("cannot be opened: ") + fault.what());
  } catch (const std::runtime_error& fault) {
    refuse(file, std::string("is damaged: ") + fault.what());
  }
}

}  // namespace aforro::sql
