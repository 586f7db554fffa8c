// What a shop may have words stand for each other, and what is refused. On both engines.
#include "shop/synonyms.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: all of it is under test
using aforro::Problem;
using aforro::test::LocalShop;
using aforro::test::problem_of;
using Lines = std::vector<std::string>;

struct Shop : LocalShop {
  Synonyms::Added add(const std::string& term, const std::string& also, Ways ways = Ways::both) {
    return synonyms.add(parse_synonym(term, also), ways);
  }
  void remove(const std::string& term, const std::string& also, Ways ways = Ways::both) {
    synonyms.remove(parse_synonym(term, also), ways);
  }
  // "tv > television" or "sneakers = trainers"
  Lines listed() {
    Lines lines;
    for (const Synonym& one : synonyms.list()) {
      lines.push_back(one.pair.term.text + (one.ways == Ways::one ? " > " : " = ") + one.pair.also.text);
    }
    return lines;
  }

  Synonyms synonyms{*database};
};

// The faults as "term: why", one line each.
Lines faults_of(const std::string& term, const std::string& also) {
  Lines lines;
  const auto problem = problem_of([&] { parse_synonym(term, also); });
  if (!problem) return lines;
  CHECK(problem->kind() == Problem::Kind::invalid);
  for (const aforro::Fault& fault : problem->faults().listed()) {
    lines.push_back(fault.where + ": " + fault.detail);
  }
  return lines;
}

TEST_CASE("a new shop has no synonyms") {
  Shop shop;
  CHECK(shop.listed().empty());
}

TEST_CASE("a pair goes one way or both, and is listed once, as it was typed") {
  Shop shop;
  CHECK(shop.add("TV", "Television", Ways::one) == Synonyms::Added::made);
  CHECK(shop.add("trainers", "Sneakers") == Synonyms::Added::made);
  CHECK(shop.add("mobile  phone", "smartphone") == Synonyms::Added::made);
  CHECK(shop.listed() == Lines{"mobile  phone = smartphone", "Sneakers = trainers", "TV > Television"});
}

TEST_CASE("what is there already is not added again, however it is written") {
  Shop shop;
  shop.add("Café", "coffee house");
  CHECK(shop.add("CAFE", "Coffee-House") == Synonyms::Added::was_there);
  CHECK(shop.add("coffee house", "café", Ways::one) == Synonyms::Added::was_there);
  CHECK(shop.listed() == Lines{"Café = coffee house"});
}

TEST_CASE("the other direction makes it both ways, and one of both can be removed") {
  Shop shop;
  shop.add("tv", "television", Ways::one);
  CHECK(shop.add("television", "tv", Ways::one) == Synonyms::Added::made);
  CHECK(shop.listed() == Lines{"television = tv"});
  shop.remove("television", "tv", Ways::one);
  CHECK(shop.listed() == Lines{"tv > television"});
  CHECK(shop.add("tv", "television") == Synonyms::Added::made);
  shop.remove("TV", "Television");
  CHECK(shop.listed().empty());
}

TEST_CASE("what is not there can't be removed, and that is said") {
  Shop shop;
  shop.add("tv", "television", Ways::one);
  for (const auto& [term, also, ways] : {std::tuple("tv", "radio", Ways::both),
                                         {"television", "tv", Ways::one},
                                         {"televisions", "tv", Ways::both}}) {
    const auto problem =
        problem_of([&, term = term, also = also, ways = ways] { shop.remove(term, also, ways); });
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::not_found);
    CHECK(problem->detail().find("is not looked for as") != std::string::npos);
  }
  // Of both directions one is enough.
  shop.remove("television", "tv", Ways::both);
  CHECK(shop.listed().empty());
}

TEST_CASE("a text that no search could look for is refused, with every fault") {
  CHECK(faults_of("", "tv") == Lines{"term: must not be empty"});
  CHECK(faults_of("!?", " \t") == Lines{"term: must have a letter or a digit", "also: must not be empty"});
  CHECK(faults_of("a\x01z", "tv").size() == 1);
  CHECK(faults_of(std::string("a\0z", 3), "tv").size() == 1);
  CHECK(faults_of("\xFF\xFE", "\xC3").size() == 2);
  CHECK(faults_of(std::string(10'000, 'x'), "tv") == Lines{"term: must have at most 100 characters"});
  CHECK(faults_of("one two three four five six", "tv") == Lines{"term: must have at most 5 words"});
  CHECK(faults_of("📺📺📺📺📺📺", "tv") == Lines{"term: must have at most 5 words"});
  CHECK(faults_of("TV", "t.v").empty());  // two words
  for (const auto& row : {std::pair("tv", "tv"), {"TV", " tv "}, {"Café", "cafe!"}, {"wi-fi", "Wi Fi"}}) {
    CAPTURE(row.first);
    CHECK(faults_of(row.first, row.second) == Lines{"also: must not be the same word, as a search sees it"});
  }
}

TEST_CASE("words of any script and emoji are taken") {
  Shop shop;
  shop.add("電視", "テレビ");
  shop.add("📺", "tv", Ways::one);
  shop.add("телевизор", "τηλεόραση");
  shop.add("x'); DROP TABLE synonyms; --", "100% \"quoted\" *");
  CHECK(shop.listed().size() == 4);
  CHECK(shop.add("ТЕЛЕВИЗОР", "τηλεοραση") == Synonyms::Added::was_there);
}

TEST_CASE("a term has sixteen synonyms at most, in either direction") {
  Shop shop;
  for (int i = 0; i < 16; ++i) shop.add("tv", "box " + std::to_string(i), Ways::one);
  for (const auto& [term, also, ways] :
       {std::tuple("TV", "set", Ways::one), {"tv", "set", Ways::both}, {"set", "tv", Ways::both}}) {
    const auto problem =
        problem_of([&, term = term, also = also, ways = ways] { shop.add(term, also, ways); });
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::conflict);
    CHECK(problem->detail().find("has 16 synonyms already") != std::string::npos);
  }
  CHECK(shop.listed().size() == 16);  // nothing of what was refused is there
  CHECK(shop.add("set", "tv", Ways::one) == Synonyms::Added::made);
  CHECK(shop.add("tv", "box 3") == Synonyms::Added::made);  // the other direction
  shop.remove("tv", "box 3");
  CHECK(shop.add("tv", "screen") == Synonyms::Added::made);
}

TEST_CASE("a shop has ten thousand at most") {
  Shop shop;
  shop.database->write([](aforro::sql::Connection& connection) {
    std::vector<std::string> names;
    names.reserve(9'999);
    for (int i = 0; i < 9'999; ++i) names.push_back("w" + std::to_string(i));
    aforro::sql::ParamRows rows;
    for (const std::string& name : names) rows.add({name, "also", name, "also"});
    restore_synonyms(connection, rows);
  });
  const auto problem = problem_of([&] { shop.add("tv", "television"); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
  CHECK(problem->detail().find("has 10,000 synonyms already") != std::string::npos);
  CHECK(shop.add("tv", "television", Ways::one) == Synonyms::Added::made);
  CHECK(shop.number("SELECT count(*) FROM synonyms") == 10'000);
}

TEST_CASE("of many who add at once none goes beyond the bound") {
  Shop shop;
  for (int i = 0; i < 12; ++i) shop.add("tv", "box " + std::to_string(i), Ways::one);
  const auto other = shop.open_again();
  std::vector<int> refused(8);
  std::vector<std::thread> threads;
  threads.reserve(refused.size());
  for (std::size_t i = 0; i < refused.size(); ++i) {
    threads.emplace_back([&, i] {
      Synonyms synonyms(i % 2 == 0 ? *shop.database : *other);
      const SynonymPair pair = parse_synonym("tv", "set " + std::to_string(i));
      refused[i] = problem_of([&] { synonyms.add(pair, Ways::one); }) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(shop.number("SELECT count(*) FROM synonyms WHERE term_words = 'tv'") == 16);
  CHECK(std::count(refused.begin(), refused.end(), 1) == 4);
}

}  // namespace
