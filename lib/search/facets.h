// How what a search found is spread over categories and prices. Values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"

namespace aforro::search {

struct CategoryCount {
  std::string name;
  std::int64_t products;
};

// Prices from `from` to `to`, both of them included.
struct PriceRange {
  Money from;
  Money to;
  std::int64_t products;
};

inline constexpr std::size_t kMaxFacetValues = 50;

// Each is counted without its own filter, and there if it was asked for.
struct Facets {
  std::optional<std::vector<CategoryCount>> categories;  // the most first, then by name
  std::optional<std::vector<PriceRange>> prices;         // ascending, none of them empty
  bool are_exact = true;                                 // false: 10,000 of more were counted
};

}  // namespace aforro::search
