// A SQLite file as it can be read where it lies, without leaving a trace and without missing what only its
// log has. Part of the driver; one thread at a time, but for require_unchanged().
#pragma once

#include <memory>

#include "sql/sqlite_connection.h"
#include "sql/sqlite_file.h"

namespace aforro::sql {

class SqliteSource {
 public:
  // The file is ours, its log belongs to it, and it must outlive this object. Throws Problem (conflict) if it
  // can't be read as it lies there, and Unavailable.
  explicit SqliteSource(const SqliteFile& file);
  SqliteSource(const SqliteSource&) = delete;
  SqliteSource& operator=(const SqliteSource&) = delete;
  ~SqliteSource();

  // What is to be opened, and as what: the file, or a private copy of it that goes with this object.
  const SqliteFile& file() const;
  SqliteConnection::Role role() const { return role_; }

  // To be called after reading, and before the result is used: throws Unavailable if the result may be a
  // blend of two moments, since another process has changed a file that is read alone.
  void require_unchanged() const;

 private:
  class Look;
  class PrivateCopy;

  const SqliteFile& original_;
  SqliteConnection::Role role_;
  std::unique_ptr<PrivateCopy> copy_;
  std::unique_ptr<Look> at_first_;
};

}  // namespace aforro::sql
