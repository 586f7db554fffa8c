// SQLite's default VFS while it lives: passes every call on to the system's own, keeps the history of all
// that changed what is on the disk, and fails calls as it is told. Databases opened meanwhile are under it,
// whoever opens them, and must be closed before it goes. One at a time; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "support/disk_history.h"
#include "support/fails.h"

struct sqlite3_vfs;

namespace aforro::test {

enum class DiskCall { read, write, sync, truncate, size, open, remove, lock, shared_memory };

class WatchedDisk {
 public:
  WatchedDisk();
  WatchedDisk(const WatchedDisk&) = delete;
  WatchedDisk& operator=(const WatchedDisk&) = delete;
  ~WatchedDisk();

  // Puts a mark into the history: what has been answered is on the disk, or should be.
  void acknowledge(std::int64_t what);

  // What has happened so far; to be taken while nobody writes.
  const DiskHistory& history() const { return history_; }

  // Fails the n-th call of that kind from now on (1: the next), with this code of SQLite. A write that fails
  // leaves its first half; what a failed sync was to save is lost, and no later sync saves it (as Linux
  // has it).
  void fail(DiskCall call, std::uint64_t nth, Fails fails, int code);
  void heal();
  // How many calls have been failed since fail().
  std::uint64_t failures() const;

 private:
  struct Vfs;     // the functions that SQLite calls
  struct Opened;  // a file as SQLite holds it

  struct Failure {
    DiskCall call;
    std::uint64_t calls_before;
    Fails fails;
    int code;
  };

  int failing(DiskCall call);
  void note(DiskChange change);
  bool knows(const std::string& path) const;
  std::size_t file_number(const std::string& path);
  void note_opened(const std::string& path);
  static int open_directory(const char* path, int* descriptor);

  sqlite3_vfs* real_ = nullptr;
  int (*open_directory_)(const char*, int*) = nullptr;
  mutable std::mutex mutex_;
  DiskHistory history_;
  std::vector<std::string> paths_;  // of the files in the history
  std::optional<Failure> failure_;
  std::uint64_t failures_ = 0;
};

}  // namespace aforro::test
