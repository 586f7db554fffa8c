// The same shop on both engines, asked the same: they must find the same products, in the same order but for
// what is equal under `relevance`, and make the same suggestions.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/text.h"
#include "search/product_search.h"
#include "seed/seed.h"
#include "shop/catalogue.h"
#include "shop/inventory.h"
#include "shop/synonyms.h"
#include "support/held_clock.h"
#include "support/test_database.h"

namespace {

using namespace aforro;          // NOLINT: all parts are used
using namespace aforro::search;  // NOLINT
using test::Engine;

// Titles that are hard on somebody's syntax, parser, collation or alphabet.
const std::vector<std::string>& odd_titles() {
  static const std::vector<std::string> kTitles{
      "MX-500 Mouse",
      "MX 500",
      "mx500",
      "1e5 Resistors",
      "3.14 Pie",
      "v1.2.3-beta",
      "user@example.com",
      "/usr/bin/env",
      "Café Crème",
      "CAFE CREME",
      "Größe Straße",
      "ΜΠΛΕ ΠΑΠΟΥΤΣΙ",
      "Красные туфли",
      "赤い靴",
      "赤い 靴 大",
      "赤い靴べら",
      "カード",
      "ガードマン",
      "काला जूता",
      "कल का अखबार",
      "เสื้อยืด",
      "เสือดาว",
      "Рой пчёл",
      "Рои пчел",
      "שָׁלוֹם תיק",
      "مُحَمَّد",
      "한국어사전",
      "👍🏽 Thumb",
      "ＦＵＬＬ　ＷＩＤＴＨ",
      "½ inch pipe",
      "Ⅷ wheels",
      "x² lens",
      "a",
      "the",
      "The The",
      "not and or near",
      "AND",
      "100% Cotton_Shirt",
      "50%",
      "under_score",
      "back\\slash",
      "star * and ? and [x]",
      "it's \"quoted\"",
      "semi;colon--dash",
      "red red red shoes",
      "shoes red",
      "red shoes",
      "Red Shoes",
      "red shoeshine kit",
      "reddish shoes",
      "zebra Zebra zébra",
      "~tilde",
      "🎁 Gift Box",
      "-- dashes --",
      "'':*A & | ! ()",
      std::string(120, 'w') + " long",
  };
  return kTitles;
}

struct Shop {
  explicit Shop(Engine engine) : database(engine) {
    seed::Plan plan;
    plan.products = 700;
    plan.stores = 2;
    plan.rows_per_store = 300;
    seed::fill(*database, plan, clock, [](std::int64_t, std::int64_t) {});
    std::vector<shop::ProductEntry> entries;
    for (const std::string& title : odd_titles()) {
      entries.push_back({.sku = title.size() < 30 ? std::optional("SKU " + title) : std::nullopt,
                         .title = title,
                         .description = "Described: " + title + ". Red hats; shoes-and-socks " + title,
                         .price = Money::from_minor(static_cast<std::int64_t>(title.size() * 37 % 5) * 100),
                         .category = entries.size() % 2 == 0 ? "Ödd & Ends" : "Red Things"});
    }
    catalogue.put_products(entries);
  }

  test::HeldClock clock;
  test::TestDatabase database;
  shop::Catalogue catalogue{*database, clock};
  std::unique_ptr<ProductSearch> search = database.make_search();
};

struct Both {
  Shop sqlite{Engine::sqlite};
  Shop postgres{Engine::postgres};
};

// The ids of a page, or "no such page".
std::vector<std::int64_t> ids(ProductSearch& search, const SearchQuery& query, SearchResults& results) {
  try {
    results = search.search(query);
  } catch (const Problem& problem) {
    CHECK(problem.kind() == Problem::Kind::not_found);
    return {-1};
  }
  std::vector<std::int64_t> found;
  for (const SearchResult& result : results.page) found.push_back(result.product.id.value());
  return found;
}

void compare(Both& both, const ParameterList& parameters) {
  std::string shown;
  for (const auto& [name, value] : parameters) shown += name + "=" + value + "&";
  CAPTURE(shown);
  const SearchQuery query = parse_search(parameters);
  SearchResults sqlite{};
  SearchResults postgres{};
  const auto by_sqlite = ids(*both.sqlite.search, query, sqlite);
  const auto by_postgres = ids(*both.postgres.search, query, postgres);
  CHECK(sqlite.count == postgres.count);
  CHECK(sqlite.matched == postgres.matched);
  CHECK(sqlite.count_is_exact == postgres.count_is_exact);
  CHECK(sqlite.corrected_query == postgres.corrected_query);
  CHECK(by_sqlite == by_postgres);
  for (std::size_t i = 0; i < std::min(sqlite.page.size(), postgres.page.size()); ++i) {
    CHECK(sqlite.page[i].inventory_quantity == postgres.page[i].inventory_quantity);
    CHECK(sqlite.page[i].product.title == postgres.page[i].product.title);
    CHECK(sqlite.page[i].score.total() == postgres.page[i].score.total());
  }
}

// Words of the shop's own titles, whole and cut, and some that nobody has.
class Questions {
 public:
  explicit Questions(Shop& shop) {
    SearchQuery all;
    all.page_size = kMaxResults;
    for (const SearchResult& result : shop.search->search(all).page) {
      titles_.push_back(result.product.title);
      for (const std::string& word : words(result.product.title)) words_.push_back(word);
      for (const std::string& word : words(result.product.description)) words_.push_back(word);
    }
  }

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  std::string text() {
    if (below(4) == 0) return part_of(titles_[below(titles_.size())]);
    std::string text;
    for (std::size_t i = 0; i <= below(3); ++i) {
      const std::string& word = words_[below(words_.size())];
      text += (text.empty() ? "" : " ") + (below(3) == 0 ? part_of(word) : word);
    }
    return text;
  }

  // Words of one title that follow each other; those of a short one are fewer.
  std::string words_in_order(std::size_t most) {
    for (;;) {
      const std::vector<std::string> all = words(titles_[below(titles_.size())]);
      if (all.empty()) continue;
      const std::size_t from = below(all.size());
      std::string text;
      for (std::size_t i = from; i < std::min(from + most, all.size()); ++i)
        text += ' ' + all[i].substr(0, 80);
      if (count_characters(text) <= 99) return text.substr(1);
    }
  }

  // A few characters that follow each other.
  std::string part_of(const std::string& text) {
    std::vector<std::string> characters;
    for (const char c : text) {
      const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
      if (continues && !characters.empty()) {
        characters.back() += c;
      } else {
        characters.emplace_back(1, c);
      }
    }
    const std::size_t from = below(3) == 0 ? 0 : below(characters.size());
    const std::size_t to = from + 1 + below(characters.size() - from);
    std::string part;
    for (std::size_t i = from; i < to; ++i) part += characters[i];
    return part;
  }

 private:
  std::mt19937 random_{7};
  std::vector<std::string> titles_;
  std::vector<std::string> words_;
};

TEST_CASE("both engines find the same products, whatever is asked and filtered, in the same order") {
  Both both;
  Questions questions(both.sqlite);
  constexpr std::array kSorts{"relevance", "newest", "price", "-price", "title"};
  for (int i = 0; i < 600; ++i) {
    ParameterList parameters;
    if (questions.below(5) > 0) parameters.emplace_back("q", questions.text());
    if (questions.below(3) == 0) parameters.emplace_back("category", "ödd & ends");
    if (questions.below(4) == 0) parameters.emplace_back("category", std::to_string(1 + questions.below(12)));
    if (questions.below(4) == 0) parameters.emplace_back("min_price", std::to_string(questions.below(30)));
    if (questions.below(4) == 0)
      parameters.emplace_back("max_price", std::to_string(30 + questions.below(300)));
    if (questions.below(3) == 0) parameters.emplace_back("store_id", std::to_string(1 + questions.below(2)));
    if (questions.below(3) == 0) parameters.emplace_back("in_stock", "yes");
    if (questions.below(2) == 0) parameters.emplace_back("sort", kSorts[questions.below(kSorts.size())]);
    if (questions.below(4) == 0) parameters.emplace_back("page", std::to_string(1 + questions.below(4)));
    if (questions.below(3) == 0)
      parameters.emplace_back("page_size", std::to_string(1 + questions.below(40)));
    compare(both, parameters);
  }
}

TEST_CASE("both engines find the same by synonyms, in the same order") {
  Both both;
  Questions questions(both.sqlite);
  shop::Synonyms of_sqlite(*both.sqlite.database);
  shop::Synonyms of_postgres(*both.postgres.database);
  std::int64_t used = 0;
  for (int i = 0; i < 150; ++i) {
    const std::string term = questions.words_in_order(1 + questions.below(2));
    const std::string also = questions.words_in_order(1 + questions.below(3));
    if (words(term) == words(also)) continue;
    const shop::SynonymPair pair = shop::parse_synonym(term, also);
    const shop::Ways ways = questions.below(2) == 0 ? shop::Ways::one : shop::Ways::both;
    of_sqlite.add(pair, ways);
    of_postgres.add(pair, ways);
    for (const std::string& text : {term, term + ' ' + questions.text(), questions.text() + ' ' + term}) {
      compare(both, {{"q", text}});
      compare(both, {{"q", text}, {"sort", "price"}, {"category", "ödd & ends"}});
      const auto by_sqlite = both.sqlite.search->search(parse_search({{"q", text}})).synonyms;
      const auto by_postgres = both.postgres.search->search(parse_search({{"q", text}})).synonyms;
      used += std::ssize(by_sqlite);
      REQUIRE(by_sqlite.size() == by_postgres.size());
      for (std::size_t k = 0; k < by_sqlite.size(); ++k) CHECK(by_sqlite[k].also == by_postgres[k].also);
    }
  }
  CHECK(used > 400);
}

TEST_CASE("both engines find the same for titles that look like syntax") {
  Both both;
  for (const std::string& title : odd_titles()) {
    for (const char* sort : {"relevance", "title"}) compare(both, {{"q", title}, {"sort", sort}});
    const SearchResults found = both.postgres.search->search(parse_search({{"q", title}}));
    if (!words(title).empty()) {
      CAPTURE(title);
      CHECK(found.count > 0);
      CHECK(words(found.page.at(0).product.title) == words(title));
    }
  }
}

TEST_CASE("both engines make the same suggestions in the same order") {
  Both both;
  Questions questions(both.sqlite);
  int some = 0;
  const auto compare_suggestions = [&](const std::string& text) {
    const bool is_enough =
        count_typed_characters(trim(text)) >= (is_chinese_japanese_or_korean(trim(text)) ? 2 : 3);
    if (!is_enough) return;
    CAPTURE(text);
    const SuggestQuery query = parse_suggest({{"q", text}});
    const auto expected = both.sqlite.search->suggest(query);
    some += expected.empty() ? 0 : 1;
    CHECK(expected == both.postgres.search->suggest(query));
  };
  for (int i = 0; i < 600; ++i) compare_suggestions(questions.text());
  for (const std::string& title : odd_titles()) {
    compare_suggestions(title);
    for (int i = 0; i < 5; ++i) compare_suggestions(questions.part_of(title));
  }
  CHECK(some > 200);
}

TEST_CASE("a product that changes is found by what it says now, on both engines") {
  for (const Engine engine : {Engine::sqlite, Engine::postgres}) {
    CAPTURE(static_cast<int>(engine));
    Shop shop(engine);
    const auto put = [&](const std::string& title) {
      shop.catalogue.put_products(std::array{shop::ProductEntry{
          .sku = "ONE", .title = title, .description = "", .price = Money(), .category = "Odd"}});
    };
    const auto count = [&](const char* text) {
      return shop.search->search(parse_search({{"q", text}})).count;
    };
    put("Xylophone");
    CHECK(count("xylophone") == 1);
    CHECK(shop.search->suggest(parse_suggest({{"q", "lopho"}})).size() == 1);
    put("Zither");
    CHECK(count("xylophone") == 0);
    CHECK(shop.search->suggest(parse_suggest({{"q", "lopho"}})).empty());
    CHECK(count("zither") == 1);
  }
}

TEST_CASE("a word of any length is kept and found") {
  for (const Engine engine : {Engine::sqlite, Engine::postgres}) {
    CAPTURE(static_cast<int>(engine));
    Shop shop(engine);
    std::string word;
    while (word.size() < 9'900) word += "abcdefghij";
    shop.catalogue.put_products(std::array{shop::ProductEntry{
        .sku = {}, .title = "Long", .description = word + " tail", .price = Money(), .category = "Odd"}});
    CHECK(shop.search->search(parse_search({{"q", word + " tail"}})).count == 1);
    CHECK(shop.search->search(parse_search({{"q", word.substr(0, 200)}})).count == 1);
  }
}

}  // namespace
