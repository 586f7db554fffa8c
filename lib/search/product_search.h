// Finding products by words, filters and the beginning of titles. One interface, an engine each behind it;
// what is found is the same on each, only the order under `relevance` may differ. Safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/query.h"
#include "shop/findings.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::search {

struct SearchResult {
  shop::Product product;
  std::optional<std::int64_t> inventory_quantity;  // in the store asked for
};

struct SearchResults {
  std::int64_t count;   // at most kMaxResults
  bool count_is_exact;  // false: there are more
  std::vector<SearchResult> page;
};

inline constexpr std::size_t kMinSuggestCharacters = 3;
inline constexpr std::int64_t kMaxSuggestions = 10;

class ProductSearch {
 public:
  virtual ~ProductSearch() = default;

  // Throws Problem (not_found) if there is no such store, or for a page past the last (but the first).
  virtual SearchResults search(const SearchQuery& query) = 0;

  // Up to 10 distinct titles: those that start with the text, then those with a word that does, then those
  // that contain it; each group by title. Throws Problem (invalid) if the text has fewer than 3 characters
  // after trimming.
  virtual std::vector<std::string> suggest(std::string_view text) = 0;

  // Adds to the findings where what a search looks at is not what the products of this snapshot say.
  virtual void verify_index(sql::Connection& connection, shop::Findings& findings) const = 0;
};

std::unique_ptr<ProductSearch> make_fts5_search(sql::Database& database);      // of SQLite
std::unique_ptr<ProductSearch> make_postgres_search(sql::Database& database);  // of PostgreSQL

}  // namespace aforro::search
