// Opening whatever may lie where a database is wanted: what is not ours is refused, saying why, and
// untouched.
#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "sql/sqlite.h"
#include "support/child.h"
#include "support/refusal.h"
#include "support/small_database.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::Problem;
using aforro::test::problem_of;
using aforro::test::read_file;
using aforro::test::small_schema;
using aforro::test::TemporaryFolder;

std::unique_ptr<Database> open(const fs::path& file, Missing missing = Missing::refuse) {
  return open_sqlite(file, small_schema(), {.missing = missing});
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

// Why a file is refused, after checking that it stays as it was, alone in its folder, whatever was asked for.
std::string refusal(const TemporaryFolder& folder, const fs::path& file) {
  const std::string before = read_file(file);
  std::string why;
  for (const Missing missing : {Missing::refuse, Missing::create}) {
    const auto problem = problem_of([&] { open(file, missing); });
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::conflict);
    CHECK(problem->detail().find(file.string()) != std::string::npos);
    why = problem->detail();
  }
  CHECK(read_file(file) == before);
  CHECK(names_in(folder.path()) == std::vector<std::string>{file.filename()});
  return why;
}

bool says(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

// A database file as it is after it was closed.
fs::path closed_database(const TemporaryFolder& folder) {
  const fs::path file = folder / "small.db";
  open(file, Missing::create)->write([](Connection& connection) {
    connection.run("INSERT INTO things (id, name) VALUES (1, $1)", {std::string(20'000, 'x')});
  });
  REQUIRE(names_in(folder.path()).size() == 1);
  return file;
}

TEST_CASE("a missing file is made if so asked, and marked as ours at once") {
  const TemporaryFolder folder;
  const auto problem = problem_of([&] { open(folder / "small.db"); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::not_found);
  CHECK(says(problem->detail(), (folder / "small.db").string()));
  CHECK(names_in(folder.path()).empty());

  const auto database = open(folder / "small.db", Missing::create);
  CHECK(database->read([](Connection& c) { return c.maybe_integer("SELECT count(*) FROM things"); }) == 0);
  CHECK(read_file(folder / "small.db").substr(68, 4) == "smal");
}

TEST_CASE("an empty file counts as missing") {
  const TemporaryFolder folder;
  const fs::path file = folder.write("small.db", "");
  const auto problem = problem_of([&] { open(file); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::not_found);
  CHECK(fs::file_size(file) == 0);
  CHECK(open(file, Missing::create)->read([](Connection& c) {
    return c.maybe_integer("PRAGMA user_version");
  }) == 1);
}

TEST_CASE("what was written is there when the file is opened again") {
  const TemporaryFolder folder;
  const fs::path file = closed_database(folder);
  CHECK(open(file)->read([](Connection& c) { return c.maybe_integer("SELECT count(*) FROM things"); }) == 1);
  CHECK(open(file, Missing::create)->read([](Connection& c) {
    return c.maybe_integer("SELECT count(*) FROM things");
  }) == 1);
}

TEST_CASE("what was acknowledged is there after a process was killed in the middle") {
  const TemporaryFolder folder;
  const fs::path file = folder / "small.db";
  const int status = aforro::test::in_child([&] {
    const auto database = open(file, Missing::create);
    for (int id = 1; id <= 100; ++id) {
      database->write(
          [&](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
    }
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(status == -SIGKILL);
  CHECK(fs::exists(file.string() + "-wal"));
  CHECK(open(file)->read([](Connection& c) { return c.maybe_integer("SELECT count(*) FROM things"); }) ==
        100);
}

TEST_CASE("a text file is no database, however short or long") {
  for (const std::string& text : {std::string("x"), std::string("sku,title\n1,a\n"), std::string(50'000, 'x'),
                                  std::string("SQLite format 3"), std::string(1, '\0')}) {
    const TemporaryFolder folder;
    CHECK(says(refusal(folder, folder.write("small.db", text)), "is not a database"));
  }
}

TEST_CASE("another program's database is not ours") {
  const TemporaryFolder folder;
  const fs::path file = folder / "other.db";
  {
    SQLite::Database other(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE things (id INTEGER PRIMARY KEY); PRAGMA user_version = 1;");
  }
  CHECK(says(refusal(folder, file), "belongs to another program"));
  {
    SQLite::Database other(file.string(), SQLite::OPEN_READWRITE);
    other.exec("PRAGMA application_id = 7");
  }
  CHECK(says(refusal(folder, file), "belongs to another program"));
}

TEST_CASE("a file that was cut off is damaged, wherever it was cut") {
  for (const std::uintmax_t size : {4'096U, 8'192U, 10'000U, 100U}) {
    CAPTURE(size);
    const TemporaryFolder folder;
    const fs::path file = closed_database(folder);
    REQUIRE(fs::file_size(file) > size);
    fs::resize_file(file, size);
    CHECK(says(refusal(folder, file), "is damaged"));
  }
  const TemporaryFolder folder;
  const fs::path file = closed_database(folder);
  fs::resize_file(file, 99);
  CHECK(says(refusal(folder, file), "is not a database"));
}

TEST_CASE("a file whose pages are rubbish is damaged") {
  const TemporaryFolder folder;
  std::string bytes = read_file(closed_database(folder));
  std::fill(bytes.begin() + 100, bytes.end(), '\xAA');
  CHECK(says(refusal(folder, folder.write("small.db", bytes)), "is damaged"));
}

TEST_CASE("a file that a newer program wrote is refused, in whatever journal mode") {
  for (const char* mode : {"PRAGMA journal_mode = WAL", "PRAGMA journal_mode = DELETE"}) {
    CAPTURE(mode);
    const TemporaryFolder folder;
    const fs::path file = closed_database(folder);
    {
      SQLite::Database newer(file.string(), SQLite::OPEN_READWRITE);
      newer.exec("PRAGMA user_version = 2");
      newer.exec(mode);
    }
    CHECK(says(refusal(folder, file), "newer version of this program (schema 2, this one knows up to 1)"));
  }
}

TEST_CASE("a file that a newer program has open is refused too") {
  const TemporaryFolder folder;
  const fs::path file = closed_database(folder);
  SQLite::Database newer(file.string(), SQLite::OPEN_READWRITE);
  newer.exec("PRAGMA user_version = 2");  // so far in the log alone
  const auto problem = problem_of([&] { open(file); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
  CHECK(says(problem->detail(), "newer version"));
}

TEST_CASE("a folder, or a place in no folder, is no file") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "small.db");
  for (const Missing missing : {Missing::refuse, Missing::create}) {
    const auto problem = problem_of([&] { open(folder / "small.db", missing); });
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::conflict);
    CHECK(says(problem->detail(), "is no regular file"));
  }
  const auto nowhere = problem_of([&] { open(folder / "nowhere" / "small.db", Missing::create); });
  REQUIRE(nowhere);
  CHECK(nowhere->kind() == Problem::Kind::conflict);
  CHECK(says(nowhere->detail(), "cannot be created"));
  CHECK(!fs::exists(folder / "nowhere"));
}

// Opens a file as somebody whom permissions bind: root passes by them, so a child gives root up. What it is
// refused with; nothing if it is opened.
std::optional<std::string> refusal_without_privilege(const fs::path& file, Missing missing) {
  const TemporaryFolder answers;
  fs::permissions(answers.path(), fs::perms::all);
  const int status = aforro::test::in_child([&] {
    if (::geteuid() == 0) {
      constexpr uid_t kNobody = 65'534;
      if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) return 1;
    }
    const auto problem = problem_of([&] { open(file, missing); });
    if (!problem) return 2;
    if (problem->kind() != Problem::Kind::conflict) return 3;
    return answers.write("why", problem->detail()).empty() ? 4 : 0;
  });
  if (status == 2) return std::nullopt;
  REQUIRE(status == 0);
  return read_file(answers / "why");
}

TEST_CASE(
    "a file that may not be read or written is refused, saying so, and so is a folder that takes none") {
  const TemporaryFolder folder;
  const fs::path file = closed_database(folder);
  const std::string before = read_file(file);
  fs::permissions(folder.path(), fs::perms::all);

  fs::permissions(file, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read);
  CHECK(says(refusal_without_privilege(file, Missing::refuse).value(), "cannot be written"));

  fs::permissions(file, fs::perms::none);
  CHECK(says(refusal_without_privilege(file, Missing::refuse).value(), "cannot be read"));

  fs::permissions(file, fs::perms::all);
  CHECK(!refusal_without_privilege(file, Missing::refuse));

  // Also for its owner, who may be the one who runs this.
  fs::permissions(folder.path(), fs::perms::all & ~(fs::perms::owner_write | fs::perms::group_write |
                                                    fs::perms::others_write));
  const auto refusal = refusal_without_privilege(folder / "new.db", Missing::create);
  fs::permissions(folder.path(), fs::perms::all);
  REQUIRE(refusal);
  CHECK(says(*refusal, "cannot be created"));
  CHECK(read_file(file) == before);
}

}  // namespace
