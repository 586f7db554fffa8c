#include "support/database_file.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <stdexcept>

namespace aforro::test {
namespace {

constexpr int kPatienceMs = 20'000;

}  // namespace

std::vector<std::int64_t> query_numbers(const std::filesystem::path& database, const std::string& sql) {
  SQLite::Database file(database.string(), SQLite::OPEN_READWRITE, kPatienceMs);
  SQLite::Statement statement(file, sql);
  std::vector<std::int64_t> result;
  while (statement.executeStep()) result.push_back(statement.getColumn(0).getInt64());
  return result;
}

std::vector<std::string> query_texts(const std::filesystem::path& database, const std::string& sql) {
  SQLite::Database file(database.string(), SQLite::OPEN_READWRITE, kPatienceMs);
  SQLite::Statement statement(file, sql);
  std::vector<std::string> result;
  while (statement.executeStep()) result.push_back(statement.getColumn(0).getString());
  return result;
}

std::int64_t query_number(const std::filesystem::path& database, const std::string& sql) {
  const std::vector<std::int64_t> rows = query_numbers(database, sql);
  if (rows.empty()) throw std::runtime_error("no row: " + sql);
  return rows.front();
}

void check_ledger(const std::filesystem::path& database) {
  CHECK(query_number(database, "SELECT count(*) FROM inventory WHERE quantity < 0") == 0);
  CHECK(query_number(
            database,
            "SELECT count(*) FROM inventory i LEFT JOIN (SELECT store_id, product_id, sum(change) AS change"
            " FROM movements GROUP BY store_id, product_id) m ON m.store_id = i.store_id AND"
            " m.product_id = i.product_id WHERE i.quantity <> coalesce(m.change, 0)") == 0);
  CHECK(query_number(database,
                     "SELECT count(*) FROM movements m LEFT JOIN inventory i ON i.store_id = m.store_id AND"
                     " i.product_id = m.product_id WHERE i.store_id IS NULL") == 0);
  // The plus keeps the index by store out of it, which would read all movements of the store for each line.
  CHECK(query_number(
            database,
            "SELECT count(*) FROM order_lines l JOIN orders o ON o.id = l.order_id LEFT JOIN movements m ON"
            " m.order_id = o.id AND +m.store_id = o.store_id AND m.product_id = l.product_id AND"
            " m.change = -l.quantity AND m.reason = 'order'"
            " WHERE (o.status = 'CONFIRMED') <> (m.id IS NOT NULL)") == 0);
  CHECK(query_number(database, "SELECT count(*) FROM movements WHERE order_id IS NOT NULL") ==
        query_number(database,
                     "SELECT count(*) FROM order_lines l JOIN orders o ON o.id = l.order_id "
                     "WHERE o.status = 'CONFIRMED'"));
  CHECK(query_texts(database, "PRAGMA integrity_check") == std::vector<std::string>{"ok"});
  CHECK(query_texts(database, "SELECT \"table\" FROM pragma_foreign_key_check").empty());
}

class WriteLock::Connection {
 public:
  explicit Connection(const std::filesystem::path& database)
      : file_(database.string(), SQLite::OPEN_READWRITE, kPatienceMs),
        transaction_(file_, SQLite::TransactionBehavior::IMMEDIATE) {}

 private:
  SQLite::Database file_;
  SQLite::Transaction transaction_;
};

WriteLock::WriteLock(const std::filesystem::path& database)
    : connection_(std::make_unique<Connection>(database)) {}
WriteLock::~WriteLock() = default;

}  // namespace aforro::test
