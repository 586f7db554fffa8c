// Words that many products have, in another order than by relevance: whichever way the engine takes to the
// page, it has what reading and sorting all matches would give.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/money.h"
#include "search/product_search.h"
#include "search/query_words.h"
#include "seed/seed.h"
#include "support/local_shop.h"

namespace {

using namespace aforro::search;  // NOLINT: searches are all that this file speaks of
using aforro::ParameterList;
using aforro::test::LocalShop;

struct Product {
  std::int64_t id;
  std::string title_key;
  std::int64_t price;
  std::string texts;  // with a space before and behind each word
};

std::vector<Product> all_products(LocalShop& shop) {
  std::vector<Product> all;
  shop.database->read([&](aforro::sql::Connection& connection) {
    all.clear();
    connection.query(
        "SELECT id, title_key, price_minor, ' ' || title_words || ' ' || category_words || ' ' ||"
        " description_words || ' ' || sku_words || ' ' FROM products",
        {}, [&](const aforro::sql::Row& row) {
          all.push_back({row.integer(0), std::string(row.text(1)), row.integer(2), std::string(row.text(3))});
        });
  });
  return all;
}

bool has(const Product& product, const AnyOf& any) {
  return std::any_of(any.begin(), any.end(), [&](const Term& term) {
    const char* const behind = term.kind == Term::Kind::beginning ? "" : " ";
    return product.texts.find(' ' + term.text + behind) != std::string::npos;
  });
}

using Ids = std::vector<std::int64_t>;

Ids expected(std::vector<Product> products, const std::string& sort) {
  std::sort(products.begin(), products.end(), [&](const Product& a, const Product& b) {
    if (sort == "title") return std::tie(a.title_key, a.id) < std::tie(b.title_key, b.id);
    if (sort == "price") return std::tie(a.price, a.id) < std::tie(b.price, b.id);
    if (sort == "-price") return std::tie(b.price, a.id) < std::tie(a.price, b.id);
    return a.id > b.id;  // seeded products came in the order of their ids
  });
  Ids ids;
  for (const Product& product : products) ids.push_back(product.id);
  return ids;
}

TEST_CASE("a page of many matches in any order is what sorting all of them would give") {
  LocalShop shop;
  aforro::seed::fill(*shop.database, {.products = 4'000, .stores = 1, .rows_per_store = 1'000}, shop.clock,
                     [](std::int64_t, std::int64_t) {});
  const std::vector<Product> all = all_products(shop);
  const auto search = shop.database.make_search();
  // Everywhere; in one of twenty; the brands of one department, which begin titles and have the dear
  // products.
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"the"}, {"terracotta"}, {"t"}, {"korvala"}, {"for", "the"}}) {
    std::vector<Product> matches;
    for (const Product& product : all) {
      bool has_all = true;
      for (std::size_t i = 0; i < words.size(); ++i) {
        has_all = has_all && has(product, slot_of(words[i], i + 1 == words.size()));
      }
      if (has_all) matches.push_back(product);
    }
    REQUIRE(matches.size() > 60);
    for (const std::string sort : {"title", "price", "-price", "newest"}) {
      const Ids ids = expected(matches, sort);
      for (std::size_t page = 1; page <= 3; ++page) {
        const std::string text = joined(words);
        CAPTURE(text);
        CAPTURE(sort);
        CAPTURE(page);
        const SearchResults found =
            search->search(parse_search({{"q", text}, {"sort", sort}, {"page", std::to_string(page)}}));
        CHECK(found.count == std::ssize(ids));
        Ids shown;
        for (const SearchResult& result : found.page) shown.push_back(result.product.id.value());
        CHECK(shown == Ids(ids.begin() + static_cast<std::ptrdiff_t>(20 * (page - 1)),
                           ids.begin() + static_cast<std::ptrdiff_t>(20 * page)));
      }
    }
    // The same with a filter that every other product passes, and with one that few pass.
    const Ids dearest = expected(matches, "-price");
    const auto fifth = std::find_if(matches.begin(), matches.end(),
                                    [&](const Product& product) { return product.id == dearest[4]; });
    for (const std::int64_t least : {std::int64_t{5'000}, fifth->price}) {
      std::vector<Product> passing;
      std::copy_if(matches.begin(), matches.end(), std::back_inserter(passing),
                   [&](const Product& product) { return product.price >= least; });
      for (const std::string sort : {"title", "newest"}) {
        const Ids ids = expected(passing, sort);
        const std::string min_price = aforro::Money::from_minor(least).to_string();
        CAPTURE(min_price);
        const SearchResults found =
            search->search(parse_search({{"q", joined(words)}, {"sort", sort}, {"min_price", min_price}}));
        CHECK(found.count == std::ssize(ids));
        REQUIRE(found.page.size() == std::min<std::size_t>(ids.size(), 20));
        for (std::size_t k = 0; k < found.page.size(); ++k) CHECK(found.page[k].product.id.value() == ids[k]);
      }
    }
  }
}

}  // namespace
