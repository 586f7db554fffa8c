// Where a database is, as `--database` names it: a file, or postgres://…. A value.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

namespace aforro::test {

class Location {
 public:
  Location(const std::filesystem::path& file) : text_(file.string()) {}  // NOLINT: meant to convert
  Location(std::string url) : text_(std::move(url)) {}                   // NOLINT

  const std::string& string() const { return text_; }
  bool is_postgres() const { return text_.starts_with("postgres://"); }
  // Of PostgreSQL: the name within its server.
  std::string name() const { return text_.substr(text_.rfind('/') + 1); }

 private:
  std::string text_;
};

}  // namespace aforro::test
