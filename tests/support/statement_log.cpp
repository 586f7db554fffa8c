#include "support/statement_log.h"

#include <sqlite3.h>

#include <mutex>
#include <stdexcept>

namespace aforro::test {
namespace {

// SQLite hands a hook of all connections nothing of ours, so this is where it writes.
std::mutex mutex;
std::set<std::string> texts_run;
std::size_t times_run = 0;

int note(unsigned /*event*/, void* /*context*/, void* statement, void* /*text*/) {
  const std::lock_guard lock(mutex);
  if (const char* const text = sqlite3_sql(static_cast<sqlite3_stmt*>(statement))) texts_run.insert(text);
  ++times_run;
  return 0;
}

int watch(sqlite3* connection, const char** /*error*/, const sqlite3_api_routines* /*api*/) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note, nullptr);
}

// The form in which SQLite takes the entry point of an extension, whatever its parameters.
const auto kWatch = reinterpret_cast<void (*)()>(watch);

}  // namespace

StatementLog::StatementLog() {
  clear();
  if (sqlite3_auto_extension(kWatch) != SQLITE_OK) throw std::runtime_error("SQLite takes no extension");
}

StatementLog::~StatementLog() { sqlite3_cancel_auto_extension(kWatch); }

std::set<std::string> StatementLog::texts() const {
  const std::lock_guard lock(mutex);
  return texts_run;
}

std::size_t StatementLog::count() const {
  const std::lock_guard lock(mutex);
  return times_run;
}

void StatementLog::clear() {
  const std::lock_guard lock(mutex);
  texts_run.clear();
  times_run = 0;
}

}  // namespace aforro::test
