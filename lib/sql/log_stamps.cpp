// A log and a file that do not belong together. SQLite takes any log beside a file if the checksums in the
// log are right, and writes its pages over the file's: an older copy that was put back under the log of the
// file it replaces becomes a blend of both, without a word. Nothing in the log says which file it continues,
// and nothing in the file changes with every commit.
//
// So the driver writes a stamp: each transaction that changes anything gives the one row of a table a new
// random number and keeps the one before beside it. The file has the stamp of the commit up to which it was
// checkpointed. That commit is in the log, or is the one which the first commit of the log follows. Any other
// stamp is that of another time or another history.
//
// The stamp is read from the bytes of both (https://sqlite.org/fileformat.html, 1.6, 2.1 and 4), since SQLite
// never shows the file without the log. The row is the only one of its page, with columns of fixed size: a
// mark to know it by, then two numbers of eight bytes. When a file is opened the checksums of the log count
// too: after a power cut a frame may have a new head over an old page, whose stamp belongs to no state of the
// file. A log in use needs no checksums, which saves reading the pages of all other frames: a stamp too many,
// of a transaction that was cut off, is in no file.
//
// Considered instead: the identity of the file and its times (a copy written over a file keeps the first, and
// a checkpoint changes the second); a hash of the file (reads everything); the salts of the log (not known
// before the log begins).
#include "sql/log_stamps.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/mixing.h"
#include "sql/log_index.h"

namespace aforro::sql {
namespace {

constexpr unsigned char kTableLeaf = 0x0D;
constexpr int kLooksAtStamp = 5;            // another process may be in the middle of a checkpoint
constexpr std::size_t kMaxCellHeader = 32;  // of a row this small, before its mark

std::uint64_t big_endian(std::span<const char> bytes, std::size_t at, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = at; i < at + size; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() {
    if (descriptor_ >= 0) ::close(descriptor_);  // SQLite has no locks on a log
  }

  bool read_at(std::uint64_t offset, std::span<char> bytes) const {
    return descriptor_ >= 0 && ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
                                   static_cast<ssize_t>(bytes.size());
  }

 private:
  const int descriptor_;
};

}  // namespace

std::int64_t make_stamp() {
  static const std::uint64_t seed = std::stoull(random_hex(8), nullptr, 16);
  static std::atomic<std::uint64_t> number = 0;
  const std::uint64_t random = Mixing(seed).add(++number).value();
  return static_cast<std::int64_t>(random >> 2 | std::uint64_t{1} << 62);
}

std::optional<LogStamps::Stamp> LogStamps::find_stamp(std::span<const char> page) {
  constexpr std::size_t kPageHeader = 10;  // with the place of the only cell
  if (page.size() < kPageHeader || static_cast<unsigned char>(page[0]) != kTableLeaf) return std::nullopt;
  const auto cell = static_cast<std::size_t>(big_endian(page, 8, 2));
  if (big_endian(page, 3, 2) != 1 || cell < kPageHeader || cell >= page.size()) return std::nullopt;
  const std::string_view row(page.data() + cell, page.size() - cell);
  const std::size_t mark = row.substr(0, kMaxCellHeader + kStampMark.size()).find(kStampMark);
  if (mark == std::string_view::npos) return std::nullopt;
  const std::size_t stamp = mark + kStampMark.size();
  if (row.size() < stamp + 16) return std::nullopt;
  return Stamp{static_cast<std::int64_t>(big_endian(row, stamp, 8)),
               static_cast<std::int64_t>(big_endian(row, stamp + 8, 8))};
}

void LogStamps::look_at(std::uint32_t page_number, std::size_t page_bytes) {
  page_number_ = page_number;
  page_bytes_ = page_bytes;
}

std::optional<std::int64_t> LogStamps::stamp_of_file() const {
  if (page_number_ == 0) return std::nullopt;
  std::vector<char> page(page_bytes_);
  const std::uint64_t offset = std::uint64_t{page_number_ - 1} * page_bytes_;
  if (file_.read_at(offset, page) != page.size()) return std::nullopt;
  const auto found = find_stamp(page);
  return found ? std::optional(found->stamp) : std::nullopt;
}

void LogStamps::forget() {
  frames_read_ = 0;
  stamps_.clear();
  has_first_ = false;
}

void LogStamps::Checksum::add(std::span<const char> bytes) {
  const auto word = [&](std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t shift = 8 * (is_big_endian ? 3 - i : i);
      number |= std::uint32_t{static_cast<unsigned char>(bytes[at + i])} << shift;
    }
    return number;
  };
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    first += word(at) + second;
    second += word(at + 4) + first;
  }
}

bool LogStamps::Checksum::is_at(std::span<const char> bytes, std::size_t at) const {
  return big_endian(bytes, at, 4) == first && big_endian(bytes, at + 4, 4) == second;
}

bool LogStamps::has_stamps(Trust trust) {
  const LogFile log(file_.companion("-wal"));
  std::array<char, kLogHeaderBytes> header{};
  if (!log.read_at(0, header)) {
    forget();
    return false;
  }
  const std::uint64_t salts = big_endian(header, 16, 8);
  const auto page_bytes = static_cast<std::size_t>(big_endian(header, 8, 4));
  if (page_bytes < 512 || page_bytes > 65536) return false;
  if (salts != salts_ || page_bytes != page_bytes_) forget();
  salts_ = salts;
  page_bytes_ = page_bytes;
  const std::span<const char> all(header);
  if (trust == Trust::checksums && frames_read_ == 0) {
    checksum_ = {.is_big_endian = (header[3] & 1) != 0};
    checksum_.add(all.first(kLogHeaderBytes - 8));
    if (!checksum_.is_at(all, kLogHeaderBytes - 8)) return false;
  }
  std::vector<char> frame(kFrameHeaderBytes + page_bytes);
  const std::span<char> head(frame.data(), kFrameHeaderBytes);
  const std::span<char> page(frame.data() + kFrameHeaderBytes, page_bytes);
  for (;; ++frames_read_) {
    const std::uint64_t offset = kLogHeaderBytes + frames_read_ * frame.size();
    if (!log.read_at(offset, head) || big_endian(head, 8, 8) != salts) break;
    const auto page_number = static_cast<std::uint32_t>(big_endian(head, 0, 4));
    const bool is_elsewhere = page_number_ != 0 && page_number != page_number_;
    if (is_elsewhere && trust == Trust::none) continue;
    if (!log.read_at(offset + kFrameHeaderBytes, page)) break;
    if (trust == Trust::checksums) {
      Checksum sum = checksum_;
      sum.add(head.first(8));
      sum.add(page);
      if (!sum.is_at(head, 16)) break;
      checksum_ = sum;
    }
    if (const auto found = is_elsewhere ? std::nullopt : find_stamp(page)) {
      page_number_ = page_number;
      has_first_ = has_first_ || found->previous == kNoStamp;
      stamps_.insert({found->stamp, found->previous});
    }
  }
  return !stamps_.empty();
}

bool LogStamps::continues(std::optional<std::int64_t> stamp) const {
  return stamp ? stamps_.contains(*stamp) : has_first_;
}

bool is_its_log(const SqliteFile& file) {
  LogStamps stamps(file);
  for (int look = 0; look < kLooksAtStamp; ++look) {
    const auto before = stamps.stamp_of_file();  // a checkpoint may come after the log was read
    if (!stamps.has_stamps(LogStamps::Trust::checksums) || stamps.continues(before) ||
        stamps.continues(stamps.stamp_of_file())) {
      return true;
    }
  }
  return false;
}

void require_its_log(const SqliteFile& file) {
  if (is_its_log(file)) return;
  refuse_file(
      file.path(),
      "does not belong to the log beside it, " + file.companion("-wal").filename().string() +
          ": another file was put in its place. To go on with the shop that the log belongs to, put that "
          "file back; to use the file as it is, move the log away, and what only the log has is lost");
}

}  // namespace aforro::sql
