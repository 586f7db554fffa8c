#include "app/database.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "base/problem.h"
#include "shop/schema.h"

namespace aforro::app {
namespace {

bool is_postgres(std::string_view location) {
  return location.starts_with("postgres://") || location.starts_with("postgresql://");
}

}  // namespace

DatabaseChoice choose_database(const std::string& given, const std::string& given_by) {
  if (!given.empty()) return {given, given_by};
  if (const char* const name = std::getenv("DB_NAME"); name != nullptr && *name != '\0') {
    return {"postgres://" + std::string(name), "DB_NAME in the environment"};
  }
  return {"aforro.db", "the default"};
}

std::string shown_location(const DatabaseChoice& choice) {
  if (!is_postgres(choice.location)) return choice.location;
  const std::string_view location = choice.location;
  const std::size_t begin = location.find("//") + 2;
  const std::size_t at = location.rfind('@');
  if (at == std::string_view::npos) return choice.location;
  const std::size_t colon = location.find(':', begin);
  if (colon == std::string_view::npos || colon > at) return choice.location;
  return std::string(location.substr(0, colon)) + std::string(location.substr(at));
}

Database open_database(const DatabaseChoice& choice, sql::Missing missing) {
  if (is_postgres(choice.location)) {
    throw Problem(Problem::Kind::conflict,
                  "PostgreSQL (asked for by " + choice.reason +
                      ") is not built into this program; name a file with --database");
  }
  auto connection = sql::open_sqlite(choice.location, shop::schema(), {.missing = missing});
  auto search = search::make_fts5_search(*connection);
  return {std::move(connection), std::move(search)};
}

bool database_exists(const DatabaseChoice& choice) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(choice.location, error);
  return !error && bytes > 0;
}

}  // namespace aforro::app
