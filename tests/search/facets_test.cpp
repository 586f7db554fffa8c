// Facets beside a count of all products that the same search lists without the facet's filter.
#include "search/facets.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/text.h"
#include "search/product_search.h"
#include "seed/goods.h"
#include "seed/seed.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro;          // NOLINT: of several parts
using namespace aforro::search;  // NOLINT
using seed::SeedRandom;
using test::LocalShop;

using Counts = std::vector<std::pair<std::string, std::int64_t>>;

Counts categories(const SearchResults& found) {
  Counts counts;
  for (const CategoryCount& category : found.facets.value().categories.value())
    counts.emplace_back(category.name, category.products);
  return counts;
}

// By "from-to".
Counts prices(const SearchResults& found) {
  Counts counts;
  for (const PriceRange& range : found.facets.value().prices.value()) {
    counts.emplace_back(range.from.to_string() + '-' + range.to.to_string(), range.products);
  }
  return counts;
}

struct FacetShop : LocalShop {
  SearchResults find(ParameterList parameters) {
    parameters.emplace_back("facets", "category,price");
    return search->search(parse_search(parameters));
  }
  std::unique_ptr<ProductSearch> search = database.make_search();
};

TEST_CASE("each facet is counted without its own filter and with all others") {
  FacetShop shop;
  shop.add({.title = "Red Mug", .price_minor = 800, .category = "Kitchen"});
  shop.add({.title = "Blue Mug", .price_minor = 900, .category = "Kitchen"});
  shop.add({.title = "Mug Rack", .price_minor = 4'500, .category = "Garage"});
  shop.add({.title = "Spade", .price_minor = 4'600, .category = "Garden"});

  CHECK(categories(shop.find({})) == Counts{{"Kitchen", 2}, {"Garage", 1}, {"Garden", 1}});
  CHECK(categories(shop.find({{"q", "mug"}})) == Counts{{"Kitchen", 2}, {"Garage", 1}});
  CHECK(categories(shop.find({{"q", "mug"}, {"category", "Garage"}})) ==
        Counts{{"Kitchen", 2}, {"Garage", 1}});
  CHECK(categories(shop.find({{"max_price", "10"}})) == Counts{{"Kitchen", 2}});
  CHECK(categories(shop.find({{"max_price", "10"}, {"category", "Garden"}})) == Counts{{"Kitchen", 2}});

  CHECK(prices(shop.find({{"category", "kitchen"}})) == Counts{{"8.00-8.99", 1}, {"9.00-9.00", 1}});
  CHECK(prices(shop.find({{"category", "kitchen"}, {"min_price", "40"}})) ==
        Counts{{"8.00-8.99", 1}, {"9.00-9.00", 1}});
  CHECK(prices(shop.find({{"q", "spade"}})) == Counts{{"46.00-46.00", 1}});
}

TEST_CASE("a category that nothing is called finds nothing, and the facet has the others") {
  FacetShop shop;
  shop.add({.title = "Red Mug", .category = "Kitchen"});
  const SearchResults found = shop.find({{"category", "Nope"}});
  CHECK(found.count == 0);
  CHECK(categories(found) == Counts{{"Kitchen", 1}});
  CHECK(prices(found).empty());
  CHECK(found.facets->are_exact);
}

TEST_CASE("a facet is there if it was asked for") {
  FacetShop shop;
  shop.add({.title = "Red Mug"});
  const auto find = [&](const ParameterList& parameters) {
    return shop.search->search(parse_search(parameters));
  };
  CHECK(!find({{"q", "mug"}}).facets);
  CHECK(!find({}).facets);
  const Facets by_category = find({{"q", "mug"}, {"facets", "category, category"}}).facets.value();
  CHECK(by_category.categories);
  CHECK(!by_category.prices);
  const Facets by_price = find({{"facets", "price"}}).facets.value();
  CHECK(!by_price.categories);
  CHECK(by_price.prices);
  for (const char* wrong : {"store", "category,", ",", "category;price", "Category"}) {
    CAPTURE(wrong);
    const auto problem = test::problem_of([&] { parse_search({{"facets", wrong}}); });
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::invalid);
    REQUIRE(problem->faults().listed().size() == 1);
    CHECK(problem->faults().listed().front().where == "facets");
    CHECK(problem->faults().listed().front().detail.find("category, price") != std::string::npos);
  }
}

TEST_CASE("a category facet has the fifty categories with the most, those with as many by name") {
  FacetShop shop;
  for (int i = 0; i < 60; ++i) {
    shop.add({.title = "Mug", .category = "Category " + std::to_string(10 + i)});
  }
  shop.add({.title = "Mug", .category = "Category 69"});
  const Counts counts = categories(shop.find({{"q", "mug"}}));
  REQUIRE(counts.size() == 50);
  CHECK(counts.front() == std::pair<std::string, std::int64_t>("Category 69", 2));
  for (std::size_t i = 1; i < counts.size(); ++i) {
    CHECK(counts[i].first == "Category " + std::to_string(9 + i));
    CHECK(counts[i].second == 1);
  }
}

TEST_CASE("a text without words, that is a SKU, has its facets") {
  FacetShop shop;
  shop.add({.title = "Mug", .category = "Kitchen", .sku = "***"});
  shop.add({.title = "Rug", .category = "Floors"});
  CHECK(categories(shop.find({{"q", "***"}})) == Counts{{"Kitchen", 1}});
  CHECK(categories(shop.find({{"q", "+++"}})).empty());
}

// --- Beside a model --------------------------------------------------------------------------------

constexpr std::int64_t kStores = 3;

// A search of some filters by their names, at most one of each.
using Filters = std::map<std::string, std::string>;

ParameterList parameters_of(const Filters& filters) { return {filters.begin(), filters.end()}; }

std::string shown(const Filters& filters) {
  std::string text;
  for (const auto& [name, value] : filters) text += name + '=' + value + '&';
  return text;
}

class Trial {
 public:
  Trial() {
    seed::fill(*shop.database, {.products = 380, .stores = kStores, .rows_per_store = 60}, shop.clock,
               [](std::int64_t, std::int64_t) {});
    for (int i = 0; i < 20; ++i) shop.add({.title = "Korvala Smartphone", .category = "Audio"});
    for (const SearchResult& result : listed({})) {
      products_.push_back(result.product);
      for (std::string& word : words(result.product.title)) words_.push_back(std::move(word));
    }
  }

  // All that is found, read page by page.
  std::vector<SearchResult> listed(const Filters& filters) {
    std::vector<SearchResult> all;
    ParameterList parameters = parameters_of(filters);
    parameters.emplace_back("sort", "newest");
    SearchQuery query = parse_search(parameters);
    query.page_size = kMaxPageSize;
    for (;; ++query.page) {
      const SearchResults page = shop.search->search(query);
      all.insert(all.end(), page.page.begin(), page.page.end());
      if (static_cast<std::int64_t>(all.size()) >= page.count) return all;
    }
  }

  Filters filters() {
    Filters filters;
    if (random.one_in(2)) filters["q"] = text();
    if (random.one_in(2)) filters["category"] = any().category;
    Money low = any().price;
    Money high = any().price;
    if (high < low) std::swap(low, high);
    if (random.one_in(2)) filters["min_price"] = low.to_string();
    if (random.one_in(2)) filters["max_price"] = high.to_string();
    if (random.one_in(2)) filters["store_id"] = std::to_string(1 + random.below(kStores));
    if (random.one_in(2)) filters["in_stock"] = "yes";
    return filters;
  }

  FacetShop shop;
  SeedRandom random{5, 0};

 private:
  const shop::Product& any() { return products_[random.below(products_.size())]; }

  // Whole words and beginnings, one in ten misspelt.
  std::string text() {
    std::string text;
    for (std::size_t i = 0; i <= random.below(2); ++i) {
      std::string word = words_[random.below(words_.size())];
      if (random.one_in(3)) word.resize(std::min<std::size_t>(word.size(), 4));
      if (random.one_in(10)) word += 'x';
      text += (text.empty() ? "" : " ") + word;
    }
    return random.one_in(8) ? "phone" : text;
  }

  std::vector<shop::Product> products_;
  std::vector<std::string> words_;
};

TEST_CASE("facets count what the search without their filter lists") {
  Trial trial;
  int with_prices = 0;
  for (int i = 0; i < 300; ++i) {
    const Filters filters = trial.filters();
    INFO(shown(filters));
    const SearchResults found = trial.shop.find(parameters_of(filters));
    CHECK(found.facets->are_exact == !found.is_partial);  // cut off on a busy machine

    Filters without_category = filters;
    without_category.erase("category");
    std::map<std::string, std::int64_t> by_category;
    for (const SearchResult& result : trial.listed(without_category)) ++by_category[result.product.category];
    const Counts counted = categories(found);
    CHECK(std::map(counted.begin(), counted.end()) == by_category);
    CHECK(std::is_sorted(counted.begin(), counted.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : fold(a.first) < fold(b.first);
    }));

    Filters without_price = filters;
    without_price.erase("min_price");
    without_price.erase("max_price");
    const std::vector<SearchResult> listed = trial.listed(without_price);
    std::int64_t in_ranges = 0;
    for (const PriceRange& range : found.facets->prices.value()) {
      const auto inside = std::count_if(listed.begin(), listed.end(), [&](const SearchResult& result) {
        return result.product.price >= range.from && result.product.price <= range.to;
      });
      CHECK(inside == range.products);
      CHECK(inside > 0);
      in_ranges += range.products;
    }
    CHECK(in_ranges == static_cast<std::int64_t>(listed.size()));
    with_prices += in_ranges > 6 ? 1 : 0;
  }
  CHECK(with_prices > 50);
}

TEST_CASE("a filter that is added makes no count of a facet rise") {
  Trial trial;
  int less = 0;
  for (int i = 0; i < 300; ++i) {
    const Filters filters = trial.filters();
    Filters more = filters;
    for (const auto& [name, value] : trial.filters()) {
      if (name != "q" && name != "store_id") more.emplace(name, value);
    }
    // A store does not filter, but says where something must be in stock.
    if (more.contains("min_price") && more.contains("max_price") &&
        Money::parse_price(more["min_price"]) > Money::parse_price(more["max_price"])) {
      continue;
    }
    INFO(shown(filters), " and more: ", shown(more));
    const SearchResults before = trial.shop.find(parameters_of(filters));
    const SearchResults after = trial.shop.find(parameters_of(more));

    const Counts of_before = categories(before);
    const std::map<std::string, std::int64_t> at_most(of_before.begin(), of_before.end());
    for (const auto& [name, count] : categories(after)) {
      const auto found = at_most.find(name);
      REQUIRE(found != at_most.end());
      CHECK(count <= found->second);
      less += count < found->second ? 1 : 0;
    }
    std::int64_t prices_before = 0;
    for (const auto& range : prices(before)) prices_before += range.second;
    std::int64_t prices_after = 0;
    for (const auto& range : prices(after)) prices_after += range.second;
    CHECK(prices_after <= prices_before);
  }
  CHECK(less > 50);
}

TEST_CASE("of more than ten thousand products the newest are counted, and it is said") {
  FacetShop shop;
  seed::fill(*shop.database, {.products = 10'000, .stores = 1, .rows_per_store = 10}, shop.clock,
             [](std::int64_t, std::int64_t) {});
  const auto total = [](const Counts& counts) {
    std::int64_t sum = 0;
    for (const auto& count : counts) sum += count.second;
    return sum;
  };
  const SearchResults all = shop.find({});
  CHECK(all.count_is_exact);
  CHECK(all.facets->are_exact);
  CHECK(total(categories(all)) == 10'000);
  CHECK(total(prices(all)) == 10'000);

  shop.clock.advance(std::chrono::hours(24 * 365));
  for (int i = 0; i < 3; ++i) shop.add({.title = "Late", .price_minor = 77, .category = "Latest"});

  const SearchResults more = shop.find({});
  CHECK(!more.count_is_exact);
  CHECK(!more.facets->are_exact);
  CHECK(total(categories(more)) == 10'000);
  CHECK(total(prices(more)) == 10'000);
  const Counts counts = categories(more);
  CHECK(std::count(counts.begin(), counts.end(), std::pair<std::string, std::int64_t>("Latest", 3)) == 1);
  CHECK(counts.size() > 10);

  // The filter leaves few, but its facet is counted without it.
  const SearchResults few = shop.find({{"category", "Latest"}});
  CHECK(few.count == 3);
  CHECK(few.count_is_exact);
  CHECK(!few.facets->are_exact);
  CHECK(total(categories(few)) == 10'000);
  CHECK(total(prices(few)) == 3);
}

}  // namespace
