#include "search/price_ranges.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace aforro;  // NOLINT: of several parts
using search::price_ranges;
using search::PriceCount;
using search::PriceRange;

std::vector<PriceCount> counted(const std::vector<std::int64_t>& prices_minor) {
  std::map<std::int64_t, std::int64_t> products;
  for (const std::int64_t price : prices_minor) ++products[price];
  std::vector<PriceCount> counts;
  counts.reserve(products.size());
  for (const auto& [price, count] : products) counts.push_back({Money::from_minor(price), count});
  return counts;
}

// "0.00 to 49.99: 8"
std::vector<std::string> shown(const std::vector<PriceRange>& ranges) {
  std::vector<std::string> texts;
  texts.reserve(ranges.size());
  for (const PriceRange& range : ranges) {
    texts.push_back(range.from.to_string() + " to " + range.to.to_string() + ": " +
                    std::to_string(range.products));
  }
  return texts;
}

using Shown = std::vector<std::string>;

TEST_CASE("ranges of prices have round bounds") {
  std::vector<std::int64_t> prices;
  for (std::int64_t i = 0; i < 600; ++i) prices.push_back(i * 100 + 99);  // 0.99 to 599.99
  CHECK(shown(price_ranges(counted(prices))) == Shown{"0.00 to 99.99: 100", "100.00 to 199.99: 100",
                                                      "200.00 to 299.99: 100", "300.00 to 399.99: 100",
                                                      "400.00 to 499.99: 100", "500.00 to 599.99: 100"});
}

TEST_CASE("one price is a range by itself, and no price none") {
  CHECK(price_ranges({}).empty());
  CHECK(shown(price_ranges(counted({1999, 1999}))) == Shown{"19.99 to 19.99: 2"});
  CHECK(shown(price_ranges(counted({0}))) == Shown{"0.00 to 0.00: 1"});
  CHECK(shown(price_ranges(counted({999'999'999}))) == Shown{"9999999.99 to 9999999.99: 1"});
}

TEST_CASE("a price far from all others does not widen the ranges of those") {
  CHECK(shown(price_ranges(
            counted({0, 10, 420, 850, 850, 1'200, 1'999, 2'400, 2'995, 3'500, 65'146, 999'999'999}))) ==
        Shown{"0.00 to 4.99: 3", "5.00 to 9.99: 2", "10.00 to 19.99: 2", "20.00 to 29.99: 2",
              "30.00 to 999.99: 2", "1000.00 to 9999999.99: 1"});
}

TEST_CASE("two prices far from each other are two ranges") {
  CHECK(shown(price_ranges(counted({999, 99'900}))).size() == 2);
}

TEST_CASE("a price that nearly all have does not take the ranges of the others") {
  std::vector<std::int64_t> prices(80, 999);
  for (std::int64_t i = 0; i < 20; ++i) prices.push_back(1'000 + i * 500);
  const std::vector<PriceRange> ranges = price_ranges(counted(prices));
  CHECK(ranges.size() >= 2);
  CHECK(ranges.front().products >= 80);
}

TEST_CASE("each price is in one range, none is empty, and one begins where the last ended") {
  std::mt19937 random(1);
  const auto below = [&](std::int64_t end) {
    return std::uniform_int_distribution<std::int64_t>(0, end - 1)(random);
  };
  std::size_t six = 0;
  for (int round = 0; round < 2'000; ++round) {
    // Of all sizes, with many alike or few, near the ends of what a price can be.
    std::int64_t end = 1;
    for (std::int64_t digits = below(10); digits > 0; --digits) end *= 10;
    const std::int64_t start = below(3) == 0 ? 1'000'000'000 - end : below(1'000'000'000 - end + 1);
    std::vector<std::int64_t> prices;
    for (std::int64_t i = below(60); i >= 0; --i) prices.push_back(start + below(below(end) + 1));
    CAPTURE(start);
    CAPTURE(end);

    const std::vector<PriceRange> ranges = price_ranges(counted(prices));

    REQUIRE(!ranges.empty());
    REQUIRE(ranges.size() <= 6);
    six += ranges.size() == 6 ? 1 : 0;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const PriceRange& range = ranges[i];
      CHECK(range.from <= range.to);
      CHECK(range.from >= Money());
      CHECK(range.to <= kMaxPrice);
      if (i > 0) CHECK(range.from.minor_units() == ranges[i - 1].to.minor_units() + 1);
      const auto inside = std::count_if(prices.begin(), prices.end(), [&](std::int64_t price) {
        return Money::from_minor(price) >= range.from && Money::from_minor(price) <= range.to;
      });
      CHECK(inside == range.products);
      CHECK(inside > 0);
    }
    CHECK(ranges.front().from <= Money::from_minor(*std::min_element(prices.begin(), prices.end())));
    CHECK(ranges.back().to >= Money::from_minor(*std::max_element(prices.begin(), prices.end())));
  }
  CHECK(six > 200);
}

TEST_CASE("no range has much more than its share where all prices differ") {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> prices;
    for (int i = 0; i < 300; ++i) {
      // Many low ones and few high.
      const double u = std::uniform_real_distribution<double>(0, 1)(random);
      prices.push_back(100 + static_cast<std::int64_t>(u * u * u * 10'000'000));
    }
    for (const PriceRange& range : price_ranges(counted(prices))) CHECK(range.products <= 2 * 300 / 6 + 2);
  }
}

}  // namespace
