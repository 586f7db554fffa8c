// The steps in which a search goes further and further from what was typed, each taken only while there are
// fewer than 20 results, filters aside: all words; words joined and split; the inside of words of titles;
// other spellings; fewer words. Lives for one search, inside its snapshot.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "search/candidates.h"
#include "search/expression.h"
#include "search/product_search.h"
#include "search/query_words.h"
#include "search/ranking.h"
#include "search/spelling.h"
#include "sql/connection.h"

namespace aforro::search {

struct Step {
  Matched kind = Matched::all;
  std::vector<WeighedAllOf> ways;    // what it looks for, and what is ranked by
  std::optional<InsidePlan> inside;  // of a step that the index of words can't answer

  // The ways as a question to that index.
  Expression expression() const;
};

struct Steps {
  std::vector<Step> taken;                     // those that found something more, the first always
  std::optional<std::string> corrected_query;  // what was searched instead of a misspelling
  bool is_partial = false;                     // not all was looked for, for want of time
};

class StepTaker {
 public:
  // After `deadline` it looks no further, as soon as there is something. The first use of the spellings in
  // this process, which reads them all, is not held against it.
  StepTaker(const Candidates& candidates, Spelling& spelling, sql::Connection& connection, QueryWords words,
            std::chrono::steady_clock::time_point deadline);

  // All words as they were typed.
  Step first();
  // All steps, from the first on; whoever knows already that it finds enough need not ask.
  Steps take();

  // How many products there are, and about how many of them have a single word, as far as is kept or counted
  // without reading them all: one that has it in both numbers, or a synonym as well, may count for each. 0
  // for several words.
  std::int64_t products() { return words_.all_products(); }
  std::int64_t products_with_only_word() { return words_.size() == 1 ? words_.products_with(0) : 0; }

  // What the words, corrected if they were, are looked for as.
  const std::vector<QuerySynonym>& synonyms() const { return words_.synonyms(); }
  const std::vector<std::string>& words() const { return words_.texts(); }

  // True after the deadline; steps that are still to be given then say that they are partial.
  bool is_late();

 private:
  bool are_enough() const { return static_cast<std::int64_t>(found_.size()) >= kEnoughMatches; }
  void add(Step step);
  // The slots of the words, with the phrases that they are where they are taken apart; nothing if none is
  // one.
  std::optional<AllOf> split_words();
  void add_joined();
  void add_inside();
  void add_spelling();
  void add_fewer();
  std::optional<std::string> corrected(std::size_t i);

  const Candidates& candidates_;
  Spelling& spelling_;
  sql::Connection& connection_;
  QueryWords words_;
  std::chrono::steady_clock::time_point deadline_;
  std::unordered_set<std::int64_t> found_;  // as far as it takes to know that they are enough
  Steps steps_;
};

}  // namespace aforro::search
