// What the engines do differently in a product search: how an expression becomes a question to the index, and
// which tables a statement reads, in which order. All else is shared. Holds no state: safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "search/expression.h"
#include "search/product_search.h"
#include "sql/connection.h"

namespace aforro::search {

// How a statement gets at the products `p`; its parameters are those of search/filters.h.
struct Plan {
  sql::Text from;                           // " FROM …"
  sql::Composed where = sql::Composed("");  // " AND …", or nothing
  sql::Text order;                          // " ORDER BY …"
  bool is_only_stocked = false;             // what it reads is in stock where that was asked for
};

// Products that have each word as usual, or inside a word of the title.
struct InsidePlan {
  Plan plan;
  std::string question;             // $1
  std::vector<std::string> others;  // $17: what to look for inside; $18, …: the words and their synonyms
  std::int64_t reach = 0;           // $6: how many products of the rarest word are looked at, if not all
  bool is_all = true;               // false: there are more
};

// The products in the order asked for, so many of the first, of which those are picked that have the words …
struct OrderedPlan {
  Plan plan;
  std::string question;             // $1
  std::vector<std::string> others;  // $17, …
};

enum class Picked {
  by_texts,  // … as their texts say: for words that are nearly everywhere
  by_index,  // … as the index of words says, which lists all matches first
};

enum class Field { any, title };

// " ORDER BY …" of everything but relevance.
sql::Text order_by(Sort sort);

// True if the word is looked for inside of others: it has three characters, or is Chinese, Japanese or
// Korean.
bool may_be_inside(const std::string& word);
// True if what looks for it there is the index of three characters that follow each other, not that of pairs.
bool is_for_trigrams(const std::string& key);

class Candidates {
 public:
  Candidates() = default;
  Candidates(const Candidates&) = delete;
  Candidates& operator=(const Candidates&) = delete;
  virtual ~Candidates() = default;

  // Inside the snapshot of a search, before any question is asked.
  virtual void begin(sql::Connection& connection) const = 0;

  // The expression, which has no Term::Kind::inside, as a question to the index of words.
  virtual std::string question(const Expression& expression, Field field) const = 0;
  // A text that a title has somewhere inside, as a pattern.
  virtual std::string inside(const std::string& key) const = 0;
  // One or two characters that a title has somewhere inside, all of them Chinese, Japanese or Korean.
  virtual std::string pair(const std::string& key) const = 0;

  // How many products the question $1 finds, counted no further than $5.
  virtual sql::Text count_by_words() const = 0;
  // Ids of what the question $1 finds, the newest first, at most $5; no filters.
  virtual sql::Text ids_by_words() const = 0;
  // The same with filters.
  virtual Plan plan_words(Sort sort) const = 0;
  // To read the matches in another order than by relevance without reading and sorting them all, where they
  // are many: `reach` products are passed, so what it finds may be too few. Nothing where the engine needs
  // no such help, or there are too many words.
  virtual std::optional<OrderedPlan> plan_ordered(const AllOf& all, Sort sort, std::int64_t reach,
                                                  Picked picked) const = 0;
  // To look for each word as its slot says, or inside words too. Nothing where it is known that this finds
  // nothing more.
  virtual std::optional<InsidePlan> plan_inside(sql::Connection& connection,
                                                const std::vector<std::string>& words,
                                                const AllOf& slots) const = 0;
  // Products of a list of ids, in $17.
  virtual Plan plan_ids(Sort sort) const = 0;
  virtual std::string id_list(std::span<const std::int64_t> ids) const = 0;
  // Where no words are looked for: to count, where the order does not matter, …
  virtual Plan plan_count(const SearchQuery& query) const = 0;
  // … and to read a page that ends after `page_end` of what was counted.
  virtual Plan plan_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                         std::int64_t page_end) const = 0;

  // The newest products, to count some where all are too many.
  virtual Plan plan_newest() const = 0;

  // Distinct titles by title, of the thousand newest products that match: those that match the question in $1
  // and have the text of $5 in their key, without those whose key is from $2 to before $3, at most $4 …
  virtual sql::Text titles_by_phrase() const = 0;
  // … those whose key matches inside() in $1, at most $2, first those whose words (with a space before each)
  // contain $3 …
  virtual sql::Text titles_by_inside() const = 0;
  // … and those that match pair() in $1, at most $2, likewise.
  virtual sql::Text titles_by_pair() const = 0;

  // Whether the index has what the products say; see search/index_check.h.
  virtual void check_index(sql::Connection& connection, TellFault tell) const = 0;
};

}  // namespace aforro::search
