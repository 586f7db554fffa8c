// What shoppers find by another word for what the shop calls it. On both engines.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "search/product_search.h"
#include "shop/synonyms.h"
#include "support/local_shop.h"

namespace {

using namespace aforro::search;  // NOLINT: searches are all that this file speaks of
using aforro::ParameterList;
using aforro::shop::parse_synonym;
using aforro::shop::Ways;
using aforro::test::LocalShop;

using Titles = std::vector<std::string>;

struct Shop : LocalShop {
  void link(const std::string& term, const std::string& also, Ways ways = Ways::both) {
    synonyms.add(parse_synonym(term, also), ways);
  }
  SearchResults find(const std::string& text, ParameterList parameters = {}) {
    parameters.emplace_back("q", text);
    return search->search(parse_search(parameters));
  }
  Titles titles(const std::string& text, ParameterList parameters = {}) {
    Titles found;
    for (const SearchResult& result : find(text, std::move(parameters)).page) {
      found.push_back(result.product.title);
    }
    return found;
  }

  aforro::shop::Synonyms synonyms{*database};
  std::unique_ptr<ProductSearch> search = database.make_search();
};

std::string marked(const SearchResult& result) { return in_html(result.highlights->title); }

TEST_CASE("who types tv finds televisions, and not the other way round") {
  Shop shop;
  shop.add({.title = "Television 55 Inch"});
  shop.add({.title = "TV Stand"});
  CHECK(shop.titles("tv") == Titles{"TV Stand"});
  shop.link("TV", "television", Ways::one);
  CHECK(shop.titles("tv") == Titles{"TV Stand", "Television 55 Inch"});
  CHECK(shop.find("tv").matched == Matched::all);
  CHECK(shop.titles("television") == Titles{"Television 55 Inch"});
  CHECK(shop.titles("tv 55") == Titles{"Television 55 Inch"});
}

TEST_CASE("sneakers and trainers find each other") {
  Shop shop;
  shop.add({.title = "Leather Sneakers"});
  shop.add({.title = "Canvas Trainers"});
  shop.link("sneakers", "trainers");
  CHECK(shop.titles("sneakers") == Titles{"Leather Sneakers", "Canvas Trainers"});
  CHECK(shop.titles("trainers") == Titles{"Canvas Trainers", "Leather Sneakers"});
  CHECK(shop.titles("canvas sneakers").front() == "Canvas Trainers");
}

TEST_CASE("singular and plural find each other on both sides") {
  Shop shop;
  shop.add({.title = "Red Trainer"});
  shop.add({.title = "Wool Scarves"});
  shop.add({.title = "Family Car, 2 Mobile Phones"});
  shop.link("sneakers", "trainers");
  shop.link("muffler", "scarf");
  shop.link("cellphone", "mobile phone");
  CHECK(shop.titles("sneaker") == Titles{"Red Trainer"});
  CHECK(shop.titles("sneakers") == Titles{"Red Trainer"});
  CHECK(shop.titles("mufflers") == Titles{"Wool Scarves"});
  CHECK(shop.titles("cellphones") == Titles{"Family Car, 2 Mobile Phones"});
}

TEST_CASE("a phrase finds a word and a word a phrase, among other words of the query") {
  Shop shop;
  shop.add({.title = "Smartphone Case"});
  shop.add({.title = "Mobile Phone Charger"});
  shop.add({.title = "Phone Book, Mobile"});
  shop.link("mobile phone", "smartphone");
  CHECK(shop.titles("mobile phone case").front() == "Smartphone Case");
  CHECK(shop.titles("mobile phones case").front() == "Smartphone Case");
  CHECK(shop.find("mobile phone case").matched == Matched::fewer);  // for there are fewer than twenty
  CHECK(shop.titles("smartphone charger").front() == "Mobile Phone Charger");
  // Only the words one behind the other are the phrase.
  const Titles found = shop.titles("smartphone");
  CHECK(std::find(found.begin(), found.end(), "Phone Book, Mobile") == found.end());
  // The words of a phrase alone have no synonym.
  CHECK(shop.find("phone").synonyms.empty());
  CHECK(shop.find("phone mobile").synonyms.empty());
}

TEST_CASE("a phrase is found within one text of a product, and not across two") {
  Shop shop;
  shop.add({.title = "Old Mobile", .category = "Phone Parts", .description = "For sale."});
  shop.link("smartphone", "mobile phone");
  CHECK(shop.find("smartphone").count == 0);
  shop.add({.title = "Sofa", .category = "Mobile Phone"});
  CHECK(shop.titles("smartphone") == Titles{"Sofa"});
}

TEST_CASE("what is found by a synonym ranks a little below the same match of the typed word") {
  Shop shop;
  shop.add({.title = "Blue Sneakers", .description = "Nothing else."});
  shop.add({.title = "Blue Trainers", .description = "Nothing else."});
  shop.add({.title = "Blue Socks", .description = "To be worn in sneakers."});
  shop.link("sneakers", "trainers");
  const SearchResults found = shop.find("sneakers");
  REQUIRE(found.page.size() == 3);
  CHECK(found.page[0].product.title == "Blue Sneakers");
  CHECK(found.page[1].product.title == "Blue Trainers");  // in the title, before a description
  CHECK(found.page[2].product.title == "Blue Socks");
  CHECK(found.page[1].score.words < found.page[0].score.words);
  CHECK(found.page[1].score.words > 0.8 * found.page[0].score.words);
  CHECK(found.page[1].score.name == found.page[0].score.name);
  // A phrase that is the name of the product, too.
  shop.add({.title = "Blue Running Shoes"});
  shop.link("jogger", "running shoes");
  CHECK(shop.find("jogger").page.at(0).score.name > 0);
}

TEST_CASE("a synonym of a phrase covers as much of a title as it has words") {
  Shop shop;
  shop.add({.title = "Smartphone Leather Case"});
  shop.add({.title = "Mobile Phone Leather Case"});
  shop.link("mobile phone", "smartphone");
  const SearchResults found = shop.find("mobile phone");
  REQUIRE(found.page.size() == 2);
  CHECK(found.page[0].product.title == "Mobile Phone Leather Case");
  CHECK(found.page[0].score.coverage == doctest::Approx(0.1));
  CHECK(found.page[1].score.coverage == doctest::Approx(0.2 * 0.8 / 3));
}

TEST_CASE("a synonym of a synonym is not followed") {
  Shop shop;
  shop.add({.title = "Couch"});
  shop.add({.title = "Settee"});
  shop.link("sofa", "couch");
  shop.link("couch", "settee");
  CHECK(shop.titles("sofa") == Titles{"Couch"});
  CHECK(shop.titles("couch") == Titles{"Couch", "Settee"});
}

TEST_CASE("a word that has a synonym is never corrected, even if no product has either") {
  Shop shop;
  shop.add({.title = "Mouse"});
  CHECK(shop.find("moose").corrected_query == "mouse");
  shop.link("moose", "elk", Ways::one);
  CHECK(!shop.find("moose").corrected_query);
  CHECK(shop.find("moose").count == 0);
  shop.link("moose toy", "elk toy");
  CHECK(!shop.find("moose toy").corrected_query);
  shop.add({.title = "Elk"});
  CHECK(shop.titles("moose") == Titles{"Elk"});
}

TEST_CASE("a corrected word is looked for as its synonym, too") {
  Shop shop;
  shop.add({.title = "Sneakers"});
  shop.add({.title = "Trainers"});
  shop.link("sneakers", "trainers");
  const SearchResults found = shop.find("snaekers");
  CHECK(found.corrected_query == "sneakers");
  CHECK(found.count == 2);
}

TEST_CASE("where nothing has all words, some are enough by a synonym as well") {
  Shop shop;
  shop.add({.title = "Canvas Trainers"});
  shop.add({.title = "Steel Bottle"});
  shop.link("sneakers", "trainers", Ways::one);
  const SearchResults found = shop.find("sneakers zzyzx");
  CHECK(found.matched == Matched::fewer);
  REQUIRE(found.count == 1);
  CHECK(found.page[0].product.title == "Canvas Trainers");
}

TEST_CASE("a synonym is found beside what is inside of a word") {
  Shop shop;
  shop.add({.title = "Canvas Trainers, Waterproof"});
  shop.add({.title = "Running Shoes, Waterproof"});
  shop.link("sneakers", "trainers");
  shop.link("sneakers", "running shoes");
  for (const char* text : {"sneakers terproo", "terproo sneakers"}) {
    CAPTURE(text);
    const SearchResults found = shop.find(text);
    CHECK(found.matched == Matched::inside);
    CHECK(found.count == 2);
  }
}

TEST_CASE("a synonym of a phrase counts once in the steps that look further, too") {
  Shop shop;
  shop.add({.title = "Smartphone Suitcase"});
  shop.add({.title = "Mobile Phone Suitcase"});
  shop.link("mobile phone", "smartphone");
  const auto coverage = [&](const std::string& text, const std::string& title) {
    for (const SearchResult& result : shop.find(text).page) {
      if (result.product.title == title) return result.score.coverage;
    }
    FAIL("it is not found");
    return 0.0;
  };
  // One word of two by a synonym, and half of another: less than what was typed.
  CHECK(shop.find("mobile phone case").page.front().matched == Matched::inside);
  CHECK(coverage("mobile phone case", "Smartphone Suitcase") <
        coverage("smartphone case", "Smartphone Suitcase"));
  // The words of a synonym stand side by side with what follows them.
  CHECK(shop.find("smartphone case").page.size() == 2);
  for (const SearchResult& result : shop.find("smartphone case").page) CHECK(result.score.adjacency > 0);
}

TEST_CASE("a filter never adds a result that a synonym found, and facets count it") {
  Shop shop;
  shop.add({.title = "Leather Sneakers", .price_minor = 9'000, .category = "Shoes"});
  shop.add({.title = "Canvas Trainers", .price_minor = 4'000, .category = "Shoes"});
  shop.add({.title = "Trainers Bag", .price_minor = 2'000, .category = "Bags"});
  shop.link("sneakers", "trainers");
  const SearchResults all = shop.find("sneakers", {{"facets", "category,price"}});
  CHECK(all.count == 3);
  REQUIRE(all.facets->categories->size() == 2);
  CHECK(all.facets->categories->at(0).name == "Shoes");
  CHECK(all.facets->categories->at(0).products == 2);
  std::int64_t priced = 0;
  for (const PriceRange& range : *all.facets->prices) priced += range.products;
  CHECK(priced == 3);
  CHECK(shop.titles("sneakers", {{"category", "Bags"}}) == Titles{"Trainers Bag"});
  CHECK(shop.titles("sneakers", {{"max_price", "50"}, {"sort", "price"}}) ==
        Titles{"Trainers Bag", "Canvas Trainers"});
  CHECK(shop.find("sneakers", {{"min_price", "95"}}).count == 0);
}

TEST_CASE("the words of the synonym are marked, whole") {
  Shop shop;
  shop.add({.title = "Big Mobile Phone & Case"});
  shop.add({.title = "Smartphone"});
  shop.link("smartphone", "mobile phone");
  const SearchResults found = shop.find("smartphone", {{"highlight", "true"}});
  REQUIRE(found.page.size() == 2);
  CHECK(marked(found.page[0]) == "<mark>Smartphone</mark>");
  CHECK(marked(found.page[1]) == "Big <mark>Mobile</mark> <mark>Phone</mark> &amp; Case");
  CHECK(marked(shop.find("mobile phone", {{"highlight", "true"}, {"sort", "title"}}).page.at(1)) ==
        "<mark>Smartphone</mark>");
}

TEST_CASE("the answer says what each word was looked for as") {
  Shop shop;
  shop.link("tv", "television", Ways::one);
  shop.link("mobile phone", "smartphone");
  const SearchResults found = shop.find("tv or mobile phones");
  REQUIRE(found.synonyms.size() == 2);
  CHECK(found.synonyms[0].typed == "tv");
  CHECK(found.synonyms[0].also == "television");
  CHECK(found.synonyms[1].typed == "mobile phones");
  CHECK(found.synonyms[1].also == "smartphone");
  CHECK(shop.find("television").synonyms.empty());
}

TEST_CASE("the next search sees what was added or removed, by whichever process") {
  Shop shop;
  shop.add({.title = "Television"});
  const auto elsewhere = shop.open_again();
  aforro::shop::Synonyms others(*elsewhere);
  for (int i = 0; i < 3; ++i) {
    CHECK(shop.find("tv").count == 0);
    others.add(parse_synonym("tv", "television"), Ways::one);
    CHECK(shop.find("tv").count == 1);
    others.remove(parse_synonym("tv", "television"), Ways::one);
  }
  CHECK(shop.find("tv").count == 0);
}

TEST_CASE("words of other scripts, and emoji, have synonyms like any other") {
  Shop shop;
  shop.add({.title = "テレビ 55"});
  shop.add({.title = "Телевизор"});
  shop.add({.title = "Television"});
  shop.link("電視", "テレビ");
  shop.link("τηλεόραση", "телевизор");
  shop.link("📺", "television", Ways::one);
  CHECK(shop.titles("電視") == Titles{"テレビ 55"});
  CHECK(shop.titles("ΤΗΛΕΟΡΑΣΗ") == Titles{"Телевизор"});
  CHECK(shop.titles("📺") == Titles{"Television"});
}

TEST_CASE("a long query whose words all have as many synonyms as they may is answered") {
  Shop shop;
  for (int i = 0; i < 40; ++i) shop.add({.title = "Thing also" + std::to_string(i) + "x0 for all"});
  shop.database->write([](aforro::sql::Connection& connection) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (int i = 0; i < 500; ++i) {
      for (int k = 0; k < 16; ++k) {
        pairs.emplace_back("word" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i),
                           "also" + std::to_string(i) + "x" + std::to_string(k));
      }
    }
    aforro::sql::ParamRows rows;
    for (const auto& [term, also] : pairs) rows.add({term, also, term, also});
    aforro::shop::restore_synonyms(connection, rows);
  });
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += "word" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i) + ' ';
  }
  const SearchResults found = shop.find(text);
  CHECK(found.synonyms.size() == 64);
  CHECK(found.synonyms.front().also == "also0x0");
  CHECK(found.synonyms.back().also.starts_with("also3x"));
  CHECK(found.count == 4);  // of the words whose synonyms are looked for
}

}  // namespace
