// Holds schema.postgres.sql to schema.sql: each is turned into sentences about its tables, and the sentences
// must be the same. Conditions are compared as PostgreSQL writes them, those of SQLite too: it is asked to
// read them.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "shop/schema.h"
#include "sql/sqlite.h"
#include "support/postgres_cluster.h"
#include "support/temporary_folder.h"
#include "support/test_database.h"

namespace {

using namespace aforro;  // NOLINT
using test::PostgresCluster;

using Rows = std::vector<std::vector<std::string>>;

// A set that a failing check can print.
struct Sentences : std::set<std::string> {
  using std::set<std::string>::set;
  friend std::ostream& operator<<(std::ostream& out, const Sentences& sentences) {
    for (const std::string& sentence : sentences) out << "\n  " << sentence;
    return out;
  }
};

class Sqlite {
 public:
  Sqlite() : file_(make(folder_ / "shop.db"), SQLite::OPEN_READONLY) {}

  Rows query(const std::string& sql) {
    SQLite::Statement statement(file_, sql);
    Rows rows;
    while (statement.executeStep()) {
      rows.emplace_back();
      for (int i = 0; i < statement.getColumnCount(); ++i)
        rows.back().push_back(statement.getColumn(i).getString());
    }
    return rows;
  }

 private:
  static std::string make(const std::filesystem::path& file) {
    sql::open_sqlite(file, shop::schema(), {.missing = sql::Missing::create});
    return file;
  }

  test::TemporaryFolder folder_;
  SQLite::Database file_;
};

// The shop's database on PostgreSQL. One statement after another, each in a session of its own.
class Postgres {
 public:
  Rows query(const std::string& sql) const {
    return PostgresCluster::shared().query(database_.location().name(), sql);
  }

 private:
  test::TestDatabase database_;
};

// The texts between the parentheses that follow a word. Comments must be gone.
std::vector<std::string> in_parentheses_after(const std::string& word, const std::string& sql) {
  std::vector<std::string> found;
  for (std::size_t at = sql.find(word); at != std::string::npos; at = sql.find(word, at + 1)) {
    const std::size_t begin = sql.find('(', at) + 1;
    std::size_t end = begin;
    for (int depth = 1; depth > 0; ++end) depth += sql[end] == '(' ? 1 : sql[end] == ')' ? -1 : 0;
    found.push_back(sql.substr(begin, end - 1 - begin));
  }
  return found;
}

Sentences sentences(const Rows& rows) {
  Sentences result;
  for (const auto& row : rows) result.insert(row.at(0));
  return result;
}

std::vector<std::string> tables(Sqlite& sqlite) {
  std::vector<std::string> names;
  for (const auto& row :
       sqlite.query("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND "
                    "name NOT LIKE 'sqlite_%' AND name <> 'log_stamp' ORDER BY name")) {
    names.push_back(row[0]);
  }
  return names;
}

Sentences all_tables(Sqlite& sqlite, const std::string& question) {
  Sentences result;
  for (const std::string& table : tables(sqlite)) {
    result.merge(sentences(sqlite.query(std::regex_replace(question, std::regex("\\{table\\}"), table))));
  }
  return result;
}

std::string without_comments(const std::string& sql) {
  return std::regex_replace(sql, std::regex("--[^\n]*"), "");
}

std::string table_text(Sqlite& sqlite, const std::string& table) {
  return without_comments(
      sqlite.query("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = '" + table + "'")[0][0]);
}

TEST_CASE("both engines have the same tables") {
  Sqlite sqlite;
  const Postgres postgres;
  const auto names = tables(sqlite);
  CHECK(names.size() > 8);
  CHECK(
      Sentences(names.begin(), names.end()) ==
      sentences(postgres.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> "
                               "'schema_version'")));
}

TEST_CASE("both engines have the same columns of the same kinds, nullability and defaults") {
  Sqlite sqlite;
  const Postgres postgres;
  const Sentences expected = all_tables(
      sqlite,
      "SELECT '{table}.' || name || ' ' || CASE type WHEN 'INTEGER' THEN 'bigint' ELSE lower(type) END ||"
      " CASE WHEN \"notnull\" OR pk > 0 THEN ' not null' ELSE '' END || coalesce(' default ' || dflt_value, "
      "'')"
      " FROM pragma_table_info('{table}')");
  CHECK(expected.size() > 60);
  CHECK(expected ==
        sentences(postgres.query("SELECT table_name || '.' || column_name || ' ' || data_type ||"
                                 " CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END ||"
                                 " coalesce(' default ' || regexp_replace(column_default, '::text$', ''), '')"
                                 " FROM information_schema.columns WHERE table_schema = 'public'"
                                 " AND table_name <> 'schema_version' AND is_generated = 'NEVER'")));
}

TEST_CASE("ids are given by both engines in the same tables, and texts compared bytewise") {
  Sqlite sqlite;
  const Postgres postgres;
  Sentences expected;
  for (const std::string& table : tables(sqlite)) {
    if (table_text(sqlite, table).find("AUTOINCREMENT") != std::string::npos) expected.insert(table + ".id");
  }
  CHECK(expected ==
        sentences(postgres.query("SELECT table_name || '.' || column_name FROM information_schema.columns"
                                 " WHERE table_schema = 'public' AND is_identity = 'YES'")));
  CHECK(sentences(postgres.query("SELECT table_name || '.' || column_name FROM information_schema.columns"
                                 " WHERE table_schema = 'public' AND data_type = 'text' AND"
                                 " collation_name IS DISTINCT FROM 'C'")) == Sentences{});
}

TEST_CASE("both engines have the same primary and unique keys") {
  Sqlite sqlite;
  const Postgres postgres;
  Sentences expected = all_tables(sqlite,
                                  "SELECT '{table} p ' || group_concat(name, ' ') FROM (SELECT name FROM "
                                  "pragma_table_info('{table}') WHERE pk > 0"
                                  " ORDER BY pk)");
  expected.merge(
      all_tables(sqlite,
                 "SELECT '{table} u ' || (SELECT group_concat(name, ' ') FROM pragma_index_info(l.name))"
                 " FROM pragma_index_list('{table}') l WHERE origin = 'u'"));
  CHECK(expected.size() > 12);
  CHECK(expected ==
        sentences(postgres.query("SELECT c.conrelid::regclass || ' ' || c.contype::text || ' ' ||"
                                 " (SELECT string_agg(a.attname, ' ' ORDER BY k.place) FROM unnest(c.conkey) "
                                 "WITH ORDINALITY AS k (number, place)"
                                 " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number)"
                                 " FROM pg_constraint c WHERE c.contype IN ('p', 'u') AND c.connamespace = "
                                 "'public'::regnamespace")));
}

TEST_CASE("both engines have the same references") {
  Sqlite sqlite;
  const Postgres postgres;
  const Sentences expected =
      all_tables(sqlite,
                 "SELECT '{table}.' || \"from\" || ' -> ' || \"table\" || '.' || \"to\" ||"
                 " CASE WHEN on_delete || on_update = 'NO ACTIONNO ACTION' THEN '' ELSE ' acts' END"
                 " FROM pragma_foreign_key_list('{table}')");
  CHECK(expected.size() >= 5);
  CHECK(expected ==
        sentences(postgres.query(
            "SELECT c.conrelid::regclass || '.' || a.attname || ' -> ' || c.confrelid::regclass || '.' || "
            "b.attname ||"
            " CASE WHEN c.confdeltype = 'a' AND c.confupdtype = 'a' THEN '' ELSE ' acts' END"
            " FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]"
            " WHERE c.contype = 'f' AND cardinality(c.conkey) = 1")));
}

TEST_CASE("both engines check the same conditions") {
  Sqlite sqlite;
  const Postgres postgres;
  std::size_t checks = 0;
  for (const std::string& table : tables(sqlite)) {
    CAPTURE(table);
    std::string probe = "CREATE TEMP TABLE probe (LIKE " + table + ");";
    for (const std::string& condition : in_parentheses_after("CHECK", table_text(sqlite, table))) {
      probe += "ALTER TABLE probe ADD CHECK (" + condition + ");";
      ++checks;
    }
    const auto conditions_of = [](const std::string& name) {
      return "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = '" +
             name + "'::regclass";
    };
    CHECK(sentences(postgres.query(probe + conditions_of("pg_temp.probe"))) ==
          sentences(postgres.query(conditions_of(table))));
  }
  CHECK(checks > 8);
}

TEST_CASE("both engines have the same indexes over the same columns and rows") {
  Sqlite sqlite;
  const Postgres postgres;
  std::size_t indexes = 0;
  for (const std::string& table : tables(sqlite)) {
    CAPTURE(table);
    std::string probe = "CREATE TEMP TABLE probe (LIKE " + table + ");";
    for (const auto& index :
         sqlite.query("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '" + table +
                      "' AND sql IS NOT NULL")) {
      // The temporary table is found before the one that the text was written for.
      std::string text = std::regex_replace(without_comments(index[0]), std::regex("\\bON " + table + "\\b"),
                                            "ON pg_temp.probe");
      // The one that differs; schema.postgres.sql says why.
      if (text.find("inventory_in_stock") != std::string::npos) {
        text.erase(text.find(" WHERE quantity > 0"));
      }
      probe += text + ";";
      ++indexes;
    }
    const auto indexes_of = [](const std::string& name) {
      return "SELECT regexp_replace(pg_get_indexdef(indexrelid), ' ON .* USING ', ' USING ') FROM pg_index i"
             " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am m ON m.oid = c.relam"
             " WHERE m.amname = 'btree' AND i.indrelid = '" +
             name +
             "'::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid"
             " AND k.contype IN ('p', 'u'))";
    };
    CHECK(sentences(postgres.query(probe + indexes_of("pg_temp.probe"))) ==
          sentences(postgres.query(indexes_of(table))));
  }
  CHECK(indexes > 8);
}

}  // namespace
