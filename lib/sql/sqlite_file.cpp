// How two processes notice that they disagree about the name of a file. SQLite keeps the log of shop.db in
// shop.db-wal, by name. A process that opens the same file as copy.db (a hard link, a file mounted by itself,
// a file that was moved) writes another log, and each process overwrites what the other has acknowledged.
//
// A second name that can be seen is refused: more than one link, or a mount point that is the file. A name
// that is gone can't be seen, as after `mv shop.db other.db` under a running server. For that case every
// process that has the file open holds a shared flock(2) on it, which belongs to the file and not to its
// name. A process that first gets that lock exclusively is alone. One that does not get it looks for the
// others at the log: every process that has the log open holds a POSIX lock on a byte of the log's index
// ("dead man's switch": byte 128, https://sqlite.org/walformat.html, 2.3.1). If no process holds that one,
// the others have another log.
#include "sql/sqlite_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <limits>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/problem.h"
#include "base/shortage.h"
#include "base/system.h"

namespace aforro::sql {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr off_t kDeadMansSwitch = 128;
constexpr milliseconds kPoll{10};

struct FileId {
  dev_t device;
  ino_t inode;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

FileId id_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

std::string system_message() { return error_text(errno); }

// One for the process, as the locks are that its open files protect: see the head of sqlite_file.h.
constinit Mutex open_files_mutex;

}  // namespace

void refuse_file(const std::filesystem::path& file, std::string_view why) {
  throw Problem(Problem::Kind::conflict, "the database " + file.string() + ' ' + std::string(why));
}

std::string folder_fault(const std::filesystem::path& file, InFolder wanted) {
  const std::filesystem::path parent = file.parent_path();
  const std::filesystem::path folder = parent.empty() ? "." : parent;
  struct stat status {};
  const auto fault = [&](std::string_view what) {
    return std::string(what) + folder.string() + ": " + system_message();
  };
  if (::stat(folder.c_str(), &status) != 0) return fault("its folder can't be found, ");
  if (!S_ISDIR(status.st_mode)) return "its folder is no folder, " + folder.string();
  if (::access(folder.c_str(), X_OK) != 0) return fault("its folder can't be looked into, ");
  if (wanted == InFolder::made && ::access(folder.c_str(), W_OK) != 0) {
    return fault("its folder takes no files, ");
  }
  return {};
}

struct OpenFile {
  FileId id{};
  std::filesystem::path real_path;
  std::filesystem::path log_path;
  int descriptor = -1;
  int write_error = 0;  // why the file can't be written; 0 if it can
  std::vector<int> spare_descriptors GUARDED_BY(open_files_mutex);  // kept, since closing one drops locks
  int users GUARDED_BY(open_files_mutex) = 0;
  bool is_claimed GUARDED_BY(open_files_mutex) = false;
  std::atomic<const char*> given_up = nullptr;
  std::atomic<ino_t> log = 0;  // its inode; 0: not noted
  std::atomic<int> log_notes = 0;
};

namespace {

std::map<FileId, OpenFile>& open_files() REQUIRES(open_files_mutex) {
  static std::map<FileId, OpenFile> files;
  return files;
}

struct Descriptor {
  int number;
  int write_error;
};

Descriptor open_for_both(const std::filesystem::path& path) {
  constexpr int kFlags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  const int both = ::open(path.c_str(), O_RDWR | kFlags);
  if (both >= 0) return {both, 0};
  const int write_error = errno;
  const int reading = ::open(path.c_str(), O_RDONLY | kFlags);
  if (reading < 0) refuse_file(path, "cannot be read: " + system_message());
  return {reading, write_error};
}

void refuse_second_names(const std::filesystem::path& path, const struct stat& status, int descriptor) {
  if (status.st_nlink > 1) {
    refuse_file(path, "has " + std::to_string(status.st_nlink) +
                          " names (hard links), and each would have a log of its own, so that orders vanish; "
                          "remove the others, or make a copy");
  }
  if (is_mount_point(descriptor)) {
    refuse_file(path,
                "is mounted by itself, without the log that lies beside it, so that orders vanish; mount its "
                "folder instead");
  }
}

// The entry of the file at that path, with one more user.
OpenFile& enter(const std::filesystem::path& path, const struct stat& seen) {
  const Lock lock(open_files_mutex);
  std::map<FileId, OpenFile>& files = open_files();
  auto found = files.find(id_of(seen));
  struct stat status = seen;
  if (found == files.end()) {
    const Descriptor opened = open_for_both(path);
    // Another file may have taken its place meanwhile. One that is known must not be closed: its new
    // descriptor stays with the others.
    const bool is_looked_at = ::fstat(opened.number, &status) == 0;
    found = files.find(id_of(status));
    if (is_looked_at && found != files.end()) {
      found->second.spare_descriptors.push_back(opened.number);
    } else {
      std::error_code gone;  // again, meanwhile
      std::filesystem::path real_path = std::filesystem::canonical(path, gone);
      if (gone) {
        ::close(opened.number);  // drops no lock: nobody has this file open
        throw std::filesystem::filesystem_error("cannot be found", path, gone);
      }
      found = files.try_emplace(id_of(status)).first;
      found->second.id = id_of(status);
      found->second.real_path = std::move(real_path);
      found->second.log_path = found->second.real_path.string() + "-wal";
      found->second.descriptor = opened.number;
      found->second.write_error = opened.write_error;
    }
  }
  OpenFile& file = found->second;
  ++file.users;
  return file;
}

void leave(OpenFile& file) {
  const Lock lock(open_files_mutex);
  std::map<FileId, OpenFile>& files = open_files();
  if (--file.users > 0) return;
  ::close(file.descriptor);
  for (const int descriptor : file.spare_descriptors) ::close(descriptor);
  files.erase(file.id);
}

// Whether another process has the log's index open. Opens and closes it, which drops the locks of this
// process on it: only before its first connection.
bool is_log_open_elsewhere(const std::filesystem::path& index) {
  const int descriptor = ::open(index.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kDeadMansSwitch;
  lock.l_len = 1;
  const bool is_told = ::fcntl(descriptor, F_GETLK, &lock) == 0;
  ::close(descriptor);
  return is_told && lock.l_type != F_UNLCK;
}

// Takes the lock of the file, shared, once every other process that has it is known to have the same log: see
// the head. Throws Problem (conflict) if that takes longer than `patience`.
void claim_name(OpenFile& file, const std::filesystem::path& path, milliseconds patience)
    REQUIRES(open_files_mutex) {
  const auto until = steady_clock::now() + patience;
  for (;;) {
    if (::flock(file.descriptor, LOCK_EX | LOCK_NB) == 0) {
      ::flock(file.descriptor, LOCK_SH);  // waits at most for one who looks whether it is alone
      break;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) break;  // a file system without such locks
    if (::flock(file.descriptor, LOCK_SH | LOCK_NB) == 0) {
      if (is_log_open_elsewhere(file.real_path.string() + "-shm")) break;
      ::flock(file.descriptor, LOCK_UN);  // two who wait must not keep each other from being alone
    }
    if (steady_clock::now() >= until) {
      refuse_file(
          path,
          "is in use by another process under another name, with a log of its own; use the name under "
          "which it was opened, or stop that process first");
    }
    std::this_thread::sleep_for(kPoll);
  }
  file.is_claimed = true;
}

}  // namespace

SqliteFile::SqliteFile(std::filesystem::path path, OpenFile& opened)
    : path_(std::move(path)), opened_(opened) {}

SqliteFile::~SqliteFile() { leave(opened_); }

std::unique_ptr<SqliteFile> SqliteFile::find(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return nullptr;
    const std::string why = system_message();
    const std::string of_folder = folder_fault(path, InFolder::found);
    refuse_file(path, "cannot be looked at: " + (of_folder.empty() ? why : of_folder));
  }
  if (!S_ISREG(status.st_mode)) refuse_file(path, "is no regular file");
  OpenFile& opened = enter(path, status);
  std::unique_ptr<SqliteFile> file(new SqliteFile(std::filesystem::absolute(path), opened));
  if (::fstat(opened.descriptor, &status) != 0) {
    refuse_file(path, "cannot be looked at: " + system_message());
  }
  refuse_second_names(path, status, opened.descriptor);
  if (std::filesystem::canonical(path) != opened.real_path) {
    refuse_file(path, "is open already, as " + opened.real_path.string());
  }
  return file;
}

std::unique_ptr<SqliteFile> SqliteFile::find_or_make(const std::filesystem::path& path) {
  for (;;) {
    if (auto file = find(path)) return file;
    // The system makes it, which takes a path as it stands: SQLite would resolve "absent/../shop.db" by
    // itself.
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (made < 0 && errno != EEXIST) {
      const std::string why = system_message();
      const std::string of_folder = folder_fault(path, InFolder::made);
      refuse_file(path, "cannot be created: " + (of_folder.empty() ? why : of_folder));
    }
    if (made >= 0) ::close(made);  // drops no lock: no connection has it open yet
  }
}

std::filesystem::path SqliteFile::companion(std::string_view suffix) const {
  return opened_.real_path.string() + std::string(suffix);
}

void SqliteFile::claim(milliseconds patience) {
  const Lock lock(open_files_mutex);
  if (!opened_.is_claimed) claim_name(opened_, path_, patience);
}

void SqliteFile::require_one_name(milliseconds patience) {
  const Lock lock(open_files_mutex);
  if (opened_.is_claimed) return;
  claim_name(opened_, path_, patience);
  ::flock(opened_.descriptor, LOCK_UN);
  opened_.is_claimed = false;
}

bool SqliteFile::claim_alone() {
  const Lock lock(open_files_mutex);
  if (opened_.users > 1) return false;
  opened_.is_claimed = ::flock(opened_.descriptor, LOCK_EX | LOCK_NB) == 0;
  return opened_.is_claimed;
}

bool SqliteFile::is_at_its_path() const {
  struct stat status {};
  return ::stat(path_.c_str(), &status) == 0 && id_of(status) == opened_.id;
}

namespace {

// 0 if there is none.
ino_t inode_at(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

void SqliteFile::note_log() const {
  if (opened_.log_notes++ == 0) opened_.log = inode_at(opened_.log_path);
}

void SqliteFile::forget_log() const {
  if (--opened_.log_notes == 0) opened_.log = 0;
}

bool SqliteFile::has_its_log() const {
  const ino_t log = opened_.log;
  return log == 0 || inode_at(opened_.log_path) == log;
}

std::uint64_t SqliteFile::log_bytes() const {
  struct stat status {};
  return ::stat(opened_.log_path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void SqliteFile::require_in_place() const {
  if (const char* const why = given_up()) throw Unavailable(why);
  if (!is_at_its_path()) throw Unavailable("the database file was moved, replaced or removed");
  if (!has_its_log()) throw Unavailable("the log beside the database file was moved, replaced or removed");
}

void SqliteFile::give_up(const char* why) const { opened_.given_up = why; }

const char* SqliteFile::given_up() const { return opened_.given_up; }

bool SqliteFile::is_writable() const { return opened_.write_error == 0; }

void SqliteFile::require_writable() const {
  if (opened_.write_error == 0) return;
  refuse_file(path_, std::string("cannot be written: ") + error_text(opened_.write_error));
}

std::uint64_t SqliteFile::size_bytes() const {
  struct stat status {};
  return ::fstat(opened_.descriptor, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::uint64_t SqliteFile::free_bytes() const {
  struct statvfs status {};
  if (::fstatvfs(opened_.descriptor, &status) != 0) return std::numeric_limits<std::uint64_t>::max();
  const bool may_use_all = ::geteuid() == 0;
  return std::uint64_t{status.f_frsize} * (may_use_all ? status.f_bfree : status.f_bavail);
}

bool SqliteFile::is_on_read_only_disk() const {
  struct statvfs status {};
  return ::fstatvfs(opened_.descriptor, &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

std::size_t SqliteFile::read_at(std::uint64_t offset, std::span<char> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(opened_.descriptor, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool SqliteFile::reserve(std::uint64_t size_bytes) const {
  const std::uint64_t present = this->size_bytes();
  if (size_bytes <= present) return true;
  const bool is_set_aside = set_aside(opened_.descriptor, present, size_bytes - present) == 0;
  return is_set_aside || (errno != ENOSPC && errno != EDQUOT && errno != EFBIG);
}

void SqliteFile::sync() const { ::fdatasync(opened_.descriptor); }

}  // namespace aforro::sql
