#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "search/product_search.h"
#include "shop/seed.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::search;  // NOLINT: searches are all that this file speaks of
using aforro::ParameterList;
using aforro::Problem;
using aforro::shop::ProductId;
using aforro::shop::StoreId;
using aforro::test::LocalShop;

using Titles = std::vector<std::string>;

struct SearchShop : LocalShop {
  SearchResults find(const ParameterList& parameters) { return search->search(parse_search(parameters)); }
  Titles titles(const ParameterList& parameters) {
    Titles found;
    for (const SearchResult& result : find(parameters).page) found.push_back(result.product.title);
    return found;
  }
  Titles titles_of(const std::string& text) { return titles({{"q", text}}); }

  std::unique_ptr<ProductSearch> search = database.make_search();
};

Problem::Kind refusal(SearchShop& shop, const ParameterList& parameters) {
  const auto problem = aforro::test::problem_of([&] { shop.find(parameters); });
  REQUIRE(problem);
  return problem->kind();
}

TEST_CASE("every word has to be found, in title, category or description, the last by its beginning too") {
  SearchShop shop;
  shop.add({.title = "Red Mug", .category = "Kitchen", .description = "Holds coffee."});
  shop.add({.title = "Red Rug", .category = "Floors", .description = "Holds dust."});

  CHECK(shop.titles_of("red kitchen coffee") == Titles{"Red Mug"});
  CHECK(shop.titles_of("coffee RED") == Titles{"Red Mug"});
  CHECK(shop.titles_of("red mu") == Titles{"Red Mug"});
  CHECK(shop.titles_of("floors dus") == Titles{"Red Rug"});
  CHECK(shop.titles_of("mu red").empty());  // only the last
  CHECK(shop.titles_of("red mug dust").empty());
  CHECK(shop.titles_of("ug").empty());  // the inside of a word
  CHECK(shop.titles_of("holds").size() == 2);
}

TEST_CASE("case, accents and the form of characters make no difference") {
  SearchShop shop;
  shop.add({.title = "Café Crème Straße", .category = "Ærø"});
  for (const char* text : {"cafe", "CAFÉ", "Cafe\u0301", "creme cafe", "STRASSE", "strasse", "ﬆrasse", "ærø",
                           "ÆRØ", "ＣＡＦＥ"}) {
    CAPTURE(text);
    CHECK(shop.titles_of(text).size() == 1);
  }
}

TEST_CASE("first comes the very title, then titles with all words, then the rest") {
  SearchShop shop;
  shop.add({.title = "Lamp", .description = "For a desk, a very fine desk lamp, best lamp on any desk."});
  shop.add({.title = "Lamp for the Large Old Desk in the Corner of a Room"});
  shop.add({.title = "Desk Lamp", .category = "Lamps"});
  shop.add({.title = "Desk Lampshade"});
  shop.add({.title = "Desk", .category = "Desk lamp stands"});

  const Titles found = shop.titles_of("desk lamp");

  REQUIRE(found.size() == 5);
  CHECK(found[0] == "Desk Lamp");
  CHECK(std::set<std::string>(found.begin() + 1, found.begin() + 3) ==
        std::set<std::string>{"Lamp for the Large Old Desk in the Corner of a Room", "Desk Lampshade"});
  CHECK(std::set<std::string>(found.begin() + 3, found.end()) == std::set<std::string>{"Lamp", "Desk"});
}

TEST_CASE("a word in the title weighs more than in the category, there more than in the description") {
  SearchShop shop;
  shop.add({.title = "One thing", .category = "Other", .description = "cedar"});
  shop.add({.title = "Two thing", .category = "cedar", .description = "other"});
  shop.add({.title = "Cedar thing", .category = "Other", .description = "other"});
  // The rest of the shop, in which the word is rare.
  for (int i = 0; i < 20; ++i) shop.add({.title = "Filler " + std::to_string(i), .category = "Fill"});
  CHECK(shop.titles_of("cedar") == Titles{"Cedar thing", "Two thing", "One thing"});
}

TEST_CASE("equally good results stand in the order of their ids, and again the same way next time") {
  SearchShop shop;
  for (int i = 0; i < 30; ++i) shop.add({.title = "Same Mug"});
  std::vector<std::int64_t> ids;
  for (int page = 1; page <= 3; ++page) {
    for (const SearchResult& result :
         shop.find({{"q", "mug"}, {"page", std::to_string(page)}, {"page_size", "10"}}).page) {
      ids.push_back(result.product.id.value());
    }
  }
  CHECK(ids.size() == 30);
  CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE("the syntax of the index is text like any other") {
  SearchShop shop;
  shop.add({.title = "Red Mug", .description = "and or not near title"});
  for (const char* text : {"red AND mug",
                           "red OR blue",
                           "NOT red",
                           "NEAR(red mug)",
                           "title:red",
                           "title_words:red",
                           "{title_words}:red",
                           "red*",
                           "*",
                           "\"red",
                           "'red'",
                           "red\"\"",
                           "^red",
                           "red + mug",
                           "(red",
                           "red)",
                           "-red",
                           "red -mug",
                           "- -",
                           "%",
                           "_",
                           "$1",
                           "red;--",
                           "\\",
                           "\"\" *"}) {
    CAPTURE(text);
    CHECK_NOTHROW(shop.titles_of(text));
  }
  CHECK(shop.titles_of("NOT red").size() == 1);  // both words are there
  CHECK(shop.titles_of("red OR blue").empty());  // "blue" is not
  CHECK(shop.titles_of("-mug").size() == 1);
  CHECK(shop.titles_of("*").size() == 1);  // no word: everything
}

TEST_CASE("what changes is found by its new words at once, and by its old ones no more") {
  SearchShop shop;
  shop.add({.title = "Mug", .category = "Kitchen", .description = "blue", .sku = "A"});
  CHECK(shop.titles_of("blue kitchen mug").size() == 1);
  shop.add({.title = "Cup", .category = "Bar", .description = "green", .sku = "A"});
  CHECK(shop.titles_of("green bar cup").size() == 1);
  for (const char* old : {"mug", "kitchen", "blue"}) CHECK(shop.titles_of(old).empty());
  CHECK(shop.search->suggest("cup") == Titles{"Cup"});
  CHECK(shop.search->suggest("mug").empty());
}

TEST_CASE("a store fills in its own quantities, and none where it has no shelf") {
  SearchShop shop;
  const StoreId north = shop.add_store("North");
  const StoreId south = shop.add_store("South");
  const ProductId mug = shop.add({.title = "Mug"});
  shop.add({.title = "Rug"});
  shop.shelve(north, mug, 3);
  shop.shelve(south, mug, 0);
  const auto quantities = [&](const ParameterList& parameters) {
    std::vector<std::int64_t> found;
    for (const SearchResult& result : shop.find(parameters).page)
      found.push_back(result.inventory_quantity.value_or(-1));
    return found;
  };
  using Quantities = std::vector<std::int64_t>;
  CHECK(quantities({{"store_id", "1"}, {"sort", "title"}}) == Quantities{3, -1});
  CHECK(quantities({{"store_id", "2"}, {"sort", "title"}}) == Quantities{0, -1});
  CHECK(quantities({{"sort", "title"}}) == Quantities{-1, -1});
  CHECK(quantities({{"store_id", "1"}, {"in_stock", "1"}}) == Quantities{3});
  CHECK(quantities({{"store_id", "2"}, {"in_stock", "1"}}).empty());
  CHECK(quantities({{"in_stock", "1"}}) == Quantities{-1});  // somewhere
  CHECK(refusal(shop, {{"store_id", "3"}}) == Problem::Kind::not_found);
  CHECK(refusal(shop, {{"store_id", "3"}, {"q", "nothing"}}) == Problem::Kind::not_found);
}

TEST_CASE("a category that nobody has finds nothing, beside others it adds nothing") {
  SearchShop shop;
  shop.add({.title = "Mug", .category = "Küche"});
  shop.add({.title = "Rug", .category = "Floors"});
  CHECK(shop.titles({{"category", "kuche"}}) == Titles{"Mug"});
  CHECK(shop.titles({{"category", "2"}}) == Titles{"Rug"});
  CHECK(shop.titles({{"category", "KÜCHE"}, {"category", "2"}, {"sort", "title"}}) == Titles{"Mug", "Rug"});
  CHECK(shop.titles({{"category", "none"}}).empty());
  CHECK(shop.titles({{"category", "0"}}).empty());
  CHECK(shop.titles({{"category", "none"}, {"category", "1"}}) == Titles{"Mug"});
}

TEST_CASE("a page past the last is refused, but the first never is") {
  SearchShop shop;
  CHECK(shop.find({}).page.empty());
  CHECK(shop.find({{"q", "mug"}}).page.empty());
  CHECK(refusal(shop, {{"page", "2"}}) == Problem::Kind::not_found);
  for (int i = 0; i < 20; ++i) shop.add({.title = "Mug " + std::to_string(i)});
  CHECK(shop.find({}).page.size() == 20);
  CHECK(refusal(shop, {{"page", "2"}}) == Problem::Kind::not_found);
  shop.add({.title = "Mug 20"});
  CHECK(shop.find({{"page", "2"}}).page.size() == 1);
  for (const char* page : {"3", "4294967297", "9223372036854775807"}) {
    CAPTURE(page);
    CHECK(refusal(shop, {{"page", page}}) == Problem::Kind::not_found);
    CHECK(refusal(shop, {{"page", page}, {"q", "mug"}}) == Problem::Kind::not_found);
  }
}

TEST_CASE("counting and paging end at the 10,000th result") {
  SearchShop shop;
  aforro::shop::seed(*shop.database, {.products = 10'000, .stores = 1, .rows_per_store = 1}, shop.clock,
                     [](std::int64_t, std::int64_t) {});
  CHECK(shop.find({}).count == 10'000);
  CHECK(shop.find({}).count_is_exact);

  shop.add({.title = "One more"});
  const SearchResults first = shop.find({{"page_size", "30"}});
  CHECK(first.count == 10'000);
  CHECK(!first.count_is_exact);
  CHECK(first.page.size() == 30);
  CHECK(shop.find({{"page_size", "30"}, {"page", "334"}}).page.size() == 10);
  CHECK(refusal(shop, {{"page_size", "30"}, {"page", "335"}}) == Problem::Kind::not_found);
  CHECK(shop.find({{"page_size", "100"}, {"page", "100"}, {"sort", "title"}}).page.size() == 100);
  CHECK(refusal(shop, {{"page_size", "100"}, {"page", "101"}}) == Problem::Kind::not_found);
}

TEST_CASE("suggestions: titles that begin so, then those with a word that does, then those that contain it") {
  SearchShop shop;
  for (const char* title : {"Unbread", "Old Bread Knife", "bread board", "Bread", "Gingerbread", "A Breadbin",
                            "Rye", "BREAD BASKET", "Short Bread", "Br ead"}) {
    shop.add({.title = title});
  }
  CHECK(shop.search->suggest("bread") == Titles{"Bread", "BREAD BASKET", "bread board", "A Breadbin",
                                                "Old Bread Knife", "Short Bread", "Gingerbread", "Unbread"});
  CHECK(shop.search->suggest("  BREAD b ") == Titles{"BREAD BASKET", "bread board"});
  CHECK(shop.search->suggest("bread kn") == Titles{"Old Bread Knife"});
  CHECK(shop.search->suggest("xyz").empty());
}

TEST_CASE("suggestions are distinct, at most ten, whichever group they are of") {
  SearchShop shop;
  for (int i = 0; i < 5; ++i) shop.add({.title = "Mug"});
  shop.add({.title = "MUG"});
  shop.add({.title = "Mug Mug"});
  CHECK(shop.search->suggest("mug") == Titles{"MUG", "Mug", "Mug Mug"});

  for (int i = 10; i < 14; ++i) shop.add({.title = "Mug " + std::to_string(i)});
  for (int i = 10; i < 12; ++i) shop.add({.title = "Big Mug " + std::to_string(i)});
  for (int i = 10; i < 30; ++i) shop.add({.title = "Smug " + std::to_string(i)});
  CHECK(shop.search->suggest("mug") == Titles{"MUG", "Mug", "Mug 10", "Mug 11", "Mug 12", "Mug 13", "Mug Mug",
                                              "Big Mug 10", "Big Mug 11", "Smug 10"});
}

TEST_CASE("a text of fewer than three characters is refused, whatever they are made of") {
  SearchShop shop;
  shop.add({.title = "Ähnlich"});
  for (const char* text : {"", "  ", "ab", " ab ", "ä b\t"}) {
    CAPTURE(text);
    if (std::string(text) == "ä b\t") {
      CHECK(shop.search->suggest(text).empty());  // three, with the space between
      continue;
    }
    CHECK_THROWS_AS(shop.search->suggest(text), Problem);
  }
  CHECK(shop.search->suggest("ÄHN") == Titles{"Ähnlich"});
  CHECK(shop.search->suggest("ahn") == Titles{"Ähnlich"});
  CHECK(shop.search->suggest("hnl") == Titles{"Ähnlich"});
}

TEST_CASE("characters that have a meaning in patterns stand for themselves in suggestions") {
  SearchShop shop;
  for (const char* title : {"50% [Off] *Sale*", "What? A Mug", "5'4\" Shelf", "Under_score", "Plain Mug"}) {
    shop.add({.title = title});
  }
  CHECK(shop.search->suggest("0% [") == Titles{"50% [Off] *Sale*"});
  CHECK(shop.search->suggest("*sale*") == Titles{"50% [Off] *Sale*"});
  CHECK(shop.search->suggest("at? a") == Titles{"What? A Mug"});
  CHECK(shop.search->suggest("r_s") == Titles{"Under_score"});
  CHECK(shop.search->suggest("'4\" s") == Titles{"5'4\" Shelf"});
  CHECK(shop.search->suggest("m*g").empty());
  CHECK(shop.search->suggest("m?g").empty());
  CHECK(shop.search->suggest("[m]ug").empty());
  CHECK(shop.search->suggest("]*[").empty());
  CHECK(shop.search->suggest("...").empty());
}

}  // namespace
