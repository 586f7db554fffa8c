// What Database::write promises, and how pieces of one batch do not harm each other.
#include <doctest/doctest.h>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/problem.h"
#include "support/batch.h"
#include "support/child.h"
#include "support/pooled_thread.h"
#include "support/small_database.h"

namespace {

using namespace aforro::sql;  // NOLINT: all of it is under test
using aforro::Overloaded;
using aforro::Problem;
using aforro::test::OwnWriter;
using aforro::test::SmallDatabase;
using aforro::test::Work;
using aforro::test::write_together;

Work adding(std::int64_t id) {
  return [id](Connection& connection) { connection.run("INSERT INTO things (id) VALUES ($1)", {id}); };
}

// Its own thing, and then the given.
Work adding_and(std::int64_t id, const Work& then) {
  return [id, then](Connection& connection) {
    adding(id)(connection);
    then(connection);
  };
}

template <class E>
bool is_a(const std::exception_ptr& outcome) {
  if (!outcome) return false;
  try {
    std::rethrow_exception(outcome);
  } catch (const E&) {
    return true;
  } catch (...) {
    return false;
  }
}

std::string ids(Database& database) {
  return database.read([](Connection& connection) {
    std::string all;
    connection.query("SELECT id FROM things ORDER BY id", {},
                     [&](const Row& row) { all += std::to_string(row.integer(0)) + " "; });
    return all;
  });
}

// A writer of its own on a small database.
struct Written {
  SmallDatabase small;
  OwnWriter own;
  SqliteWriter& writer = own.writer;

  explicit Written(const SqliteOptions& options = {}) : own(small.file, options) {}
  std::vector<std::exception_ptr> together(const std::vector<Work>& pieces) {
    return write_together(writer, pieces);
  }
  std::string ids() const { return ::ids(*small.database); }
};

ConstraintViolation::Kind violation(const Work& work) {
  SmallDatabase small;
  small.database->write([](Connection& connection) {
    connection.run("INSERT INTO things (id, name, amount) VALUES (1, 'one', 1)");
  });
  try {
    small.database->write(work);
  } catch (const ConstraintViolation& found) {
    return found.kind();
  }
  throw std::logic_error("no constraint was violated");
}

TEST_CASE("what is written is there, and what the piece returned is returned") {
  SmallDatabase small;
  const std::string returned = small.database->write([](Connection& connection) {
    adding(7)(connection);
    return std::to_string(connection.maybe_integer("SELECT count(*) FROM things").value());
  });
  CHECK(returned == "1");
  CHECK(ids(*small.database) == "7 ");
  const auto owned = small.database->write([](Connection&) { return std::make_unique<int>(5); });
  CHECK(*owned == 5);
}

TEST_CASE("a piece that throws is undone whole, and write throws the same") {
  SmallDatabase small;
  CHECK_THROWS_AS(small.database->write(adding_and(1, [](Connection&) { throw Problem::not_found("No."); })),
                  Problem);
  CHECK_THROWS_AS(small.database->write(adding_and(2, [](Connection&) { throw std::out_of_range("x"); })),
                  std::out_of_range);
  CHECK_THROWS_AS(small.database->write(adding_and(3, [](Connection&) { throw 7; })), int);
  CHECK_THROWS_AS(small.database->write(adding_and(4, adding(4))), ConstraintViolation);
  CHECK_THROWS_AS(small.database->write(adding_and(5, [](Connection& c) { c.run("SELEC"); })),
                  std::runtime_error);
  CHECK(small.things() == 0);
  small.add(8);
  CHECK(ids(*small.database) == "8 ");
}

TEST_CASE("a constraint that says no is told by its kind") {
  using Kind = ConstraintViolation::Kind;
  const auto running = [](Text text) { return [text](Connection& connection) { connection.run(text); }; };
  CHECK(violation(running("INSERT INTO things (id) VALUES (1)")) == Kind::unique);
  CHECK(violation(running("INSERT INTO things (id, name) VALUES (2, 'one')")) == Kind::unique);
  CHECK(violation(running("INSERT INTO things (id, amount) VALUES (2, -1)")) == Kind::check);
  CHECK(violation(running("UPDATE things SET amount = amount - 2")) == Kind::check);
  CHECK(violation(running("INSERT INTO parts (id, thing) VALUES (1, 99)")) == Kind::foreign_key);
  CHECK(violation(running("INSERT INTO parts (id, thing) VALUES (1, NULL)")) == Kind::other);
}

TEST_CASE("a piece may go on after a statement that was refused") {
  SmallDatabase small;
  small.database->write([](Connection& connection) {
    adding(1)(connection);
    CHECK_THROWS_AS(adding(1)(connection), ConstraintViolation);
    adding(2)(connection);
  });
  CHECK(ids(*small.database) == "1 2 ");
}

TEST_CASE("pieces that wait together are committed together, in the order they came") {
  Written written;
  std::vector<std::int64_t> found;
  std::vector<Work> pieces;
  for (std::int64_t id = 1; id <= 5; ++id) {
    pieces.emplace_back([&found, &written, id](Connection& connection) {
      found.push_back(connection.maybe_integer("SELECT count(*) FROM things").value());
      adding(id)(connection);
      // Nothing of the batch is there for others before it is committed.
      CHECK(written.small.things() == 0);
    });
  }

  const auto outcomes = written.together(pieces);

  for (const auto& outcome : outcomes) CHECK(!outcome);
  CHECK(found == std::vector<std::int64_t>{0, 1, 2, 3, 4});
  CHECK(written.ids() == "1 2 3 4 5 ");
}

TEST_CASE("a piece that is refused undoes only itself, its mates are committed") {
  Written written;
  const auto outcomes = written.together(
      {adding(1), adding_and(2, [](Connection&) { throw Problem::not_found("No."); }), adding(3),
       adding_and(4, adding(1)), adding_and(5, [](Connection& c) { c.run("SELEC"); }),
       adding_and(6, [](Connection&) { throw 7; }), adding(7)});

  CHECK(!outcomes[0]);
  CHECK(is_a<Problem>(outcomes[1]));
  CHECK(!outcomes[2]);
  CHECK(is_a<ConstraintViolation>(outcomes[3]));
  CHECK(is_a<std::runtime_error>(outcomes[4]));
  CHECK(is_a<int>(outcomes[5]));
  CHECK(!outcomes[6]);
  CHECK(written.ids() == "1 3 7 ");
}

TEST_CASE("what a refused piece did is not there for those behind it") {
  Written written;
  const auto outcomes = written.together(
      {adding_and(1, [](Connection&) { throw Problem::not_found("No."); }), [](Connection& connection) {
         CHECK(connection.maybe_integer("SELECT count(*) FROM things") == 0);
         adding(1)(connection);
       }});
  CHECK(is_a<Problem>(outcomes[0]));
  CHECK(!outcomes[1]);
  CHECK(written.ids() == "1 ");
}

TEST_CASE("a batch of nothing but refusals does no harm") {
  Written written;
  const Work refused = [](Connection&) { throw Problem::not_found("No."); };
  for (const auto& outcome : written.together({refused, refused, refused})) CHECK(is_a<Problem>(outcome));
  CHECK(written.together({adding(1)})[0] == nullptr);
  CHECK(written.ids() == "1 ");
}

TEST_CASE("a batch has no more pieces than it may have") {
  Written written({.max_batch = 2});
  std::vector<Work> pieces;
  std::vector<std::int64_t> committed;
  for (std::int64_t id = 1; id <= 5; ++id) {
    pieces.emplace_back([&committed, &written, id](Connection& connection) {
      committed.push_back(written.small.things());
      adding(id)(connection);
    });
  }
  for (const auto& outcome : written.together(pieces)) CHECK(!outcome);
  CHECK(committed == std::vector<std::int64_t>{0, 0, 2, 2, 4});
}

TEST_CASE("one write more than may be waited for by a pool is turned away at once, the others are done") {
  Written written({.max_writes = 3});
  aforro::test::HeldWriter held(written.writer);
  for (const std::int64_t id : {1, 2, 3}) {
    held.queue_call([&written, id] {
      const aforro::test::PooledThread pooled;
      written.writer.write(adding(id));
    });
  }
  {
    const aforro::test::PooledThread pooled;
    CHECK_THROWS_AS(written.writer.write(adding(4)), Overloaded);
    CHECK(pooled.blocked == 0);
  }
  held.queue(adding(6));  // of a job, say: no request waits for its thread

  for (const auto& outcome : held.release()) CHECK(!outcome);
  CHECK(written.ids() == "1 2 3 6 ");
  const aforro::test::PooledThread pooled;
  written.writer.write(adding(5));
  CHECK(written.ids() == "1 2 3 5 6 ");
}

TEST_CASE("those whose batch is under way are counted with those that wait for the next") {
  SmallDatabase small({.max_writes = 2, .max_batch = 1});
  const auto other = small.open_again();
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  other->write([&](Connection&) {  // has the lock: of the others the first has its batch, and waits
    for (std::int64_t id = 1; id <= 5; ++id) {
      threads.emplace_back([&, id] {
        const aforro::test::PooledThread pooled;
        try {
          small.add(id);
        } catch (const Overloaded&) {
          ++refused;
        }
      });
    }
    while (refused < 3) std::this_thread::yield();
  });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == 3);
  CHECK(small.things() == 2);
}

TEST_CASE("a write inside a write runs into an assertion") {
  CHECK(aforro::test::aborts([] {
    SmallDatabase small;
    small.database->write([&](Connection&) { small.add(1); });
  }));
}

TEST_CASE("many threads write at once: what was acknowledged is there, what was refused is not") {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  SmallDatabase small;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::int64_t id = thread * kEach + i;
        try {
          small.database->write([&](Connection& connection) {
            adding(id)(connection);
            if (id % 5 == 0) throw Problem::not_found("No.");
          });
        } catch (const Problem&) {
          ++refused;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(refused == kThreads * kEach / 5);
  CHECK(small.things() == kThreads * kEach * 4 / 5);
  CHECK(small.number("SELECT count(*) FROM things WHERE id % 5 = 0") == 0);
}

}  // namespace
