// Keeps the write-ahead log of a SQLite file: stamps it (see log_stamps.h), checkpoints it, bounds it, and
// makes room on a full disk. Part of the driver. Methods that say so are for the writer's thread alone; all
// others are safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "sql/snapshot_gate.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_file.h"

namespace aforro::sql {

class SqliteLog {
 public:
  SqliteLog(const SqliteFile& file, std::uint64_t max_bytes);

  // Every snapshot that this process takes passes through it.
  SnapshotGate& gate() { return gate_; }

  // The size of the log in use; its file may be longer.
  std::uint64_t size_bytes() const { return size_bytes_; }
  bool is_past_its_bound() const { return size_bytes_ > max_bytes_; }

  // --- The writer's thread ---------------------------------------------------------------------------

  // After its connection was opened.
  void attach(SqliteConnection& writer);

  // To be called after BEGIN, before COMMIT and after it. before_commit() throws DiskFull if the file could
  // not take up what the log will have: a log that can't be emptied would keep the last byte of the disk for
  // itself.
  void begun(SqliteConnection& writer);
  void before_commit(SqliteConnection& writer);
  void after_commit(SqliteConnection& writer);

  // After a fault for want of room, and outside a transaction: empties the log, which gives its room back.
  void make_room(SqliteConnection& writer);

  // Empties the log, outside a transaction and while no thread of this process reads. False if another
  // process reads, or keeps its lock, for longer than a moment.
  bool truncate(SqliteConnection& writer);

 private:
  bool truncate(SqliteConnection& writer, std::chrono::milliseconds patience);
  bool checkpoint(SqliteConnection& writer, SqliteConnection::Checkpoint kind);
  void reserve(SqliteConnection& writer);

  const SqliteFile& file_;
  const std::uint64_t max_bytes_;
  SnapshotGate gate_;
  std::atomic<std::uint64_t> size_bytes_ = 0;
  std::uint64_t page_bytes_ = 0;
  std::int64_t changes_before_ = 0;
  int frames_checkpointed_ = 0;       // when the log was last looked at for that
  std::uint64_t reserved_bytes_ = 0;  // that the file may have without asking the disk
};

}  // namespace aforro::sql
