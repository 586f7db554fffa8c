// Ranges of prices that fit a given set of them. A pure function.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/money.h"
#include "search/facets.h"

namespace aforro::search {

inline constexpr std::int64_t kMaxPriceRanges = 6;

struct PriceCount {
  Money price;
  std::int64_t products;  // at least 1
};

// At most six ranges that follow each other without a gap, with about as many products in each and bounds as
// round as that allows. Each price is in just one of them, and none is empty. `prices` ascend, each once.
std::vector<PriceRange> price_ranges(std::span<const PriceCount> prices);

}  // namespace aforro::search
