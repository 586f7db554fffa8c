#include "support/database_file.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <filesystem>
#include <stdexcept>

#include "support/postgres_session.h"
#include "support/wait_until.h"

namespace aforro::test {
namespace {

constexpr int kPatienceMs = 20'000;

}  // namespace

std::vector<std::string> query_texts(const Location& database, const std::string& sql) {
  std::vector<std::string> result;
  if (database.is_postgres()) {
    for (const auto& row : PostgresSession(database.string()).query(sql)) result.push_back(row.at(0));
    return result;
  }
  SQLite::Database file(database.string(), SQLite::OPEN_READWRITE, kPatienceMs);
  SQLite::Statement statement(file, sql);
  while (statement.executeStep()) result.push_back(statement.getColumn(0).getString());
  return result;
}

std::vector<std::int64_t> query_numbers(const Location& database, const std::string& sql) {
  std::vector<std::int64_t> result;
  for (const std::string& text : query_texts(database, sql)) result.push_back(std::stoll(text));
  return result;
}

std::int64_t query_number(const Location& database, const std::string& sql) {
  const std::vector<std::int64_t> rows = query_numbers(database, sql);
  if (rows.empty()) throw std::runtime_error("no row: " + sql);
  return rows.front();
}

bool is_made(const Location& database) {
  if (!database.is_postgres()) return std::filesystem::exists(database.file());
  return !query_texts(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'").empty();
}

void check_ledger(const Location& database) {
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
  const auto lines_wrong = [&](const std::string& reason, const std::string& change,
                               const std::string& must_be) {
    return query_number(database,
                        "SELECT count(*) FROM order_lines l JOIN orders o ON o.id = l.order_id LEFT JOIN"
                        " movements m ON m.order_id = o.id AND +m.store_id = o.store_id AND m.product_id ="
                        " l.product_id AND m.change = " +
                            change + " AND m.reason = '" + reason + "' WHERE (" + must_be +
                            ") <> (m.id IS NOT NULL)");
  };
  CHECK(lines_wrong("order", "-l.quantity", "o.status <> 'REJECTED' AND o.expires_at IS NULL") == 0);
  CHECK(lines_wrong("reserve", "-l.quantity", "o.status <> 'REJECTED' AND o.expires_at IS NOT NULL") == 0);
  CHECK(lines_wrong("cancel", "l.quantity", "o.status = 'CANCELLED'") == 0);
  CHECK(lines_wrong("expire", "l.quantity", "o.status = 'EXPIRED'") == 0);
  CHECK(
      query_number(database, "SELECT count(*) FROM movements WHERE order_id IS NOT NULL") ==
      query_number(
          database,
          "SELECT coalesce(sum(CASE o.status WHEN 'REJECTED' THEN 0 WHEN 'PENDING' THEN 1"
          " WHEN 'CONFIRMED' THEN 1 ELSE 2 END), 0) FROM order_lines l JOIN orders o ON o.id = l.order_id"));
  if (database.is_postgres()) return;
  CHECK(query_texts(database, "PRAGMA integrity_check") == std::vector<std::string>{"ok"});
  CHECK(query_texts(database, "SELECT \"table\" FROM pragma_foreign_key_check").empty());
}

LeftSessions::LeftSessions(const Location& database) : database_(database) {
  if (database.is_postgres()) {
    until_ = query_texts(database, "SELECT CAST(clock_timestamp() AS TEXT)").at(0);
  }
}

void LeftSessions::wait() const {
  if (!database_.is_postgres()) return;
  const auto are_gone = [&] {
    return query_number(database_,
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND"
                        " backend_type = 'client backend' AND backend_start < CAST('" +
                            until_ + "' AS TIMESTAMPTZ)") == 0;
  };
  if (!wait_until(are_gone)) throw std::runtime_error("sessions of a killed process stay");
}

class WriteLock::Holder {
 public:
  Holder() = default;
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  virtual ~Holder() = default;
};

namespace {

class SqliteHolder final : public WriteLock::Holder {
 public:
  explicit SqliteHolder(const Location& database)
      : file_(database.string(), SQLite::OPEN_READWRITE, kPatienceMs),
        transaction_(file_, SQLite::TransactionBehavior::IMMEDIATE) {}

 private:
  SQLite::Database file_;
  SQLite::Transaction transaction_;
};

class PostgresHolder final : public WriteLock::Holder {
 public:
  explicit PostgresHolder(const Location& database) : session_(database.string()) {
    std::string tables;
    for (const auto& row : session_.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) {
      tables += (tables.empty() ? "" : ", ") + row.at(0);
    }
    session_.query("BEGIN; LOCK TABLE " + tables + " IN EXCLUSIVE MODE");  // others may read
  }

 private:
  PostgresSession session_;
};

}  // namespace

WriteLock::WriteLock(const Location& database) {
  if (database.is_postgres()) {
    holder_ = std::make_unique<PostgresHolder>(database);
  } else {
    holder_ = std::make_unique<SqliteHolder>(database);
  }
}
WriteLock::~WriteLock() = default;

}  // namespace aforro::test
