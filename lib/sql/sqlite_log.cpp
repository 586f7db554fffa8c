// Why a log needs keeping. SQLite begins its log anew only at a commit that finds everything checkpointed and
// no reader in the log. Reads that overlap never give it that moment, and the log grows without bound. So
// past a bound the driver makes the moment: new snapshots wait at the gate, those under way end, and the log
// is truncated (sqlite_watch.cpp has the order of steps). Ordinary checkpoints are passive ones, every
// thousand pages, as SQLite itself would make them; but SQLite makes them inside COMMIT, and here they come
// after the callers of that commit have their answer.
//
// Why room is reserved. Orders go to the log, and the file grows only when a checkpoint copies them there. On
// a disk that the log has filled to the last byte the checkpoint fails; then the log can't be emptied, and
// nothing can be written any more, although nearly all of the log's room could be given back. So before a
// transaction that makes the database larger commits, the file system is asked to set aside room for the file
// as large as it will be (fallocate(2), which leaves its size alone). Then a checkpoint always succeeds, and
// a full disk heals by emptying the log. A checkpoint of another process gives up what was set aside beyond
// the present end; then one step is missing at most.
#include "sql/sqlite_log.h"

#include <exception>

#include "base/problem.h"
#include "sql/log_index.h"
#include "sql/log_stamps.h"

namespace aforro::sql {
namespace {

constexpr int kFramesBetweenCheckpoints = 1000;
constexpr std::uint64_t kReserveStep = std::uint64_t{1} << 20;
constexpr std::uint64_t kPlentyOfRoom = 16 * kReserveStep;
constexpr std::chrono::milliseconds kMomentForLocks{5};
// On a full disk, where nothing can be written meanwhile anyway.
constexpr std::chrono::milliseconds kPatienceWhenFull{1'000};

}  // namespace

SqliteLog::SqliteLog(const SqliteFile& file, std::uint64_t max_bytes) : file_(file), max_bytes_(max_bytes) {}

void SqliteLog::attach(SqliteConnection& writer) {
  page_bytes_ = static_cast<std::uint64_t>(writer.maybe_integer("PRAGMA page_size").value());
  writer.script("PRAGMA journal_size_limit = " + std::to_string(max_bytes_));
  writer.count_log_frames();
}

void SqliteLog::begun(SqliteConnection& writer) { changes_before_ = writer.changes(); }

void SqliteLog::before_commit(SqliteConnection& writer) {
  if (writer.changes() == changes_before_) return;
  writer.run("UPDATE log_stamp SET previous = stamp, stamp = $1", {make_stamp()});
  reserve(writer);
}

void SqliteLog::reserve(SqliteConnection& writer) {
  const auto pages = static_cast<std::uint64_t>(writer.maybe_integer("PRAGMA page_count").value());
  const std::uint64_t wanted = pages * page_bytes_;
  if (wanted <= reserved_bytes_) return;
  // In steps while the disk has plenty, which makes one call for many commits; on a nearly full disk only
  // what this transaction needs.
  const std::uint64_t generous = (wanted / kReserveStep + 2) * kReserveStep;
  if (file_.free_bytes() > kPlentyOfRoom && file_.reserve(generous)) {
    reserved_bytes_ = generous;
  } else if (file_.reserve(wanted)) {
    reserved_bytes_ = wanted;
  } else {
    throw DiskFull("the disk has no room for what the log would hold");
  }
}

void SqliteLog::after_commit(SqliteConnection& writer) {
  const int frames = writer.log_frames();
  size_bytes_ = static_cast<std::uint64_t>(frames) * (page_bytes_ + kFrameHeaderBytes);
  if (frames < frames_checkpointed_) frames_checkpointed_ = 0;  // it was begun anew
  if (frames - frames_checkpointed_ < kFramesBetweenCheckpoints) return;
  frames_checkpointed_ = frames;
  checkpoint(writer, SqliteConnection::Checkpoint::passive);
}

bool SqliteLog::checkpoint(SqliteConnection& writer, SqliteConnection::Checkpoint kind) {
  try {
    const bool is_whole = writer.checkpoint(kind) == 0;
    if (is_whole) reserved_bytes_ = 0;  // SQLite has cut the file to its size
    return is_whole;
  } catch (const std::exception&) {  // of disk or memory: the next one may succeed, and the log has it all
    return false;
  }
}

bool SqliteLog::truncate(SqliteConnection& writer) { return truncate(writer, kMomentForLocks); }

bool SqliteLog::truncate(SqliteConnection& writer, std::chrono::milliseconds patience) {
  writer.set_lock_deadline(std::chrono::steady_clock::now() + patience);
  if (!checkpoint(writer, SqliteConnection::Checkpoint::truncate)) return false;
  frames_checkpointed_ = 0;
  size_bytes_ = 0;
  return true;
}

void SqliteLog::make_room(SqliteConnection& writer) {
  if (writer.log_frames() == 0) return;
  const bool is_alone = gate_.close(kPatienceWhenFull);
  truncate(writer, kPatienceWhenFull);
  if (is_alone) gate_.open();
}

}  // namespace aforro::sql
