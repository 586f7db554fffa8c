// A database of a test's own with the shop's schema and nothing in it, on the engine that this run is for.
// Gone with this object.
#pragma once

#include <memory>

#include "sql/database.h"
#include "support/location.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class TestDatabase {
 public:
  TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  sql::Database& operator*() const { return *database_; }
  sql::Database* operator->() const { return database_.get(); }

  // The same database opened once more, as another process would. Must not outlive this.
  std::unique_ptr<sql::Database> open_again() const;

  const Location& location() const { return location_; }

 private:
  TemporaryFolder folder_;
  Location location_;
  std::unique_ptr<sql::Database> database_;
};

}  // namespace aforro::test
