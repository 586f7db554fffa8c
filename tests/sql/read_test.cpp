// What Database::read and change_mark promise, with writers in this process and beside it.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "support/pooled_thread.h"
#include "support/small_database.h"
#include "support/wait_until.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::Overloaded;
using aforro::Unavailable;
using aforro::test::SmallDatabase;

std::int64_t count(Connection& connection) {
  return connection.maybe_integer("SELECT count(*) FROM things").value();
}

TEST_CASE("a read sees everything that was acknowledged before, whoever wrote it") {
  SmallDatabase small;
  const auto other = small.open_again();
  for (std::int64_t id = 1; id <= 50; ++id) {
    Database& writer = id % 2 == 0 ? *other : *small.database;
    writer.write(
        [&](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
    REQUIRE(small.things() == id);
    REQUIRE(other->read(count) == id);
  }
}

TEST_CASE("a read stays in its snapshot, whatever is committed meanwhile") {
  SmallDatabase small;
  small.add(1);
  small.database->read([&](Connection& connection) {
    CHECK(count(connection) == 1);
    small.add(2);
    CHECK(count(connection) == 1);
    CHECK(small.things() == 2);  // another connection's read begins after that
  });
  CHECK(small.things() == 2);
}

TEST_CASE("a read that throws gives its connection back, out of its transaction") {
  SmallDatabase small({.max_readers = 1, .deadline = std::chrono::milliseconds(100)});
  const auto throwing = [](Connection& connection) {
    count(connection);
    throw std::out_of_range("enough");
  };
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(small.database->read(throwing), std::out_of_range);
  CHECK_THROWS(small.database->read([](Connection& connection) { connection.run("SELEC"); }));
  small.add(1);
  CHECK(small.things() == 1);
}

TEST_CASE("a reader that finds no connection free within the deadline is turned away") {
  SmallDatabase small({.max_readers = 2, .deadline = std::chrono::milliseconds(50)});
  small.database->read([&](Connection&) {
    small.database->read([&](Connection&) {
      const auto begun = std::chrono::steady_clock::now();
      CHECK_THROWS_AS(small.things(), Unavailable);
      CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(50));
    });
    CHECK(small.things() == 0);
  });
}

TEST_CASE("of reads that take long only some go on at once, and short ones need not wait for them") {
  static constexpr Text kLong =
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM "
      "n";
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  SmallDatabase small({.max_readers = processors + 2});
  std::atomic<bool> is_over = false;
  std::atomic<std::size_t> past = 0;
  std::atomic<int> blocked = 0;
  std::vector<std::thread> threads;
  threads.reserve(processors + 1);
  for (std::size_t i = 0; i <= processors; ++i) {
    threads.emplace_back([&] {
      const aforro::test::PooledThread pooled;
      small.database->read([&](Connection& connection) {
        connection.maybe_integer(kLong);
        ++past;
        while (!is_over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      });
      blocked += pooled.blocked;
    });
  }
  CHECK(aforro::test::wait_until([&] { return past == processors; }));
  CHECK(small.things() == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(past == processors);
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(past == processors + 1);
  CHECK(blocked > 0);  // and its turn was another's meanwhile
}

TEST_CASE("reads that wait for others to end go on as soon as there is room, short ones too") {
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t most = 2 * processors + 1;
  SmallDatabase small({.max_readers = 8 * most, .deadline = std::chrono::minutes(1)});
  std::atomic<bool> is_over = false;
  std::atomic<std::size_t> begun = 0;
  std::atomic<std::size_t> waiting = 0;
  std::vector<std::thread> threads;
  threads.reserve(5 * most);
  const auto wait = [&](Connection&) {
    ++begun;
    while (!is_over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  for (std::size_t i = 0; i < most; ++i) threads.emplace_back([&] { small.database->read(wait); });
  CHECK(aforro::test::wait_until([&] { return begun == most; }));
  for (std::size_t i = 0; i < 4 * most; ++i) {
    threads.emplace_back([&] {
      ++waiting;
      small.database->read(wait);
    });
  }
  CHECK(aforro::test::wait_until([&] { return waiting == 4 * most; }));
  small.database->read_for_long([&](Connection& connection) { CHECK(count(connection) == 0); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(begun == most);
  const auto ended = std::chrono::steady_clock::now();
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(begun == 5 * most);
  CHECK(std::chrono::steady_clock::now() - ended < std::chrono::seconds(30));  // by no deadline
}

TEST_CASE("one read more than a pool may make wait is turned away at once") {
  SmallDatabase small({.max_readers = 1, .max_reads = 2});
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  small.database->read([&](Connection&) {  // by a thread of no pool: it does not count
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&] {
        const aforro::test::PooledThread pooled;
        try {
          small.things();
          CHECK(pooled.blocked == 1);
        } catch (const Overloaded&) {
          ++refused;
        }
      });
    }
    while (refused < 3) std::this_thread::yield();
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 3);
  const aforro::test::PooledThread pooled;
  CHECK(small.things() == 0);
}

TEST_CASE("a thread that has to open its connection gives up its turn first, as the disk may be slow") {
  SmallDatabase small({.max_readers = 2});
  small.database->read([&](Connection&) {
    const aforro::test::PooledThread pooled;
    small.things();
    CHECK(pooled.blocked >= 1);
    const int before = pooled.blocked;
    small.things();
    CHECK(pooled.blocked == before);
  });
}

TEST_CASE("a reader that waits gets the connection that comes free") {
  SmallDatabase small({.max_readers = 1});
  std::thread waiting;
  std::int64_t seen = -1;
  small.database->read([&](Connection&) {
    waiting = std::thread([&] { seen = small.things(); });
    small.add(1);
  });
  waiting.join();
  CHECK(seen >= 0);
}

TEST_CASE("the mark stands still while nothing is committed, and moves with every commit") {
  SmallDatabase small;
  const auto mark = [&] { return small.database->change_mark().value(); };
  const auto first = mark();
  CHECK(mark() == first);
  small.things();
  CHECK_THROWS(small.database->write([](Connection& connection) {
    connection.run("INSERT INTO things (id) VALUES (1)");
    throw std::out_of_range("undone");
  }));
  auto last = mark();
  for (std::int64_t id = 1; id <= 20; ++id) {
    small.add(id);
    REQUIRE(mark() != last);
    last = mark();
    REQUIRE(mark() == last);
  }
}

TEST_CASE("the mark moves when another process commits") {
  SmallDatabase small;
  const auto other = small.open_again();
  auto last = small.database->change_mark();
  for (std::int64_t id = 1; id <= 20; ++id) {
    other->write(
        [&](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); });
    REQUIRE(small.database->change_mark() != last);
    last = small.database->change_mark();
  }
}

TEST_CASE("a read that did not see the last commit began under a mark that has moved since") {
  // What a cache relies on: while the mark from before a read stands, the read saw all there is.
  SmallDatabase small;
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (std::int64_t id = 1; !stop; ++id) small.add(id);
  });
  for (int i = 0; i < 300; ++i) {
    const auto before = small.database->change_mark();
    const std::int64_t seen = small.things();
    if (small.things() != seen) CHECK(small.database->change_mark() != before);
  }
  stop = true;
  writer.join();
}

TEST_CASE("many readers and a writer at once: what a reader sees never goes back") {
  SmallDatabase small({.max_readers = 3});
  std::atomic<bool> stop = false;
  std::atomic<int> went_back = 0;
  std::vector<std::thread> readers;
  readers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      std::int64_t last = 0;
      while (!stop) {
        const std::int64_t seen = small.things();
        if (seen < last) ++went_back;
        last = seen;
      }
    });
  }
  for (std::int64_t id = 1; id <= 200; ++id) small.add(id);
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(went_back == 0);
  CHECK(small.things() == 200);
}

// Counts for as long as nobody ends it.
std::int64_t count_for_ever(Connection& connection) {
  return connection
      .maybe_integer(
          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000)"
          " SELECT count(*) FROM n")
      .value();
}

TEST_CASE("a read that takes too long is ended in good time, and its connection reads on") {
  SmallDatabase small({.max_readers = 1, .read_time = std::chrono::milliseconds(50)});
  small.add(1);
  for (int i = 0; i < 3; ++i) {
    const auto began = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(small.database->read(count_for_ever), Unavailable);
    CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(50));
    CHECK(small.things() == 1);
  }
  // Its snapshot is gone with it: nothing keeps the log from being copied.
  small.add(2);
  CHECK(small.things() == 2);
}

TEST_CASE("a read that may take long is not ended") {
  SmallDatabase small({.max_readers = 1, .read_time = std::chrono::milliseconds(1)});
  small.add(1);
  const auto counted = small.database->read_for_long([](Connection& connection) {
    return connection
        .maybe_integer(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
            " SELECT count(*) FROM n")
        .value();
  });
  CHECK(counted == 1'000'000);
}

}  // namespace
