// The column of words is made here once more from the words, apart from the function of the schema that made
// it. The indexes over the column and over the titles are PostgreSQL's own affair.
#include <string>

#include "search/index_check.h"
#include "sql/pages.h"

namespace aforro::search {
namespace {

constexpr std::int64_t kProductsOfPage = 500;

}  // namespace

void check_postgres_index(sql::Connection& connection, TellFault tell) {
  sql::query_by_pages(
      connection,
      "SELECT p.id, CASE WHEN p.search_words = ("
      "  SELECT coalesce(CAST(string_agg('''' || w.word || ''':' || least(w.place, 16383) || 'A', ' ')"
      "    AS TSVECTOR), '') FROM unnest(string_to_array(p.title_words, ' ')) WITH ORDINALITY w (word, "
      "place)"
      " ) || ("
      "  SELECT coalesce(CAST(string_agg('''' || w.word || ''':' || least(w.place, 16383) || 'B', ' ')"
      "    AS TSVECTOR), '') FROM unnest(string_to_array(p.category_words, ' ')) WITH ORDINALITY w (word, "
      "place)"
      " ) || ("
      "  SELECT coalesce(CAST(string_agg('''' || w.word || ''':' || least(w.place, 16383) || 'C', ' ')"
      "    AS TSVECTOR), '') FROM unnest(string_to_array(p.description_words, ' ')) WITH ORDINALITY w "
      "(word, "
      "place)"
      " ) || ("
      "  SELECT coalesce(CAST(string_agg('''' || w.word || ''':' || least(w.place, 16383) || 'D', ' ')"
      "    AS TSVECTOR), '') FROM unnest(string_to_array(p.sku_words, ' ')) WITH ORDINALITY w (word, place)"
      " ) THEN 1 ELSE 0 END FROM products p WHERE p.id > $1 ORDER BY p.id LIMIT $2",
      kProductsOfPage,
      [&](const sql::Row& row) {
        if (row.integer(1) == 1) return;
        tell("product " + std::to_string(row.integer(0)) + ": is searched by other words than it has");
      },
      [](std::int64_t) {});
}

}  // namespace aforro::search
