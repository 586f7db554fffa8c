// What a shopper types and what is meant by it: each step that a search takes beyond the words as they stand,
// and how what it finds is ranked. On both engines.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "search/product_search.h"
#include "support/local_shop.h"

namespace {

using namespace aforro::search;  // NOLINT: searches are all that this file speaks of
using aforro::ParameterList;
using aforro::test::LocalShop;

using Titles = std::vector<std::string>;

struct SearchShop : LocalShop {
  SearchResults find(const std::string& text, ParameterList parameters = {}) {
    parameters.emplace_back("q", text);
    return search->search(parse_search(parameters));
  }
  Titles titles(const std::string& text) {
    Titles found;
    for (const SearchResult& result : find(text).page) found.push_back(result.product.title);
    return found;
  }
  std::string first(const std::string& text) {
    const Titles found = titles(text);
    return found.empty() ? "" : found.front();
  }
  Titles suggest(const std::string& text) { return search->suggest(parse_suggest({{"q", text}})); }

  std::unique_ptr<ProductSearch> search = database.make_search();
};

struct ElectronicsShop : SearchShop {
  ElectronicsShop() {
    add({.title = "Wireless Mouse", .category = "Mice", .description = "Two buttons and a wheel."});
    add({.title = "Mouse Pad", .category = "Accessories"});
    add({.title = "Laptop Bag", .category = "Bags", .description = "Leather."});
    add({.title = "Headphones HP500", .category = "Audio", .description = "Over the ear."});
    add({.title = "Memory Card 64 GB", .category = "Memory"});
    add({.title = "Solid State Drive 500GB", .category = "Memory"});
    add({.title = "Rechargeable Battery", .category = "Batteries"});
    add({.title = "Kitchen Knife", .category = "Kitchen"});
    add({.title = "Nintendo Switch", .category = "Gaming"});
    add({.title = "Playstation 4 Console", .category = "Gaming"});
  }
};

TEST_CASE("singular and plural find each other") {
  ElectronicsShop shop;
  for (const auto& row : {std::pair{"batteries", "Rechargeable Battery"},
                          {"laptop bags", "Laptop Bag"},
                          {"knives", "Kitchen Knife"},
                          {"nintendo switches", "Nintendo Switch"},
                          {"headphone", "Headphones HP500"},
                          {"wireless mouses", "Wireless Mouse"}}) {
    const auto& typed = row.first;
    const auto& title = row.second;
    CAPTURE(typed);
    const SearchResults found = shop.find(typed);
    CHECK(shop.first(typed) == title);
    CHECK(!found.corrected_query);
  }
  CHECK(shop.find("batteries").page.at(0).matched == Matched::all);
}

TEST_CASE("words written together and apart find each other, model numbers and units too") {
  ElectronicsShop shop;
  for (const auto& row : {std::pair{"head phones", "Headphones HP500"},
                          {"hp 500", "Headphones HP500"},
                          {"hp-500", "Headphones HP500"},
                          {"64gb", "Memory Card 64 GB"},
                          {"memory card 64gb", "Memory Card 64 GB"},
                          {"500 gb", "Solid State Drive 500GB"},
                          {"mousepad", "Mouse Pad"},
                          {"play station 4", "Playstation 4 Console"}}) {
    const auto& typed = row.first;
    const auto& title = row.second;
    CAPTURE(typed);
    const SearchResults found = shop.find(typed);
    REQUIRE(found.count > 0);
    CHECK(found.page.at(0).product.title == title);
    CHECK(found.page.at(0).matched == Matched::joined);
    CHECK(!found.corrected_query);
  }
}

TEST_CASE("a word with slips is taken for the one that the catalogue has, and the answer says so") {
  ElectronicsShop shop;
  for (const auto& row : {std::pair{"headphnes", "headphones"},
                          {"haedphones", "headphones"},
                          {"hedfones", ""},  // three slips
                          {"wirless mouse", "wireless mouse"},
                          {"wireles mosue", "wireless mouse"},
                          {"Nintedno", "nintendo"},
                          {"kitchn knife", "kitchen knife"},
                          {"knfe", "knife"}}) {
    const auto& typed = row.first;
    const auto& corrected = row.second;
    CAPTURE(typed);
    const SearchResults found = shop.find(typed);
    CHECK(found.corrected_query.value_or("") == corrected);
    if (*corrected != '\0') {
      CHECK(found.matched >= Matched::spelling);
      CHECK(found.count > 0);
    }
  }
}

TEST_CASE("a word that the catalogue has is never corrected, however rare") {
  ElectronicsShop shop;
  for (int i = 0; i < 30; ++i) shop.add({.title = "Mouse " + std::to_string(i)});
  shop.add({.title = "Moose Toy", .sku = "MOUSY-1"});
  CHECK(shop.first("moose") == "Moose Toy");
  CHECK(!shop.find("moose").corrected_query);
  CHECK(!shop.find("mousy").corrected_query);  // a SKU's
  CHECK(!shop.find("moose wireless").corrected_query);
}

TEST_CASE("of two spellings the one that stands together with the other words is meant") {
  SearchShop shop;
  for (int i = 0; i < 20; ++i) shop.add({.title = "Steel Bracket " + std::to_string(i)});
  shop.add({.title = "Garden Stool"});
  CHECK(shop.find("stoel").corrected_query == "steel");
  CHECK(shop.find("garden stoel").corrected_query == "garden stool");
}

TEST_CASE("numbers and short words are not corrected") {
  ElectronicsShop shop;
  CHECK(!shop.find("hp501").corrected_query);
  CHECK(!shop.find("gv").corrected_query);
  CHECK(shop.find("65 qb").count == 0);
}

TEST_CASE("where nothing has all words, what has most of what they tell comes first") {
  SearchShop shop;
  for (int i = 0; i < 30; ++i) shop.add({.title = "Blue Thing " + std::to_string(i)});
  shop.add({.title = "Zither"});
  shop.add({.title = "Blue Zither Case"});
  const SearchResults found = shop.find("blue zither strings");
  CHECK(found.matched == Matched::fewer);
  REQUIRE(found.page.size() >= 2);
  CHECK(found.page[0].product.title == "Blue Zither Case");
  CHECK(found.page[1].product.title == "Zither");
  CHECK(shop.find("qqqq xxxx").count == 0);
  // However many words there are, of which no product has more than two.
  for (const char* title : {"Alpha Beta", "Gamma", "Delta", "Epsilon", "Zeta"}) shop.add({.title = title});
  CHECK(shop.titles("gamma delta alpha epsilon zeta beta").front() == "Alpha Beta");
}

TEST_CASE("twenty matches of the words as they stand are enough, and no step is taken") {
  SearchShop shop;
  for (int i = 0; i < 20; ++i) shop.add({.title = "Phone " + std::to_string(i)});
  shop.add({.title = "Smartphone"});
  CHECK(shop.find("phone").count == 20);
  CHECK(shop.find("phone").matched == Matched::all);
  CHECK(shop.find("phone", {{"max_price", "0.50"}}).count == 0);
}

TEST_CASE("a filter never adds a result, whatever step found it") {
  ElectronicsShop shop;
  for (const char* text :
       {"mouse", "head phones", "wirless mouse", "phone", "blue mouse", "kitchen zz", "64gb"}) {
    CAPTURE(text);
    std::vector<std::int64_t> all;
    for (const SearchResult& result : shop.find(text).page) all.push_back(result.product.id.value());
    for (const char* category : {"Mice", "Audio", "Memory", "Kitchen"}) {
      for (const SearchResult& result : shop.find(text, {{"category", category}}).page) {
        CHECK(std::find(all.begin(), all.end(), result.product.id.value()) != all.end());
        CHECK(result.product.category == category);
      }
    }
  }
}

TEST_CASE("what a thing is for ranks below the thing itself") {
  SearchShop shop;
  shop.add({.title = "Apple iPhone 12"});
  shop.add({.title = "Case for iPhone 12"});
  shop.add({.title = "Hülle für iPhone 12"});
  CHECK(shop.first("iphone 12") == "Apple iPhone 12");
  CHECK(shop.first("case iphone") == "Case for iPhone 12");
}

TEST_CASE("words that follow each other, and a name that ends with the query's, come first") {
  SearchShop shop;
  shop.add({.title = "Office Chair"});
  shop.add({.title = "Chair Office Mat"});
  CHECK(shop.first("office chair") == "Office Chair");
  CHECK(shop.titles("chair").front() == "Office Chair");
}

TEST_CASE("of many matches those with all words in the title are ranked, however old") {
  SearchShop shop;
  shop.add({.title = "Green Lantern", .sku = "OLDEST"});
  std::vector<aforro::shop::ProductEntry> many(1'200, {.sku = {},
                                                       .title = "Other",
                                                       .description = "With a green lantern beside it.",
                                                       .price = aforro::Money(),
                                                       .category = "Things"});
  shop.catalogue.put_products(many);
  const SearchResults found = shop.find("green lantern");
  CHECK(found.count == 1'201);
  CHECK(found.page.at(0).product.title == "Green Lantern");
  // Every product is on one page, those that are not ranked too.
  std::vector<std::int64_t> ids;
  for (int page = 1; page <= 13; ++page) {
    for (const SearchResult& result :
         shop.find("green lantern", {{"page_size", "100"}, {"page", std::to_string(page)}}).page) {
      ids.push_back(result.product.id.value());
    }
  }
  CHECK(ids.size() == 1'201);
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("a correction is as fresh as the catalogue") {
  SearchShop shop;
  CHECK(shop.find("xylofone").count == 0);
  shop.add({.title = "Xylofon", .sku = "X"});
  CHECK(shop.find("xylofone").corrected_query == "xylofon");
  shop.catalogue.put_products(std::vector<aforro::shop::ProductEntry>{
      {.sku = "X", .title = "Zither", .description = {}, .price = aforro::Money(), .category = "Things"}});
  CHECK(!shop.find("xylofone").corrected_query);
  CHECK(shop.find("xylofone").count == 0);
}

TEST_CASE("a query of any length and any words is answered") {
  ElectronicsShop shop;
  std::string many;
  for (int i = 0; i < 500; ++i)
    many += "wrd" + std::string(1, static_cast<char>('a' + i % 26)) + "xq" + std::to_string(i) + ' ';
  std::string alternating;
  for (int i = 0; i < 5'000; ++i) alternating += i % 2 == 0 ? 'a' : '1';
  std::string letters;
  while (letters.size() < 10'000) letters += "mouseheadphones";
  for (const std::string& text : {many, alternating, letters, std::string(10'000, 'e')}) {
    CAPTURE(text.substr(0, 20));
    const SearchResults found = shop.find(text);
    CHECK(static_cast<std::int64_t>(found.page.size()) == std::min<std::int64_t>(found.count, 20));
  }
}

TEST_CASE(
    "what is inside of words is all found, of one word, and counted as far as it was looked for, of "
    "several") {
  SearchShop shop;
  std::vector<aforro::shop::ProductEntry> many(1'300, {.sku = {},
                                                       .title = "Red Notebook",
                                                       .description = {},
                                                       .price = aforro::Money(),
                                                       .category = "Things"});
  shop.catalogue.put_products(many);
  shop.add({.title = "Book"});
  CHECK(shop.find("otebo").count == 1'300);
  CHECK(shop.find("otebo").count_is_exact);
  const SearchResults several = shop.find("otebo red");
  CHECK(several.count_is_exact == (several.count == 1'300));
}

TEST_CASE("of words of which no two are together, each finds its own") {
  SearchShop shop;
  for (const char* title : {"Kettle", "Sofa", "Headphones", "Keyboard", "Tent", "Scarf"}) {
    shop.add({.title = title});
    shop.add({.title = std::string(title) + " Two"});
  }
  CHECK(shop.find("kettle sofa headphones keyboard tent scarf").count > 0);
}

TEST_CASE("the last of many words is looked at, too") {
  SearchShop shop;
  shop.add({.title = "Quoted Things"});
  shop.add({.title = "Notebook"});
  std::string text = "uoted ";
  for (int i = 0; i < 25; ++i) text += "things ";
  CHECK(shop.find(text + "notebook").matched == Matched::fewer);
}

TEST_CASE("suggestions forgive one slip from four letters on, behind what has none") {
  SearchShop shop;
  shop.add({.title = "Wireless Charger"});
  shop.add({.title = "Wirelss Wonder"});
  CHECK(shop.suggest("wirel") == Titles{"Wireless Charger", "Wirelss Wonder"});
  CHECK(shop.suggest("wierle") == Titles{"Wireless Charger"});
  CHECK(shop.suggest("wirelss") == Titles{"Wirelss Wonder", "Wireless Charger"});
  CHECK(shop.suggest("wrie").size() == 2);
  CHECK(shop.suggest("wri").empty());
  CHECK(shop.suggest("wireless cahr") == Titles{"Wireless Charger"});
}

}  // namespace
