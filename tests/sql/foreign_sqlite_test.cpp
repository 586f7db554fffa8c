// SQLite files of other programs, and a database without a name.
#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "sql/foreign.h"
#include "support/refusal.h"
#include "support/temporary_folder.h"

using namespace aforro;        // NOLINT: of several parts
using namespace aforro::test;  // NOLINT

namespace {

constexpr std::chrono::milliseconds kPatience{50};

std::filesystem::path other_programs_file(const TemporaryFolder& folder) {
  const auto file = folder / "db.sqlite3";
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(
      "CREATE TABLE \"odd name\" (id INTEGER PRIMARY KEY, price REAL);"
      "INSERT INTO \"odd name\" VALUES (1, 12.5), (2, NULL)");
  return file;
}

std::size_t files_in(const TemporaryFolder& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()),
                                                std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("another program's file is read by the names that it has, and is left as it is") {
  const TemporaryFolder folder;
  const auto file = other_programs_file(folder);
  const std::string before = read_file(file);
  std::string prices;

  sql::read_foreign_sqlite(file, kPatience, [&](sql::Connection& snapshot) {
    sql::Composed text("SELECT CAST(");
    text += sql::Name::of("price").value();
    text += " AS TEXT) FROM ";
    text += sql::Name::of("odd name").value();
    text += " WHERE price IS NOT NULL";
    snapshot.query(text, {}, [&](const sql::Row& row) { prices += row.text(0); });
    CHECK_THROWS(snapshot.run("CREATE TABLE mine (id INTEGER)"));
  });

  CHECK(prices == "12.5");
  CHECK(read_file(file) == before);
  CHECK(files_in(folder) == 1);
}

TEST_CASE("what is no database, or not there, is refused with its name") {
  const TemporaryFolder folder;
  const auto nothing = [](sql::Connection&) {};
  const auto missing = problem_of([&] { sql::read_foreign_sqlite(folder / "none.db", kPatience, nothing); });
  REQUIRE(missing);
  CHECK(missing->kind() == Problem::Kind::not_found);
  const auto text = folder.write("text.db", "no database");
  const auto other = problem_of([&] { sql::read_foreign_sqlite(text, kPatience, nothing); });
  REQUIRE(other);
  CHECK(other->detail().find("is no SQLite database") != std::string::npos);
}

TEST_CASE("a file that another program is writing is waited for, and then refused") {
  const TemporaryFolder folder;
  const auto file = other_programs_file(folder);
  SQLite::Database writer(file.string(), SQLite::OPEN_READWRITE);
  writer.exec("BEGIN EXCLUSIVE");
  const auto problem = problem_of([&] {
    sql::read_foreign_sqlite(file, kPatience, [](sql::Connection& snapshot) {
      snapshot.query("SELECT id FROM \"odd name\"", {}, [](const sql::Row&) {});
    });
  });
  REQUIRE(problem);
  CHECK(problem->detail().find("is locked by another program") != std::string::npos);
}

TEST_CASE("a name that could end its quotes, or be read as a parameter, is none") {
  for (const char* const name : {"", "a\"b", "a$1", "a\nb", "a\x7F"}) {
    CAPTURE(name);
    CHECK(!sql::Name::of(name));
  }
  for (const char* const name : {"sales_order", "Order Item", "caf\xC3\xA9", "a'b;--", "a.b"}) {
    CAPTURE(name);
    CHECK(sql::Name::of(name));
  }
}

TEST_CASE("a database without a name takes what is larger than its cache") {
  const auto database = sql::open_unnamed("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)");
  const std::string text(10'000, 'x');
  for (int i = 0; i < 10'000; ++i) database->run("INSERT INTO rows (text) VALUES ($1)", {text});
  CHECK(database->maybe_integer("SELECT count(*) FROM rows WHERE text = $1", {text}) == 10'000);
}

TEST_CASE("a database without a name that the disk does not take says which folder is full") {
  const auto database = sql::open_unnamed("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)");
  const std::string text(1'000'000, 'x');
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const rlimit small{.rlim_cur = 1'000'000, .rlim_max = limit.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto problem = problem_of([&] {
    for (int i = 0; i < 200; ++i) database->run("INSERT INTO rows (text) VALUES ($1)", {text});
  });
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  REQUIRE(problem);
  CAPTURE(problem->detail());
  CHECK(problem->detail().starts_with("the temporary file in /"));
  CHECK(problem->detail().ends_with("; free some room there, or name another folder with TMPDIR"));
}
