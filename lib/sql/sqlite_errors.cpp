// Errors are told apart by SQLite's codes and never by its words. Only SQLITE_CORRUPT and SQLITE_NOTADB say
// that the file is damaged; want of memory or descriptors, a full disk, a lock and a failed sync each become
// a type of their own, since callers do different things about them.
#include "sql/sqlite_errors.h"

#include <sqlite3.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "base/shortage.h"
#include "sql/sqlite_connection.h"
#include "sql/sqlite_shortage.h"

namespace aforro::sql {
namespace {

ConstraintViolation::Kind constraint_kind(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return ConstraintViolation::Kind::unique;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ConstraintViolation::Kind::foreign_key;
    case SQLITE_CONSTRAINT_CHECK:
      return ConstraintViolation::Kind::check;
    default:
      return ConstraintViolation::Kind::other;
  }
}

// Whether a write failed because it met a limit on the size of files, or the user's quota. SQLite calls only
// ENOSPC a full disk, and the rest a fault of the disk.
bool has_met_limit(sqlite3* handle) {
  for (const int which : {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER}) {
    sqlite3_file* file = nullptr;
    int fault = 0;
    const bool is_told =
        sqlite3_file_control(handle, "main", which, static_cast<void*>(&file)) == SQLITE_OK &&
        file != nullptr && file->pMethods != nullptr &&
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &fault) == SQLITE_OK;
    if (is_told && (fault == EFBIG || fault == EDQUOT)) return true;
  }
  return false;
}

// A database without a name fails where the system keeps what is temporary, which only its user can mend.
[[noreturn]] void refuse_temporary(const SQLite::Exception& error, sqlite3* handle) {
  std::string folder;
  char* name = nullptr;
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_TEMPFILENAME, static_cast<void*>(&name)) ==
          SQLITE_OK &&
      name != nullptr) {
    folder = " in " + std::filesystem::path(name).parent_path().string();
    sqlite3_free(name);
  }
  throw Problem(Problem::Kind::conflict, "the temporary file" + folder +
                                             " can't be written: " + error.what() +
                                             "; free some room there, or name another folder with TMPDIR");
}

bool is_unnamed(sqlite3* handle) {
  const char* const file = sqlite3_db_filename(handle, "main");
  return file == nullptr || *file == '\0';
}

}  // namespace

void translate(const SQLite::Exception& error, sqlite3* handle) {
  constexpr int kPrimary = 0xFF;  // of an extended code, which is what comes
  if (const std::string_view what = shortage_behind(error); !what.empty()) throw Shortage(what);
  const int code = error.getErrorCode() & kPrimary;
  const bool is_of_disk = code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN;
  if (is_of_disk && handle != nullptr && is_unnamed(handle)) refuse_temporary(error, handle);
  if (error.getExtendedErrorCode() == SQLITE_IOERR_FSYNC) throw SyncFailed(error.what());
  if (error.getExtendedErrorCode() == SQLITE_IOERR_WRITE && handle != nullptr && has_met_limit(handle)) {
    throw DiskFull(error.what());
  }
  switch (code) {
    case SQLITE_BUSY:
      throw LockTimeout(error.what());
    case SQLITE_FULL:
      throw DiskFull(error.what());
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      throw Unavailable(error.what());
    case SQLITE_CONSTRAINT:
      throw ConstraintViolation(constraint_kind(error.getExtendedErrorCode()), error.what());
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      throw Damaged(error.what());
    default:
      throw std::runtime_error(error.what());
  }
}

}  // namespace aforro::sql
