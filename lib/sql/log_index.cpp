// SQLite's API tells the length of a log only to a connection that has just committed or made a checkpoint.
// The watch must know it while it does neither. But the index of the log is shared memory in a documented
// format (https://sqlite.org/walformat.html, 2.1), each connection has its beginning mapped, and the method
// xShmMap of its file gives the address. To open and read the file of the index instead would cost the
// process its locks when it closes it (see sqlite_file.h).
//
// Other processes write the header meanwhile. SQLite writes it twice, one copy behind the other, and a reader
// takes it for whole if both are the same; so does this one.
#include "sql/log_index.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace aforro::sql {
namespace {

constexpr int kRegionBytes = 32 * 1024;
constexpr std::size_t kHeaderBytes = 48;  // twice, one after the other
constexpr std::size_t kIsMade = 12;
constexpr std::size_t kPageBytes = 14;
constexpr std::size_t kFrames = 16;
constexpr std::size_t kPages = 20;
constexpr std::size_t kSalts = 32;
constexpr off_t kSaltsInLog = 16;

using Header = std::array<unsigned char, kHeaderBytes>;

// Byte by byte, so that the thread sanitizer can be told to let this race pass: a copy that was torn differs
// from the other.
__attribute__((no_sanitize("thread"))) Header copy(const volatile unsigned char* from) {
  Header header{};
  for (std::size_t i = 0; i < header.size(); ++i) header[i] = from[i];
  return header;
}

template <class Number>
Number number_at(const Header& header, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, header.data() + at, sizeof number);
  return number;
}

}  // namespace

std::uint64_t LogIndex::log_bytes() const {
  return frames == 0 ? 0 : kLogHeaderBytes + std::uint64_t{frames} * (kFrameHeaderBytes + page_bytes);
}

std::optional<LogHead> read_log_head(const std::filesystem::path& log) {
  const int descriptor = ::open(log.c_str(), O_RDONLY | O_CLOEXEC);  // SQLite has no locks on a log
  if (descriptor < 0) return std::nullopt;
  struct stat status {};
  LogHead head;
  const bool is_read =
      ::fstat(descriptor, &status) == 0 && ::pread(descriptor, &head.salts, sizeof head.salts, kSaltsInLog) ==
                                               static_cast<ssize_t>(sizeof head.salts);
  ::close(descriptor);
  if (!is_read) return std::nullopt;
  head.bytes = static_cast<std::uint64_t>(status.st_size);
  return head;
}

std::optional<LogIndex> read_log_index(sqlite3* connection) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, static_cast<void*>(&file)) !=
          SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2 ||
      file->pMethods->xShmMap == nullptr) {
    return std::nullopt;
  }
  void volatile* region = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegionBytes, 0, &region) != SQLITE_OK || region == nullptr) {
    return std::nullopt;
  }
  const auto* const bytes = static_cast<const volatile unsigned char*>(region);
  const Header header = copy(bytes);
  if (header != copy(bytes + kHeaderBytes) || header[kIsMade] == 0) return std::nullopt;
  const std::uint32_t page_bytes = number_at<std::uint16_t>(header, kPageBytes);
  return LogIndex{.frames = number_at<std::uint32_t>(header, kFrames),
                  .page_bytes = page_bytes == 1 ? 65'536 : page_bytes,
                  .pages = number_at<std::uint32_t>(header, kPages),
                  .salts = number_at<std::uint64_t>(header, kSalts)};
}

}  // namespace aforro::sql
