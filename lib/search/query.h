// What a client searches for, made of the parameters of the contract (or of the command line) and checked
// once: a SearchQuery or SuggestQuery that exists is valid. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/parameters.h"
#include "shop/types.h"

namespace aforro::search {

enum class Sort { relevance, newest, price, price_descending, title };

inline constexpr std::size_t kMaxCategories = 10;  // in one search
inline constexpr std::size_t kMaxWords = 32;       // the rest of a longer text is not looked at
inline constexpr std::int64_t kMaxPageSize = 100;
inline constexpr std::int64_t kMaxResults =
    10'000;  // counted and paged through; what lies beyond is not reached

struct SearchQuery {
  // What was typed to be found, without the spaces at its ends; nothing: everything is listed.
  std::optional<std::string> text;
  std::vector<std::string>
      words;  // of it, folded; all must be found, the last as the beginning of a word too
  std::vector<std::string> category_keys;  // folded names: any of them, together with the ids
  std::vector<shop::CategoryId> category_ids;
  bool by_category = false;  // a category was asked for, even if none can have that name
  std::optional<Money> min_price;
  std::optional<Money> max_price;
  std::optional<shop::StoreId> store;
  bool in_stock = false;
  bool wants_categories = false;  // how many are in each category …
  bool wants_prices = false;      // … and in each range of prices
  bool wants_highlights = false;
  Sort sort = Sort::newest;
  std::int64_t page = 1;
  std::int64_t page_size = 20;
};

// Reads parameters as they came, decoded. Throws Problem (invalid) with every fault: an unknown name, a
// parameter given twice (but `category`), a value without meaning, broken UTF-8.
SearchQuery parse_search(const ParameterList& parameters);

// The words with one space between.
std::string joined(const std::vector<std::string>& words);

// Counted as typed, see count_typed_characters() in base/text.h.
inline constexpr std::size_t kMinSuggestCharacters = 3;
inline constexpr std::size_t kMinSuggestCharactersOfCjk = 2;

// What has been typed so far.
struct SuggestQuery {
  std::string key;                 // folded; empty if no title can have it
  std::vector<std::string> words;  // of it
};

// Reads the one parameter `q`. Throws Problem (invalid) with every fault.
SuggestQuery parse_suggest(const ParameterList& parameters);

}  // namespace aforro::search
