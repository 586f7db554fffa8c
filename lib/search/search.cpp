// A search without words lists products by filters and order; its plan is the engine's. A search for words is
// taken in steps (word_search.h). A text without any word may still be a SKU.
#include <utility>

#include "base/text.h"
#include "search/candidates.h"
#include "search/facet_counts.h"
#include "search/filters.h"
#include "search/product_page.h"
#include "search/spelling.h"
#include "search/suggestions.h"
#include "search/word_search.h"
#include "shop/catalogue_rows.h"

namespace aforro::search {
namespace {

struct Found {
  SearchResults results;
  Highlighters highlighters = {};  // none where no words were looked for: then nothing is marked
};

Found find_words(sql::Connection& connection, const Candidates& candidates, Spelling& spelling,
                 const SearchQuery& query, const Filters& filters) {
  WordSearch search(candidates, spelling, connection, query, filters);
  SearchResults results = search.answer();
  results.facets =
      count_facets(connection, query, results, filters, [&](const Filters& others, Extent extent) {
        Source counted = search.source(others, Sort::relevance);
        if (extent == Extent::all) counted.plan.order = {};
        return counted;
      });
  return {.results = std::move(results),
          .highlighters = query.wants_highlights ? search.highlighters() : Highlighters()};
}

Found search_in(sql::Connection& connection, const Candidates& candidates, Spelling& spelling,
                const SearchQuery& query) {
  candidates.begin(connection);
  if (query.store) shop::require_store(connection, *query.store);
  const Filters filters(connection, query);
  if (!query.words.empty()) return find_words(connection, candidates, spelling, query, filters);

  Source source{.plan = candidates.plan_count(query)};
  if (query.text) {
    source = {.plan = {.from = " FROM products p",
                       .where = sql::Composed(" AND p.sku = $17"),
                       .order = order_by(query.sort)},
              .others = {*query.text}};
  }
  SearchResults results = count_products(connection, source, filters);
  if (query.text) results.matched = Matched::all;
  results.facets = count_facets(connection, query, results, filters, [&](const Filters&, Extent extent) {
    Source counted = source;
    counted.plan.order = {};
    if (!query.text && extent == Extent::newest) counted.plan = candidates.plan_newest();
    return counted;
  });
  const Slice slice = slice_of(query, results.count);
  if (results.count == 0) return {.results = std::move(results)};
  if (!query.text) source.plan = candidates.plan_page(connection, query, results, slice.offset + slice.limit);
  results.page = read_products(connection, source, filters, slice.limit, slice.offset);
  return {.results = std::move(results)};
}

}  // namespace

std::string_view to_string(Matched matched) {
  switch (matched) {
    case Matched::joined:
      return "joined";
    case Matched::inside:
      return "inside";
    case Matched::spelling:
      return "spelling";
    case Matched::fewer:
      return "fewer";
    case Matched::all:
      break;
  }
  return "all";
}

bool is_for_trigrams(const std::string& key) { return count_characters(key) >= 3; }

bool may_be_inside(const std::string& word) {
  return is_for_trigrams(word) || is_chinese_japanese_or_korean(word);
}

sql::Text order_by(Sort sort) {
  switch (sort) {
    case Sort::price:
      return " ORDER BY p.price_minor, p.id";
    case Sort::price_descending:
      return " ORDER BY p.price_minor DESC, p.id";
    case Sort::title:
      return " ORDER BY p.title_key, p.id";
    case Sort::relevance:  // of nothing
    case Sort::newest:
      break;
  }
  return " ORDER BY p.created_at DESC, p.id DESC";
}

ProductSearch::ProductSearch(sql::Database& database, std::unique_ptr<const Candidates> candidates)
    : database_(database), candidates_(std::move(candidates)), spelling_(std::make_unique<Spelling>()) {}

ProductSearch::~ProductSearch() = default;

SearchResults ProductSearch::search(const SearchQuery& query) {
  Found found = database_.read(
      [&](sql::Connection& connection) { return search_in(connection, *candidates_, *spelling_, query); });
  if (!query.wants_highlights) return std::move(found.results);
  // Marking long texts takes longer than finding them: nobody waits for the connection meanwhile.
  for (SearchResult& result : found.results.page) {
    result.highlights =
        found.highlighters[result.matched].highlight(result.product.title, result.product.description);
  }
  return std::move(found.results);
}

std::vector<std::string> ProductSearch::suggest(const SuggestQuery& query) {
  if (query.key.empty()) return {};
  return database_.read([&](sql::Connection& connection) {
    return search::suggest(*candidates_, *spelling_, connection, query);
  });
}

void ProductSearch::check_index(sql::Connection& connection, TellFault tell) const {
  candidates_->check_index(connection, tell);
}

}  // namespace aforro::search
