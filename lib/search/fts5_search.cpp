// Product search on SQLite: FTS5 finds the rows, the other tables filter and order them, in one statement
// each for the page and the count.
//
// What is typed never becomes FTS5 syntax: the text has been split into folded words of letters and digits,
// and each is put between quotes. Under relevance come first a title that is exactly what was asked for, then
// titles that have all the words, then the rest, each by BM25 with a word in the title weighing most.
#include <algorithm>
#include <array>

#include "base/problem.h"
#include "base/text.h"
#include "search/product_search.h"
#include "shop/lookup.h"

namespace aforro::search {
namespace {

// `"red" AND "shoes" *`: all words, the last one also as a beginning.
std::string match_all(const std::vector<std::string>& words) {
  std::string match;
  for (const std::string& word : words) {
    if (!match.empty()) match += " AND ";
    match += '"' + word + '"';
  }
  return match + " *";
}

// `"red shoes" *`: the words beside each other, the last one also as a beginning.
std::string match_phrase(const std::vector<std::string>& words) {
  std::string match = "\"";
  for (const std::string& word : words) match += (match.size() == 1 ? "" : " ") + word;
  return match + "\" *";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// Parameters of both statements; which ones a text uses depends on what was asked.
//   $1 match  $2 store  $3 min price  $4 max price  $5 limit  $6 offset  $7 all words in the title  $8 the
//   words joined $9 … $18 categories' ids
constexpr std::array<sql::Text, kMaxCategories> kCategorySlots{"$9",  "$10", "$11", "$12", "$13",
                                                               "$14", "$15", "$16", "$17", "$18"};

// Where the products of a statement come from.
enum class Path {
  words,   // those that the words find
  shelf,   // those on the shelves of the store
  filter,  // those that the filters leave, by the index that SQLite finds best for them
  sorted,  // all, in the order asked for, passing over those that do not match
};

void add_from(sql::Composed& text, const SearchQuery& query, Path path) {
  // CROSS JOIN keeps SQLite from turning the two around: asking the words for one product at a time costs
  // more than all that they find.
  switch (path) {
    case Path::words:
      text += " FROM product_words w CROSS JOIN products p ON p.id = w.rowid";
      return;
    case Path::shelf:
      text += " FROM inventory s CROSS JOIN products p ON p.id = s.product_id";
      return;
    case Path::filter:
      text += " FROM products p";
      return;
    case Path::sorted:
      break;
  }
  // By price, categories have an index of their own.
  switch (query.sort) {
    case Sort::newest:
      text += " FROM products p INDEXED BY products_by_age";
      return;
    case Sort::title:
      text += " FROM products p INDEXED BY products_by_title";
      return;
    default:
      text += query.by_category ? sql::Text(" FROM products p")
                                : sql::Text(" FROM products p INDEXED BY products_by_price");
  }
}

void add_where(sql::Composed& text, const SearchQuery& query, Path path, std::size_t categories) {
  text += " WHERE 1 = 1";
  if (path == Path::words) text += " AND w.product_words MATCH $1";
  if (query.by_category) {
    text += " AND p.category_id IN (0";
    for (std::size_t i = 0; i < categories; ++i) {
      text += ", ";
      text += kCategorySlots[i];
    }
    text += ")";
  }
  if (query.min_price) text += " AND p.price_minor >= $3";
  if (query.max_price) text += " AND p.price_minor <= $4";
  if (path == Path::shelf) {
    text += " AND s.store_id = $2 AND s.quantity > 0";
  } else if (query.in_stock && query.store) {
    text +=
        " AND EXISTS (SELECT 1 FROM inventory s WHERE s.store_id = $2 AND s.product_id = p.id AND s.quantity "
        "> 0)";
  } else if (query.in_stock) {
    text += " AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0)";
  }
}

sql::Text order_by(Sort sort, Path path) {
  // A plus keeps SQLite from reading all products in the order of an index, to find those few on the way.
  const bool by_filter = path == Path::filter;
  switch (sort) {
    case Sort::relevance:
      return " ORDER BY p.title_words = $8 DESC,"
             " p.id IN (SELECT rowid FROM product_words WHERE product_words MATCH $7) DESC,"
             " bm25(product_words, 8.0, 3.0, 1.0), p.id";
    case Sort::price:
      return " ORDER BY p.price_minor, p.id";
    case Sort::price_descending:
      return " ORDER BY p.price_minor DESC, p.id";
    case Sort::title:
      return by_filter ? sql::Text(" ORDER BY +p.title_key, p.id") : sql::Text(" ORDER BY p.title_key, p.id");
    case Sort::newest:
      break;
  }
  return by_filter ? sql::Text(" ORDER BY +p.created_at DESC, p.id DESC")
                   : sql::Text(" ORDER BY p.created_at DESC, p.id DESC");
}

class Fts5Search final : public ProductSearch {
 public:
  explicit Fts5Search(sql::Database& database) : database_(database) {}

  SearchResults search(const SearchQuery& query) override {
    return database_.read([&](sql::Connection& connection) { return search_in(connection, query); });
  }

  std::vector<std::string> suggest(std::string_view text) override {
    const std::string key = fold(text);
    if (count_characters(key) < kMinSuggestCharacters) {
      throw Problem::invalid({{Fault::In::query, "q", "must have at least 3 characters"}});
    }
    return database_.read(
        [&](sql::Connection& connection) { return suggest_in(connection, key, words(text)); });
  }

 private:
  static std::vector<std::int64_t> category_ids(sql::Connection& connection, const SearchQuery& query) {
    std::vector<std::int64_t> ids;
    for (const auto id : query.category_ids) ids.push_back(id.value());
    sql::ParamRows keys;
    for (const std::string& key : query.category_keys) keys.add({key});
    connection.for_each("SELECT id FROM categories WHERE name_key = $1", keys,
                        [&](std::size_t, const sql::Row& row) { ids.push_back(row.integer(0)); });
    return ids;
  }

  static SearchResults search_in(sql::Connection& connection, const SearchQuery& query) {
    if (query.store) shop::require_store(connection, *query.store);
    const std::vector<std::int64_t> categories = category_ids(connection, query);
    const std::string match = query.words.empty() ? "" : match_all(query.words);
    const std::string in_title = "{title_words} : (" + match + ")";
    const std::string words = joined(query.words);
    const std::int64_t store = query.store ? query.store->value() : 0;
    // A page number can be past 2^63 / page_size: then it is past the last page as well.
    const std::int64_t offset =
        query.page > kMaxResults ? kMaxResults : std::min(kMaxResults, (query.page - 1) * query.page_size);
    const std::int64_t limit = std::min(query.page_size, kMaxResults - offset);
    std::vector<sql::Param> params{match,
                                   store,
                                   query.min_price.value_or(Money()).minor_units(),
                                   query.max_price.value_or(Money()).minor_units(),
                                   limit,
                                   offset,
                                   in_title,
                                   words};
    for (const std::int64_t id : categories) params.emplace_back(id);

    SearchResults results = count(connection, query, params, categories.size());
    if (query.page > 1 && offset >= results.count) throw Problem::not_found("There is no such page.");
    if (results.count == 0) return results;

    const Path path = path_of_page(connection, query, results, offset + limit);
    sql::Composed text("SELECT p.id, p.sku, p.title, p.description, p.price_minor, c.name, p.created_at");
    text += query.store ? sql::Text(", i.quantity") : sql::Text(", NULL");
    add_from(text, query, path);
    text += " JOIN categories c ON c.id = p.category_id";
    if (query.store) text += " LEFT JOIN inventory i ON i.store_id = $2 AND i.product_id = p.id";
    add_where(text, query, path, categories.size());
    text += order_by(query.sort, path);
    text += " LIMIT $5 OFFSET $6";
    connection.query(text, params, [&](const sql::Row& row) {
      results.page.push_back(
          {.product = {.id = shop::ProductId(row.integer(0)),
                       .sku = row.is_null(1) ? std::nullopt : std::optional(std::string(row.text(1))),
                       .title = std::string(row.text(2)),
                       .description = std::string(row.text(3)),
                       .price = Money::from_minor(row.integer(4)),
                       .category = std::string(row.text(5)),
                       .created_at = Time::from_micros(row.integer(6))},
           .inventory_quantity = row.maybe_integer(7)});
    });
    return results;
  }

  static Path path_of_matches(const SearchQuery& query) {
    if (!query.words.empty()) return Path::words;
    return query.in_stock && query.store ? Path::shelf : Path::filter;
  }

  // Either all that matches is read and sorted, or products are read in the order asked for until the page is
  // full. One match comes every so many products; how many says the count, which is known by then.
  static Path path_of_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                           std::int64_t page_end) {
    if (!query.words.empty()) return Path::words;
    if (!found.count_is_exact) return Path::sorted;
    const bool by_filter = query.by_category || query.min_price || query.max_price || query.in_stock;
    if (!by_filter) return Path::sorted;
    const std::int64_t products = connection.maybe_integer("SELECT max(id) FROM products").value();
    constexpr std::int64_t kSorting =
        3;  // reading a match and sorting it costs that many times one passed over
    return page_end * products <= found.count * found.count * kSorting ? Path::sorted
                                                                       : path_of_matches(query);
  }

  static SearchResults count(sql::Connection& connection, const SearchQuery& query,
                             const std::vector<sql::Param>& params, std::size_t categories) {
    const Path path = path_of_matches(query);
    sql::Composed text("SELECT count(*) FROM (SELECT 1");
    add_from(text, query, path);
    add_where(text, query, path, categories);
    text += " LIMIT 10001)";
    SearchResults results{.count = 0, .count_is_exact = true, .page = {}};
    connection.query(text, params, [&](const sql::Row& row) { results.count = row.integer(0); });
    results.count_is_exact = results.count <= kMaxResults;
    results.count = std::min(results.count, kMaxResults);
    return results;
  }

  static std::vector<std::string> suggest_in(sql::Connection& connection, const std::string& key,
                                             const std::vector<std::string>& words) {
    std::vector<std::string> titles;
    const auto add = [&](const sql::Row& row) {
      const std::string title(row.text(0));
      if (std::find(titles.begin(), titles.end(), title) == titles.end()) titles.push_back(title);
    };
    const auto room = [&] { return kMaxSuggestions - static_cast<std::int64_t>(titles.size()); };
    // Everything that begins with the key lies between it and the key followed by the highest character.
    const std::string end = key + "\U0010FFFF";
    connection.query(
        "SELECT title FROM products WHERE title_key >= $1 AND title_key < $2"
        " GROUP BY title_key, title ORDER BY title_key, title LIMIT $3",
        {key, end, kMaxSuggestions}, add);
    if (room() > 0 && !words.empty()) {
      const std::string phrase = "{title_words} : " + match_phrase(words);
      connection.query(
          "SELECT p.title FROM product_words w JOIN products p ON p.id = w.rowid WHERE w.product_words MATCH "
          "$1"
          " AND NOT (p.title_key >= $2 AND p.title_key < $3)"
          " GROUP BY p.title_key, p.title ORDER BY p.title_key, p.title LIMIT $4",
          {phrase, key, end, kMaxSuggestions}, add);
    }
    if (room() > 0) {
      // GLOB on a trigram table is answered by its index; what has a meaning in a pattern is put in brackets.
      std::string pattern = "*";
      for (const char c : key) {
        if (c == '*' || c == '?' || c == '[') {
          pattern += {'[', c, ']'};
        } else {
          pattern += c;
        }
      }
      pattern += '*';
      connection.query(
          "SELECT p.title FROM title_trigrams t JOIN products p ON p.id = t.rowid WHERE t.title_key GLOB $1"
          " GROUP BY p.title_key, p.title ORDER BY p.title_key, p.title LIMIT $2",
          {pattern, 2 * kMaxSuggestions}, [&](const sql::Row& row) {
            if (room() > 0) add(row);
          });
    }
    if (titles.size() > static_cast<std::size_t>(kMaxSuggestions)) titles.resize(kMaxSuggestions);
    return titles;
  }

  sql::Database& database_;
};

}  // namespace

std::unique_ptr<ProductSearch> make_fts5_search(sql::Database& database) {
  return std::make_unique<Fts5Search>(database);
}

}  // namespace aforro::search
