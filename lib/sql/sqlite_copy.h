// Copies of a whole SQLite database, as files that need no log: how they are made while others write, and how
// they are read without being changed. A copy is one snapshot; one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/function_ref.h"
#include "sql/database.h"
#include "sql/schema.h"

namespace aforro::sql {

// Told after each piece of some 256 KB; may take its time, the snapshot stays.
using CopyProgress = FunctionRef<void(std::uint64_t done_bytes, std::uint64_t all_bytes)>;

struct SqliteCopy {
  std::uint64_t bytes;
  std::uint64_t log_growth_bytes;  // of the log beside the original, which can't be emptied meanwhile
};

// Writes what the database holds now, its log included, over `copy`, a file that nobody else uses. Does not
// migrate, and does not sync. Waits up to `patience` for locks of other processes.
//
// Throws Problem: not_found if there is no database, conflict if it is not ours, newer than the program or
// can't be read; and Unavailable if it stays locked, or if the copy can't be written.
SqliteCopy copy_sqlite(const std::filesystem::path& original, const std::filesystem::path& copy,
                       const Schema& schema, std::chrono::milliseconds patience, CopyProgress progress);

// Opens a file that no other process has open, to be read as it stands: without locks, log or migration.
// write() throws std::logic_error.
//
// Throws Problem (conflict) if it is not ours, newer than the program, cut off, or empty of a shop.
std::unique_ptr<Database> open_still_sqlite(const std::filesystem::path& file, const Schema& schema);

}  // namespace aforro::sql
