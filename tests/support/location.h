// Where a database is, as `--database` names it: a file, or postgres://…. A value.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "support/engine.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class Location {
 public:
  Location(const std::filesystem::path& file) : text_(file.string()) {}  // NOLINT: meant to convert
  Location(std::string url) : text_(std::move(url)) {}                   // NOLINT

  const std::string& string() const { return text_; }
  bool is_postgres() const { return text_.starts_with("postgres://"); }

  // Of SQLite: the file. Throws for PostgreSQL: a test that needs a file runs on SQLite alone.
  std::filesystem::path file() const;
  // Of PostgreSQL: the name within its server.
  std::string name() const { return text_.substr(text_.rfind('/') + 1); }

 private:
  std::string text_;
};

// Where a database can be made, on the engine that this run is for: a file in the folder that is not there
// yet, or a database of the shared server without tables.
Location free_location(const TemporaryFolder& folder, Engine engine = test::engine());

// Removes a database of the shared server; a file goes with its folder.
void drop_database(const Location& location);

}  // namespace aforro::test
