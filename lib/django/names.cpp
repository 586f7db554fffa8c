#include "django/names.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "django/values.h"
#include "shop/types.h"
#include "sql/pages.h"

namespace aforro::django {
namespace {

constexpr std::int64_t kRowsOfPage = 500;

struct Named {
  std::string_view one;
  std::string_view title;  // of a row that has none, before its id
  sql::Text read;          // id, name
  sql::Text write;
  sql::Text index;
  sql::Text repeated;  // id, name, which of those of the name it is; all but the first
  sql::Text find;
};

constexpr std::array kNamed{
    Named{
        "category", "Category ", "SELECT id, name FROM staged_categories WHERE id > $1 ORDER BY id LIMIT $2",
        "UPDATE staged_categories SET name = $2, name_key = $3 WHERE id = $1",
        "CREATE INDEX categories_by_name ON staged_categories (name_key)",
        "SELECT id, name, place FROM (SELECT id, name, row_number() OVER (PARTITION BY name_key ORDER BY id)"
        " AS place FROM staged_categories) WHERE place > 1 ORDER BY id",
        "SELECT id FROM staged_categories WHERE name_key = $1 LIMIT 1"},
    Named{
        "store", "Store ", "SELECT id, name FROM staged_stores WHERE id > $1 ORDER BY id LIMIT $2",
        "UPDATE staged_stores SET name = $2, name_key = $3 WHERE id = $1",
        "CREATE INDEX stores_by_name ON staged_stores (name_key)",
        "SELECT id, name, place FROM (SELECT id, name, row_number() OVER (PARTITION BY name_key ORDER BY id)"
        " AS place FROM staged_stores) WHERE place > 1 ORDER BY id",
        "SELECT id FROM staged_stores WHERE name_key = $1 LIMIT 1"},
    Named{
        "user", "User ", "SELECT id, name FROM staged_users WHERE id > $1 ORDER BY id LIMIT $2",
        "UPDATE staged_users SET name = $2, name_key = $3 WHERE id = $1",
        "CREATE INDEX users_by_name ON staged_users (name_key)",
        "SELECT id, name, place FROM (SELECT id, name, row_number() OVER (PARTITION BY name_key ORDER BY id)"
        " AS place FROM staged_users) WHERE place > 1 ORDER BY id",
        "SELECT id FROM staged_users WHERE name_key = $1 LIMIT 1"},
};

std::string row_name(std::string_view one, std::int64_t id) {
  return std::string(one) + ' ' + std::to_string(id);
}

void fold_names(sql::Connection& staging, const Named& table, Report& report) {
  std::vector<std::vector<sql::Value>> page;
  sql::query_by_pages(
      staging, table.read, kRowsOfPage,
      [&](const sql::Row& row) {
        const std::int64_t id = row.integer(0);
        std::string name(row.text(1));
        if (name.empty()) {
          report.add(Note::name_missing, row_name(table.one, id));
          name = std::string(table.title) + std::to_string(id);
        }
        std::string key = fold(name);
        page.push_back({id, std::move(name), std::move(key)});
      },
      [&](std::int64_t) {
        staging.for_each(table.write, sql::params_of(page));
        page.clear();
      });
}

// All rows of the query come from a sorted copy, so the updates don't disturb it.
void number_repeated(sql::Connection& staging, const Named& table, Report& report) {
  staging.query(table.repeated, {}, [&](const sql::Row& row) {
    const std::string name(row.text(1));
    std::string numbered;
    std::string key;
    std::int64_t number = row.integer(2);
    do {
      const std::string suffix = " (" + std::to_string(number++) + ')';
      numbered = std::string(first_characters(name, shop::kMaxNameCharacters - suffix.size())) + suffix;
      key = fold(numbered);
    } while (staging.maybe_integer(table.find, {key}));
    staging.run(table.write, {row.integer(0), numbered, key});
    std::string what = row_name(table.one, row.integer(0));
    what += ": " + name + " is " + numbered;
    report.add(Note::name_repeated, what);
  });
}

void name_products(sql::Connection& staging, Report& report) {
  staging.query("SELECT id FROM staged_products WHERE title = '' ORDER BY id", {}, [&](const sql::Row& row) {
    report.add(Note::name_missing, row_name("product", row.integer(0)));
  });
  staging.run("UPDATE staged_products SET title = 'Product ' || id WHERE title = ''");
}

void tell_skus_apart(sql::Connection& staging, Report& report) {
  staging.run(
      "CREATE TABLE repeated_skus AS SELECT id, sku FROM (SELECT id, sku, row_number() OVER (PARTITION BY sku"
      " ORDER BY id) AS place FROM staged_products WHERE sku IS NOT NULL) WHERE place > 1");
  staging.query("SELECT id, sku FROM repeated_skus ORDER BY id", {}, [&](const sql::Row& row) {
    report.add(Note::sku_dropped, row_name("product", row.integer(0)) + ": " + std::string(row.text(1)));
  });
  staging.run("UPDATE staged_products SET sku = NULL WHERE id IN (SELECT id FROM repeated_skus)");
}

}  // namespace

void tell_names_apart(sql::Connection& staging, Report& report) {
  for (const Named& table : kNamed) {
    fold_names(staging, table, report);
    staging.run(table.index);
    number_repeated(staging, table, report);
  }
  name_products(staging, report);
  tell_skus_apart(staging, report);
}

}  // namespace aforro::django
