// What the index of a write-ahead log says of the log and of the file
// (https://sqlite.org/walformat.html, 2.1). Part of the driver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

struct sqlite3;

namespace aforro::sql {

inline constexpr const char* kLogIsLost = "the log beside the database file was cut off or overwritten";

// Of the log, and of each frame in it.
inline constexpr std::size_t kLogHeaderBytes = 32;
inline constexpr std::size_t kFrameHeaderBytes = 24;

struct LogIndex {
  std::uint32_t frames = 0;      // that the log has
  std::uint32_t page_bytes = 0;  // a page's size
  std::uint32_t pages = 0;       // of the database, with what only the log has
  std::uint64_t salts = 0;       // of the log that the frames are in, as its header has them

  // Least sizes of the log and, while it has no frames, of the database file.
  std::uint64_t log_bytes() const;
  std::uint64_t file_bytes() const { return std::uint64_t{pages} * page_bytes; }

  friend bool operator==(const LogIndex&, const LogIndex&) = default;
};

// What the log itself is like.
struct LogHead {
  std::uint64_t bytes = 0;
  std::uint64_t salts = 0;
};

// Nothing if there is no log with a header.
std::optional<LogHead> read_log_head(const std::filesystem::path& log);

// As it is at one moment; nothing if it is just being written, or the connection has not read yet. Takes no
// lock: for the thread that the connection belongs to.
std::optional<LogIndex> read_log_index(sqlite3* connection);

}  // namespace aforro::sql
