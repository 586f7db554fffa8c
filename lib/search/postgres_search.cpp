// Product search on PostgreSQL: a tsvector of our own words finds the rows, pg_trgm the inside of titles.
// Which index is read in which order is left to PostgreSQL, which has statistics, and knows the filters'
// values when it plans; so one plan serves all queries, where SQLite needs four.
//
// What is typed never becomes the syntax of a tsquery: the text has been split into folded words of letters
// and digits, and each is put between quotes. PostgreSQL's own parser and dictionaries are not asked: they
// would find other products than SQLite does. Words of the title carry the weight A. The best under relevance
// is by ts_rank, with the weights that BM25 has on SQLite.
#include <algorithm>
#include <optional>

#include "search/candidates.h"
#include "search/index_check.h"

namespace aforro::search {
namespace {

// `'red':A & 'shoes':*A`
std::string question(const std::vector<std::string>& words, std::string_view between,
                     std::string_view weight) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += between;
    text += '\'' + words[i] + '\'';
    const bool is_last = i + 1 == words.size();
    if (is_last) text += ":*";
    if (!is_last && !weight.empty()) text += ':';
    text += weight;
  }
  return text;
}

class PostgresCandidates final : public Candidates {
 public:
  std::string all_words(const std::vector<std::string>& words) const override {
    return question(words, " & ", "");
  }
  std::string all_words_in_title(const std::vector<std::string>& words) const override {
    return question(words, " & ", "A");
  }
  std::string phrase_in_title(const std::vector<std::string>& words) const override {
    return question(words, " <-> ", "A");
  }

  std::string inside(const std::string& key) const override {
    std::string pattern = "%";
    for (const char c : key) {
      if (c == '%' || c == '_' || c == '\\') pattern += '\\';
      pattern += c;
    }
    return pattern + '%';
  }

  std::string pair(const std::string& key) const override { return key; }

  Plan plan_count(const SearchQuery& query) const override { return plan(query); }

  Plan plan_page(sql::Connection& /*connection*/, const SearchQuery& query, const SearchResults& /*found*/,
                 std::int64_t /*page_end*/) const override {
    return plan(query);
  }

  sql::Text titles_by_phrase() const override {
    return "SELECT title FROM products WHERE search_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY)"
           " AND NOT (title_key >= $2 AND title_key < $3)"
           " AND (CAST($5 AS TEXT) = '' OR strpos(title_key, $5) > 0)"
           " GROUP BY title_key, title ORDER BY title_key, title LIMIT $4";
  }

  sql::Text titles_by_inside() const override {
    return "SELECT title FROM products WHERE title_key LIKE $1"
           " GROUP BY title_key, title, title_words"
           " ORDER BY strpos(' ' || title_words, $3) = 0, title_key, title LIMIT $2";
  }

  sql::Text titles_by_pair() const override {
    return "SELECT title FROM products WHERE title_pairs <> ''"
           " AND string_to_array(title_pairs, ' ') @> ARRAY[CAST($1 AS TEXT)]"
           " GROUP BY title_key, title, title_words"
           " ORDER BY strpos(' ' || title_words, $3) = 0, title_key, title LIMIT $2";
  }

  std::optional<WideQuestion> plan_inside(sql::Connection& /*connection*/,
                                          const SearchQuery& query) const override {
    if (std::none_of(query.words.begin(), query.words.end(), may_be_inside)) return std::nullopt;
    WideQuestion wide{.plan = {.from = " FROM products p",
                               .order = query.sort == Sort::relevance ? kInsideOrder : order_by(query.sort)},
                      .driver = {},
                      .driver_inside = {},
                      .words = query.words};
    for (std::size_t i = 0; i < query.words.size(); ++i) {
      sql::Composed& where = wide.plan.where;
      where += " AND (p.search_words @@ CAST('''' || CAST(";
      where += kWordSlots[i];
      where += i + 1 == query.words.size() ? sql::Text(" AS TEXT) || ''':*' AS TSQUERY)")
                                           : sql::Text(" AS TEXT) || '''' AS TSQUERY)");
      if (is_for_trigrams(query.words[i])) {
        where += " OR p.title_key LIKE '%' || CAST(";
        where += kWordSlots[i];
        where += " AS TEXT) || '%'";
      } else if (may_be_inside(query.words[i])) {
        where += " OR (p.title_pairs <> '' AND string_to_array(p.title_pairs, ' ') @> ARRAY[CAST(";
        where += kWordSlots[i];
        where += " AS TEXT)])";
      }
      where += ")";
    }
    return wide;
  }

  void check_index(sql::Connection& connection, TellFault tell) const override {
    check_postgres_index(connection, tell);
  }

 private:
  static constexpr sql::Text kInsideOrder =
      " ORDER BY strpos($20, ',' || p.id || ',') = 0, strpos($20, ',' || p.id || ','), length(p.title_key), "
      "p.id DESC";

  static Plan plan(const SearchQuery& query) {
    Plan plan{.from = " FROM products p", .order = order_by(query.sort)};
    if (query.words.empty()) return plan;
    plan.where += " AND p.search_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY)";
    if (query.sort == Sort::relevance) {
      plan.order =
          " ORDER BY CASE WHEN p.sku = $19 THEN 0 WHEN p.title_words = $8 THEN 1 WHEN p.sku_words = $8 THEN 2"
          " WHEN p.search_words @@ CAST(CAST($7 AS TEXT) AS TSQUERY) THEN 3 ELSE 4 END,"
          " ts_rank('{0.375, 0.125, 0.375, 1}', p.search_words, CAST(CAST($1 AS TEXT) AS TSQUERY), 1) DESC,"
          " p.id DESC";
    }
    return plan;
  }
};

}  // namespace

std::unique_ptr<ProductSearch> make_postgres_search(sql::Database& database) {
  return std::make_unique<ProductSearch>(database, std::make_unique<PostgresCandidates>());
}

}  // namespace aforro::search
