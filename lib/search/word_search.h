// A search for words: what its steps find, ranked or sorted, and a page of it. Lives for one search, inside
// its snapshot.
//
// Of a step that finds many, a thousand at most are ranked: the 500 newest, and the 500 newest with all words
// in the title. What is left follows by age. So no query looks at more texts than that,
// however large the catalogue is.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "search/candidates.h"
#include "search/filters.h"
#include "search/highlights.h"
#include "search/product_page.h"
#include "search/product_search.h"
#include "search/steps.h"

namespace aforro::search {

// A search that has taken that long answers with what it has found by then.
inline constexpr std::chrono::milliseconds kSearchTime{200};

// By the step that found a result.
using Highlighters = std::map<Matched, Highlighter>;

class WordSearch {
 public:
  WordSearch(const Candidates& candidates, Spelling& spelling, sql::Connection& connection,
             const SearchQuery& query, const Filters& filters);

  // Throws Problem (not_found) for a page past the last.
  SearchResults answer();
  // All that is found with these filters, up to 10,001 products; the newest first under `relevance`. After
  // answer() alone.
  Source source(const Filters& filters, Sort sort) const;
  // What the results of answer() were found by, to be marked once the snapshot is given back. After answer()
  // alone.
  Highlighters highlighters() const;

 private:
  struct Ranked {
    std::int64_t id;
    Matched matched;
    Score score;
  };

  std::vector<UsedSynonym> used_synonyms() const;
  std::vector<std::int64_t> ids(const Step& step, const Filters& filters) const;
  // All that is found, without repeats; up to 10,001.
  std::vector<std::int64_t> all_ids(const Filters& filters) const;
  // The page where the order is not by relevance, of so many products found.
  std::vector<SearchResult> read_sorted(const Source& found, const Slice& slice, std::int64_t count);
  void rank();
  void rank(const Step& step);
  // Scores what the source has, at most so many, but for what has been before; returns how many it has.
  std::int64_t score(const Step& step, const Source& source, std::int64_t most, std::vector<Ranked>& into);

  const Candidates& candidates_;
  sql::Connection& connection_;
  const SearchQuery& query_;
  const Filters& filters_;
  const std::string words_;  // what was typed, folded
  const std::string key_;    // the same with its punctuation
  StepTaker taker_;
  Steps steps_;
  std::vector<Ranked> ranked_;             // the best first
  std::unordered_set<std::int64_t> seen_;  // those in ranked_
};

}  // namespace aforro::search
