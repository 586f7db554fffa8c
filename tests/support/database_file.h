// A database file looked at, and locked, from beside the program, as another process would.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace aforro::test {

// The first column of every row.
std::vector<std::int64_t> query_numbers(const std::filesystem::path& database, const std::string& sql);
std::vector<std::string> query_texts(const std::filesystem::path& database, const std::string& sql);
// Of the only row; throws if there is none.
std::int64_t query_number(const std::filesystem::path& database, const std::string& sql);

// Checks that no quantity is negative, that each is the sum of its movements, that every confirmed order has
// one movement for each of its lines and a rejected one none, and that SQLite finds the file whole.
void check_ledger(const std::filesystem::path& database);

// Holds the file's one lock for writing while it lives.
class WriteLock {
 public:
  explicit WriteLock(const std::filesystem::path& database);
  ~WriteLock();

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace aforro::test
