// A database of two small tables of its own: for tests of the drivers, which know no shop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "sql/database.h"
#include "sql/schema.h"
#include "sql/sqlite.h"
#include "support/temporary_folder.h"

namespace aforro::test {

// things (id, name unique, amount not negative) and parts (id, thing references things).
const sql::Schema& small_schema();

struct SmallDatabase {
  // Made anew on the engine that this run is for.
  SmallDatabase();
  // On SQLite; `missing` of the options does not count.
  explicit SmallDatabase(sql::SqliteOptions options);
  SmallDatabase(const SmallDatabase&) = delete;
  SmallDatabase& operator=(const SmallDatabase&) = delete;
  ~SmallDatabase();

  // The same file of SQLite opened once more, as another process would have it.
  std::unique_ptr<sql::Database> open_again(const sql::SqliteOptions& options = {}) const;

  void add(std::int64_t id);  // a thing
  std::int64_t number(sql::Text query);
  std::int64_t things() { return number("SELECT count(*) FROM things"); }

  TemporaryFolder folder;
  std::filesystem::path file = folder / "small.db";
  std::string name;  // of PostgreSQL's database
  std::unique_ptr<sql::Database> database;
};

}  // namespace aforro::test
