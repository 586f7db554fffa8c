// A page of the products that a statement finds, and their count. Used inside one snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "search/candidates.h"
#include "search/filters.h"
#include "search/product_search.h"
#include "sql/connection.h"

namespace aforro::search {

// Where the products of a search come from.
struct Source {
  Plan plan;
  std::string question = {};             // $1
  std::vector<std::string> others = {};  // $17, …
  std::int64_t reach = 0;                // $6 of a plan that looks inside of words
};

// Counted to 10,000, beyond which the count is not exact; the page is empty.
SearchResults count_products(sql::Connection& connection, const Source& source, const Filters& filters);

// The same of words without filters, by Candidates::count_by_words().
SearchResults count_words(sql::Connection& connection, sql::Text count_by_words, const std::string& question);

// The rows from `offset` on, in the order of the plan.
std::vector<SearchResult> read_products(sql::Connection& connection, const Source& source,
                                        const Filters& filters, std::int64_t limit, std::int64_t offset);

// Where the page begins and how many it has at most; throws Problem (not_found) if it is past the last.
struct Slice {
  std::int64_t offset;
  std::int64_t limit;
};
Slice slice_of(const SearchQuery& query, std::int64_t count);

}  // namespace aforro::search
