// The counts of the catalogue's words, through everything that writes products.
#include "shop/vocabulary.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/text.h"
#include "seed/seed.h"
#include "support/database_file.h"
#include "support/local_shop.h"

namespace {

using namespace aforro::shop;  // NOLINT: the catalogue is all that this file speaks of
using aforro::Money;
using aforro::test::LocalShop;
using aforro::test::query_number;
using aforro::test::query_texts;
namespace sql = aforro::sql;

using Counts = std::map<std::string, std::int64_t>;

// Of the table, without those that are 0.
Counts counts_of(LocalShop& shop) {
  Counts counts;
  shop.database->read([&](sql::Connection& connection) {
    connection.query("SELECT word, products FROM vocabulary WHERE products > 0", {},
                     [&](const sql::Row& row) { counts.emplace(std::string(row.text(0)), row.integer(1)); });
  });
  return counts;
}

// Made from the texts of all products, one by one.
Counts recount(LocalShop& shop) {
  Counts counts;
  shop.database->read([&](sql::Connection& connection) {
    connection.query(
        "SELECT p.title, c.name, p.description FROM products p JOIN categories c ON c.id = p.category_id", {},
        [&](const sql::Row& row) {
          std::set<std::string> distinct{""};
          for (int column = 0; column < 3; ++column) {
            for (const std::string& word : aforro::words(row.text(column))) {
              if (is_in_vocabulary(word)) distinct.insert(word);
            }
          }
          for (const std::string& word : distinct) ++counts[word];
        });
  });
  return counts;
}

ProductEntry entry(const std::string& sku, const std::string& title, const std::string& description = {},
                   const std::string& category = "Kitchen") {
  return {.sku = sku,
          .title = title,
          .description = description,
          .price = Money::from_minor(100),
          .category = category};
}

TEST_CASE("words are kept but those with a number, very long ones, and Chinese, Japanese and Korean ones") {
  for (const char* word : {"a", "mug", "größe", "पानी", "للبيع", "😀", "ё"}) {
    CAPTURE(word);
    CHECK(is_in_vocabulary(word));
  }
  for (const char* word : {"", "7", "mx500", "१२", "靴", "t恤", "한국어", "\xFF", "mug\xC3"}) {
    CAPTURE(word);
    CHECK(!is_in_vocabulary(word));
  }
  CHECK(is_in_vocabulary(std::string(32, 'x')));
  CHECK(!is_in_vocabulary(std::string(33, 'x')));
  std::string cyrillic;
  for (int i = 0; i < 32; ++i) cyrillic += "ж";
  CHECK(is_in_vocabulary(cyrillic));
  CHECK(!is_in_vocabulary(cyrillic + "ж"));
}

TEST_CASE(
    "differences are added up in order, each word once for a product, and nothing is left of what cancels") {
  using Differences = std::vector<std::pair<std::string_view, std::int64_t>>;
  VocabularyChanges changes;
  CHECK(changes.differences().empty());
  changes.add("red mug mug", "kitchen", "a red mug for tea");
  changes.add("red lamp", "garden", "");
  CHECK(changes.differences() == Differences{{"", 2},
                                             {"a", 1},
                                             {"for", 1},
                                             {"garden", 1},
                                             {"kitchen", 1},
                                             {"lamp", 1},
                                             {"mug", 1},
                                             {"red", 2},
                                             {"tea", 1}});
  changes.remove("red lamp", "garden", "");
  changes.remove("tea for a", "red", "kitchen mug blue blue");
  CHECK(changes.differences() == Differences{{"blue", -1}});
}

TEST_CASE("a new shop counts no products, in the first row") {
  LocalShop shop;
  CHECK(query_texts(shop.location, "SELECT id || ':' || word || ':' || products FROM vocabulary") ==
        std::vector<std::string>{"1::0"});
}

TEST_CASE(
    "a product's words are counted once each, whichever of its texts they stand in, but not its SKU's") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("SKU-A", "Café Mug, red mug", "A RED mug", "Mug & Co"),
                                         entry("SKU-B", "Red Lamp MX500 靴")});
  CHECK(
      counts_of(shop) ==
      Counts{{"", 2}, {"a", 1}, {"cafe", 1}, {"co", 1}, {"kitchen", 1}, {"lamp", 1}, {"mug", 1}, {"red", 2}});
}

TEST_CASE("a product that is renamed, described or filed otherwise leaves its old words and takes the new") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("A", "Red Mug", "Holds tea")});

  shop.catalogue.put_products(std::array{entry("A", "Blue Mug", "Holds tea")});
  CHECK(counts_of(shop) ==
        Counts{{"", 1}, {"blue", 1}, {"holds", 1}, {"kitchen", 1}, {"mug", 1}, {"tea", 1}});

  shop.catalogue.change_products(
      std::array{ProductChange{.id = ProductId(1), .description = "Mug for red tea"}});
  CHECK(counts_of(shop) ==
        Counts{{"", 1}, {"blue", 1}, {"for", 1}, {"kitchen", 1}, {"mug", 1}, {"red", 1}, {"tea", 1}});

  shop.catalogue.change_products(std::array{ProductChange{.id = ProductId(1), .category = "Garden"}});
  CHECK(counts_of(shop) ==
        Counts{{"", 1}, {"blue", 1}, {"for", 1}, {"garden", 1}, {"mug", 1}, {"red", 1}, {"tea", 1}});

  CHECK(query_number(shop.location, "SELECT products FROM vocabulary WHERE word = 'kitchen'") == 0);
}

TEST_CASE(
    "a change of the price, of no product, or of nothing leaves the rows alone, and so does a preview") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("A", "Red Mug")});
  const auto rows = [&] {
    return query_texts(shop.location,
                       "SELECT id || ':' || word || ':' || products FROM vocabulary ORDER BY id");
  };
  const auto before = rows();

  shop.catalogue.put_products(std::array{entry("A", "Red Mug")});
  shop.catalogue.change_products(std::array{
      ProductChange{.id = ProductId(1), .price = Money::from_minor(7)},
      ProductChange{.id = ProductId(99), .title = "Nothing"},
  });
  shop.catalogue.preview_products(std::array{entry("A", "Green Mug"), entry("B", "Lamp")});

  CHECK(rows() == before);
}

TEST_CASE("a product that is put several times at once is counted as it is in the end") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("A", "Red Mug"), entry("A", "Green Mug"),
                                         entry("B", "Red Lamp"), entry("A", "Green Cup")});
  CHECK(counts_of(shop) ==
        Counts{{"", 2}, {"cup", 1}, {"green", 1}, {"kitchen", 2}, {"lamp", 1}, {"red", 1}});
}

TEST_CASE("what is new to the vocabulary has higher ids than all before") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("A", "Red Mug")});
  const std::int64_t last = query_number(shop.location, "SELECT max(id) FROM vocabulary");
  shop.catalogue.put_products(std::array{entry("B", "A red Lamp"), entry("A", "Red Mug again")});
  CHECK(query_texts(shop.location, "SELECT word FROM vocabulary WHERE id > " + std::to_string(last) +
                                       " ORDER BY id") == std::vector<std::string>{"a", "again", "lamp"});
}

TEST_CASE("a count that was damaged does not keep a product from being changed") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("A", "Red Mug")});
  query_texts(shop.location, "UPDATE vocabulary SET products = 0 WHERE word = 'red'");
  query_texts(shop.location, "DELETE FROM vocabulary WHERE word = 'mug'");

  CHECK(shop.catalogue.put_products(std::array{entry("A", "Lamp")}) == std::vector<Put>{Put::changed});

  CHECK(counts_of(shop) == Counts{{"", 1}, {"kitchen", 1}, {"lamp", 1}});
}

TEST_CASE("a seeded shop's words are counted") {
  LocalShop shop;
  aforro::seed::fill(*shop.database, {.products = 1'200, .stores = 1, .rows_per_store = 1}, shop.clock,
                     [](std::int64_t, std::int64_t) {});
  const Counts counts = counts_of(shop);
  CHECK(counts.at("") == 1'200);
  CHECK(counts.size() > 500);
  CHECK((counts == recount(shop)));
}

TEST_CASE("after any changes the counts are what the products make") {
  static constexpr std::array kWords{
      "red",  "Red", "mug", "lamp", "Café", "cafe",  "MX-500", "x7",       "靴屋",  "😀",     "पानी", "großes",
      "über", "a",   "tea", "for",  "kite", "kites", "spade-", "l'amour…", "Μῆνις", "menis", "co",   "t恤"};
  std::mt19937 random(20'260'4);
  const auto below = [&](std::size_t end) { return random() % end; };
  const auto text = [&](std::size_t min, std::size_t max) {
    std::string made;
    for (std::size_t left = min + below(max - min + 1); left > 0; --left) {
      made += (made.empty() ? "" : " ") + std::string(kWords[below(kWords.size())]);
    }
    return made;
  };
  LocalShop shop;
  std::size_t changed = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<ProductEntry> entries;
    for (std::size_t left = below(7); left > 0; --left) {
      entries.push_back(entry(std::to_string(below(25)), text(1, 4), text(0, 40), text(1, 1)));
      if (below(4) == 0) entries.back().description.reset();
      if (below(9) == 0) entries.back().sku.reset();
    }
    shop.catalogue.put_products(entries);
    std::vector<ProductChange> changes;
    for (std::size_t left = below(4); left > 0; --left) {
      changes.push_back({.id = ProductId(static_cast<std::int64_t>(1 + below(30)))});
      if (below(2) == 0) changes.back().title = text(1, 3);
      if (below(2) == 0) changes.back().description = text(0, 9);
      if (below(3) == 0) changes.back().category = text(1, 2);
    }
    for (const Put put : shop.catalogue.change_products(changes)) changed += put == Put::changed ? 1 : 0;
    CAPTURE(round);
    REQUIRE((counts_of(shop) == recount(shop)));
  }
  CHECK(changed > 20);
}

TEST_CASE("who asks for the words past the last one known misses none, whatever is imported at once") {
  constexpr int kImporters = 3;
  constexpr int kBatches = 12;
  LocalShop shop;
  std::atomic<int> importing = kImporters;
  std::vector<std::thread> importers;
  importers.reserve(kImporters);
  for (int importer = 0; importer < kImporters; ++importer) {
    importers.emplace_back([&shop, &importing, importer] {
      for (int batch = 0; batch < kBatches; ++batch) {
        std::string title(1, static_cast<char>('a' + importer));
        title += static_cast<char>('a' + batch);
        shop.catalogue.put_products(std::array{entry(title, title + "first"),
                                               entry(title + "2", title + "second " + title + "first")});
      }
      --importing;
    });
  }
  std::set<std::string> known;
  std::int64_t last = 0;
  bool is_over = false;
  while (!is_over) {
    is_over = importing == 0;  // before the look that is then the last
    shop.database->read([&](sql::Connection& connection) {
      connection.query("SELECT id, word FROM vocabulary WHERE id > $1 ORDER BY id", {last},
                       [&](const sql::Row& row) {
                         last = row.integer(0);
                         known.insert(std::string(row.text(1)));
                       });
    });
  }
  for (std::thread& importer : importers) importer.join();
  CHECK(known.size() == 2 + 2 * kImporters * kBatches);
  CHECK((counts_of(shop) == recount(shop)));
}

}  // namespace
