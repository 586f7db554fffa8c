// What a search found, as tables for people. Functions without state.
#pragma once

#include "app/session.h"
#include "search/product_search.h"

namespace aforro::app {

enum class Explained { no, yes };  // whether each result says how it came to its place

// The results, the facets below, and remarks: what was searched instead of a misspelling, what is not shown.
// A terminal shows in bold what was found, where the query asked for it.
void print_search(Session& session, const search::SearchQuery& query, const search::SearchResults& results,
                  Explained explained);

}  // namespace aforro::app
