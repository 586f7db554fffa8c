// A SQLite file that is opened only to be read: what each way of it sees, and that none leaves a trace.
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/function_ref.h"
#include "base/problem.h"
#include "sql/sqlite.h"
#include "sql/sqlite_copy.h"
#include "support/child.h"
#include "support/small_database.h"
#include "support/temporary_folder.h"

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::FunctionRef;
using aforro::Problem;
using aforro::Unavailable;
using aforro::test::in_child;
using aforro::test::read_file;
using aforro::test::small_schema;
using aforro::test::SmallDatabase;
using aforro::test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

constexpr int kSkipped = 77;

// What is in a folder, byte for byte, but for indexes of logs: in those, readers say what they read.
std::map<std::string, std::string> files_in(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".db-shm") files[entry.path().filename()] = read_file(entry.path());
  }
  return files;
}

std::unique_ptr<Database> open_to_read(const fs::path& file) {
  return open_sqlite(file, small_schema(), {.access = Access::read_only});
}

std::int64_t things_in(Database& database) {
  return database
      .read([](Connection& connection) { return connection.maybe_integer("SELECT count(*) FROM things"); })
      .value();
}

std::string refusal(FunctionRef<void()> open) {
  try {
    open();
  } catch (const Problem& problem) {
    return problem.detail();
  } catch (const Unavailable& fault) {
    return fault.what();
  }
  return "";
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

enum class Log { none, without_index, with_index };

// A file as a crash, a snapshot or a copy leaves it, with three things: all of them in the file, or all in
// its log.
class LeftBehind {
 public:
  explicit LeftBehind(Log log) {
    SmallDatabase small{SqliteOptions{}};
    for (std::int64_t id = 1; id <= 3; ++id) small.add(id);
    if (log == Log::none) small.database.reset();
    fs::copy_file(small.file, file);
    if (log == Log::none) return;
    fs::copy_file(small.file.string() + "-wal", file.string() + "-wal");
    if (log == Log::with_index) fs::copy_file(small.file.string() + "-shm", file.string() + "-shm");
  }

  // Runs `work` where the folder can't be written, not even by root. False if this user may not mount.
  bool on_read_only_mount(FunctionRef<int(const fs::path&)> work) const {
    const TemporaryFolder mounted;
    const int status = in_child([&] {
      if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return kSkipped;
      const char* const target = mounted.path().c_str();
      if (::mount(folder.path().c_str(), target, nullptr, MS_BIND, nullptr) != 0 ||
          ::mount(nullptr, target, nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
        return kSkipped;
      }
      return work(mounted / "left.db");
    });
    if (status == kSkipped) {
      MESSAGE("skipped: this user may not mount");
      return false;
    }
    CHECK(status == 0);
    return true;
  }

  TemporaryFolder folder;
  fs::path file = folder / "left.db";
};

}  // namespace

TEST_CASE("beside one who writes, a reader sees each commit, and leaves file and log as they were") {
  SmallDatabase small{SqliteOptions{}};
  small.add(1);
  {
    const auto reading = open_to_read(small.file);
    CHECK(things_in(*reading) == 1);
    small.add(2);
    const auto before = files_in(small.folder.path());
    CHECK(things_in(*reading) == 2);
    CHECK(reading->check_storage().faults.empty());
    CHECK(before == files_in(small.folder.path()));
  }
  small.add(3);
  CHECK(small.things() == 3);
}

TEST_CASE("a reader never writes, and says so") {
  const LeftBehind left(Log::none);
  const auto reading = open_to_read(left.file);
  CHECK(reading->write_obstacle() == "the database was opened to be read");
  CHECK_THROWS_AS(reading->write([](Connection& connection) { connection.run("DELETE FROM things"); }),
                  std::logic_error);
  CHECK_THROWS_AS(reading->read([](Connection& connection) { connection.run("DELETE FROM things"); }),
                  std::runtime_error);
  CHECK(things_in(*reading) == 3);
}

TEST_CASE(
    "what a crash has left is read, and backed up, log and all, where files may be made and where not") {
  for (const Log log : {Log::none, Log::without_index, Log::with_index}) {
    CAPTURE(static_cast<int>(log));
    const LeftBehind left(log);
    const auto before = files_in(left.folder.path());
    const TemporaryFolder copies;
    const TemporaryFolder backups;
    left.on_read_only_mount([&](const fs::path& file) {
      ::setenv("TMPDIR", copies.path().c_str(), 1);
      {
        const auto reading = open_to_read(file);
        if (things_in(*reading) != 3) return 1;
        if (!reading->check_storage().faults.empty()) return 2;
        if (files_in(left.folder.path()) != before) return 3;
      }
      copy_sqlite(file, backups / "copy.db", small_schema(), std::chrono::seconds(1),
                  [](std::uint64_t, std::uint64_t) {});
      if (things_in(*open_still_sqlite(backups / "copy.db", small_schema())) != 3) return 4;
      if (files_in(left.folder.path()) != before) return 5;
      return fs::is_empty(copies.path()) ? 0 : 6;
    });
    CHECK(before == files_in(left.folder.path()));
    CHECK(things_in(*open_to_read(left.file)) == 3);
    // The rows, wherever they lay, are all there for one who writes next.
    const auto database = open_sqlite(left.file, small_schema(), {});
    CHECK(things_in(*database) == 3);
  }
}

TEST_CASE(
    "a file that is read alone and is changed elsewhere meanwhile gives no answer rather than a blend") {
  const LeftBehind left(Log::none);
  left.on_read_only_mount([&](const fs::path& file) {
    const auto reading = open_to_read(file);
    if (things_in(*reading) != 3) return 1;
    // The same file where it can be written, as the host of a container has it. Another process would begin a
    // log first; one that is done already has changed the file.
    std::ofstream(left.file.string() + "-wal") << "begun";
    if (!says(refusal([&] { things_in(*reading); }), "was changed by another process")) return 2;
    fs::remove(left.file.string() + "-wal");
    if (things_in(*reading) != 3) return 3;
    fs::last_write_time(left.file, fs::last_write_time(left.file) + std::chrono::microseconds(1));
    if (!says(refusal([&] { things_in(*reading); }), "was changed by another process")) return 4;
    return things_in(*open_to_read(file)) == 3 ? 0 : 5;
  });
}

TEST_CASE("a log that must be copied to be read and is too large for that is refused, saying what to do") {
  const LeftBehind left(Log::without_index);
  fs::resize_file(left.file.string() + "-wal", std::uint64_t{1} << 30);  // a sparse one
  left.on_read_only_mount([&](const fs::path& file) {
    const std::string why = refusal([&] { open_to_read(file); });
    return says(why, "larger than what is copied to be read") && says(why, "copy the file and its log") ? 0
                                                                                                        : 1;
  });
}

TEST_CASE("another user reads a file that he may read, and is told of a log or a folder that he may not") {
  if (::getuid() != 0) {
    MESSAGE("skipped: only root can be another user");
    return;
  }
  const auto as_another = [](FunctionRef<int()> work) {
    return in_child([&] { return ::setgid(65'534) != 0 || ::setuid(65'534) != 0 ? kSkipped : work(); });
  };
  const LeftBehind left(Log::without_index);
  const std::string log = left.file.string() + "-wal";
  fs::permissions(left.folder.path(), fs::perms(0755));
  fs::permissions(left.file, fs::perms(0644));
  fs::permissions(log, fs::perms(0644));
  const auto before = files_in(left.folder.path());
  CHECK(as_another([&] { return things_in(*open_to_read(left.file)) == 3 ? 0 : 1; }) == 0);
  CHECK(before == files_in(left.folder.path()));

  fs::permissions(log, fs::perms(0600));
  CHECK(as_another([&] {
          const std::string why = refusal([&] { open_to_read(left.file); });
          return says(why, "has a log that can't be read: " + log) ? 0 : 1;
        }) == 0);

  fs::permissions(left.folder.path(), fs::perms(0700));
  CHECK(as_another([&] {
          const std::string why = refusal([&] { open_to_read(left.file); });
          return says(why, "its folder can't be looked into, " + left.folder.path().string()) ? 0 : 1;
        }) == 0);
}
