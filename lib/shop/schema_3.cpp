// SQL can't fold a text, so this step rewrites rows in C++, a page at a time, between two scripts. The first
// drops the index of words with its triggers, which would have to follow each rewritten row; the second makes
// it anew, in one pass. All of it is one transaction: a crash leaves a database of version 2, never a blend.
//
// A text that is no UTF-8 was damaged before, and can't be folded. It passes as it is: a migration must not
// fail on it, and `verify` names it.
#include "shop/schema_3.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "shop/catalogue_rows.h"
#include "sql/pages.h"

namespace aforro::shop {
namespace {

constexpr std::int64_t kProductsOfPage = 200;  // whose descriptions may have 10,000 characters each
constexpr std::int64_t kNamesOfPage = 500;

// Before the rows are rewritten: drops what would have to follow each of them, adds the new columns.
constexpr std::string_view kSqliteBefore = R"sql(
DROP TRIGGER products_inserted;
DROP TRIGGER products_deleted;
DROP TRIGGER products_reworded;
DROP TABLE product_words;
ALTER TABLE products ADD COLUMN sku_words TEXT NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN title_pairs TEXT NOT NULL DEFAULT '';
)sql";
constexpr std::string_view kPostgresBefore = R"sql(
ALTER TABLE products DROP COLUMN search_words;
ALTER TABLE products ADD COLUMN sku_words TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE products ADD COLUMN title_pairs TEXT COLLATE "C" NOT NULL DEFAULT '';
)sql";

// After they are: makes the indexes over all of them.
constexpr std::string_view kSqliteAfter = R"sql(
CREATE VIRTUAL TABLE product_words USING fts5 (
  title_words, category_words, description_words, sku_words,
  content = 'products', content_rowid = 'id', tokenize = 'ascii', prefix = '1 2 3'
);
INSERT INTO product_words (product_words) VALUES ('rebuild');
CREATE VIRTUAL TABLE paired_titles USING fts5 (
  title_pairs,
  content = 'products', content_rowid = 'id', tokenize = 'ascii', detail = 'none'
);
INSERT INTO paired_titles (rowid, title_pairs) SELECT id, title_pairs FROM products WHERE title_pairs <> '';
CREATE TRIGGER products_inserted AFTER INSERT ON products BEGIN
  INSERT INTO product_words (rowid, title_words, category_words, description_words, sku_words)
  VALUES (new.id, new.title_words, new.category_words, new.description_words, new.sku_words);
  INSERT INTO title_trigrams (rowid, title_key) VALUES (new.id, new.title_key);
  INSERT INTO paired_titles (rowid, title_pairs) SELECT new.id, new.title_pairs WHERE new.title_pairs <> '';
END;
CREATE TRIGGER products_deleted AFTER DELETE ON products BEGIN
  INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words, sku_words)
  VALUES ('delete', old.id, old.title_words, old.category_words, old.description_words, old.sku_words);
  INSERT INTO title_trigrams (title_trigrams, rowid, title_key) VALUES ('delete', old.id, old.title_key);
  INSERT INTO paired_titles (paired_titles, rowid, title_pairs)
  SELECT 'delete', old.id, old.title_pairs WHERE old.title_pairs <> '';
END;
CREATE TRIGGER products_reworded AFTER UPDATE OF title_words, category_words, description_words, sku_words ON products
WHEN (old.title_words, old.category_words, old.description_words, old.sku_words)
  <> (new.title_words, new.category_words, new.description_words, new.sku_words) BEGIN
  INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words, sku_words)
  VALUES ('delete', old.id, old.title_words, old.category_words, old.description_words, old.sku_words);
  INSERT INTO product_words (rowid, title_words, category_words, description_words, sku_words)
  VALUES (new.id, new.title_words, new.category_words, new.description_words, new.sku_words);
END;
CREATE TRIGGER products_paired AFTER UPDATE OF title_pairs ON products WHEN old.title_pairs <> new.title_pairs BEGIN
  INSERT INTO paired_titles (paired_titles, rowid, title_pairs)
  SELECT 'delete', old.id, old.title_pairs WHERE old.title_pairs <> '';
  INSERT INTO paired_titles (rowid, title_pairs) SELECT new.id, new.title_pairs WHERE new.title_pairs <> '';
END;
)sql";
constexpr std::string_view kPostgresAfter = R"sql(
ALTER TABLE products ADD COLUMN search_words TSVECTOR NOT NULL GENERATED ALWAYS AS (
  weighted_words(title_words, 'A') || weighted_words(category_words, 'B') || weighted_words(description_words, 'C')
    || weighted_words(sku_words, 'D')
) STORED;
CREATE INDEX product_words ON products USING GIN (search_words) WITH (fastupdate = off);
CREATE INDEX paired_titles ON products USING GIN (string_to_array(title_pairs, ' ')) WITH (fastupdate = off)
WHERE title_pairs <> '';
)sql";

// A table of rows with a name that must be unique when folded.
struct Named {
  sql::Text read;  // id, name, key after $1, at most $2
  sql::Text find;  // an id other than $2 with the key $1
  sql::Text write;
};

constexpr Named kCategories{
    "SELECT id, name, name_key FROM categories WHERE id > $1 ORDER BY id LIMIT $2",
    "SELECT id FROM categories WHERE name_key = $1 AND id <> $2",
    "UPDATE categories SET name = $2, name_key = $3 WHERE id = $1",
};
constexpr Named kStores{
    "SELECT id, name, name_key FROM stores WHERE id > $1 ORDER BY id LIMIT $2",
    "SELECT id FROM stores WHERE name_key = $1 AND id <> $2",
    "UPDATE stores SET name = $2, name_key = $3 WHERE id = $1",
};
constexpr Named kUsers{
    "SELECT id, username, username_key FROM users WHERE id > $1 ORDER BY id LIMIT $2",
    "SELECT id FROM users WHERE username_key = $1 AND id <> $2",
    "UPDATE users SET username = $2, username_key = $3 WHERE id = $1",
};

void rewrite_names(sql::Connection& connection, const Named& table) {
  struct Name {
    std::int64_t id;
    std::string name;
  };
  std::vector<Name> changing;
  sql::query_by_pages(
      connection, table.read, kNamesOfPage,
      [&](const sql::Row& row) {
        // A name that is no UTF-8 stays as it is.
        const bool is_other = is_valid_utf8(row.text(1)) && fold(row.text(1)) != row.text(2);
        if (is_other) changing.push_back({row.integer(0), std::string(row.text(1))});
      },
      [&](std::int64_t) {
        for (const Name& row : changing) {
          std::string name = row.name;
          std::string key = fold(name);
          for (int number = 2; connection.maybe_integer(table.find, {key, row.id}); ++number) {
            name = row.name + " (" + std::to_string(number) + ')';
            key = fold(name);
          }
          connection.run(table.write, {row.id, name, key});
        }
        changing.clear();
      });
}

std::unordered_map<std::int64_t, std::string> read_category_words(sql::Connection& connection) {
  std::unordered_map<std::int64_t, std::string> words;
  connection.query("SELECT id, name FROM categories", {}, [&](const sql::Row& row) {
    if (is_valid_utf8(row.text(1))) words.emplace(row.integer(0), join_words(row.text(1)));
  });
  return words;
}

struct Texts {  // of a product, made from others of its own
  std::string title_key;
  std::string title_words;
  std::string category_words;
  std::string description_words;
  std::string sku_words;
  std::string title_pairs;
  bool operator==(const Texts&) const = default;
};

// Rewrites what has changed of each product, a page at a time.
void rewrite_products(sql::Connection& connection, sql::MigrationProgress progress) {
  const auto category_words = read_category_words(connection);
  const std::int64_t all = connection.maybe_integer("SELECT count(*) FROM products").value_or(0);
  std::int64_t done = 0;
  std::vector<std::pair<std::int64_t, Texts>> changing;
  const auto made_of = [&](std::string_view text, FunctionRef<std::string(std::string_view)> make,
                           std::string_view kept) {
    return is_valid_utf8(text) ? make(text) : std::string(kept);
  };
  const auto visit = [&](const sql::Row& row) {
    const Texts kept{std::string(row.text(1)),
                     std::string(row.text(2)),
                     std::string(row.text(3)),
                     std::string(row.text(4)),
                     {},
                     {}};
    const std::string title(row.text(5));
    const auto category = category_words.find(row.integer(7));
    const Texts made{made_of(title, &fold, kept.title_key),
                     made_of(title, &join_words, kept.title_words),
                     category == category_words.end() ? kept.category_words : category->second,
                     made_of(row.text(6), &join_words, kept.description_words),
                     row.is_null(8) ? std::string() : made_of(row.text(8), &join_words, {}),
                     made_of(title, &join_pairs, {})};
    if (made != kept) changing.emplace_back(row.integer(0), made);
  };
  const auto page_done = [&](std::int64_t rows) {
    sql::ParamRows params;
    for (const auto& [id, texts] : changing) {
      params.add({id, texts.title_key, texts.title_words, texts.category_words, texts.description_words,
                  texts.sku_words, texts.title_pairs});
    }
    connection.for_each(
        "UPDATE products SET title_key = $2, title_words = $3, category_words = $4, description_words = $5,"
        " sku_words = $6, title_pairs = $7 WHERE id = $1",
        params);
    changing.clear();
    done += rows;
    progress(done, all);
  };
  sql::query_by_pages(
      connection,
      "SELECT id, title_key, title_words, category_words, description_words, title, description, category_id,"
      " sku FROM products WHERE id > $1 ORDER BY id LIMIT $2",
      kProductsOfPage, visit, page_done);
}

void rewrite(sql::Connection& connection, sql::MigrationProgress progress) {
  for (const Named* table : {&kCategories, &kStores, &kUsers}) rewrite_names(connection, *table);
  rewrite_products(connection, progress);
  raise_catalogue_version(connection);  // titles may stand in another order
}

}  // namespace

std::span<const sql::Migration> steps_to_version_3() {
  static constexpr std::array kSteps{
      sql::Migration{.to_version = 3,
                     .script = {.sqlite = kSqliteBefore, .postgres = kPostgresBefore},
                     .rewrite = &rewrite},
      sql::Migration{.to_version = 3, .script = {.sqlite = kSqliteAfter, .postgres = kPostgresAfter}},
  };
  return kSteps;
}

}  // namespace aforro::shop
