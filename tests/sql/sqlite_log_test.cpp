// The write-ahead log of a SQLite file: bounded while reads overlap, and giving its room back on a full disk.
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "sql/snapshot_gate.h"
#include "sql/sqlite.h"
#include "support/child.h"
#include "support/small_database.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::Unavailable;
using aforro::test::SmallDatabase;
using aforro::test::wait_until;

constexpr std::uint64_t kBound = 1 << 20;

void add(Database& database, std::int64_t id, std::size_t bytes = 10'000) {
  database.write([&](Connection& connection) {
    connection.run("INSERT INTO things (id, name) VALUES ($1, $2)",
                   {id, std::to_string(id) + std::string(bytes, 'x')});
  });
}

std::uint64_t log_bytes(const SmallDatabase& small) {
  std::error_code missing;
  const auto bytes = fs::file_size(small.file.string() + "-wal", missing);
  return missing ? 0 : bytes;
}

// Reads that overlap, so that there is always one, until it goes.
class EndlessReaders {
 public:
  explicit EndlessReaders(Database& database) {
    for (int i = 0; i < 2; ++i) {
      threads_.emplace_back([this, &database, i] {
        while (!is_over_) {
          database.read([&](Connection& connection) {
            connection.maybe_integer("SELECT count(*) FROM things");
            const auto rounds = ++rounds_[i];
            // Stays until the other one has begun another; but not for ever, since that one may wait for
            // this one to end.
            const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
            while (!is_over_ && rounds_[1 - i] < rounds && std::chrono::steady_clock::now() < until) {
              std::this_thread::yield();
            }
          });
        }
      });
    }
  }
  EndlessReaders(const EndlessReaders&) = delete;
  EndlessReaders& operator=(const EndlessReaders&) = delete;
  ~EndlessReaders() {
    is_over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> is_over_ = false;
  std::atomic<int> rounds_[2] = {0, 0};
  std::vector<std::thread> threads_;
};

TEST_CASE("the log of a database that is always being read is emptied past its bound, and nothing is lost") {
  SmallDatabase small({.max_log_bytes = kBound});
  constexpr std::int64_t kThings = 600;  // six times the bound
  std::uint64_t longest = 0;
  {
    const EndlessReaders readers(*small.database);
    for (std::int64_t id = 1; id <= kThings; ++id) {
      add(*small.database, id);
      longest = std::max(longest, log_bytes(small));
      if (log_bytes(small) > 2 * kBound) {
        REQUIRE(wait_until([&] { return log_bytes(small) < kBound; }));
      }
    }
  }
  CHECK(longest < 3 * kBound);
  CHECK(small.things() == kThings);
}

TEST_CASE(
    "a snapshot that another database holds keeps the log, which says so once and is emptied when it ends") {
  std::atomic<int> times_told = 0;
  SmallDatabase small({.max_log_bytes = kBound, .log_is_held = [&](std::uint64_t bytes) {
                         CHECK(bytes > kBound);
                         ++times_told;
                       }});
  const auto other = small.open_again();
  other->read([&](Connection& connection) {
    connection.maybe_integer("SELECT count(*) FROM things");
    for (std::int64_t id = 1; id <= 3'000; ++id) add(*small.database, id);
    CHECK(wait_until([&] { return times_told > 0; }));
    CHECK(log_bytes(small) > kBound);
    CHECK(connection.maybe_integer("SELECT count(*) FROM things") == 0);
  });
  CHECK(wait_until([&] { return log_bytes(small) < kBound; }));
  CHECK(times_told == 1);
  CHECK(small.things() == 3'000);
}

TEST_CASE("the log is emptied past its bound also while more reads take long than there are processors") {
  const unsigned count = 6 * std::max(1U, std::thread::hardware_concurrency());
  SmallDatabase small({.max_readers = count, .max_log_bytes = kBound});
  std::atomic<bool> is_over = false;
  std::vector<std::thread> readers;
  readers.reserve(count);
  for (unsigned i = 0; i < count; ++i) {
    readers.emplace_back([&] {
      while (!is_over) {
        try {
          small.database->read([](Connection& connection) {
            connection.maybe_integer(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
                " SELECT max(i) + (SELECT count(*) FROM things) FROM n");
          });
        } catch (const Unavailable&) {
          // Others came first for too long, as they may on a busy machine.
        }
      }
    });
  }
  std::int64_t id = 0;
  const auto fill = [&] {
    while (log_bytes(small) <= kBound) add(*small.database, ++id);
  };
  for (int times = 0; times < 2; ++times) {
    fill();
    CHECK(wait_until([&] { return log_bytes(small) <= kBound; }));
  }
  is_over = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(small.things() == id);
}

TEST_CASE("a gate lets those inside end, keeps others out meanwhile, and gives up on one who stays") {
  SnapshotGate gate;
  {
    const SnapshotGate::Passage passage(gate);
    CHECK(!gate.close(std::chrono::milliseconds(1)));
  }
  REQUIRE(gate.close(std::chrono::milliseconds(1)));
  CHECK(!gate.close(std::chrono::milliseconds(1)));  // by one at a time
  std::atomic<bool> is_inside = false;
  std::thread late([&] {
    const SnapshotGate::Passage passage(gate);
    is_inside = true;
  });
  CHECK(!is_inside);
  gate.open();
  late.join();
  CHECK(is_inside);
}

TEST_CASE("many who pass a gate that closes and opens are never inside while it is closed") {
  SnapshotGate gate;
  std::atomic<int> inside = 0;
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!is_over) {
        const SnapshotGate::Passage passage(gate);
        ++inside;
        --inside;
      }
    });
  }
  int closed = 0;
  for (int i = 0; i < 2'000; ++i) {
    if (!gate.close(std::chrono::milliseconds(100))) continue;
    ++closed;
    CHECK(inside == 0);
    gate.open();
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(closed > 0);
}

// On a disk of that size of its own; 77 where this user may not mount.
template <class F>
int on_small_disk(const fs::path& folder, const char* size, const F& work) {
  return aforro::test::in_child([&]() -> int {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return 77;
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, size) != 0) return 77;
    return work();
  });
}

TEST_CASE("a disk that the log has filled heals by itself, for as long as the shop itself finds room") {
  const aforro::test::TemporaryFolder folder;
  const fs::path file = folder / "small.db";
  const int status = on_small_disk(folder.path(), "size=3m", [&]() -> int {
    const auto database = open_sqlite(file, aforro::test::small_schema(), {.missing = Missing::create});
    add(*database, 1);
    // The same row over and over: the file stays small, the log would take 30 times the disk.
    for (int i = 0; i < 10'000; ++i) {
      database->write([&](Connection& connection) {
        connection.run("UPDATE things SET name = $1", {std::to_string(i) + std::string(10'000, 'y')});
      });
    }
    // Then the file grows, until nothing goes any more; what is there stays right.
    std::int64_t stored = 1;
    try {
      for (;;) {
        add(*database, stored + 1);
        ++stored;
      }
    } catch (const Unavailable&) {
    }
    if (fs::file_size(file) < 1'500'000) return 2;  // most of the disk was of use
    const auto things = database->read([](Connection& connection) {
      return connection.maybe_integer("SELECT count(*) FROM things").value();
    });
    if (things != stored) return 3;
    if (!wait_until([&] { return database->write_obstacle() == "the disk is full"; })) return 4;
    // Once there is room again it goes on, without being opened anew.
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", MS_REMOUNT, "size=8m") != 0) return 6;
    add(*database, stored + 1);
    return wait_until([&] { return !database->write_obstacle(); }) ? 0 : 5;
  });
  if (status == 77) {
    MESSAGE("skipped: this user may not mount");
    return;
  }
  CHECK(status == 0);
}

TEST_CASE("a disk that somebody else has filled to the last byte takes changes again when that is gone") {
  const aforro::test::TemporaryFolder folder;
  const fs::path file = folder / "small.db";
  const int status = on_small_disk(folder.path(), "size=6m", [&]() -> int {
    const auto database = open_sqlite(file, aforro::test::small_schema(), {.missing = Missing::create});
    for (int id = 1; id <= 100; ++id) add(*database, id, 1'000);
    const std::string filler = folder / "filler";
    {
      std::FILE* const out = std::fopen(filler.c_str(), "w");
      const std::string block(4'096, 'z');
      while (std::fwrite(block.data(), 1, block.size(), out) == block.size() && std::fflush(out) == 0) {
      }
      std::fclose(out);
    }
    // The log itself still has room to give back.
    int stored = 100;
    int refused = 0;
    for (int id = 101; refused < 3 && id < 20'000; ++id) {
      try {
        add(*database, id, 1'000);
        ++stored;
      } catch (const Unavailable&) {
        ++refused;
      }
    }
    if (refused == 0 || stored == 100) return 2;
    fs::remove(filler);
    add(*database, 100'000);
    const auto things = database->read([](Connection& connection) {
      return connection.maybe_integer("SELECT count(*) FROM things").value();
    });
    return things == stored + 1 ? 0 : 3;
  });
  if (status == 77) {
    MESSAGE("skipped: this user may not mount");
    return;
  }
  CHECK(status == 0);
}

}  // namespace
