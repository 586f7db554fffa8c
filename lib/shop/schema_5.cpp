#include "shop/schema_5.h"

#include <array>
#include <string_view>

namespace aforro::shop {
namespace {

constexpr std::string_view kSqlite = R"sql(
CREATE TABLE synonyms (
  term_words TEXT NOT NULL,
  also_words TEXT NOT NULL,
  term       TEXT NOT NULL,
  also       TEXT NOT NULL,
  PRIMARY KEY (term_words, also_words),
  CHECK (term_words <> also_words)
) STRICT, WITHOUT ROWID;
CREATE INDEX products_by_title_in_category ON products (category_id, title_key, id);
)sql";
constexpr std::string_view kPostgres = R"sql(
CREATE TABLE synonyms (
  term_words TEXT COLLATE "C" NOT NULL,
  also_words TEXT COLLATE "C" NOT NULL,
  term       TEXT COLLATE "C" NOT NULL,
  also       TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (term_words, also_words),
  CHECK (term_words <> also_words)
);
CREATE INDEX products_by_title_in_category ON products (category_id, title_key, id);
)sql";

}  // namespace

std::span<const sql::Migration> steps_to_version_5() {
  static constexpr std::array kSteps{sql::Migration{
      .to_version = 5, .script = {.sqlite = kSqlite, .postgres = kPostgres}, .oldest_program = 4}};
  return kSteps;
}

}  // namespace aforro::shop
