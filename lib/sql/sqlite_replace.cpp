// How a crash at any moment leaves either shop, and never a blend of both.
//
// A database is two files, itself and its log, and no system call renames two files at once. So the old log
// is emptied into the old file first, as a checkpoint does it; then there is one file left to change, and
// exchange() gives the old and the new one each other's names in one step:
//
//     shop.db + shop.db-wal            shop.db.aforro-partial     the old shop, and the new file, checked
//     shop.db                          shop.db.aforro-partial     the log is in the file
//     shop.db                          shop.db.replaced-…         the new file has the name for what is kept
//     shop.db is the new one           shop.db.replaced-… is the old one
//
// Renaming the old one away and the new one into its place would leave no shop.db in between, and a server
// that starts then makes an empty one. Between a hard link for the old one and the new one's rename, the old
// one would have two names, which is refused as well.
//
// The log of a damaged database can't be copied into its file. It takes the name that matches the old file
// where that is kept, but only once that file is there: until then it has yet another name, since SQLite
// would play it into the file beside it. A crash meanwhile loses nothing that could have been used: the
// database could not be opened before either.
#include "sql/sqlite_replace.h"

#include <SQLiteCpp/Database.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/problem.h"
#include "base/shortage.h"
#include "base/system.h"
#include "sql/log_stamps.h"
#include "sql/sqlite_file.h"
#include "sql/sqlite_header.h"
#include "sql/sqlite_shortage.h"

namespace aforro::sql {
namespace {

namespace fs = std::filesystem;

constexpr int kPrimary = 0xFF;  // of an extended code

fs::path with_suffix(const fs::path& file, std::string_view suffix) {
  return file.string() + std::string(suffix);
}

// The path behind symbolic links: the log lies beside the file itself.
fs::path real_path(const fs::path& database) {
  std::error_code error;
  fs::path real = fs::canonical(database, error);
  return error ? fs::absolute(database) : real;
}

std::uint64_t size_of(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return error ? 0 : bytes;
}

using Renaming = int (*)(const char* from, const char* to) noexcept;

void rename_or_throw(const fs::path& from, const fs::path& to, Renaming way = rename_to_new) {
  if (way(from.c_str(), to.c_str()) == 0) return;
  const int error = errno;
  refuse_file(to, error == EINVAL
                      ? "can't be replaced in one step on this file system; move it and its -wal away by "
                        "hand, then restore again"
                      : std::string("can't be replaced: ") + error_text(error));
}

void sync_folder_of(const fs::path& file) {
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;  // one that can be written but not read
  ::fsync(folder);
  ::close(folder);
}

std::unique_ptr<SqliteFile> claim_alone(const fs::path& database, const Schema& schema) {
  auto file = SqliteFile::find(database);
  if (!file) return nullptr;
  std::array<char, SqliteHeader::kBytes> bytes{};
  const std::size_t got = file->read_at(0, bytes);
  const auto header = SqliteHeader::parse({bytes.data(), got});
  if (header && header->application_id != schema.application_id) {
    refuse_file(database, "belongs to another program; name another file with --database");
  }
  if (!file->claim_alone()) {
    refuse_file(database, "is in use by another process; stop the server, or whatever has it open, first");
  }
  return file;
}

// The old database while it is being replaced, locked against every process that keeps to SQLite's locks.
class OldDatabase {
 public:
  explicit OldDatabase(const fs::path& file)
      : file_(file), database_(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX) {
    // What can't be settled stays as it is.
    sqlite3_db_config(database_.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }

  // Brings its log into its file, and locks that. False if it is damaged. Throws Problem if another process
  // has it open, or if the disk does not do it.
  bool settle() {
    try {
      database_.exec("PRAGMA synchronous = FULL");
      const std::string mode = database_.execAndGet("PRAGMA journal_mode = DELETE").getString();
      if (mode != "delete") refuse_file(file_, "keeps its log, in the mode " + mode);
      database_.exec("BEGIN EXCLUSIVE");
      return true;
    } catch (const SQLite::Exception& fault) {
      if (const std::string_view what = shortage_behind(fault); !what.empty()) throw Shortage(what);
      switch (fault.getErrorCode() & kPrimary) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
          return false;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
          refuse_file(file_, "is in use by another process; stop the server, or whatever has it open, first");
        default:
          refuse_file(file_, std::string("can't be brought to rest, log and all: ") + fault.what() +
                                 "; move it and its -wal away by hand, then restore again");
      }
    }
  }

 private:
  const fs::path file_;
  SQLite::Database database_;
};

// Logs that can't be copied into a database any more, on their way to the file that is kept.
class LooseLogs {
 public:
  LooseLogs(fs::path database, fs::path kept) : database_(std::move(database)), kept_(std::move(kept)) {}

  void take() {
    for (const char* const suffix : {"-wal", "-journal"}) {
      const fs::path log = with_suffix(database_, suffix);
      if (size_of(log) > 0) {
        rename_or_throw(log, meanwhile(suffix));
        taken_.emplace_back(suffix);
      } else {
        ::unlink(log.c_str());
      }
    }
    ::unlink(with_suffix(database_, "-shm").c_str());
    if (!taken_.empty()) sync_folder_of(database_);
  }

  void put_back() {
    for (const std::string& suffix : taken_) {
      ::rename(meanwhile(suffix).c_str(), with_suffix(database_, suffix).c_str());
    }
  }

  std::vector<fs::path> put_beside_kept() {
    std::vector<fs::path> names;
    for (const std::string& suffix : taken_) {
      names.push_back(with_suffix(kept_, suffix));
      rename_or_throw(meanwhile(suffix), names.back());
    }
    return names;
  }

 private:
  fs::path meanwhile(const std::string& suffix) const { return with_suffix(kept_, '.' + suffix.substr(1)); }

  const fs::path database_;
  const fs::path kept_;
  std::vector<std::string> taken_;
};

}  // namespace

void require_replaceable(const fs::path& database, const Schema& schema) { claim_alone(database, schema); }

Replaced replace_sqlite(const fs::path& database, const fs::path& file, const fs::path& kept,
                        const Schema& schema, FunctionRef<void(ReplaceStep)> observe) {
  const fs::path real = real_path(database);
  const auto claimed = claim_alone(real, schema);
  observe(ReplaceStep::claimed);
  Replaced result;
  LooseLogs logs(real, kept);
  if (!claimed) {
    logs.take();
    observe(ReplaceStep::emptied_log);
    rename_or_throw(file, real);
    observe(ReplaceStep::exchanged);
    result.kept_logs = logs.put_beside_kept();
    sync_folder_of(real);
    observe(ReplaceStep::synced);
    return result;
  }
  // The log of an empty file SQLite would drop, and the log of another file it would play into this one.
  const bool has_its_log = claimed->size_bytes() > 0 && is_its_log(*claimed);
  auto old = has_its_log ? std::make_unique<OldDatabase>(real) : nullptr;
  if (!old || !old->settle()) {
    old.reset();  // before the log gets another name
    logs.take();
  }
  observe(ReplaceStep::emptied_log);
  rename_or_throw(file, kept);
  observe(ReplaceStep::named_new_file);
  try {
    rename_or_throw(kept, real, exchange);
  } catch (const Problem&) {
    ::unlink(kept.c_str());
    logs.put_back();
    throw;
  }
  observe(ReplaceStep::exchanged);
  result.kept = kept;
  result.kept_logs = logs.put_beside_kept();
  sync_folder_of(real);
  observe(ReplaceStep::synced);
  return result;
}

}  // namespace aforro::sql
