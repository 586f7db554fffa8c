#include "search/query.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "support/refusal.h"

namespace {

using namespace aforro::search;  // NOLINT: searches are all that this file speaks of
using aforro::Money;
using aforro::ParameterList;
using aforro::Problem;

using Words = std::vector<std::string>;

// The parameters that are at fault, in order.
Words faults(const ParameterList& parameters) {
  const auto problem = aforro::test::problem_of([&] { parse_search(parameters); });
  Words places;
  if (!problem) return places;
  CHECK(problem->kind() == Problem::Kind::invalid);
  for (const aforro::Fault& fault : problem->faults().listed()) {
    CHECK(fault.in == aforro::Fault::In::query);
    CHECK(!fault.detail.empty());
    places.push_back(fault.where);
  }
  return places;
}

Words fault_of(const std::string& name, const std::string& value) { return faults({{name, value}}); }

TEST_CASE("nothing asked for is everything, the newest first, 20 to a page") {
  const SearchQuery query = parse_search({});
  CHECK(!query.text);
  CHECK(query.words.empty());
  CHECK(!query.by_category);
  CHECK(!query.min_price);
  CHECK(!query.max_price);
  CHECK(!query.store);
  CHECK(!query.in_stock);
  CHECK(query.sort == Sort::newest);
  CHECK(query.page == 1);
  CHECK(query.page_size == 20);
}

TEST_CASE("a text becomes folded words, whatever stands between them") {
  const auto words = [](const char* text) { return parse_search({{"q", text}}).words; };
  CHECK(words("Café CRÈME") == Words{"cafe", "creme"});
  CHECK(words("  MX-500/b\t\"x\" ") == Words{"mx", "500", "b", "x"});
  CHECK(words("title:red* AND NOT (blue) NEAR(a, 2)^") ==
        Words{"title", "red", "and", "not", "blue", "near", "a", "2"});
  CHECK(words("...\"*'-").empty());
  CHECK(words("nul\x01lum") == Words{"nul", "lum"});
  CHECK(parse_search({{"q", std::string("a\0b", 3)}}).words == Words{"a", "b"});
}

TEST_CASE("of a very long text the first words are searched for") {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += "w" + std::to_string(i) + ' ';
  const Words words = parse_search({{"q", text}}).words;
  CHECK(words.size() == 32);
  CHECK(words.front() == "w0");
  CHECK(words.back() == "w31");
}

TEST_CASE("words are sorted by relevance unless asked otherwise; without words that is newest") {
  const auto sort = [](const char* text, const char* given) {
    return parse_search({{"q", text}, {"sort", given}}).sort;
  };
  CHECK(sort("red", "") == Sort::relevance);
  CHECK(sort("red", "relevance") == Sort::relevance);
  CHECK(sort("red", "newest") == Sort::newest);
  CHECK(sort("red", "price") == Sort::price);
  CHECK(sort("red", "price_asc") == Sort::price);
  CHECK(sort("red", "-price") == Sort::price_descending);
  CHECK(sort("red", "price_desc") == Sort::price_descending);
  CHECK(sort("red", "title") == Sort::title);
  CHECK(sort("", "") == Sort::newest);
  CHECK(sort("", "relevance") == Sort::newest);
  CHECK(sort("?!", "relevance") == Sort::relevance);
  for (const char* bad : {"Price", "PRICE", "--price", "price ", "id", "title desc"}) {
    CAPTURE(bad);
    CHECK(fault_of("sort", bad) == Words{"sort"});
  }
  const auto problem = aforro::test::problem_of([] { parse_search({{"sort", "best"}}); });
  REQUIRE(problem);
  CHECK(problem->faults().listed().at(0).detail ==
        "must be relevance, newest, price, price_asc, -price, price_desc or title");
}

TEST_CASE("a text is kept as it was typed too, without the spaces at its ends and in one normal form") {
  CHECK(parse_search({{"q", " A/b-7\t"}}).text == "A/b-7");
  CHECK(parse_search({{"q", "\x01 cafe\u0301 \u0085"}}).text == "caf\u00E9");
  CHECK(parse_search({{"q", "***"}}).text == "***");
  CHECK(parse_search({{"q", "***"}}).words.empty());
  CHECK(parse_search({{"q", ""}}).text == std::nullopt);
}

// The faults of what is typed for a suggestion.
Words suggest_faults(const ParameterList& parameters) {
  const auto problem = aforro::test::problem_of([&] { parse_suggest(parameters); });
  Words places;
  if (!problem) return places;
  for (const aforro::Fault& fault : problem->faults().listed()) places.push_back(fault.where);
  return places;
}

TEST_CASE("for suggestions characters are counted as people type them, after trimming") {
  for (const char* enough :
       {"abc", " a b ", "cafe\u0301", "c++", "***", "पानी", "दूध", "น้ำ", "เสื้อ", "한국말", "Ä\u0308b\u0301c",
        "赤い", "カ\u3099ラ", "한국", "ㄅㄆ", "👍🏽🇩🇪👨‍👩‍👧"}) {
    CAPTURE(enough);
    CHECK(suggest_faults({{"q", enough}}).empty());
  }
  for (const char* few :
       {"", "ab", " ab ", "\x01 ab\x02", "e\u0301\u0302b", "पा", "कि", "น้", "靴", "ガ", "한", "a靴",
        "👨‍👩‍👧🇩🇪", "ab\u0301\u0302\u0303", "\u3000\u3000\u3000"}) {
    CAPTURE(few);
    CHECK(suggest_faults({{"q", few}}) == Words{"q"});
  }
}

TEST_CASE("all faults of a suggestion are reported at once, each once") {
  CHECK(suggest_faults({}) == Words{"q"});
  CHECK(suggest_faults({{"q", "a"}, {"limit", "3"}}) == Words{"limit", "q"});
  CHECK(suggest_faults({{"q", "\xff"}}) == Words{"q"});
  CHECK(suggest_faults({{"q", "mug"}, {"q", "cup"}}) == Words{"q"});
}

TEST_CASE("a text longer than any title is looked for by nothing") {
  CHECK(parse_suggest({{"q", std::string(255, 'x')}}).key.size() == 255);
  CHECK(parse_suggest({{"q", std::string(256, 'x')}}).key.empty());
}

TEST_CASE("a category is a name, or an id where all is digits, and may be repeated") {
  const SearchQuery query =
      parse_search({{"category", "Büro & Co"}, {"category", "7"}, {"category", ""}, {"category", "7a"}});
  CHECK(query.by_category);
  CHECK(query.category_keys == Words{"buro & co", "7a"});
  REQUIRE(query.category_ids.size() == 1);
  CHECK(query.category_ids[0].value() == 7);

  for (const char* nobodys : {"0", "9223372036854775808", "99999999999999999999999"}) {
    CAPTURE(nobodys);
    const SearchQuery none = parse_search({{"category", nobodys}});
    CHECK(none.by_category);
    CHECK(none.category_ids.empty());
    CHECK(none.category_keys.empty());
  }
  CHECK(!parse_search({{"category", ""}}).by_category);
}

TEST_CASE("ten categories may be given, no more") {
  const ParameterList ten(10, {"category", "Audio"});
  CHECK(parse_search(ten).category_keys.size() == 10);
  ParameterList eleven = ten;
  eleven.emplace_back("category", "7");
  CHECK(faults(eleven) == Words{"category"});
}

TEST_CASE("prices are decimals with two places at most, the lower one not above the upper") {
  const SearchQuery query = parse_search({{"min_price", "0"}, {"max_price", "9999999.99"}});
  CHECK(query.min_price == Money());
  CHECK(query.max_price == aforro::kMaxPrice);
  CHECK(parse_search({{"min_price", "1.5"}, {"max_price", "1.50"}}).min_price == Money::from_minor(150));
  for (const char* bad : {"-1", "1.234", "1,5", "1e3", "abc", " 1", "0x10", "10000000", "NaN", "."}) {
    CAPTURE(bad);
    CHECK(fault_of("min_price", bad) == Words{"min_price"});
    CHECK(fault_of("max_price", bad) == Words{"max_price"});
  }
  CHECK(faults({{"min_price", "1.51"}, {"max_price", "1.50"}}) == Words{"min_price"});
}

TEST_CASE("a store is a positive id") {
  CHECK(parse_search({{"store_id", "9223372036854775807"}}).store->value() == aforro::shop::kMaxId);
  for (const char* bad : {"0", "-1", "9223372036854775808", "abc", "1.0", "+1", " 1"}) {
    CAPTURE(bad);
    CHECK(fault_of("store_id", bad) == Words{"store_id"});
  }
}

TEST_CASE("in_stock is yes or no in three words each, in any case") {
  for (const char* yes : {"true", "1", "yes", "TRUE", "Yes"})
    CHECK(parse_search({{"in_stock", yes}}).in_stock);
  for (const char* no : {"false", "0", "no", "False", "NO", ""})
    CHECK(!parse_search({{"in_stock", no}}).in_stock);
  for (const char* bad : {"maybe", "2", "on", "y"}) CHECK(fault_of("in_stock", bad) == Words{"in_stock"});
}

TEST_CASE("a page is counted from 1 without end, its size is at most 100") {
  CHECK(parse_search({{"page", "9223372036854775807"}}).page == 9'223'372'036'854'775'807);
  CHECK(parse_search({{"page_size", "100"}}).page_size == 100);
  CHECK(parse_search({{"page_size", "101"}}).page_size == 100);
  CHECK(parse_search({{"page_size", "99999999999999999999"}}).page_size == 100);
  for (const char* name : {"page", "page_size"}) {
    for (const char* bad : {"0", "-1", "abc", "1.5"}) {
      CAPTURE(name);
      CAPTURE(bad);
      CHECK(fault_of(name, bad) == Words{name});
    }
  }
}

TEST_CASE("all faults of a search are reported at once") {
  Words found = faults({{"min_pirce", "5"},
                        {"q", "\xff"},
                        {"sort", "best"},
                        {"min_price", "x"},
                        {"max_price", "1"},
                        {"max_price", "2"},
                        {"store_id", "0"},
                        {"in_stock", "maybe"},
                        {"page", "0"},
                        {"page_size", "-1"},
                        {"_ignored", "\xff"},
                        {"utm_source", "x"}});
  std::sort(found.begin(), found.end());
  CHECK(found == Words{"in_stock", "max_price", "min_pirce", "min_price", "page", "page_size", "q", "sort",
                       "store_id"});
}

}  // namespace
