// Too little memory, too few descriptors, no threads: what is refused says so, what is in the file is never
// blamed, nothing that was acknowledged is lost, and it goes on once there is enough.
#include <doctest/doctest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/shortage.h"
#include "sql/sqlite_copy.h"
#include "support/child.h"
#include "support/failing_heap.h"
#include "support/failing_memory.h"
#include "support/small_database.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::test::FailingHeap;
using aforro::test::FailingMemory;
using aforro::test::Fails;
using aforro::test::SmallDatabase;

// What came of using a database while something was short.
struct Outcome {
  bool succeeded = false;
  std::string said = {};  // if it did not
};

// Opens, counts and verifies. A fault that the engine names in its file is one that is not there.
Outcome use(const std::filesystem::path& file) {
  try {
    const auto database = open_sqlite(file, aforro::test::small_schema(), {});
    const auto things =
        database->read([](Connection& c) { return c.maybe_integer("SELECT count(*) FROM things"); });
    CHECK(things == 3);
    const StorageReport report = database->check_storage();
    for (const std::string& fault : report.faults) return {.said = "a fault: " + fault};
    return {.succeeded = true};
  } catch (const std::exception& fault) {
    const std::string_view what = aforro::shortage_of(fault);
    return {.said = what.empty() ? fault.what() : std::string(what)};
  }
}

bool says(const Outcome& outcome, std::string_view what) {
  return outcome.said.find(what) != std::string::npos;
}

void add_three(Database& database) {
  for (int id = 1; id <= 3; ++id) {
    database.write(
        [&](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
  }
}

TEST_CASE("a database for which SQLite finds no memory is not damaged, whichever piece it was") {
  const aforro::test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "small.db";
  FailingMemory memory;
  add_three(*open_sqlite(file, aforro::test::small_schema(), {.missing = Missing::create}));
  for (const Fails fails : {Fails::once, Fails::from_then_on}) {
    std::uint64_t refused = 0;
    for (std::uint64_t nth = 1;; nth += 1 + nth / 40) {
      memory.fail(nth, fails);
      const Outcome outcome = use(file);
      const bool has_failed = memory.failures() > 0;
      memory.heal();
      CAPTURE(nth);
      if (!outcome.succeeded) {
        ++refused;
        CHECK_MESSAGE(says(outcome, aforro::kOutOfMemory), outcome.said);
      }
      if (!has_failed) break;
    }
    CHECK(refused > 10);
    CHECK(use(file).succeeded);
  }
}

TEST_CASE("a database for which C++ finds no memory is not damaged, whichever piece it was") {
  const SmallDatabase small{SqliteOptions()};
  add_three(*small.database);
  std::uint64_t nth = 0;
  for (bool has_failed = true; has_failed;) {
    ++nth;
    Outcome outcome;
    {
      const FailingHeap heap(nth);
      outcome = use(small.file);
      has_failed = heap.has_failed();
    }
    CAPTURE(nth);
    CHECK((outcome.succeeded || says(outcome, aforro::kOutOfMemory)));
  }
  CHECK(nth > 20);
}

TEST_CASE("the thread that writes outlives a want of memory, and writes on") {
  SmallDatabase small{SqliteOptions()};
  std::int64_t acknowledged = 0;
  for (std::uint64_t last = 1; last <= 60; ++last) {
    CAPTURE(last);
    // On the writer's thread, from the end of this piece on.
    small.database->write([&](Connection&) { FailingHeap::fail(1, last); });
    for (bool is_done = false; !is_done;) {
      try {
        small.database->write([&](Connection& connection) {
          const std::string name = "thing " + std::to_string(acknowledged) + std::string(50, 'x');
          connection.run("INSERT INTO things (id, name) VALUES ($1, $2)", {acknowledged + 1, name});
        });
        is_done = true;
        ++acknowledged;
      } catch (const std::bad_alloc&) {
        // Refused, with nothing done.
      } catch (const aforro::Unavailable&) {
        // Likewise.
      }
      CHECK(small.things() == acknowledged);
    }
  }
}

// In a process of its own with that limit, as somebody whom it binds.
std::optional<std::string> said_within(const rlimit& limit, int resource, const std::filesystem::path& file) {
  const aforro::test::TemporaryFolder answers;
  std::filesystem::permissions(answers.path(), std::filesystem::perms::all);
  const std::filesystem::path answer = answers.write("said", std::string(500, ' '));
  std::filesystem::permissions(answer, std::filesystem::perms::all);
  const int status = aforro::test::in_child([&] {
    constexpr uid_t kSomebody = 65'534;
    if (::geteuid() == 0 && (::setgid(kSomebody) != 0 || ::setuid(kSomebody) != 0)) return 3;
    std::FILE* const out = std::fopen(answer.c_str(), "w");
    if (out == nullptr || ::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return 4;
    const Outcome outcome = use(file);
    std::fputs(outcome.said.c_str(), out);
    std::fclose(out);
    return outcome.succeeded ? 0 : 1;
  });
  REQUIRE((status == 0 || status == 1));
  return status == 0 ? std::nullopt : std::optional(aforro::test::read_file(answer));
}

TEST_CASE("a database for which there are too few descriptors is not damaged, however many are missing") {
  SmallDatabase small{SqliteOptions()};
  add_three(*small.database);
  small.database.reset();
  std::filesystem::permissions(small.folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(small.file, std::filesystem::perms::all);
  const int lowest = ::dup(0);
  ::close(lowest);
  int refused = 0;
  for (int more = 1; more < 40; ++more) {
    CAPTURE(more);
    const auto count = static_cast<rlim_t>(lowest) + static_cast<rlim_t>(more);
    const auto said = said_within({.rlim_cur = count, .rlim_max = count}, RLIMIT_NOFILE, small.file);
    if (!said) break;
    ++refused;
    CHECK_MESSAGE(said->find(aforro::kOutOfDescriptors) != std::string::npos, *said);
  }
  CHECK(refused > 4);
  CHECK(refused < 30);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which need all there is
std::size_t address_space_bytes() {
  std::ifstream status("/proc/self/statm");
  std::size_t pages = 0;
  status >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// The library calls it a fault of the disk: it maps the index of the log, 32 KiB for every 4,096 pages.
TEST_CASE("a log that grows where no address space is left is a want of memory, and passes with it") {
  const int status = aforro::test::in_child([&] {
    SmallDatabase small({.max_log_bytes = std::uint64_t{1} << 30U});
    add_three(*small.database);
    std::int64_t id = 3;
    const std::string name(20'000, 'x');
    const auto add_one = [&] {
      small.database->write([&](Connection& connection) {
        connection.run("INSERT INTO things (id, name) VALUES ($1, $2)", {id + 1, std::to_string(id) + name});
      });
      ++id;
    };
    // All else is had from what the process has taken already.
    ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
    ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
    { const std::vector<std::string> room(1'000, name); }
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0) return 1;
    const rlim_t before = std::exchange(limit.rlim_cur, address_space_bytes());
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return 2;
    Outcome outcome{.succeeded = true};
    small.database->read([&](Connection& connection) {  // so the log can only grow
      connection.maybe_integer("SELECT count(*) FROM things");
      while (outcome.succeeded && id < 3'000) {
        try {
          add_one();
        } catch (const aforro::Unavailable& fault) {
          outcome = {.said = fault.what()};
        } catch (const std::bad_alloc&) {  // something else was first
          limit.rlim_cur += 16'384;
          ::setrlimit(RLIMIT_AS, &limit);
        }
      }
    });
    limit.rlim_cur = before;
    if (!says(outcome, aforro::kOutOfMemory) || ::setrlimit(RLIMIT_AS, &limit) != 0) return 3;
    add_one();
    return small.things() == id ? 0 : 4;
  });
  CHECK(status == 0);
}

// What a copy says with so many bytes of address space more than the process has; empty if it is made.
std::string copied_within(std::size_t more, const SmallDatabase& small) {
  const auto copy = small.folder / "copy.db";
  const auto answer = small.folder / "answer";
  std::filesystem::remove(copy);
  std::filesystem::remove(answer);
  const int status = aforro::test::in_child([&] {
    const rlim_t bytes = address_space_bytes() + more;
    const rlimit limit{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return 2;
    std::string said;
    try {
      copy_sqlite(small.file, copy, aforro::test::small_schema(), std::chrono::seconds(1),
                  [](std::uint64_t, std::uint64_t) {});
    } catch (const std::exception& fault) {
      said = fault.what();
    }
    const rlimit none{.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    if (::setrlimit(RLIMIT_AS, &none) != 0) return 3;
    std::ofstream(answer) << said;
    return 0;
  });
  REQUIRE(status == 0);
  return aforro::test::read_file(answer);
}

TEST_CASE("a copy for which there is too little address space says so, however little is missing") {
  SmallDatabase small{SqliteOptions()};
  add_three(*small.database);
  small.database.reset();
  std::set<std::string> said;
  for (std::size_t more = 0; more < 2'000'000; more += 16'384) {
    const std::string text = copied_within(more, small);
    if (!text.empty()) said.insert(text);
    if (text.empty() && more > 500'000) break;
  }
  CHECK(!said.empty());
  for (const std::string& text : said) {
    CAPTURE(text);
    CHECK((text.find(aforro::kOutOfMemory) != std::string::npos || text == "std::bad_alloc"));
  }
}
#endif

#if !defined(__SANITIZE_THREAD__)  // which starts one of its own
TEST_CASE("a database for which there is no thread is not damaged") {
  SmallDatabase small{SqliteOptions()};
  add_three(*small.database);
  small.database.reset();
  std::filesystem::permissions(small.folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(small.file, std::filesystem::perms::all);
  const auto said = said_within({.rlim_cur = 0, .rlim_max = 0}, RLIMIT_NPROC, small.file);
  REQUIRE(said);
  CHECK(*said == aforro::kOutOfThreads);
}
#endif

}  // namespace
