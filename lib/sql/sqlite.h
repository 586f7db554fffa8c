// SQLite (3.40, by SQLiteCpp) behind sql::Database: a pool of readers, and one writer thread that commits
// what is waiting in groups, with WAL and synchronous=FULL.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "sql/database.h"
#include "sql/schema.h"

namespace aforro::sql {

struct SqliteOptions {
  Missing missing = Missing::refuse;
  Access access = Access::read_write;
  // Connections for reading. Of reads with a deadline no more than two for each processor and one have begun
  // at once, however many there are.
  std::size_t max_readers = 16;
  // At once, by threads of pools (base/admission.h): one more is refused. Also what a pool must have beside
  // the threads that it wants to keep free.
  std::size_t max_reads = 384;                // under way, or waiting for a connection
  std::size_t max_writes = 512;               // queued, or in the batch under way
  std::size_t max_batch = 64;                 // writes in one commit
  std::chrono::milliseconds deadline{5000};   // for a lock or a free connection
  std::chrono::milliseconds read_time{8000};  // for a read, with what it waits for
  std::uint64_t max_log_bytes = 64 << 20;     // past that it is emptied as soon as no other process reads it
  // Told once whenever the log is past its bound and can't be emptied, since another process reads for long.
  // By a thread of the database's own.
  std::function<void(std::uint64_t log_bytes)> log_is_held = {};
  // Told how far an older database has been brought; see MigrationProgress.
  std::function<void(std::int64_t done, std::int64_t all)> migrating = [](std::int64_t, std::int64_t) {};
};

// Opens a file and brings it to the schema. A missing or empty file is created if so asked. Whether a file is
// ours is looked at before anything is changed.
//
// With Access::read_only the file, its log and its folder are left as they are, and need be no more than
// readable: see sql/sqlite_reading.h.
//
// Throws Problem: not_found if it is missing, conflict if it is not ours, damaged, not writable (readable),
// or of a schema that this program can't use (read); each says what to do.
std::unique_ptr<Database> open_sqlite(const std::filesystem::path& file, const Schema& schema,
                                      const SqliteOptions& options);

}  // namespace aforro::sql
