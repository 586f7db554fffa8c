// What else the words of one query are looked for as, by the shop's synonyms (shop/synonyms.h), read inside
// the snapshot of its search. Values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "search/expression.h"
#include "sql/connection.h"

namespace aforro::search {

// Of one query: so many synonyms are looked for, those of its first words first. One of a phrase counts for
// each word of the phrase.
inline constexpr std::size_t kMaxSynonymsOfQuery = 64;

// Words of the query that follow each other, and what they are looked for as.
struct QuerySynonym {
  std::size_t first = 0;  // word
  std::size_t words = 1;
  std::string also;  // folded, one space between
};

// Synonyms of each word and phrase of the query, its last word in the singular or plural; in the order of the
// words, of those that begin with the same word the longest phrase first. What was found is not looked up in
// turn.
std::vector<QuerySynonym> synonyms_of(sql::Connection& connection, const std::vector<std::string>& words);

// How the synonym may stand in a product: its last word in the singular or plural.
AnyOf terms_of(const QuerySynonym& synonym);

}  // namespace aforro::search
