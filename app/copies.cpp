#include "app/copies.h"

#include <sys/stat.h>

#include "app/commands.h"
#include "app/terminal.h"
#include "base/problem.h"
#include "base/shorten.h"
#include "base/text.h"
#include "search/product_search.h"
#include "shop/schema.h"
#include "sql/postgres.h"
#include "sql/sqlite_copy.h"
#include "sql/sqlite_replace.h"
#include "verify/verification.h"

namespace aforro::app {
namespace {

constexpr std::size_t kMaxSchemeBytes = 32;

// As one word of a shell.
std::string shell_word(std::string_view text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? "'\\''" : std::string(1, c);
  return word + '\'';
}

std::string postgres_command(const std::string& url, Direction direction, const std::string& file) {
  const std::string where = "--dbname=" + shell_word(sql::connection_words(url));
  if (direction == Direction::restore) {
    return "pg_restore --clean --if-exists --no-owner --single-transaction " + where +
           (file == "-" ? "" : ' ' + shell_word(file));
  }
  return "pg_dump --format=custom " + (file == "-" ? "" : "--file=" + shell_word(file) + ' ') + where;
}

}  // namespace

std::filesystem::path database_file(Session& session, Direction direction, const std::string& file) {
  if (const std::size_t end = file.find("://");
      end != std::string::npos && end > 0 && end == file.find_first_of("/:")) {
    throw wrong_usage("FILE must be a file, and not " + shortened(file.substr(0, end), kMaxSchemeBytes) +
                      "://");
  }
  const DatabaseChoice& choice = session.database_choice();
  if (!is_postgres(choice)) return choice.location;
  throw Problem(
      Problem::Kind::conflict,
      shown_location(choice) + " is PostgreSQL's to " +
          (direction == Direction::backup ? "back up: " : "restore, with no server of the shop running: ") +
          postgres_command(choice.location, direction, file) +
          " (it asks for the password, or takes it from PGPASSWORD or ~/.pgpass)");
}

void refuse_beside_log(const std::filesystem::path& file) {
  for (const char* const suffix : sql::kCompanions) {
    const std::string companion = file.string() + suffix;
    struct stat status {};
    if (::lstat(companion.c_str(), &status) != 0) continue;
    throw Problem(Problem::Kind::conflict, companion + " lies beside, which belongs to a database " +
                                               file.string() + " that is or was in use");
  }
}

verify::Findings check_copy(const std::filesystem::path& copy) {
  const auto database = sql::open_still_sqlite(copy, shop::schema());
  if (const int version = database->schema().version; version < shop::schema().oldest_readable) {
    verify::Findings findings;
    for (std::string& fault : database->check_storage().faults) {
      findings.fault(verify::Check::storage, std::move(fault));
    }
    findings.left_out("all checks but that of the storage: the schema has version " +
                      std::to_string(version) + ", this program's " + std::to_string(shop::schema().version));
    return findings;
  }
  const auto search = search::make_fts5_search(*database);
  Progress progress("verifying row");
  return verify::check_shop(*database, *search,
                            [&](std::int64_t done, std::int64_t all) { progress.show(done, all); });
}

bool is_same_file(const std::filesystem::path& one, const std::filesystem::path& other) {
  struct stat first {};
  struct stat second {};
  return ::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::string shown_path(const std::filesystem::path& file) {
  std::string text = file.string();
  if (is_valid_utf8(text)) return text;
  for (char& c : text) c = static_cast<unsigned char>(c) < 0x80 ? c : '?';
  return text;
}

}  // namespace aforro::app
