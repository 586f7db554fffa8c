// A SQLite file as the system sees it: which file it is, which processes have it open and under which name,
// and where it is now. Part of the driver; safe from any thread.
//
// Closing any descriptor of a file drops all POSIX locks that the process has on it, and with them those of
// SQLite's connections (https://sqlite.org/howtocorrupt.html, 2.2). So the driver has one descriptor for each
// file, shared by all SqliteFile objects of this process that stand for it and closed after the last
// connection; nothing else of the driver opens the file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace aforro::sql {

struct OpenFile;

// For a process that is just opening the file.
inline constexpr std::chrono::milliseconds kClaimPatience{2'000};

class SqliteFile {
 public:
  // The file at that path, through symbolic links; null if there is none. Throws Problem (conflict) for what
  // is no regular file, can't be read, has a second name (a hard link), or is mounted by itself: the log
  // beside it would be another one than the log beside the other name.
  static std::unique_ptr<SqliteFile> find(const std::filesystem::path& path);

  // The same, made if it is missing.
  static std::unique_ptr<SqliteFile> find_or_make(const std::filesystem::path& path);

  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile();

  // As given, made absolute.
  const std::filesystem::path& path() const { return path_; }

  // "shop.db-wal", beside the file that the path leads to.
  std::filesystem::path companion(std::string_view suffix) const;

  // Makes known that this process has the file open, until the object goes. Throws Problem (conflict) if
  // another process has it open under another name, and so with another log: waits up to `patience` for one
  // that is just opening it.
  void claim(std::chrono::milliseconds patience);

  // Whether the path still leads to this file.
  bool is_at_its_path() const;

  // The same look, without making anything known: for a process that only reads, and so harms no other.
  void require_one_name(std::chrono::milliseconds patience);

  // The same as claim(), for a process that must be alone with the file: false if another one has it open.
  // Others are kept away until the object goes.
  bool claim_alone();

  // Between these two calls a connection has the log open, so it is there. note_log() remembers which file it
  // is, for all SqliteFile objects of this process that stand for the database file.
  void note_log() const;
  void forget_log() const;

  // Whether the log that was noted, if any, is still beside the file.
  bool has_its_log() const;

  std::uint64_t log_bytes() const;  // 0 if there is none

  // Throws Unavailable if opening the file, or its log, by name would open another one than ours.
  void require_in_place() const;

  // Notes that the file, or the log, is no longer what was written to it: for all SqliteFile objects of this
  // process that stand for it, and for good. `why` is a literal.
  void give_up(const char* why) const;
  // Why it was given up; null if it was not.
  const char* given_up() const;

  bool is_writable() const;

  // Throws Problem (conflict) if the file can't be written.
  void require_writable() const;

  std::uint64_t size_bytes() const;

  // The bytes that are left on the disk for this process.
  std::uint64_t free_bytes() const;

  // Whether the disk has become one that is only read.
  bool is_on_read_only_disk() const;

  // Reads up to as many bytes as fit. Returns how many there were; 0 on a fault.
  std::size_t read_at(std::uint64_t offset, std::span<char> bytes) const;

  // Has the file system set room aside for a file of `size_bytes`, to which it may grow later; its present
  // size stays. False if the disk has no room for it. True where a file system can't do that.
  bool reserve(std::uint64_t size_bytes) const;

  // Has what was written to the file reach the disk.
  void sync() const;

 private:
  SqliteFile(std::filesystem::path path, OpenFile& opened);

  const std::filesystem::path path_;
  OpenFile& opened_;  // shared by all objects that stand for the same file
};

// What is wrong with the folder of a file, in words that name it; empty if files can be found in it, and,
// where that is asked for, made.
enum class InFolder { found, made };
std::string folder_fault(const std::filesystem::path& file, InFolder wanted);

// Why a file can't be used, as a Problem (conflict) that names it.
[[noreturn]] void refuse_file(const std::filesystem::path& file, std::string_view why);

}  // namespace aforro::sql
