// A database of a test's own with the shop's schema and nothing in it, on the engine that this run is for
// or on one of choice. Gone with this object.
#pragma once

#include <chrono>
#include <memory>

#include "search/product_search.h"
#include "sql/database.h"
#include "support/engine.h"
#include "support/location.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class TestDatabase {
 public:
  explicit TestDatabase(Engine engine = test::engine());
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  sql::Database& operator*() const { return *database_; }
  sql::Database* operator->() const { return database_.get(); }

  // The search that belongs to its engine. Must not outlive this.
  std::unique_ptr<search::ProductSearch> make_search() const;

  // The same database opened once more, as another process would, waiting so long for locks. Must not outlive
  // this.
  std::unique_ptr<sql::Database> open_again(
      std::chrono::milliseconds patience = std::chrono::milliseconds(5000)) const;

  const Location& location() const { return location_; }

 private:
  TemporaryFolder folder_;
  Location location_;
  std::unique_ptr<sql::Database> database_;
};

// A shop's database opened as another process would, waiting so long for locks.
std::unique_ptr<sql::Database> open_database(
    const Location& location, std::chrono::milliseconds patience = std::chrono::milliseconds(5000));

}  // namespace aforro::test
