#include "support/invariants.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <string>
#include <string_view>

namespace aforro::test {
namespace {

// By a connection of its own: one that is old may look into the search indexes as they were, and call that a
// fault.
std::string faults_of_file(sql::Connection& connection) {
  std::string path;
  connection.query("SELECT file FROM pragma_database_list WHERE name = 'main'", {},
                   [&](const sql::Row& row) { path = row.text(0); });
  SQLite::Database file(path, SQLite::OPEN_READWRITE, 20'000);
  SQLite::Statement check(file, "PRAGMA integrity_check");
  std::string faults;
  while (check.executeStep()) {
    const std::string said = check.getColumn(0);
    if (said != "ok") faults += "the file is sound: " + said + "; ";
  }
  return faults;
}

struct Invariant {
  std::string_view name;
  sql::Text violations;  // counts them
};

constexpr std::array kInvariants{
    Invariant{"no quantity is negative", "SELECT count(*) FROM inventory WHERE quantity < 0"},
    Invariant{"a quantity is the sum of its movements",
              "SELECT count(*) FROM inventory i LEFT JOIN (SELECT store_id, product_id, sum(change) AS change"
              " FROM movements GROUP BY store_id, product_id) m ON m.store_id = i.store_id"
              " AND m.product_id = i.product_id WHERE i.quantity <> coalesce(m.change, 0)"},
    Invariant{"a movement has a shelf",
              "SELECT count(*) FROM movements m LEFT JOIN inventory i ON i.store_id = m.store_id"
              " AND i.product_id = m.product_id WHERE i.store_id IS NULL"},
    Invariant{"a movement says what was left",
              "SELECT count(*) FROM (SELECT quantity_after, sum(change) OVER"
              " (PARTITION BY store_id, product_id ORDER BY id) AS total FROM movements) m"
              " WHERE quantity_after <> total"},
    Invariant{"an order's totals are those of its lines",
              "SELECT count(*) FROM orders o LEFT JOIN (SELECT order_id, count(*) AS items, sum(quantity) AS"
              " quantity, sum(quantity * unit_price_minor) AS price FROM order_lines GROUP BY order_id) l"
              " ON l.order_id = o.id WHERE l.order_id IS NULL OR o.total_items <> l.items"
              " OR o.total_quantity <> l.quantity OR o.total_price_minor <> l.price"},
    Invariant{
        "a line belongs to an order",
        "SELECT count(*) FROM order_lines l LEFT JOIN orders o ON o.id = l.order_id WHERE o.id IS NULL"},
    Invariant{
        "an order that holds its stock has taken it, any other has not or has given it back",
        "SELECT count(*) FROM order_lines l JOIN orders o ON o.id = l.order_id LEFT JOIN"
        " (SELECT order_id, store_id, product_id, sum(change) AS change FROM movements WHERE order_id IS"
        " NOT NULL GROUP BY order_id, store_id, product_id) m ON m.order_id = o.id"
        " AND m.store_id = o.store_id AND m.product_id = l.product_id WHERE coalesce(m.change, 0) <>"
        " CASE WHEN o.status IN ('CONFIRMED', 'PENDING') THEN -l.quantity ELSE 0 END"},
    Invariant{"a movement of an order is of one of its lines",
              "SELECT count(*) FROM movements m LEFT JOIN orders o ON o.id = m.order_id AND"
              " o.store_id = m.store_id LEFT JOIN order_lines l ON l.order_id = m.order_id AND"
              " l.product_id = m.product_id WHERE m.order_id IS NOT NULL AND"
              " (o.id IS NULL OR l.order_id IS NULL OR abs(m.change) <> l.quantity)"},
    Invariant{"a key has the answer of its order",
              "SELECT count(*) FROM idempotency_keys k LEFT JOIN orders o ON o.id = k.order_id"
              " WHERE o.id IS NULL OR k.answer = ''"},
};

}  // namespace

std::string broken_invariants(sql::Connection& connection) {
  std::string broken;
  for (const Invariant& invariant : kInvariants) {
    const std::int64_t violations = connection.maybe_integer(invariant.violations).value();
    if (violations == 0) continue;
    broken.append(invariant.name).append(": not so in ").append(std::to_string(violations)).append("; ");
  }
  return broken;
}

std::string broken_invariants(sql::Database& database, Engine engine) {
  return database.read([&](sql::Connection& connection) {
    std::string broken = broken_invariants(connection);
    if (engine == Engine::postgres) return broken;
    broken += faults_of_file(connection);
    connection.query("SELECT \"table\" FROM pragma_foreign_key_check", {}, [&](const sql::Row& row) {
      broken.append("no row is orphaned: ").append(row.text(0)).append("; ");
    });
    return broken;
  });
}

}  // namespace aforro::test
