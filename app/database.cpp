#include "app/database.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/passwords.h"
#include "base/percent_encoding.h"
#include "shop/schema.h"
#include "sql/postgres.h"
#include "sql/sqlite.h"

namespace aforro::app {
namespace {

constexpr std::chrono::seconds kWithoutLocks{3};  // for one statement of PostgreSQL, once it has its locks

// Writes that wait for each other's locks leave some for reads.
std::size_t for_writing(std::size_t connections) { return std::max<std::size_t>(connections * 3 / 4, 1); }

template <class Options>
std::size_t max_waiting(const Options& options) {
  return options.max_reads + options.max_writes;
}

// A setting that other services of the same shop know too; empty if it is not there.
std::string shared_setting(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string url_of_settings() {
  const auto part = [](const char* name) { return percent_encode(shared_setting(name)); };
  std::string url = "postgres://";
  const std::string user = part("DB_USER");
  const std::string password = part("DB_PASSWORD");
  if (!user.empty()) url += user + (password.empty() ? "" : ':' + password) + '@';
  url += part("DB_HOST");
  if (const std::string port = part("DB_PORT"); !port.empty()) url += ':' + port;
  return url + '/' + part("DB_NAME");
}

}  // namespace

DatabaseChoice choose_database(const std::string& given, const std::string& given_by) {
  if (!given.empty()) return {.location = given, .reason = given_by};
  if (!shared_setting("DB_NAME").empty()) {
    return {.location = url_of_settings(), .reason = "DB_NAME in the environment", .is_implied = true};
  }
  return {.location = "aforro.db", .reason = "the default"};
}

bool is_postgres(const DatabaseChoice& choice) {
  return choice.location.starts_with("postgres://") || choice.location.starts_with("postgresql://");
}

std::string shown_location(const DatabaseChoice& choice) {
  return is_postgres(choice) ? sql::shown_url(choice.location) : without_passwords(choice.location);
}

Database open_database(const DatabaseChoice& choice, sql::Missing missing, sql::Access access,
                       const Patience& patience, Telling telling, std::size_t connections) {
  if (is_postgres(choice)) {
    const sql::PostgresOptions options{.missing = missing,
                                       .access = access,
                                       .max_connections = connections,
                                       .max_writing = for_writing(connections),
                                       .connect_deadline = patience.connect,
                                       .silence_deadline = patience.silence,
                                       .lock_timeout = patience.locks,
                                       .statement_timeout = patience.locks + kWithoutLocks,
                                       .migrating = std::move(telling.migrating)};
    auto connection = sql::open_postgres(choice.location, shop::schema(), options);
    auto search = search::make_postgres_search(*connection);
    return {std::move(connection), std::move(search), max_waiting(options)};
  }
  const sql::SqliteOptions options{.missing = missing,
                                   .access = access,
                                   .deadline = patience.locks,
                                   .read_time = patience.locks + kWithoutLocks,
                                   .log_is_held = std::move(telling.log_is_held),
                                   .migrating = std::move(telling.migrating)};
  auto connection = sql::open_sqlite(choice.location, shop::schema(), options);
  auto search = search::make_fts5_search(*connection);
  return {std::move(connection), std::move(search), max_waiting(options)};
}

void warn_of_newer_schema(sql::Database& database, Log& log) {
  const int version = database.schema().version;
  const int known = shop::schema().version;
  if (version > known) log.warning("schema_is_newer", {{"schema", version}, {"known", known}});
}

bool database_exists(const DatabaseChoice& choice) {
  if (is_postgres(choice)) return sql::postgres_exists(choice.location, shop::schema());
  std::error_code error;
  const auto bytes = std::filesystem::file_size(choice.location, error);
  return !error && bytes > 0;
}

}  // namespace aforro::app
