#include "sql/sqlite_shortage.h"

#include <sqlite3.h>

#include <cerrno>

#include "base/shortage.h"

namespace aforro::sql {

std::string_view shortage_behind(const SQLite::Exception& error) {
  constexpr int kPrimary = 0xFF;
  // Of a backup the extended code comes as the code itself.
  const int code = error.getExtendedErrorCode() > 0 ? error.getExtendedErrorCode() : error.getErrorCode();
  if (code == SQLITE_IOERR_NOMEM) return kOutOfMemory;
  // Mapping the index of the log failed, which needs nothing but address space, where the file system can do
  // it at all.
  if (code == SQLITE_IOERR_SHMMAP && errno != ENODEV) return kOutOfMemory;
  switch (code & kPrimary) {
    case SQLITE_NOMEM:
      return kOutOfMemory;
    case SQLITE_CANTOPEN:  // it does not tell why, so a probe looks whether descriptors are short
      return shortage_of_descriptors();
    default:
      return {};
  }
}

}  // namespace aforro::sql
