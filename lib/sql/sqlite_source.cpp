// Which way to read a file without leaving a trace, and without missing what only its log has. SQLite reads a
// database in WAL mode through two files beside it: the log, and an index of the log that all processes share
// and the first of them makes. A process that may not make files there can't always read by that way.
//
//   the log     its index       the folder    how it is read
//   is there    is there        any           through both, beside other processes; an index that may
//                                             only be read is SQLite's business (it makes one in memory when
//                                             nobody keeps it)
//   is there    is not there    writable      the same: SQLite makes the index anew, as after a crash
//   is there    is not there    read-only     from a private copy of file and log
//   is empty    any             writable      as a writer would, but for writing: SQLite makes log and
//                                             index, and removes them at the end
//   is empty    any             read-only     the file alone, as SQLite reads what can't change (`immutable`)
//
// The last way takes the file for one that can't change, which is only as good as known: what is read-only
// here may be writable elsewhere, as on the host of a container. A process that writes begins a log first and
// touches the file only later. So a file with the same size and time as before, and still without a log, has
// not changed: this is looked at after each piece of reading, before its result is returned.
#include "sql/sqlite_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/problem.h"
#include "base/shortage.h"

namespace aforro::sql {
namespace {

namespace fs = std::filesystem;
using Role = SqliteConnection::Role;

constexpr std::uint64_t kMaxCopyBytes = std::uint64_t{1} << 30;
constexpr int kCopyAttempts = 3;
constexpr std::size_t kCopiedAtOnce = 256 * 1024;
constexpr std::size_t kVersionForReaders =
    19;  // where the header says it: 2 with a log, fileformat.html, 1.3.3

std::uint64_t size_of(const fs::path& file) {
  std::error_code ignored;
  const auto bytes = fs::file_size(file, ignored);
  return ignored ? 0 : bytes;
}

bool may(const fs::path& path, int what) { return ::access(path.c_str(), what) == 0; }

bool has_log_mode(const SqliteFile& file) {
  std::array<char, kVersionForReaders + 1> header{};
  return file.read_at(0, header) == header.size() && header.back() == 2;
}

enum class Way { through_log, as_owner, file_alone, copy };

Way way_to_read(const SqliteFile& file) {
  const fs::path log = file.companion("-wal");
  const fs::path index = file.companion("-shm");
  const bool is_folder_writable = may(log.parent_path(), W_OK | X_OK);
  const std::uint64_t log_bytes = size_of(log);
  if (log_bytes > 0 && !may(log, R_OK)) {
    refuse_file(file.path(), "has a log that can't be read: " + log.string() + ": " + error_text(errno));
  }
  if (!has_log_mode(file)) return Way::through_log;  // it needs neither
  if (may(log, R_OK) && may(index, R_OK)) return Way::through_log;
  if (log_bytes > 0) return is_folder_writable ? Way::through_log : Way::copy;
  return is_folder_writable && file.is_writable() ? Way::as_owner : Way::file_alone;
}

Role role_for(Way way) {
  switch (way) {
    case Way::through_log:
      return Role::onlooker;
    case Way::file_alone:
      return Role::immutable;
    case Way::as_owner:
    case Way::copy:
      break;
  }
  return Role::reader;
}

}  // namespace

// What changes with every write to a file or to its log.
class SqliteSource::Look {
 public:
  explicit Look(const SqliteFile& file) : of_file_(of(file.path())), of_log_(of(file.companion("-wal"))) {}
  friend bool operator==(const Look&, const Look&) = default;

  bool has_log() const { return of_log_.bytes > 0; }

 private:
  struct Times {
    ino_t inode = 0;
    off_t bytes = 0;
    time_t seconds = 0;
    std::int64_t nanoseconds = 0;
    friend bool operator==(const Times&, const Times&) = default;
  };

  static Times of(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || status.st_size == 0) return {};
    return {.inode = status.st_ino,
            .bytes = status.st_size,
            .seconds = status.st_mtim.tv_sec,
            .nanoseconds = status.st_mtim.tv_nsec};
  }

  Times of_file_;
  Times of_log_;
};

namespace {

[[noreturn]] void refuse_changed() {
  throw Unavailable("the database file was changed by another process while it was read");
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
  const int descriptor_;
};

// A folder of this process's own, for the time of one reading.
class PrivateFolder {
 public:
  PrivateFolder() : path_((fs::temp_directory_path() / "aforro-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw Unavailable("no folder for a copy: " + error_text(errno));
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path() const { return path_; }

 private:
  std::string path_;
};

// The bytes of the database itself come through its one descriptor: see sqlite_file.h.
void copy_file(const SqliteFile& from, const fs::path& to) {
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  std::string buffer(kCopiedAtOnce, '\0');
  std::uint64_t at = 0;
  while (const std::size_t got = from.read_at(at, buffer)) {
    if (::write(target.get(), buffer.data(), got) != static_cast<ssize_t>(got)) {
      throw Unavailable("no room for a copy at " + to.string() + ": " + error_text(errno));
    }
    at += got;
  }
}

void copy_log(const fs::path& from, const fs::path& to) {
  const Descriptor source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor target(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  std::string buffer(kCopiedAtOnce, '\0');
  for (;;) {
    const ssize_t got = ::read(source.get(), buffer.data(), buffer.size());
    if (got == 0) return;
    if (got < 0 || ::write(target.get(), buffer.data(), static_cast<std::size_t>(got)) != got)
      throw Unavailable("no room for a copy at " + to.string() + ": " + error_text(errno));
  }
}

}  // namespace

// File and log as they were at one moment, in a folder of their own.
class SqliteSource::PrivateCopy {
 public:
  explicit PrivateCopy(const SqliteFile& original) {
    const fs::path log = original.companion("-wal");
    const std::uint64_t bytes = original.size_bytes() + size_of(log);
    if (bytes > kMaxCopyBytes) {
      refuse_file(
          original.path(),
          "has a log whose index is missing and can't be made in " + log.parent_path().string() +
              ", and at " + std::to_string(bytes >> 20) + " MiB is larger than what is copied to be read (" +
              std::to_string(kMaxCopyBytes >> 20) +
              " MiB); copy the file and its log to where you may write, and name that with --database");
    }
    const fs::path copy = folder_.path() / "copy.db";
    for (int attempt = 1;; ++attempt) {
      const Look before(original);
      copy_file(original, copy);
      copy_log(log, copy.string() + "-wal");
      if (Look(original) == before) break;
      if (attempt == kCopyAttempts) refuse_changed();
    }
    file_ = SqliteFile::find(copy);
  }

  const SqliteFile& file() const { return *file_; }

 private:
  const PrivateFolder folder_;
  std::unique_ptr<SqliteFile> file_;
};

SqliteSource::SqliteSource(const SqliteFile& file) : original_(file) {
  const Way way = way_to_read(file);
  role_ = role_for(way);
  if (way == Way::copy) copy_ = std::make_unique<PrivateCopy>(file);
  if (way != Way::file_alone) return;
  at_first_ = std::make_unique<Look>(file);
  if (at_first_->has_log()) refuse_changed();  // begun just now
}

SqliteSource::~SqliteSource() = default;

const SqliteFile& SqliteSource::file() const { return copy_ ? copy_->file() : original_; }

void SqliteSource::require_unchanged() const {
  if (at_first_ && Look(original_) != *at_first_) refuse_changed();
}

}  // namespace aforro::sql
