#include "support/older_schema.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include "support/postgres_cluster.h"

namespace aforro::test {
namespace {

constexpr const char* kSqliteBack = R"sql(
DROP TRIGGER products_inserted; DROP TRIGGER products_deleted; DROP TRIGGER products_reworded;
DROP TRIGGER products_paired; DROP TABLE product_words; DROP TABLE paired_titles;
ALTER TABLE products DROP COLUMN sku_words;
ALTER TABLE products DROP COLUMN title_pairs;
CREATE VIRTUAL TABLE product_words USING fts5 (
  title_words, category_words, description_words,
  content = 'products', content_rowid = 'id', tokenize = 'ascii', prefix = '1 2 3'
);
CREATE TRIGGER products_inserted AFTER INSERT ON products BEGIN
  INSERT INTO product_words (rowid, title_words, category_words, description_words)
  VALUES (new.id, new.title_words, new.category_words, new.description_words);
  INSERT INTO title_trigrams (rowid, title_key) VALUES (new.id, new.title_key);
END;
CREATE TRIGGER products_deleted AFTER DELETE ON products BEGIN
  INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words)
  VALUES ('delete', old.id, old.title_words, old.category_words, old.description_words);
  INSERT INTO title_trigrams (title_trigrams, rowid, title_key) VALUES ('delete', old.id, old.title_key);
END;
CREATE TRIGGER products_reworded AFTER UPDATE OF title_words, category_words, description_words ON products
WHEN (old.title_words, old.category_words, old.description_words)
  <> (new.title_words, new.category_words, new.description_words) BEGIN
  INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words)
  VALUES ('delete', old.id, old.title_words, old.category_words, old.description_words);
  INSERT INTO product_words (rowid, title_words, category_words, description_words)
  VALUES (new.id, new.title_words, new.category_words, new.description_words);
END;
INSERT INTO product_words (product_words) VALUES ('rebuild');
PRAGMA user_version = 2;
)sql";
constexpr const char* kPostgresBack = R"sql(
ALTER TABLE products DROP COLUMN search_words;
ALTER TABLE products DROP COLUMN sku_words;
ALTER TABLE products DROP COLUMN title_pairs;
ALTER TABLE products ADD COLUMN search_words TSVECTOR NOT NULL GENERATED ALWAYS AS (
  weighted_words(title_words, 'A') || weighted_words(category_words, 'B') || weighted_words(description_words, 'C')
) STORED;
CREATE INDEX product_words ON products USING GIN (search_words) WITH (fastupdate = off);
UPDATE schema_version SET version = 2;
)sql";

void run(const Location& location, const char* sqlite, const char* postgres) {
  if (location.is_postgres()) {
    PostgresCluster::shared().query(location.name(), postgres);
  } else {
    SQLite::Database(location.string(), SQLite::OPEN_READWRITE, 20'000).exec(sqlite);
  }
}

}  // namespace

void take_back_to_version_4(const Location& location) {
  run(location, "DROP TABLE synonyms; DROP INDEX products_by_title_in_category; PRAGMA user_version = 4;",
      "DROP TABLE synonyms; DROP INDEX products_by_title_in_category; UPDATE schema_version SET version = 4, "
      "oldest_program = NULL;");
}

void take_back_to_version_3(const Location& location) {
  take_back_to_version_4(location);
  run(location, "DROP TABLE vocabulary; PRAGMA user_version = 3;",
      "DROP TABLE vocabulary; UPDATE schema_version SET version = 3;");
}

void take_back_to_version_2(const Location& location) {
  take_back_to_version_3(location);
  run(location, kSqliteBack, kPostgresBack);
}

}  // namespace aforro::test
