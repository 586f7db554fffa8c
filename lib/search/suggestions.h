// Titles for what has been typed so far, in groups, from those that begin with it to those that have its
// words with other signs between. Each group is a statement of its own, asked only while there is room left.
#pragma once

#include <string>
#include <vector>

#include "search/candidates.h"
#include "search/query.h"
#include "search/spelling.h"
#include "sql/connection.h"

namespace aforro::search {

std::vector<std::string> suggest(const Candidates& candidates, Spelling& spelling,
                                 sql::Connection& connection, const SuggestQuery& query);

}  // namespace aforro::search
