// Disks that are full and locks that others hold: nobody is harmed by another's misfortune, nothing that was
// acknowledged is lost, and it goes on once it can.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "support/batch.h"
#include "support/child.h"
#include "support/database_file.h"
#include "support/small_database.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::Unavailable;
using aforro::test::OwnWriter;
using aforro::test::SmallDatabase;
using aforro::test::Work;
using aforro::test::write_together;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

const std::string kLarge(200'000, 'x');

Work adding(std::int64_t id, const std::string& name = {}) {
  return [id, name](Connection& connection) {
    connection.run("INSERT INTO things (id, name) VALUES ($1, $2)", {id, std::to_string(id) + name});
  };
}

bool is_unavailable(const std::exception_ptr& outcome) {
  try {
    if (outcome) std::rethrow_exception(outcome);
  } catch (const Unavailable&) {
    return true;
  } catch (const std::exception&) {
    return false;
  }
  return false;
}

std::set<std::int64_t> ids(Database& database) {
  return database.read([](Connection& connection) {
    std::set<std::int64_t> found;
    connection.query("SELECT id FROM things", {}, [&](const Row& row) { found.insert(row.integer(0)); });
    return found;
  });
}

// Lets the file grow by a few pages only.
void limit_pages(SqliteWriter& writer) {
  writer.write([](Connection& connection) {
    const auto pages = connection.maybe_integer("PRAGMA page_count").value();
    connection.script("PRAGMA max_page_count = " + std::to_string(pages + 10));
  });
}

void lift_page_limit(SqliteWriter& writer) {
  writer.write([](Connection& connection) { connection.script("PRAGMA max_page_count = 1000000"); });
}

// Of this process: how far any file may grow. A write beyond fails instead of killing.
void limit_files(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT: of a forked child
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

TEST_CASE("a piece that finds the disk full is unavailable, its innocent mates are run again and committed") {
  SmallDatabase small;
  OwnWriter own(small.file);
  SqliteWriter& writer = own.writer;
  limit_pages(writer);
  std::atomic<int> runs = 0;
  const Work innocent = [&](Connection& connection) {
    ++runs;
    adding(1)(connection);
  };

  const auto outcomes =
      write_together(writer, {innocent, adding(2, kLarge), adding(3), adding(4, kLarge), adding(5)});

  CHECK(!outcomes[0]);
  CHECK(is_unavailable(outcomes[1]));
  CHECK(!outcomes[2]);
  CHECK(is_unavailable(outcomes[3]));
  CHECK(!outcomes[4]);
  CHECK(runs == 2);
  CHECK(ids(*small.database) == std::set<std::int64_t>{1, 3, 5});
}

TEST_CASE("a refusal beside a full disk is still that refusal") {
  SmallDatabase small;
  OwnWriter own(small.file);
  SqliteWriter& writer = own.writer;
  limit_pages(writer);
  const Work refused = [](Connection& connection) {
    adding(1)(connection);
    throw aforro::Problem::not_found("No.");
  };

  const auto outcomes = write_together(writer, {refused, adding(2, kLarge), adding(3)});

  CHECK_THROWS_AS(std::rethrow_exception(outcomes[0]), aforro::Problem);
  CHECK(is_unavailable(outcomes[1]));
  CHECK(!outcomes[2]);
  CHECK(ids(*small.database) == std::set<std::int64_t>{3});
}

TEST_CASE("a writer goes on once there is space again") {
  SmallDatabase small;
  OwnWriter own(small.file);
  SqliteWriter& writer = own.writer;
  limit_pages(writer);
  CHECK_THROWS_AS(writer.write(adding(1, kLarge)), Unavailable);
  CHECK_THROWS_AS(writer.write(adding(1, kLarge)), Unavailable);
  writer.write(adding(2));
  lift_page_limit(writer);
  writer.write(adding(1, kLarge));
  CHECK(ids(*small.database) == std::set<std::int64_t>{1, 2});
}

TEST_CASE(
    "a file that may not grow loses nothing acknowledged and keeps nothing else, and serves again after") {
  const aforro::test::TemporaryFolder folder;
  const std::filesystem::path file = folder / "small.db";

  const int failed_at = aforro::test::in_child([&] {
    const auto database = open_sqlite(file, aforro::test::small_schema(), {Missing::create});
    std::mutex mutex;
    std::set<std::int64_t> acknowledged;
    std::atomic<std::int64_t> unavailable = 0;
    const auto add_many = [&](std::int64_t from) {
      for (std::int64_t id = from; id < from + 100; ++id) {
        try {
          database->write(adding(id, std::string(10'000, 'x')));
        } catch (const Unavailable&) {
          ++unavailable;
          continue;
        }
        const std::lock_guard lock(mutex);
        acknowledged.insert(id);
      }
    };
    const auto add_from_threads = [&](std::int64_t from) {
      std::vector<std::thread> threads;
      threads.reserve(4);
      for (int i = 0; i < 4; ++i) threads.emplace_back(add_many, from + i * 100);
      for (std::thread& thread : threads) thread.join();
    };

    add_many(0);
    if (unavailable != 0) return 1;
    limit_files(std::filesystem::file_size(file.string() + "-wal") + 1'000'000);
    add_from_threads(1'000);
    if (unavailable == 0) return 2;
    if (ids(*database) != acknowledged) return 3;
    const std::int64_t before = unavailable;
    limit_files(RLIM_INFINITY);
    add_from_threads(2'000);
    if (unavailable != before) return 4;
    if (ids(*database) != acknowledged) return 5;
    // Ends as a crash would, without closing.
    return acknowledged.size() > 500 ? 0 : 6;
  });

  CHECK(failed_at == 0);
  CHECK(aforro::test::query_texts(file, "PRAGMA integrity_check") == std::vector<std::string>{"ok"});
  CHECK(aforro::test::query_number(file, "SELECT count(*) FROM things WHERE id >= 2000") == 400);
}

TEST_CASE("a lock that another process holds is waited for") {
  SmallDatabase small;
  std::atomic<bool> is_free = false;
  bool ran_locked = false;
  std::thread waiting;
  {
    const aforro::test::WriteLock lock(small.file);
    waiting = std::thread([&] {
      small.database->write([&](Connection& connection) {
        ran_locked = ran_locked || !is_free;
        adding(1)(connection);
      });
    });
    small.things();  // which reads on
    is_free = true;
  }
  waiting.join();
  CHECK(!ran_locked);
  CHECK(small.things() == 1);
}

TEST_CASE("a lock that stays is waited for until the deadline and no longer, and nothing is done") {
  SmallDatabase small({.deadline = milliseconds(150)});
  {
    const aforro::test::WriteLock lock(small.file);
    const auto begun = steady_clock::now();
    CHECK_THROWS_AS(small.add(1), Unavailable);
    const auto took = steady_clock::now() - begun;
    CHECK(took >= milliseconds(150));
    CHECK(took < milliseconds(150) + std::chrono::seconds(3));
    CHECK(small.things() == 0);
  }
  small.add(2);
  CHECK(ids(*small.database) == std::set<std::int64_t>{2});
}

TEST_CASE("everyone who waits for a lock that stays is turned away, and everyone after it is served") {
  SmallDatabase small({.deadline = milliseconds(150)});
  std::atomic<int> turned_away = 0;
  {
    const aforro::test::WriteLock lock(small.file);
    std::vector<std::thread> threads;
    for (std::int64_t id = 0; id < 8; ++id) {
      threads.emplace_back([&, id] {
        try {
          small.add(id);
        } catch (const Unavailable&) {
          ++turned_away;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  CHECK(turned_away == 8);
  CHECK(small.things() == 0);
  for (std::int64_t id = 0; id < 8; ++id) small.add(id);
  CHECK(small.things() == 8);
}

}  // namespace
