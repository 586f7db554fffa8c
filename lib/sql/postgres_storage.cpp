// amcheck finds what is wrong with a B-tree by raising an error, which ends the transaction. So the trees are
// listed in one transaction and checked in one each. Its bt_index_check() takes no lock that writers would
// wait for; bt_index_parent_check() finds more, but locks them out. GIN indexes are not looked at: amcheck of
// PostgreSQL 15 does not know them.
#include "sql/postgres_storage.h"

#include "base/problem.h"

namespace aforro::sql {
namespace {

struct Index {
  std::int64_t oid;
  std::string name;
};

void find_suspended(Connection& connection, StorageReport& report) {
  connection.query(
      "SELECT CAST(c.relname AS TEXT) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
      " WHERE c.relnamespace = CAST(current_schema() AS REGNAMESPACE) AND NOT (i.indisvalid AND i.indisready)"
      " ORDER BY 1",
      {}, [&](const Row& row) {
        report.faults.push_back("the index " + std::string(row.text(0)) + " is not valid");
      });
  connection.query(
      "SELECT CAST(r.relname AS TEXT), CAST(c.conname AS TEXT) FROM pg_constraint c JOIN pg_class r"
      " ON r.oid = c.conrelid WHERE c.connamespace = CAST(current_schema() AS REGNAMESPACE)"
      " AND NOT c.convalidated ORDER BY 1, 2",
      {}, [&](const Row& row) {
        report.faults.push_back("the constraint " + std::string(row.text(1)) + " of " +
                                std::string(row.text(0)) + " has not been validated");
      });
}

// Why B-trees are not looked at; empty if they can be.
std::string why_no_amcheck(Connection& connection) {
  std::string why = "amcheck is not installed";
  connection.query(
      "SELECT CASE WHEN has_function_privilege(f, 'EXECUTE') THEN 1 ELSE 0 END"
      " FROM to_regprocedure('bt_index_check(regclass, boolean)') f WHERE f IS NOT NULL",
      {}, [&](const Row& row) { why = row.integer(0) == 1 ? "" : "this user may not use amcheck"; });
  return why;
}

std::vector<Index> list_trees(Connection& connection) {
  std::vector<Index> trees;
  connection.query(
      "SELECT CAST(c.oid AS BIGINT), CAST(c.relname AS TEXT) FROM pg_index i JOIN pg_class c"
      " ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND i.indisvalid"
      " AND i.indisready AND c.relnamespace = CAST(current_schema() AS REGNAMESPACE) ORDER BY 2",
      {}, [&](const Row& row) {
        trees.push_back({row.integer(0), std::string(row.text(1))});
      });
  return trees;
}

}  // namespace

StorageReport check_postgres_storage(Database& database) {
  StorageReport report;
  std::vector<Index> trees;
  const std::string why_not = database.read([&](Connection& connection) {
    find_suspended(connection, report);
    std::string why = why_no_amcheck(connection);
    if (why.empty()) trees = list_trees(connection);
    return why;
  });
  if (!why_not.empty()) report.left_out.push_back("PostgreSQL's own indexes: " + why_not);
  for (const Index& tree : trees) {
    // A fault that it finds ends the transaction, so each has its own.
    try {
      database.read([&](Connection& connection) {
        connection.query("SELECT bt_index_check(CAST(CAST($1 AS BIGINT) AS OID), true)", {tree.oid},
                         [](const Row&) {});
      });
    } catch (const Unavailable& fault) {
      report.left_out.push_back("the index " + tree.name + ": " + fault.what());
    } catch (const std::runtime_error& fault) {
      report.faults.emplace_back(fault.what());
    }
  }
  return report;
}

}  // namespace aforro::sql
