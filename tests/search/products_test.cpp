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
#include "seed/seed.h"
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
  std::int64_t count(const std::string& text) { return find({{"q", text}}).count; }
  Titles suggest(const std::string& text) { return search->suggest(parse_suggest({{"q", text}})); }

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
  CHECK(shop.find({{"q", "mu red"}}).matched == Matched::fewer);  // only the last
  CHECK(shop.find({{"q", "red mug dust"}}).matched == Matched::fewer);
  CHECK(shop.titles_of("ug").empty());  // the inside of a word, and too short to be looked for there
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

TEST_CASE("first comes the very title, and what has the words in its title before what has them elsewhere") {
  SearchShop shop;
  shop.add({.title = "Lamp", .description = "For a desk, a very fine desk lamp, best lamp on any desk."});
  shop.add({.title = "Desk Lamp", .category = "Lamps"});
  shop.add({.title = "Desk Lampshade"});
  shop.add({.title = "Desk", .category = "Desk lamp stands"});

  const Titles found = shop.titles_of("desk lamp");

  CHECK(found.at(0) == "Desk Lamp");
  CHECK(found.size() == 4);
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

TEST_CASE("equally good results stand the newest first, and again the same way next time") {
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
  CHECK(std::is_sorted(ids.rbegin(), ids.rend()));
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
  CHECK(shop.titles_of("NOT red").size() == 1);                        // both words are there
  CHECK(shop.find({{"q", "red OR blue"}}).matched == Matched::fewer);  // "blue" is not
  CHECK(shop.titles_of("-mug").size() == 1);
}

TEST_CASE("a text in which nothing can be searched finds nothing, and no text everything") {
  SearchShop shop;
  shop.add({.title = "Red Mug ***", .description = "100 % * \"stoneware\""});
  for (const char* text :
       {"*", "***", "%%%", "%", "\"\"", "- -", "_", "...", " ", "\t", "\x01", "\u200B", "\u0301", "$"}) {
    CAPTURE(text);
    CHECK(shop.titles_of(text).empty());
    CHECK(shop.count(text) == 0);
    CHECK(shop.find({{"q", text}, {"sort", "price"}, {"in_stock", "no"}}).count == 0);
    CHECK(refusal(shop, {{"q", text}, {"page", "2"}}) == Problem::Kind::not_found);
  }
  CHECK(shop.titles_of("").size() == 1);
}

TEST_CASE("an emoji finds the titles that have it, whatever colour it was given") {
  SearchShop shop;
  shop.add({.title = "🎁 Gift Box"});
  shop.add({.title = "Mug👍🏽", .description = "🇩🇪"});
  shop.add({.title = "Plain Mug"});
  CHECK(shop.titles_of("🎁") == Titles{"🎁 Gift Box"});
  CHECK(shop.titles_of("box 🎁") == Titles{"🎁 Gift Box"});
  CHECK(shop.titles_of("👍") == Titles{"Mug👍🏽"});
  CHECK(shop.titles_of("👍🏿 mug").at(0) == "Mug👍🏽");
  CHECK(shop.titles_of("🇩🇪") == Titles{"Mug👍🏽"});
  CHECK(shop.titles_of("🎂").empty());
  CHECK(shop.titles_of("mug").size() == 2);
}

TEST_CASE("a SKU finds its product, as it stands and by its words, and comes before what only mentions it") {
  SearchShop shop;
  shop.add({.title = "Kettle", .sku = "AB-12/x"});
  shop.add({.title = "Case for AB 12 X"});
  shop.add({.title = "Other Kettle", .sku = "AB-12-x"});
  shop.add({.title = "Odd", .sku = "***"});
  shop.add({.title = "Odder", .sku = "+++"});
  shop.add({.title = "Naïve", .sku = "Ä\u00B7é"});
  CHECK(shop.titles_of("AB-12/x").at(0) == "Kettle");
  CHECK(shop.titles_of("AB-12-x").at(0) == "Other Kettle");
  CHECK(shop.titles_of(" ab 12 ").size() == 3);
  CHECK(shop.titles({{"q", "kettle ab"}, {"page_size", "2"}}) == Titles{"Kettle", "Other Kettle"});
  CHECK(shop.titles_of("***") == Titles{"Odd"});
  CHECK(shop.titles_of("+++") == Titles{"Odder"});
  CHECK(shop.titles({{"q", "+++"}, {"max_price", "0.50"}}).empty());
  CHECK(shop.titles_of("A\u0308\u00B7e\u0301") == Titles{"Naïve"});
  CHECK(shop.find({{"q", "b-12/x"}}).matched == Matched::fewer);  // not as a SKU
}

TEST_CASE("of letters that differ in a mark alone each finds its own, but for accents") {
  SearchShop shop;
  for (const char* title :
       {"カード", "ガード", "काला जूता", "कल का अखबार", "เสื้อ", "เสือ", "Рой", "Рои", "Ёлка", "שָׁלוֹם", "مُحَمَّد"}) {
    shop.add({.title = title, .category = title});
  }
  CHECK(shop.titles_of("カード") == Titles{"カード"});
  CHECK(shop.titles_of("ガ") == Titles{"ガード"});
  CHECK(shop.titles_of("कल") == Titles{"कल का अखबार"});
  CHECK(shop.titles_of("काला") == Titles{"काला जूता"});
  CHECK(shop.titles_of("เสื้อ") == Titles{"เสื้อ"});
  CHECK(shop.titles_of("рой") == Titles{"Рой"});
  CHECK(shop.titles_of("елка") == Titles{"Ёлка"});
  CHECK(shop.titles_of("שלום") == Titles{"שָׁלוֹם"});
  CHECK(shop.titles_of("محمد") == Titles{"مُحَمَّد"});
  CHECK(shop.number("SELECT count(*) FROM categories") == 11);
  CHECK(shop.titles({{"category", "ガード"}}) == Titles{"ガード"});
}

// The titles that have a text inside of a word, but for those that have it as a word.
TEST_CASE("with fewer than 20 matches the inside of titles' words is searched, ranked behind them") {
  SearchShop shop;
  shop.add({.title = "Smartphone"});
  shop.add({.title = "Stand", .description = "For a phone."});
  shop.add({.title = "Wireless Headphones", .category = "Audio"});
  shop.add({.title = "Phone Case"});
  shop.add({.title = "Mug", .description = "For the gramophone."});  // inside a word, but of no title
  const SearchResults found = shop.find({{"q", "phone"}});
  CHECK(found.count == 4);
  CHECK(found.matched == Matched::inside);
  CHECK(shop.titles_of("phone") == Titles{"Phone Case", "Stand", "Smartphone", "Wireless Headphones"});
  CHECK(shop.titles({{"q", "phone"}, {"page", "2"}, {"page_size", "3"}}) == Titles{"Wireless Headphones"});
  CHECK(shop.titles({{"q", "phone"}, {"sort", "title"}}) ==
        Titles{"Phone Case", "Smartphone", "Stand", "Wireless Headphones"});
  CHECK(shop.titles_of("less phone audio").at(0) == "Wireless Headphones");
  CHECK(shop.titles_of("adpho ireles") == Titles{"Wireless Headphones"});
  CHECK(shop.titles_of("hon").size() == 3);
  CHECK(shop.find({{"q", "phone zzz"}}).matched == Matched::fewer);
  CHECK(shop.titles_of("mart kitchen").empty());
}

TEST_CASE("how far a search went does not depend on its filters, and what they leave out is left out") {
  SearchShop shop;
  for (int i = 0; i < 19; ++i) shop.add({.title = "Phone " + std::to_string(i), .price_minor = 100 + i});
  shop.add({.title = "Headphones", .price_minor = 105});
  CHECK(shop.find({{"q", "phone"}}).count == 20);
  const SearchResults cheap = shop.find({{"q", "phone"}, {"max_price", "1.05"}});
  CHECK(cheap.count == 7);
  CHECK(cheap.matched == Matched::inside);

  shop.add({.title = "Phone 20", .price_minor = 500});

  const SearchResults all = shop.find({{"q", "phone"}});
  CHECK(all.count == 20);
  CHECK(all.matched == Matched::all);
  const SearchResults fewer = shop.find({{"q", "phone"}, {"max_price", "1.05"}, {"page_size", "100"}});
  CHECK(fewer.count == 6);
  CHECK(fewer.matched == Matched::all);
  CHECK(shop.find({}).matched == std::nullopt);
  CHECK(shop.find({{"q", "zzz"}}).matched == Matched::all);
}

TEST_CASE("words without spaces between are found inside by one character of Chinese, Japanese or Korean") {
  SearchShop shop;
  shop.add({.title = "赤い靴"});
  shop.add({.title = "靴べら"});
  shop.add({.title = "한국어사전"});
  CHECK(shop.titles_of("靴") == Titles{"靴べら", "赤い靴"});
  CHECK(shop.titles_of("い靴") == Titles{"赤い靴"});
  CHECK(shop.titles_of("赤靴").empty());
  CHECK(shop.titles_of("국어") == Titles{"한국어사전"});
  CHECK(shop.titles_of("국어사") == Titles{"한국어사전"});
  CHECK(shop.titles_of("ｸﾂ").empty());
}

TEST_CASE("what changes is found by its new words at once, and by its old ones no more") {
  SearchShop shop;
  shop.add({.title = "Mug", .category = "Kitchen", .description = "blue", .sku = "A"});
  CHECK(shop.titles_of("blue kitchen mug").size() == 1);
  shop.add({.title = "Cup", .category = "Bar", .description = "green", .sku = "A"});
  CHECK(shop.titles_of("green bar cup").size() == 1);
  for (const char* old : {"mug", "kitchen", "blue"}) CHECK(shop.titles_of(old).empty());
  shop.add({.title = "靴", .sku = "A"});
  shop.add({.title = "鞄", .sku = "A"});
  CHECK(shop.titles_of("靴").empty());
  CHECK(shop.titles_of("鞄") == Titles{"鞄"});
  shop.add({.title = "Cup", .category = "Bar", .description = "green", .sku = "A"});
  CHECK(shop.suggest("cup") == Titles{"Cup"});
  CHECK(shop.suggest("mug").empty());
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
  aforro::seed::fill(*shop.database, {.products = 10'000, .stores = 1, .rows_per_store = 1}, shop.clock,
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
  CHECK(shop.suggest("bread") == Titles{"Bread", "BREAD BASKET", "bread board", "A Breadbin",
                                        "Old Bread Knife", "Short Bread", "Gingerbread", "Unbread"});
  CHECK(shop.suggest("  BREAD b ") == Titles{"BREAD BASKET", "bread board"});
  CHECK(shop.suggest("bread kn") == Titles{"Old Bread Knife"});
  CHECK(shop.suggest("xyz").empty());
}

TEST_CASE("suggestions are distinct, at most ten, whichever group they are of") {
  SearchShop shop;
  for (int i = 0; i < 5; ++i) shop.add({.title = "Mug"});
  shop.add({.title = "MUG"});
  shop.add({.title = "Mug Mug"});
  CHECK(shop.suggest("mug") == Titles{"MUG", "Mug", "Mug Mug"});

  for (int i = 10; i < 14; ++i) shop.add({.title = "Mug " + std::to_string(i)});
  for (int i = 10; i < 12; ++i) shop.add({.title = "Big Mug " + std::to_string(i)});
  for (int i = 10; i < 30; ++i) shop.add({.title = "Smug " + std::to_string(i)});
  CHECK(shop.suggest("mug") == Titles{"MUG", "Mug", "Mug 10", "Mug 11", "Mug 12", "Mug 13", "Mug Mug",
                                      "Big Mug 10", "Big Mug 11", "Smug 10"});
}

TEST_CASE("a text is suggested for by any part of it, without regard to accents") {
  SearchShop shop;
  shop.add({.title = "Ähnlich"});
  CHECK(shop.suggest("ÄHN") == Titles{"Ähnlich"});
  CHECK(shop.suggest("ahn") == Titles{"Ähnlich"});
  CHECK(shop.suggest("hnl") == Titles{"Ähnlich"});
  CHECK(shop.suggest("ä b\t").empty());
  CHECK(shop.suggest("\u200B\u200B\u200B").empty());
  CHECK(shop.suggest("a\u200B\u200Bh") == Titles{"Ähnlich"});
}

TEST_CASE("a text is compared as it was typed, punctuation included, before its words are") {
  SearchShop shop;
  for (const char* title : {"C++ Primer", "Learning C++", "Cat Food", "Abc++", "C Sharp", "T-Shirt",
                            "My T Shirt", "MX-500", "MX 500 Mouse", "Dr. No", "Drone"}) {
    shop.add({.title = title});
  }
  CHECK(shop.suggest("c++") == Titles{"C++ Primer", "Learning C++", "Abc++"});
  CHECK(shop.suggest("t shirt") == Titles{"My T Shirt", "T-Shirt"});
  CHECK(shop.suggest("t-shirt") == Titles{"T-Shirt", "My T Shirt"});
  CHECK(shop.suggest("mx-5") == Titles{"MX-500", "MX 500 Mouse"});
  CHECK(shop.suggest("dr.") == Titles{"Dr. No"});
}

TEST_CASE("two characters of Chinese, Japanese or Korean are enough, at the beginning and inside") {
  SearchShop shop;
  for (const char* title : {"赤い靴", "大きな赤い傘", "赤ちゃん", "小さい 赤い帽子", "ガラスの花瓶",
                            "カラスのぬいぐるみ", "한국어사전"}) {
    shop.add({.title = title});
  }
  CHECK(shop.suggest("赤い") == Titles{"赤い靴", "小さい 赤い帽子", "大きな赤い傘"});
  CHECK(shop.suggest("花瓶") == Titles{"ガラスの花瓶"});
  CHECK(shop.suggest("ガラ") == Titles{"ガラスの花瓶"});
  CHECK(shop.suggest("カ\u3099ラ") == Titles{"ガラスの花瓶"});
  CHECK(shop.suggest("カラ") == Titles{"カラスのぬいぐるみ"});
  CHECK(shop.suggest("국어") == Titles{"한국어사전"});
  CHECK(shop.suggest("い赤").empty());
}

TEST_CASE("characters that have a meaning in patterns stand for themselves in suggestions") {
  SearchShop shop;
  for (const char* title : {"50% [Off] *Sale*", "What? A Mug", "5'4\" Shelf", "Under_score", "Plain Mug"}) {
    shop.add({.title = title});
  }
  CHECK(shop.suggest("0% [") == Titles{"50% [Off] *Sale*"});
  CHECK(shop.suggest("*sale*") == Titles{"50% [Off] *Sale*"});
  CHECK(shop.suggest("at? a") == Titles{"What? A Mug"});
  CHECK(shop.suggest("r_s") == Titles{"Under_score"});
  CHECK(shop.suggest("'4\" s") == Titles{"5'4\" Shelf"});
  CHECK(shop.suggest("m*g").empty());
  CHECK(shop.suggest("m?g").empty());
  CHECK(shop.suggest("[m]ug").empty());
  CHECK(shop.suggest("]*[").empty());
  CHECK(shop.suggest("...").empty());
}

}  // namespace
