// A SQLite file under two names, moved, replaced, overwritten, or beside a log that is not its own: whatever
// would let two logs or two shops run into each other is refused.
#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/problem.h"
#include "sql/log_stamps.h"
#include "sql/sqlite.h"
#include "sql/sqlite_file.h"
#include "support/child.h"
#include "support/refusal.h"
#include "support/small_database.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::Unavailable;
using aforro::test::in_child;
using aforro::test::problem_of;
using aforro::test::small_schema;
using aforro::test::TemporaryFolder;
using aforro::test::wait_until;

std::unique_ptr<Database> open(const fs::path& file, Missing missing = Missing::refuse) {
  return open_sqlite(file, small_schema(), {.missing = missing});
}

void add(Database& database, std::int64_t id) {
  database.write(
      [&](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
}

std::int64_t count(Database& database) {
  return database.read(
      [](Connection& connection) { return connection.maybe_integer("SELECT count(*) FROM things").value(); });
}

// Why the file is refused, in a process of its own; nothing if it is opened.
std::optional<std::string> refusal_elsewhere(const fs::path& file) {
  const TemporaryFolder answers;
  const int status = in_child([&] {
    const auto problem = problem_of([&] { open(file); });
    if (!problem) return 1;
    answers.write("why", problem->detail());
    return 0;
  });
  if (status == 1) return std::nullopt;
  REQUIRE(status == 0);
  return aforro::test::read_file(answers / "why");
}

bool says(const std::optional<std::string>& text, std::string_view what) {
  return text && text->find(what) != std::string::npos;
}

// A process that has the file open until it goes. Made while this one has no threads.
class OpenElsewhere {
 public:
  using Holding = std::shared_ptr<void>;

  // Opens it and adds a thing; then does what is asked for.
  explicit OpenElsewhere(
      const fs::path& file, const std::function<void()>& then = [] {})
      : OpenElsewhere([&]() -> Holding {
          const std::shared_ptr<Database> database = open(file);
          add(*database, 2);
          then();
          return database;
        }) {}

  explicit OpenElsewhere(const std::function<Holding()>& hold) {
    int ready[2];
    int end[2];
    REQUIRE(::pipe(ready) == 0);
    REQUIRE(::pipe(end) == 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::close(end[1]);
      {
        const Holding held = hold();
        [[maybe_unused]] const auto told = ::write(ready[1], "r", 1);
        char byte = 0;
        [[maybe_unused]] const auto ended = ::read(end[0], &byte, 1);
      }
      ::_exit(0);
    }
    ::close(ready[1]);
    ::close(end[0]);
    end_ = end[1];
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
  }
  OpenElsewhere(const OpenElsewhere&) = delete;
  OpenElsewhere& operator=(const OpenElsewhere&) = delete;
  ~OpenElsewhere() {
    ::close(end_);
    ::waitpid(child_, nullptr, 0);
  }

 private:
  pid_t child_ = -1;
  int end_ = -1;
};

// Adds things in a process that is killed with the log full of them.
void add_and_die(const fs::path& file, std::int64_t from, std::int64_t to) {
  const int status = in_child([&] {
    const auto database = open(file);
    for (std::int64_t id = from; id <= to; ++id) add(*database, id);
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(status == -SIGKILL);
  REQUIRE(fs::file_size(file.string() + "-wal") > 0);
}

// As cp does it: into the file that there is.
void copy_over(const fs::path& from, const fs::path& to) {
  const std::string bytes = aforro::test::read_file(from);
  std::ofstream(to, std::ios::binary | std::ios::trunc) << bytes;
}

fs::path new_database(const TemporaryFolder& folder) {
  const fs::path file = folder / "small.db";
  add(*open(file, Missing::create), 1);
  return file;
}

TEST_CASE("a file with a second name is refused by either, and taken again once that is gone") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  fs::create_hard_link(file, folder / "copy.db");

  CHECK(says(problem_of([&] { open(file); })->detail(), "2 names (hard links)"));
  CHECK(says(problem_of([&] { open(folder / "copy.db"); })->detail(), "2 names (hard links)"));
  CHECK(!fs::exists(folder / "copy.db-wal"));

  fs::remove(folder / "copy.db");
  CHECK(count(*open(file)) == 1);
}

TEST_CASE("a symbolic link is another way to the same file and the same log") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  fs::create_directory(folder / "links");
  fs::create_symlink(file, folder / "links" / "shop.db");
  const OpenElsewhere other(file);
  CHECK(!refusal_elsewhere(folder / "links" / "shop.db"));
  const auto database = open(folder / "links" / "shop.db");
  CHECK(count(*database) == 2);
  CHECK(!fs::exists(folder / "links" / "shop.db-wal"));
}

TEST_CASE("a file that is mounted by itself is refused; a folder that is mounted is as good as the folder") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  fs::create_directory(folder / "container");
  const fs::path mounted = folder.write("container/small.db", "");
  const TemporaryFolder answers;
  const int status = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return 77;
    if (::mount(file.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    const auto problem = problem_of([&] { open(mounted); });
    if (!problem || !says(problem->detail(), "mounted by itself")) return 1;
    fs::create_directory(folder / "whole");
    if (::mount(folder.path().c_str(), (folder / "whole").c_str(), nullptr, MS_BIND, nullptr) != 0) return 77;
    return count(*open(folder / "whole" / "small.db")) == 1 ? 0 : 2;
  });
  if (status == 77) {
    MESSAGE("skipped: this user may not mount");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("a file that another process has open under a name that is gone is refused under its new one") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  const fs::path moved = folder / "moved.db";
  {
    const OpenElsewhere other(file);
    fs::rename(file, moved);
    CHECK(says(refusal_elsewhere(moved), "in use by another process under another name"));
    fs::rename(moved, file);
    CHECK(!refusal_elsewhere(file));
  }
  const auto database = open(file);
  fs::rename(file, moved);
  CHECK(says(problem_of([&] { open(moved); })->detail(), "is open already"));
}

TEST_CASE("two processes may have a file open under one name, and a third when the first is gone") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  {
    const OpenElsewhere other(file);
    CHECK(!refusal_elsewhere(file));
  }
  CHECK(!refusal_elsewhere(file));
  CHECK(count(*open(file)) == 2);
}

TEST_CASE("a file is claimed by one who must be alone only if nobody else has it open") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  {
    const OpenElsewhere other(file);
    CHECK(!SqliteFile::find(file)->claim_alone());
  }
  {
    const OpenElsewhere other([&]() -> OpenElsewhere::Holding {
      std::shared_ptr<SqliteFile> alone = SqliteFile::find(file);
      return alone->claim_alone() ? alone : nullptr;
    });
    CHECK(says(refusal_elsewhere(file), "in use by another process"));
  }
  const auto database = open(file);
  CHECK(!SqliteFile::find(file)->claim_alone());
}

// Whether another process has SQLite's shared lock on the file (https://sqlite.org/src/file/src/os.h).
bool is_locked(const fs::path& file) {
  constexpr off_t kSharedFirst = 0x40000002;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kSharedFirst;
  lock.l_len = 510;
  const bool is_told = ::fcntl(descriptor, F_GETLK, &lock) == 0;
  ::close(descriptor);
  return is_told && lock.l_type != F_UNLCK;
}

TEST_CASE("opening a file once more and closing it, or being refused it, leaves the locks of the first") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  const OpenElsewhere other(file, [&] {
    open(file).reset();
    const Schema unknown{.application_id = 7, .version = 1, .script = {}, .steps = {}};
    problem_of([&] { open_sqlite(file, unknown, {}); });
  });
  CHECK(is_locked(file));
}

TEST_CASE("a copy that was put back under the log of what it replaces is refused, and untouched") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  const fs::path copy = folder / "backup.db";
  fs::copy_file(file, copy);
  add(*open(copy), 100);
  add_and_die(file, 2, 4);

  SUBCASE("written over the file") { copy_over(copy, file); }
  SUBCASE("moved to its place") { fs::rename(copy, file); }
  const std::string before = aforro::test::read_file(file);

  CHECK(says(problem_of([&] { open(file); })->detail(), "does not belong to the log beside it"));
  CHECK(aforro::test::read_file(file) == before);
}

TEST_CASE("a copy from before many changes is refused too, and the file itself never is") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  const fs::path copy = folder / "backup.db";
  fs::copy_file(file, copy);
  {
    const auto database = open(file);
    for (int id = 10; id < 2'000; ++id) add(*database, id);  // over several checkpoints
  }
  add_and_die(file, 2, 4);
  const fs::path right = folder / "right.db";
  fs::copy_file(file, right);

  copy_over(copy, file);
  CHECK(problem_of([&] { open(file); }));
  copy_over(right, file);
  CHECK(count(*open(file)) == 1 + 1'990 + 3);
}

TEST_CASE("a log that a checkpoint has partly copied belongs to its file, however far that went") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  for (int round = 0; round < 3; ++round) {
    const int status = in_child([&] {
      const auto database = open(file);
      const auto reader = open(file);
      for (int id = 0; id < 500; ++id) add(*database, 10'000 * (round + 1) + id);
      reader->read([&](Connection& connection) {
        CHECK(connection.maybe_integer("SELECT count(*) FROM things"));
        for (int id = 500; id < 1'500; ++id) add(*database, 10'000 * (round + 1) + id);
      });
      ::kill(::getpid(), SIGKILL);
      return 0;
    });
    REQUIRE(status == -SIGKILL);
    CHECK(!refusal_elsewhere(file));
  }
  CHECK(count(*open(file)) == 1 + 3 * 1'500);
}

TEST_CASE("a file of a program without stamps gets one, with or without a log") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  {
    SQLite::Database old(file.string(), SQLite::OPEN_READWRITE);
    old.exec("DROP TABLE log_stamp");
  }
  const int status = in_child([&] {
    SQLite::Database old(file.string(), SQLite::OPEN_READWRITE);
    old.exec("INSERT INTO things (id) VALUES (2)");
    ::kill(::getpid(), SIGKILL);
    return 0;
  });
  REQUIRE(status == -SIGKILL);
  add_and_die(file, 3, 3);
  CHECK(count(*open(file)) == 3);
  CHECK(!refusal_elsewhere(file));
}

TEST_CASE("a file that is moved under an open database takes no change until it is back") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  const auto database = open(file);
  CHECK(!database->write_obstacle());

  SUBCASE("moved") { fs::rename(file, folder / "kept.db"); }
  SUBCASE("replaced") {
    fs::rename(file, folder / "kept.db");
    fs::copy_file(folder / "kept.db", file);
  }
  CHECK(wait_until([&] { return database->write_obstacle().has_value(); }, std::chrono::seconds(2)));
  CHECK(says(database->write_obstacle(), "moved, replaced or removed"));
  CHECK_THROWS_AS(add(*database, 2), Unavailable);

  fs::rename(folder / "kept.db", file);
  CHECK(wait_until([&] { return !database->write_obstacle(); }, std::chrono::seconds(2)));
  add(*database, 2);
  CHECK(count(*database) == 2);
}

TEST_CASE("a file that is written over under an open database is not touched any more") {
  const TemporaryFolder folder;
  const fs::path file = new_database(folder);
  const fs::path copy = folder / "backup.db";
  fs::copy_file(file, copy);
  add(*open(copy), 100);
  {
    const auto database = open(file);
    add(*database, 2);
    SUBCASE("with a log") {}
    SUBCASE("whose log was emptied") {
      const auto log = SqliteFile::find(file);
      SQLite::Database other(file.string(), SQLite::OPEN_READWRITE);
      other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      CHECK(!database->write_obstacle());
    }
    CHECK(wait_until([&] { return !database->write_obstacle(); }));

    copy_over(copy, file);

    CHECK(
        wait_until([&] { return says(database->write_obstacle(), "overwritten"); }, std::chrono::seconds(3)));
    CHECK_THROWS_AS(add(*database, 3), Unavailable);
    CHECK_THROWS_AS(count(*database), Unavailable);
  }
  CHECK(aforro::test::read_file(file) == aforro::test::read_file(copy));
}

}  // namespace
