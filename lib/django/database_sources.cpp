// Every cell is cast to text by the engine that has it, so that one reader does for both: what a column's
// type is called matters to nobody. The rows of PostgreSQL come through a cursor, some at a time; SQLite's
// come one by one anyway.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "django/sources.h"
#include "sql/text.h"

namespace aforro::django {
namespace {

constexpr std::size_t kMostTables = 5'000;

// Rows of (table, column, is a key, table that it refers to), those of a table together. A table whose name
// can't be quoted is passed over, as is such a column.
class Catalogue {
 public:
  void add(const sql::Row& row) {
    const std::string_view table = row.text(0);
    const std::string_view column = row.text(1);
    if (!sql::Name::of(table) || !sql::Name::of(column)) return;
    if (tables_.empty() || tables_.back().name != table) {
      if (tables_.size() == kMostTables)
        throw Problem(Problem::Kind::invalid, "the database has too many tables");
      tables_.push_back({.name = std::string(table)});
      keys_ = 0;
    }
    SourceTable& last = tables_.back();
    last.columns.push_back({.name = std::string(column), .refers_to = std::string(row.text(3))});
    if (row.integer(2) == 0) return;
    last.key = ++keys_ == 1 ? std::string(column) : "";
  }

  std::vector<SourceTable> take() { return std::move(tables_); }

 private:
  std::vector<SourceTable> tables_;
  int keys_ = 0;  // columns of the primary key of the last
};

sql::Composed selecting(std::span<const std::string> columns, const std::string& table) {
  sql::Composed text("SELECT ");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) text += ", ";
    if (columns[i].empty()) {
      text += "CAST(NULL AS TEXT)";
      continue;
    }
    text += "CAST(";
    text += sql::Name::of(columns[i]).value();
    text += " AS TEXT)";
  }
  text += " FROM ";
  text += sql::Name::of(table).value();
  return text;
}

// Hands the cells of rows on.
class Cells {
 public:
  Cells(std::size_t columns, FunctionRef<void(std::span<const Cell>)> visit)
      : cells_(columns), visit_(visit) {}

  void operator()(const sql::Row& row) {
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      const int column = static_cast<int>(i);
      cells_[i] = row.is_null(column) ? Cell() : Cell(row.text(column));
    }
    visit_(cells_);
  }

 private:
  std::vector<Cell> cells_;
  const FunctionRef<void(std::span<const Cell>)> visit_;
};

class PostgresSource final : public Source {
 public:
  explicit PostgresSource(sql::Connection& snapshot) : snapshot_(snapshot) {
    // As values.h reads them, whatever the server's habits.
    snapshot_.run("SET LOCAL TimeZone = 'UTC'");
    snapshot_.run("SET LOCAL DateStyle = 'ISO'");
    snapshot_.run("SET LOCAL extra_float_digits = 1");
  }

  std::vector<SourceTable> tables() override {
    Catalogue catalogue;
    snapshot_.query(
        "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT),"
        " CAST(coalesce((SELECT 1 FROM pg_constraint p WHERE p.conrelid = c.oid AND p.contype = 'p'"
        " AND a.attnum = ANY (p.conkey)), 0) AS BIGINT),"
        " coalesce((SELECT CAST(t.relname AS TEXT) FROM pg_constraint f JOIN pg_class t ON t.oid = "
        "f.confrelid"
        " WHERE f.conrelid = c.oid AND f.contype = 'f' AND array_length(f.conkey, 1) = 1"
        " AND f.conkey[1] = a.attnum LIMIT 1), '')"
        " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND pg_table_is_visible(c.oid)"
        " AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.oid, a.attnum",
        {}, [&](const sql::Row& row) { catalogue.add(row); });
    return catalogue.take();
  }

  void read(const std::string& table, std::span<const std::string> columns,
            FunctionRef<void(std::span<const Cell>)> visit) override {
    sql::Composed declare("DECLARE aforro_rows NO SCROLL CURSOR FOR ");
    declare += selecting(columns, table);
    snapshot_.run(declare);
    Cells cells(columns.size(), visit);
    std::int64_t rows = 0;
    do {
      rows = 0;
      snapshot_.query("FETCH 2000 FROM aforro_rows", {}, [&](const sql::Row& row) {
        ++rows;
        cells(row);
      });
    } while (rows > 0);
    snapshot_.run("CLOSE aforro_rows");
  }

 private:
  sql::Connection& snapshot_;
};

class SqliteSource final : public Source {
 public:
  explicit SqliteSource(sql::Connection& snapshot) : snapshot_(snapshot) {}

  std::vector<SourceTable> tables() override {
    Catalogue catalogue;
    snapshot_.query(
        "SELECT m.name, c.name, c.pk, coalesce((SELECT f.\"table\" FROM pragma_foreign_key_list(m.name) f"
        " WHERE f.\"from\" = c.name LIMIT 1), '') FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite@_%' ESCAPE '@' ORDER BY m.rowid, c.cid",
        {}, [&](const sql::Row& row) { catalogue.add(row); });
    return catalogue.take();
  }

  void read(const std::string& table, std::span<const std::string> columns,
            FunctionRef<void(std::span<const Cell>)> visit) override {
    snapshot_.query(selecting(columns, table), {}, Cells(columns.size(), visit));
  }

 private:
  sql::Connection& snapshot_;
};

}  // namespace

std::unique_ptr<Source> make_postgres_source(sql::Connection& snapshot) {
  return std::make_unique<PostgresSource>(snapshot);
}

std::unique_ptr<Source> make_sqlite_source(sql::Connection& snapshot) {
  return std::make_unique<SqliteSource>(snapshot);
}

}  // namespace aforro::django
