// A SQLite database file put in the place of another, so that a crash leaves one of them, whole, under the
// name of the database, and so that no log of the old one ever lies beside the new one. One thread at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/function_ref.h"
#include "sql/schema.h"

namespace aforro::sql {

// What has been done when the observer of replace_sqlite() is told.
enum class ReplaceStep {
  claimed,         // no other process has the database open, or can open it
  emptied_log,     // its log is in its file, or, of a damaged one, under another name
  named_new_file,  // the new file has the name under which the old one is to be kept
  exchanged,       // the new file is the database
  synced,          // and stays so if the power fails
};

struct Replaced {
  std::optional<std::filesystem::path> kept;     // the old file under its new name; nothing if there was none
  std::vector<std::filesystem::path> kept_logs;  // of a database that is damaged or gone
};

// The names that SQLite gives to files beside the one of a database.
inline constexpr const char* kCompanions[] = {"-wal", "-shm", "-journal"};

// Throws Problem (conflict) if another process has the database open, or if it belongs to another program.
// A database that is not there, or is damaged, is fine.
void require_replaceable(const std::filesystem::path& database, const Schema& schema);

// Puts `file`, which is in the same folder, on the disk and open nowhere, in the place of the database. The
// old database is kept as `kept`, a free name in that folder, its log brought into it; or, where it is
// damaged, with its log beside it. `observe` is told after each step: by tests that cut it short.
//
// Throws Problem (conflict) as require_replaceable() does, and if the files can't be exchanged; then the
// database is as it was, and `file` is gone or where it was.
Replaced replace_sqlite(const std::filesystem::path& database, const std::filesystem::path& file,
                        const std::filesystem::path& kept, const Schema& schema,
                        FunctionRef<void(ReplaceStep)> observe);

}  // namespace aforro::sql
