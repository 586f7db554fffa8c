// A database looked at, and locked, from beside the program, as another process would. On either engine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "support/location.h"

namespace aforro::test {

// The first column of every row.
std::vector<std::int64_t> query_numbers(const Location& database, const std::string& sql);
std::vector<std::string> query_texts(const Location& database, const std::string& sql);
// Of the only row; throws if there is none.
std::int64_t query_number(const Location& database, const std::string& sql);

// True if a database has been made there: there is a file, or a table.
bool is_made(const Location& database);

// Checks that no quantity is negative, that each is the sum of its movements, that every line that was taken
// has one movement for it and one more if it was given back, that no other movement speaks of an order, and
// that SQLite finds its file whole.
void check_ledger(const Location& database);

// What is left on PostgreSQL's side of processes that were killed: it ends what they had begun to commit, and
// until then nobody can say whether that has happened. On SQLite nothing is.
class LeftSessions {
 public:
  explicit LeftSessions(const Location& database);  // those begun so far
  void wait() const;                                // until they are gone; throws if they stay

 private:
  const Location& database_;
  std::string until_;
};

// Keeps everybody else from writing while it lives.
class WriteLock {
 public:
  explicit WriteLock(const Location& database);
  ~WriteLock();

  class Holder;  // of one engine

 private:
  std::unique_ptr<Holder> holder_;
};

}  // namespace aforro::test
