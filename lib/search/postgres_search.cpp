// Product search on PostgreSQL: a tsvector of our own words finds the rows, pg_trgm the inside of titles.
// Which index is read in which order is left to PostgreSQL, which has statistics, and knows the filters'
// values when it plans; so one plan serves all queries, where SQLite needs four.
//
// What is typed never becomes the syntax of a tsquery: the text has been split into folded words of letters
// and digits, and each is put between quotes. PostgreSQL's own parser and dictionaries are not asked: they
// would find other products than SQLite does. Words of the title carry the weight A.
#include <algorithm>
#include <array>
#include <optional>

#include "search/candidates.h"
#include "search/index_check.h"
#include "search/query_words.h"

namespace aforro::search {
namespace {

// What a statement that looks inside of words needs: two of each word.
constexpr std::array<sql::Text, 2 * kMaxWords> kInsideSlots{
    "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24", "$25", "$26", "$27", "$28", "$29",
    "$30", "$31", "$32", "$33", "$34", "$35", "$36", "$37", "$38", "$39", "$40", "$41", "$42",
    "$43", "$44", "$45", "$46", "$47", "$48", "$49", "$50", "$51", "$52", "$53", "$54", "$55",
    "$56", "$57", "$58", "$59", "$60", "$61", "$62", "$63", "$64", "$65", "$66", "$67", "$68",
    "$69", "$70", "$71", "$72", "$73", "$74", "$75", "$76", "$77", "$78", "$79", "$80"};

// `'red':A`, `'shoes':*A` or `('red':A <-> 'shoes':*A)`
std::string in_field(const Term& term, std::string_view weight) {
  const auto mark = [&](std::string_view beginning) {
    const std::string label = std::string(beginning) + std::string(weight);
    return label.empty() ? label : ':' + label;
  };
  std::string text = "('";
  for (const char c : term.text) {
    if (c == ' ') {
      text += '\'' + mark("") + " <-> '";
    } else {
      text += c;
    }
  }
  return text + '\'' + mark(term.kind == Term::Kind::beginning ? "*" : "") + ')';
}

// The texts follow each other in the column of words, so a phrase is looked for in each of them alone.
std::string quoted(const Term& term, std::string_view weight) {
  if (term.kind != Term::Kind::phrase || !weight.empty()) return in_field(term, weight);
  return '(' + in_field(term, "A") + " | " + in_field(term, "B") + " | " + in_field(term, "C") + " | " +
         in_field(term, "D") + ')';
}

std::string quoted(const AnyOf& any, std::string_view weight) {
  std::string text;
  for (const Term& term : any) text += (text.empty() ? "(" : " | ") + quoted(term, weight);
  return text + ')';
}

class PostgresCandidates final : public Candidates {
 public:
  // From the sixth time on PostgreSQL would take one plan for any question: it passes all products, and
  // parses the question anew for each of them.
  void begin(sql::Connection& connection) const override {
    connection.run("SET LOCAL plan_cache_mode = force_custom_plan");
  }

  std::string question(const Expression& expression, Field field) const override {
    const std::string_view weight = field == Field::title ? "A" : "";
    std::string ways;
    for (const AllOf& all : expression.any) {
      std::string way;
      for (const AnyOf& any : all) way += (way.empty() ? "" : " & ") + quoted(any, weight);
      ways += (ways.empty() ? "(" : " | (") + way + ')';
    }
    return ways;
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

  sql::Text count_by_words() const override {
    return "SELECT count(*) FROM (SELECT 1 FROM products"
           " WHERE search_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) LIMIT $5) AS found";
  }

  sql::Text ids_by_words() const override {
    return "SELECT id FROM products WHERE search_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) ORDER BY id DESC "
           "LIMIT $5";
  }

  Plan plan_words(Sort sort) const override {
    return {.from = " FROM products p",
            .where = sql::Composed(" AND p.search_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY)"),
            .order = sort == Sort::relevance ? sql::Text(" ORDER BY p.id DESC") : order_by(sort)};
  }

  Plan plan_ids(Sort sort) const override {
    return {.from = " FROM unnest(CAST(string_to_array($17, ',') AS BIGINT[])) l JOIN products p ON p.id = l",
            .order = order_by(sort)};
  }

  std::string id_list(std::span<const std::int64_t> ids) const override {
    std::string list;
    for (const std::int64_t id : ids) list += (list.empty() ? "" : ",") + std::to_string(id);
    return list;
  }

  Plan plan_count(const SearchQuery& query) const override { return plan(query); }

  Plan plan_page(sql::Connection& /*connection*/, const SearchQuery& query, const SearchResults& /*found*/,
                 std::int64_t /*page_end*/) const override {
    return plan(query);
  }

  // Without statistics PostgreSQL would join as many to themselves one by one; so all are looked at.
  Plan plan_newest() const override { return {.from = " FROM products p", .order = order_by(Sort::newest)}; }

  sql::Text titles_by_phrase() const override {
    return "SELECT title FROM (SELECT title, title_key FROM products"
           " WHERE search_words @@ CAST(CAST($1 AS TEXT) AS TSQUERY) ORDER BY id DESC LIMIT 1000) AS newest"
           " WHERE NOT (title_key >= $2 AND title_key < $3)"
           " AND (CAST($5 AS TEXT) = '' OR strpos(title_key, $5) > 0)"
           " GROUP BY title_key, title ORDER BY title_key, title LIMIT $4";
  }

  sql::Text titles_by_inside() const override {
    return "SELECT title FROM (SELECT title, title_key, title_words FROM products WHERE title_key LIKE $1"
           " ORDER BY id DESC LIMIT 1000) AS newest"
           " GROUP BY title_key, title, title_words"
           " ORDER BY strpos(' ' || title_words, $3) = 0, title_key, title LIMIT $2";
  }

  sql::Text titles_by_pair() const override {
    return "SELECT title FROM (SELECT title, title_key, title_words FROM products WHERE title_pairs <> ''"
           " AND string_to_array(title_pairs, ' ') @> ARRAY[CAST($1 AS TEXT)] ORDER BY id DESC LIMIT 1000) "
           "AS newest"
           " GROUP BY title_key, title, title_words"
           " ORDER BY strpos(' ' || title_words, $3) = 0, title_key, title LIMIT $2";
  }

  // The planner knows how many products have a word.
  std::optional<OrderedPlan> plan_ordered(const AllOf& /*all*/, Sort /*sort*/, std::int64_t /*reach*/,
                                          Picked /*picked*/) const override {
    return std::nullopt;
  }

  std::optional<InsidePlan> plan_inside(sql::Connection& /*connection*/,
                                        const std::vector<std::string>& words,
                                        const AllOf& slots) const override {
    if (std::none_of(words.begin(), words.end(), may_be_inside)) return std::nullopt;
    InsidePlan found{
        .plan = {.from = " FROM products p", .order = " ORDER BY p.id DESC"}, .question = {}, .others = {}};
    for (std::size_t i = 0; i < words.size(); ++i) {
      sql::Composed& where = found.plan.where;
      where += " AND (p.search_words @@ CAST(CAST(";
      where += kInsideSlots[found.others.size()];
      where += " AS TEXT) AS TSQUERY)";
      found.others.push_back(quoted(slots[i], ""));
      if (is_for_trigrams(words[i])) {
        where += " OR p.title_key LIKE ";
        where += kInsideSlots[found.others.size()];
        found.others.push_back(inside(words[i]));
      } else if (may_be_inside(words[i])) {
        where += " OR (p.title_pairs <> '' AND string_to_array(p.title_pairs, ' ') @> ARRAY[CAST(";
        where += kInsideSlots[found.others.size()];
        where += " AS TEXT)])";
        found.others.push_back(words[i]);
      }
      where += ")";
    }
    return found;
  }

  void check_index(sql::Connection& connection, TellFault tell) const override {
    check_postgres_index(connection, tell);
  }

 private:
  static Plan plan(const SearchQuery& query) {
    return {.from = " FROM products p", .order = order_by(query.sort)};
  }
};

}  // namespace

std::unique_ptr<ProductSearch> make_postgres_search(sql::Database& database) {
  return std::make_unique<ProductSearch>(database, std::make_unique<PostgresCandidates>());
}

}  // namespace aforro::search
