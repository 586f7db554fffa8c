// A search beside a plain model of it that reads all products one by one: what has all words is found, alone
// where these are enough, and what filters leave of it is what the model leaves, whatever is asked: sorts and
// pages in random company, by several paths inside.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/text.h"
#include "search/product_search.h"
#include "search/word_forms.h"
#include "seed/goods.h"
#include "seed/seed.h"
#include "support/local_shop.h"

namespace {

using namespace aforro;          // NOLINT: a search is compared in all its parts
using namespace aforro::search;  // NOLINT
using seed::SeedRandom;
using test::LocalShop;

constexpr std::int64_t kProducts = 400;
constexpr std::int64_t kStores = 3;

struct ModelProduct {
  shop::Product product;
  std::string title_key;
  std::string category_key;
  std::set<std::string> words;
  std::map<std::int64_t, std::int64_t> quantities;  // by store

  bool is_in_stock(const std::optional<shop::StoreId>& store) const {
    return std::any_of(quantities.begin(), quantities.end(), [&](const auto& shelf) {
      return shelf.second > 0 && (!store || store->value() == shelf.first);
    });
  }
  bool has_word(const std::string& word) const { return words.contains(word); }
  bool has_word_from(const std::string& beginning) const {
    const auto found = words.lower_bound(beginning);
    return found != words.end() && found->starts_with(beginning);
  }
};

class Model {
 public:
  explicit Model(LocalShop& shop) {
    const std::vector<shop::Category> categories = shop.catalogue.categories();
    for (const shop::Category& category : categories)
      category_ids_[fold(category.name)] = category.id.value();
    for (std::int64_t id = 1; id <= kProducts; ++id) {
      const shop::Product product = shop.catalogue.find_product(shop::ProductId(id)).value();
      ModelProduct made{product, fold(product.title), fold(product.category), {}, {}};
      for (const std::string& text :
           {product.title, product.category, product.description, product.sku.value_or("")}) {
        for (std::string& word : words(text)) made.words.insert(std::move(word));
      }
      products_.push_back(std::move(made));
    }
    for (std::int64_t store = 1; store <= kStores; ++store) {
      for (const shop::InventoryRow& row : shop.inventory.list(shop::StoreId(store), {}).page.rows) {
        products_[static_cast<std::size_t>(row.product.value() - 1)].quantities[store] = row.quantity;
      }
    }
  }

  const ModelProduct& any(SeedRandom& random) const { return products_[random.below(products_.size())]; }

  // What has all words, singular or plural, the last one also as a beginning; no filters.
  std::set<std::int64_t> with_all_words(const SearchQuery& query) const {
    std::set<std::int64_t> found;
    for (const ModelProduct& product : products_) {
      if (has_words(product, query)) found.insert(product.product.id.value());
    }
    return found;
  }

  // Of these products, what passes the filters, in the order asked for.
  std::vector<const ModelProduct*> filter(const std::set<std::int64_t>& ids, const SearchQuery& query) const {
    std::vector<const ModelProduct*> found;
    for (const ModelProduct& product : products_) {
      if (ids.contains(product.product.id.value()) && passes(product, query)) found.push_back(&product);
    }
    std::sort(found.begin(), found.end(),
              [&](const auto* a, const auto* b) { return comes_before(*a, *b, query.sort); });
    return found;
  }

 private:
  static bool has_words(const ModelProduct& candidate, const SearchQuery& query) {
    for (std::size_t i = 0; i < query.words.size(); ++i) {
      const std::vector<std::string> forms = number_forms(query.words[i]);
      const bool is_last = i + 1 == query.words.size();
      const bool is_there = std::any_of(forms.begin(), forms.end(),
                                        [&](const std::string& form) { return candidate.has_word(form); });
      if (!is_there && !(is_last && candidate.has_word_from(query.words[i]))) return false;
    }
    return true;
  }

  bool passes(const ModelProduct& candidate, const SearchQuery& query) const {
    const shop::CategoryId category(category_ids_.at(candidate.category_key));
    const bool in_category = std::find(query.category_ids.begin(), query.category_ids.end(), category) !=
                                 query.category_ids.end() ||
                             std::find(query.category_keys.begin(), query.category_keys.end(),
                                       candidate.category_key) != query.category_keys.end();
    return (!query.by_category || in_category) &&
           (!query.min_price || candidate.product.price >= *query.min_price) &&
           (!query.max_price || candidate.product.price <= *query.max_price) &&
           (!query.in_stock || candidate.is_in_stock(query.store));
  }

  static bool comes_before(const ModelProduct& a, const ModelProduct& b, Sort sort) {
    const auto id = [](const ModelProduct& product) { return product.product.id; };
    switch (sort) {
      case Sort::price:
        return std::pair(a.product.price, id(a)) < std::pair(b.product.price, id(b));
      case Sort::price_descending:
        return std::pair(b.product.price, id(a)) < std::pair(a.product.price, id(b));
      case Sort::title:
        return std::pair(a.title_key, id(a)) < std::pair(b.title_key, id(b));
      default:
        return std::pair(b.product.created_at, id(b)) < std::pair(a.product.created_at, id(a));
    }
  }

  std::vector<ModelProduct> products_;
  std::map<std::string, std::int64_t> category_ids_;
};

// A search that finds something more often than not.
ParameterList random_search(const Model& model, SeedRandom& random) {
  constexpr const char* kSorts[] = {"newest", "price", "-price", "title"};
  ParameterList parameters{{"sort", kSorts[random.below(4)]}};
  if (random.one_in(2)) {
    const std::vector<std::string> title = words(model.any(random).product.title);
    std::string text = title[random.below(title.size())];
    if (random.one_in(3)) text = title[random.below(title.size())] + ' ' + text;
    text.resize(text.size() - random.below(std::min<std::size_t>(text.size(), 3)));
    if (random.one_in(3)) text.erase(0, random.below(std::min<std::size_t>(text.size(), 3)));
    parameters.emplace_back("q", text);
  }
  for (std::size_t i = random.below(3); i > 0; --i) {
    parameters.emplace_back("category", random.one_in(3) ? std::to_string(1 + random.below(13))
                                                         : model.any(random).product.category);
  }
  Money low = model.any(random).product.price;
  Money high = model.any(random).product.price;
  if (high < low) std::swap(low, high);
  if (random.one_in(3)) parameters.emplace_back("min_price", low.to_string());
  if (random.one_in(3)) parameters.emplace_back("max_price", high.to_string());
  if (random.one_in(2)) parameters.emplace_back("store_id", std::to_string(1 + random.below(kStores)));
  if (random.one_in(2)) parameters.emplace_back("in_stock", "yes");
  parameters.emplace_back("page", std::to_string(1 + random.below(3)));
  parameters.emplace_back("page_size", std::to_string(1 + random.below(30)));
  return parameters;
}

// All that the same text finds where nothing is left out.
std::set<std::int64_t> found_without_filters(ProductSearch& search, const SearchQuery& query) {
  SearchQuery all;
  all.text = query.text;
  all.words = query.words;
  all.page_size = kMaxResults;
  std::set<std::int64_t> ids;
  for (const SearchResult& result : search.search(all).page) ids.insert(result.product.id.value());
  return ids;
}

std::string shown(const ParameterList& parameters) {
  std::string text;
  for (const auto& parameter : parameters) text += parameter.first + '=' + parameter.second + '&';
  return text;
}

TEST_CASE("a search answers what reading all products one by one would") {
  LocalShop shop;
  seed::fill(*shop.database, {.products = kProducts - 20, .stores = kStores, .rows_per_store = 60},
             shop.clock, [](std::int64_t, std::int64_t) {});
  // Things that are alike in what they are sorted by.
  for (int i = 0; i < 20; ++i) shop.add({.title = "Korvala Wireless Headphones", .category = "Audio"});
  shop.database->write([](sql::Connection& connection) {
    connection.run("UPDATE products SET created_at = created_at - created_at % 600000000");
  });
  const Model model(shop);
  const auto search = shop.database.make_search();
  SeedRandom random(1, 0);

  int full = 0;
  int past_the_last = 0;
  int wider = 0;
  for (int i = 0; i < 1'500; ++i) {
    const ParameterList parameters = random_search(model, random);
    INFO(shown(parameters));
    const SearchQuery query = parse_search(parameters);
    const std::set<std::int64_t> with_all_words = model.with_all_words(query);
    const std::set<std::int64_t> unfiltered = found_without_filters(*search, query);
    if (static_cast<std::int64_t>(with_all_words.size()) >= kEnoughMatches) {
      CHECK(unfiltered == with_all_words);
    } else {
      CHECK(
          std::includes(unfiltered.begin(), unfiltered.end(), with_all_words.begin(), with_all_words.end()));
      wider += unfiltered.size() > with_all_words.size() ? 1 : 0;
    }
    const std::vector<const ModelProduct*> expected = model.filter(unfiltered, query);
    const auto begin = static_cast<std::size_t>((query.page - 1) * query.page_size);
    if (query.page > 1 && begin >= expected.size()) {
      CHECK_THROWS_AS(search->search(query), Problem);
      ++past_the_last;
      continue;
    }

    const SearchResults found = search->search(query);

    CHECK(found.count == static_cast<std::int64_t>(expected.size()));
    CHECK(found.count_is_exact);
    const std::size_t end = std::min(begin + static_cast<std::size_t>(query.page_size), expected.size());
    REQUIRE(found.page.size() == end - std::min(begin, end));
    for (std::size_t at = 0; at < found.page.size(); ++at) {
      const ModelProduct& should = *expected[begin + at];
      CHECK(found.page[at].product.id == should.product.id);
      const auto shelf = query.store ? should.quantities.find(query.store->value()) : should.quantities.end();
      CHECK(found.page[at].inventory_quantity ==
            (shelf == should.quantities.end() ? std::nullopt : std::optional(shelf->second)));
    }
    if (!found.page.empty()) ++full;
  }
  CHECK(full > 500);
  CHECK(past_the_last > 100);
  CHECK(wider > 100);
}

}  // namespace
