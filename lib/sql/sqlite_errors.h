// What goes wrong in SQLite as an exception of the interface (connection.h). Part of the driver.
#pragma once

#include <SQLiteCpp/Exception.h>

#include <utility>

struct sqlite3;

namespace aforro::sql {

// `handle` is the connection's, if it is open.
[[noreturn]] void translate(const SQLite::Exception& error, sqlite3* handle);

template <class F>
auto translated(sqlite3* handle, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const SQLite::Exception& error) {
    translate(error, handle);
  }
}

}  // namespace aforro::sql
