// Product search on SQLite: FTS5 finds the rows, the other tables filter and order them.
//
// What is typed never becomes FTS5 syntax: the text has been split into folded words of letters and digits,
// and each is put between quotes. The best under relevance is by BM25, with a word in the title weighing
// most.
#include "search/candidates.h"
#include "search/index_check.h"

namespace aforro::search {
namespace {

// Where the products of a statement come from.
enum class Path {
  words,   // those that the words find
  shelf,   // those on the shelves of the store
  filter,  // those that the filters leave, by the index that SQLite finds best for them
  sorted,  // all, in the order asked for, passing over those that do not match
};

Path path_of_matches(const SearchQuery& query) {
  if (!query.words.empty()) return Path::words;
  return query.in_stock && query.store ? Path::shelf : Path::filter;
}

// Either all that matches is read and sorted, or products are read in the order asked for until the page is
// full. One match comes every so many products; how many says the count, which is known by then.
Path path_of_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                  std::int64_t page_end) {
  if (!query.words.empty()) return Path::words;
  if (!found.count_is_exact) return Path::sorted;
  const bool by_filter = query.by_category || query.min_price || query.max_price || query.in_stock;
  if (!by_filter) return Path::sorted;
  const std::int64_t products = connection.maybe_integer("SELECT max(id) FROM products").value();
  constexpr std::int64_t kSorting =
      3;  // reading a match and sorting it costs that many times one passed over
  return page_end * products <= found.count * found.count * kSorting ? Path::sorted : path_of_matches(query);
}

sql::Text from(const SearchQuery& query, Path path) {
  // CROSS JOIN keeps SQLite from turning the two around: asking the words for one product at a time costs
  // more than all that they find.
  switch (path) {
    case Path::words:
      return " FROM product_words w CROSS JOIN products p ON p.id = w.rowid";
    case Path::shelf:
      return " FROM inventory s CROSS JOIN products p ON p.id = s.product_id";
    case Path::filter:
      return " FROM products p";
    case Path::sorted:
      break;
  }
  // By price, categories have an index of their own.
  switch (query.sort) {
    case Sort::newest:
      return " FROM products p INDEXED BY products_by_age";
    case Sort::title:
      return " FROM products p INDEXED BY products_by_title";
    default:
      return query.by_category ? sql::Text(" FROM products p")
                               : sql::Text(" FROM products p INDEXED BY products_by_price");
  }
}

sql::Text where(Path path) {
  switch (path) {
    case Path::words:
      return " AND w.product_words MATCH $1";
    case Path::shelf:
      return " AND s.store_id = $2 AND s.quantity > 0";
    default:
      return "";
  }
}

sql::Text order(Sort sort, Path path) {
  if (sort == Sort::relevance) {
    return " ORDER BY p.title_words = $8 DESC,"
           " p.id IN (SELECT rowid FROM product_words WHERE product_words MATCH $7) DESC,"
           " bm25(product_words, 8.0, 3.0, 1.0), p.id";
  }
  // A plus keeps SQLite from reading all products in the order of an index, to find those few on the way.
  if (path == Path::filter && sort == Sort::title) return " ORDER BY +p.title_key, p.id";
  if (path == Path::filter && sort == Sort::newest) return " ORDER BY +p.created_at DESC, p.id DESC";
  return order_by(sort);
}

Plan plan(const SearchQuery& query, Path path) {
  return {.from = from(query, path),
          .where = where(path),
          .order = order(query.sort, path),
          .is_only_stocked = path == Path::shelf};
}

class Fts5Candidates final : public Candidates {
 public:
  // `"red" AND "shoes" *`
  std::string all_words(const std::vector<std::string>& words) const override {
    std::string match;
    for (const std::string& word : words) {
      if (!match.empty()) match += " AND ";
      match += '"' + word + '"';
    }
    return match + " *";
  }

  std::string all_words_in_title(const std::vector<std::string>& words) const override {
    return "{title_words} : (" + all_words(words) + ")";
  }

  // `"red shoes" *`
  std::string phrase_in_title(const std::vector<std::string>& words) const override {
    std::string phrase;
    for (const std::string& word : words) phrase += (phrase.empty() ? "" : " ") + word;
    return "{title_words} : \"" + phrase + "\" *";
  }

  // GLOB on a trigram table is answered by its index; what has a meaning in a pattern is put in brackets.
  std::string inside(const std::string& key) const override {
    std::string pattern = "*";
    for (const char c : key) {
      if (c == '*' || c == '?' || c == '[') {
        pattern += {'[', c, ']'};
      } else {
        pattern += c;
      }
    }
    return pattern + '*';
  }

  Plan plan_count(const SearchQuery& query) const override { return plan(query, path_of_matches(query)); }

  Plan plan_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                 std::int64_t page_end) const override {
    return plan(query, path_of_page(connection, query, found, page_end));
  }

  sql::Text titles_by_phrase() const override {
    return "SELECT p.title FROM product_words w JOIN products p ON p.id = w.rowid WHERE w.product_words "
           "MATCH "
           "$1"
           " AND NOT (p.title_key >= $2 AND p.title_key < $3)"
           " GROUP BY p.title_key, p.title ORDER BY p.title_key, p.title LIMIT $4";
  }

  sql::Text titles_by_inside() const override {
    return "SELECT p.title FROM title_trigrams t JOIN products p ON p.id = t.rowid WHERE t.title_key GLOB $1"
           " GROUP BY p.title_key, p.title ORDER BY p.title_key, p.title LIMIT $2";
  }

  void verify_index(sql::Connection& connection, shop::Findings& findings) const override {
    verify_fts5_index(connection, findings);
  }
};

}  // namespace

std::unique_ptr<ProductSearch> make_fts5_search(sql::Database& database) {
  return make_search(database, std::make_unique<Fts5Candidates>());
}

}  // namespace aforro::search
