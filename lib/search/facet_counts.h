// Counts the facets of a search. Used inside its snapshot.
#pragma once

#include <optional>

#include "base/function_ref.h"
#include "search/facets.h"
#include "search/filters.h"
#include "search/product_page.h"
#include "search/product_search.h"
#include "search/query.h"
#include "sql/connection.h"

namespace aforro::search {

// Whether all that is found is counted, or some of the newest of it.
enum class Extent { all, newest };

// What the search finds with other filters.
using SourceOf = FunctionRef<Source(const Filters& filters, Extent extent)>;

// Nothing if none was asked for. Up to 10,000 products are counted for each facet; where there are more,
// 10,000 of the newest.
std::optional<Facets> count_facets(sql::Connection& connection, const SearchQuery& query,
                                   const SearchResults& found, const Filters& filters, SourceOf source_of);

}  // namespace aforro::search
