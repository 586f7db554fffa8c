// What the engines do differently in a product search: how words become a question, and which tables a
// statement reads, in which order. All else is shared (search.cpp). Holds no state: safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "search/product_search.h"
#include "shop/findings.h"
#include "sql/connection.h"

namespace aforro::search {

// Parameters of the statements of a search; which ones a text uses depends on what was asked.
//   $1 all_words()  $2 store  $3 min price  $4 max price  $5 limit  $6 offset  $7 all_words_in_title()
//   $8 the words joined  $9 … $18 categories' ids
inline constexpr std::array<sql::Text, kMaxCategories> kCategorySlots{"$9",  "$10", "$11", "$12", "$13",
                                                                      "$14", "$15", "$16", "$17", "$18"};

// How a statement gets at the products `p` that match.
struct Plan {
  sql::Text from;                // " FROM …"
  sql::Text where;               // " AND …", or nothing
  sql::Text order;               // " ORDER BY …"
  bool is_only_stocked = false;  // what it reads is in stock where that was asked for
};

// " ORDER BY …" of everything but relevance.
sql::Text order_by(Sort sort);

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

  // To count what matches; the order does not matter.
  virtual Plan plan_count(const SearchQuery& query) const = 0;
  // To read a page that ends after `page_end` of what was counted.
  virtual Plan plan_page(sql::Connection& connection, const SearchQuery& query, const SearchResults& found,
                         std::int64_t page_end) const = 0;

  // Distinct titles by title: those that match phrase_in_title() in $1, but for those with a key from $2 to
  // before $3, at most $4 …
  virtual sql::Text titles_by_phrase() const = 0;
  // … and those whose key matches inside() in $1, at most $2.
  virtual sql::Text titles_by_inside() const = 0;

  // Whether the index has what the products say; see search/index_check.h.
  virtual void verify_index(sql::Connection& connection, shop::Findings& findings) const = 0;
};

std::unique_ptr<ProductSearch> make_search(sql::Database& database, std::unique_ptr<Candidates> candidates);

}  // namespace aforro::search
