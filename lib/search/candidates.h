// What the engines do differently in a product search: how words become a question, and which tables a
// statement reads, in which order. All else is shared (search.cpp). Holds no state: safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "search/product_search.h"
#include "sql/connection.h"

namespace aforro::search {

// Parameters of the statements of a search; which ones a text uses depends on what was asked.
//   $1 all_words()  $2 store  $3 min price  $4 max price  $5 limit  $6 offset  $7 all_words_in_title()
//   $8 the words joined  $9 … $18 categories' ids  $19 what was typed
// and of those that look inside words:
//   $20 ",7,3,", the ids of what the words alone find, the best first  $21 and $22 WideQuestion::driver and
//   driver_inside  $23 … $54 WideQuestion::words
inline constexpr std::array<sql::Text, kMaxCategories> kCategorySlots{"$9",  "$10", "$11", "$12", "$13",
                                                                      "$14", "$15", "$16", "$17", "$18"};
inline constexpr std::array<sql::Text, kMaxWords> kWordSlots{
    "$23", "$24", "$25", "$26", "$27", "$28", "$29", "$30", "$31", "$32", "$33",
    "$34", "$35", "$36", "$37", "$38", "$39", "$40", "$41", "$42", "$43", "$44",
    "$45", "$46", "$47", "$48", "$49", "$50", "$51", "$52", "$53", "$54"};

// How a statement gets at the products `p` that match.
struct Plan {
  sql::Text from;                           // " FROM …"
  sql::Composed where = sql::Composed("");  // " AND …", or nothing
  sql::Text order;                          // " ORDER BY …"
  bool is_only_stocked = false;             // what it reads is in stock where that was asked for
};

// A search in which each word may be found as usual, or inside a word of the title.
struct WideQuestion {
  Plan plan;
  std::string driver;
  std::string driver_inside;
  std::vector<std::string> words;
};

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

  // Words as a question to the engine, never as its syntax: every one, the last also as a beginning.
  virtual std::string all_words(const std::vector<std::string>& words) const = 0;
  virtual std::string all_words_in_title(const std::vector<std::string>& words) const = 0;
  // The same, beside each other.
  virtual std::string phrase_in_title(const std::vector<std::string>& words) const = 0;
  // A text that a title has somewhere inside, as a pattern.
  virtual std::string inside(const std::string& key) const = 0;
  // One or two characters that a title has somewhere inside, all of them Chinese, Japanese or Korean.
  virtual std::string pair(const std::string& key) const = 0;

  // To count what matches; the order does not matter.
  virtual Plan plan_count(const SearchQuery& query) const = 0;
  // To read a page that ends after `page_end` of what was counted.
  virtual Plan plan_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                         std::int64_t page_end) const = 0;
  // To look inside words too. Nothing where it is known that this finds nothing more.
  virtual std::optional<WideQuestion> plan_inside(sql::Connection& connection,
                                                  const SearchQuery& query) const = 0;

  // Distinct titles by title: those that match phrase_in_title() in $1 and have the text of $5 in their key,
  // without those whose key is from $2 to before $3, at most $4 …
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
