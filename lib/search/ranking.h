// How well a product answers a query: one function over what was found of which word in which field, the same
// on every engine. The reasons and what each is worth stand in docs/search.md. Immutable: safe from any
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "search/expression.h"

namespace aforro::search {

// What of a product is looked at. The words are folded, one space between.
struct RankedTexts {
  std::string_view title;  // as it is shown
  std::string_view title_words;
  std::string_view category_words;
  std::string_view sku_words;
  std::string_view description_words;  // the beginning
};

// The parts of a score, each from 0; they are added up.
struct Score {
  double words = 0;      // which words stand in which field, how often: below 1
  double adjacency = 0;  // words that follow each other in the title as they do in the query
  double coverage = 0;   // the share of the title that the query covers
  double name = 0;       // the query ends as the product's name does
  double exact = 0;      // the text is the product's SKU, or its whole title

  double total() const { return words + adjacency + coverage + name + exact; }
};

// The parts with their names, in that order.
std::array<std::pair<std::string_view, double>, 5> parts(const Score& score);
// "0.731"
std::string shown(double score);

// What must be there, and how much each part of it tells: rare words more.
struct WeighedAllOf {
  AllOf all;
  std::vector<double> weights;  // as many as there are parts
  double left_out = 0;          // the weight of what was asked for and need not be there
};

// How much a word tells that so many of all products have: the logarithm of BM25 (Robertson and Sparck
// Jones).
double weight_of(std::int64_t products_with_it, std::int64_t products);

class Ranking {
 public:
  explicit Ranking(std::vector<WeighedAllOf> any) : any_(std::move(any)) {}

  // Of the way in which the product answers best. A word that is in none of the fields counts as one of the
  // description.
  Score score(const RankedTexts& product) const;

 private:
  std::vector<WeighedAllOf> any_;
};

}  // namespace aforro::search
