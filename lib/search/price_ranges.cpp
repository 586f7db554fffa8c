// Equal steps (0 to 100, 100 to 200, …) put nearly all products of a shop into the first range, since prices
// are many at the low end and few at the high one. Quantiles fill all ranges alike, but 17.83 is no bound
// that anybody wants to read. So each quantile may move by half of a range's share to either side, and
// becomes the roundest number on the way: a multiple of 1, 2 or 5 times the highest power of ten that has one
// there.
#include "search/price_ranges.h"

#include <algorithm>
#include <numeric>

namespace aforro::search {
namespace {

// The roundest number above `low` and up to `high`, the nearest to `near` where several are as round. There
// is one: `low` is below `high`.
std::int64_t roundest(std::int64_t low, std::int64_t high, std::int64_t near) {
  for (std::int64_t power = 1'000'000'000; power > 0; power /= 10) {
    for (const std::int64_t step : {power, power / 2, power / 5}) {
      if (step == 0) continue;
      const std::int64_t last = high / step * step;
      if (last <= low) continue;
      const std::int64_t first = low < 0 ? 0 : (low / step + 1) * step;
      return std::clamp((near + step / 2) / step * step, first, last);
    }
  }
  return high;
}

// The price of the product at that place, when all stand in a row by price.
std::int64_t price_at(std::span<const PriceCount> prices, std::int64_t place) {
  for (const PriceCount& price : prices) {
    if (place < price.products) return price.price.minor_units();
    place -= price.products;
  }
  return prices.back().price.minor_units();
}

// Where the ranges begin, and last where the one behind them would.
std::vector<std::int64_t> bounds_of(std::span<const PriceCount> prices) {
  const std::int64_t least = prices.front().price.minor_units();
  const std::int64_t most = prices.back().price.minor_units();
  const std::int64_t products =
      std::accumulate(prices.begin(), prices.end(), std::int64_t{0},
                      [](std::int64_t sum, const PriceCount& price) { return sum + price.products; });
  const std::int64_t wanted = std::min(kMaxPriceRanges, std::ssize(prices));
  std::vector<std::int64_t> inner;
  for (std::int64_t i = 1; i < wanted; ++i) {
    // Each may move within a part of its own, so that there is a price between any two.
    const std::int64_t low = price_at(prices, (2 * i - 1) * products / (2 * wanted));
    const std::int64_t high = price_at(prices, (2 * i + 1) * products / (2 * wanted));
    const std::int64_t near = price_at(prices, i * products / wanted);
    // Before a price far from all others a range ends near those, not half way to it.
    const std::int64_t nearest_high = near > 0 ? std::min(high, 2 * near) : high;
    if (low < high) inner.push_back(roundest(low, nearest_high, near));
  }
  // The first range may begin as far below its first price as makes it twice as wide, the last may end half
  // of that beyond its last.
  const std::int64_t first_width = (inner.empty() ? most + 1 : inner.front()) - least;
  const std::int64_t last_width = most + 1 - (inner.empty() ? least : inner.back());
  std::vector<std::int64_t> bounds{roundest(std::max<std::int64_t>(least - first_width, -1), least, least)};
  bounds.insert(bounds.end(), inner.begin(), inner.end());
  bounds.push_back(
      std::min(roundest(most, most + (last_width + 1) / 2, most + 1), kMaxPrice.minor_units() + 1));
  return bounds;
}

}  // namespace

std::vector<PriceRange> price_ranges(std::span<const PriceCount> prices) {
  if (prices.empty()) return {};
  const std::vector<std::int64_t> bounds = bounds_of(prices);
  std::vector<PriceRange> ranges;
  ranges.reserve(bounds.size());
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    ranges.push_back(
        {.from = Money::from_minor(bounds[i]), .to = Money::from_minor(bounds[i + 1] - 1), .products = 0});
  }
  auto range = ranges.begin();
  for (const PriceCount& price : prices) {
    while (price.price > range->to) ++range;
    range->products += price.products;
  }
  return ranges;
}

}  // namespace aforro::search
