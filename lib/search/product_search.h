// Finding products by words, filters and the beginning of titles, the same on each engine. Safe from any
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "search/facets.h"
#include "search/highlights.h"
#include "search/query.h"
#include "search/ranking.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::search {

// How far a search went to find what it found, filters aside: all words as they were typed, words joined and
// split, the inside of words of titles, other spellings, fewer words.
enum class Matched { all, joined, inside, spelling, fewer };
std::string_view to_string(Matched matched);

// With fewer matches than these a search goes one step further.
inline constexpr std::int64_t kEnoughMatches = 20;

struct SearchResult {
  shop::Product product;
  std::optional<std::int64_t> inventory_quantity;  // in the store asked for
  Matched matched = Matched::all;                  // the step that found it
  Score score = {};                                // nothing where not ranked
  std::optional<Highlights> highlights = {};       // where they were asked for
};

// What a word or phrase of the query was looked for as, too, by the shop's synonyms. Both folded.
struct UsedSynonym {
  std::string typed;
  std::string also;
};

struct SearchResults {
  std::int64_t count;                               // at most kMaxResults
  bool count_is_exact;                              // false: there are more
  std::optional<Matched> matched;                   // nothing where no text was to be found
  std::optional<std::string> corrected_query = {};  // what was searched instead of a misspelling
  std::vector<UsedSynonym> synonyms = {};           // in the order of the words
  bool is_partial = false;                          // cut off at the deadline of a search
  std::optional<Facets> facets = {};                // where they were asked for
  std::vector<SearchResult> page;
};

inline constexpr std::int64_t kMaxSuggestions = 10;

// What an index has wrong, a sentence each.
using TellFault = FunctionRef<void(std::string fault)>;

class Candidates;  // what the engines do differently
class Spelling;    // the catalogue's words in memory

class ProductSearch {
 public:
  ProductSearch(sql::Database& database, std::unique_ptr<const Candidates> candidates);
  ProductSearch(const ProductSearch&) = delete;
  ProductSearch& operator=(const ProductSearch&) = delete;
  ~ProductSearch();

  // Throws Problem (not_found) if there is no such store, or for a page past the last (but the first).
  SearchResults search(const SearchQuery& query);

  // Up to 10 distinct titles: those that start with the text as typed, then those with a word that does, then
  // those with a word whose beginning is one slip away, then those that contain it, and last those that have
  // its words with other signs between; each group by title.
  std::vector<std::string> suggest(const SuggestQuery& query);

  // Tells where what a search looks at is not what the products of this snapshot say.
  void check_index(sql::Connection& connection, TellFault tell) const;

 private:
  sql::Database& database_;
  const std::unique_ptr<const Candidates> candidates_;
  const std::unique_ptr<Spelling> spelling_;
};

std::unique_ptr<ProductSearch> make_fts5_search(sql::Database& database);      // of SQLite
std::unique_ptr<ProductSearch> make_postgres_search(sql::Database& database);  // of PostgreSQL

}  // namespace aforro::search
