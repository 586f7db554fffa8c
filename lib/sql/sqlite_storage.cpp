// PRAGMA integrity_check reports in prose, and this is the one place where SQLite's words are looked at: two
// kinds of lines must be told from damage. A row that breaks a CHECK can be read all the same, and the other
// checks of `verify` can say more about it. A page for which there was no memory is listed as a fault of the
// file, which it is not.
#include "sql/sqlite_storage.h"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "base/shortage.h"

namespace aforro::sql {
namespace {

// A row that breaks a CHECK can still be read; a row with any other fault may be anything.
bool is_only_of_a_check(const std::string& fault) { return fault.starts_with("CHECK constraint failed in "); }

// A page that the check had no memory for is listed by it as a fault: "unable to get the page. error code=7".
bool is_for_want_of_memory(std::string_view fault) {
  const std::size_t at = fault.find("error code");
  if (at == std::string_view::npos) return false;
  const std::string_view code = fault.substr(at + std::string_view("error code=").size());
  return code == std::to_string(SQLITE_NOMEM) || code == std::to_string(SQLITE_IOERR_NOMEM);
}

}  // namespace

StorageReport check_sqlite_storage(SqliteConnection& connection) {
  StorageReport report;
  connection.script("PRAGMA cache_size = -65536");  // each row is looked for in each index
  try {
    connection.query("PRAGMA integrity_check", {}, [&](const Row& row) {
      if (row.text(0) != "ok") report.faults.emplace_back(row.text(0));
      if (is_for_want_of_memory(row.text(0))) throw Shortage(kOutOfMemory);
    });
  } catch (const Unavailable&) {
    throw;
  } catch (const std::runtime_error& fault) {
    report.faults.emplace_back(fault.what());
  }
  report.are_rows_sound = std::all_of(report.faults.begin(), report.faults.end(), is_only_of_a_check);
  return report;
}

}  // namespace aforro::sql
