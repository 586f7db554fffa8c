// Tells whether a write-ahead log continues the SQLite file that it lies beside. Part of the driver; not for
// use by several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_set>

#include "sql/connection.h"
#include "sql/sqlite_file.h"

namespace aforro::sql {

// The table of the driver's own that has one row, the stamp: the schema of an application is beside it.
inline constexpr std::string_view kMakeStampTable =
    "CREATE TABLE log_stamp (id INTEGER PRIMARY KEY CHECK (id = 1), mark TEXT NOT NULL,"
    " stamp INTEGER NOT NULL, previous INTEGER NOT NULL)";
// The previous stamp of the first. Like every stamp a number that SQLite keeps in eight bytes.
inline constexpr std::int64_t kNoStamp = std::int64_t{1} << 62;
inline constexpr std::string_view kStampMark = "aforro-log-stamp";

// A new one, as good as unique.
std::int64_t make_stamp();

class LogStamps {
 public:
  explicit LogStamps(const SqliteFile& file) : file_(file) {}

  // Where the stamp is in the file, as SQLite knows it; else it is learnt from the first log that has one.
  void look_at(std::uint32_t page_number, std::size_t page_bytes);

  // The stamp in the file itself, as the last checkpoint left it. Nothing before its place is known.
  std::optional<std::int64_t> stamp_of_file() const;

  // Reads what has come to the log since the last call. False if there is no log, or one that was begun by a
  // program without stamps. After a power cut the log may have frames that SQLite would not take up, which
  // only their checksums tell; a log in use needs no checksums, and half the reading.
  enum class Trust { checksums, none };
  bool has_stamps(Trust trust);

  // Whether a file with that stamp, or none, is one that the log continues. Asked after has_stamps() was
  // true.
  bool continues(std::optional<std::int64_t> stamp) const;

  // Makes the next call read the log from its beginning: a frame that was being written at an earlier one may
  // have been missed.
  void forget();

 private:
  struct Stamp {
    std::int64_t stamp;
    std::int64_t previous;
  };

  // The checksum of a log as far as it has been read.
  struct Checksum {
    std::uint32_t first = 0;
    std::uint32_t second = 0;
    bool is_big_endian = false;
    void add(std::span<const char> bytes);
    bool is_at(std::span<const char> bytes, std::size_t at) const;
  };

  static std::optional<Stamp> find_stamp(std::span<const char> page);

  const SqliteFile& file_;
  std::uint32_t page_number_ = 0;  // where the stamp is
  std::size_t page_bytes_ = 0;
  // Of the log as it was read last.
  std::uint64_t salts_ = 0;
  std::uint64_t frames_read_ = 0;
  Checksum checksum_;
  std::unordered_set<std::int64_t> stamps_;  // and those that they follow
  bool has_first_ = false;                   // the table was made in this log
};

// Whether the log beside the file continues it; true where there is none.
bool is_its_log(const SqliteFile& file);

// Throws Problem (conflict) if the log beside the file does not continue it.
void require_its_log(const SqliteFile& file);

}  // namespace aforro::sql
