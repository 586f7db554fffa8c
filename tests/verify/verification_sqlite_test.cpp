// What `verify` finds that only SQLite can have wrong: its checks, its keys and its search index.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/shortage.h"
#include "support/failing_memory.h"
#include "support/lively_shop.h"

namespace {

using namespace aforro::test;  // NOLINT: their words are all that this file speaks

TEST_CASE("what breaks a CHECK of SQLite is named by it and by us") {
  check_each({
      {"PRAGMA ignore_check_constraints = ON; UPDATE inventory SET quantity = -1 WHERE store_id = 2",
       {"storage: CHECK constraint failed in inventory", "stock: store 2, product 1: holds -1",
        "stock: store 2, product 1: holds -1, its movements make 6"}},
      {"PRAGMA ignore_check_constraints = ON; UPDATE orders SET status = 'LOST' WHERE id = 2",
       {"storage: CHECK constraint failed in orders", "order: order 2: is in a state that there isn't"}},
      {"PRAGMA ignore_check_constraints = ON; UPDATE orders SET expires_at = NULL WHERE id = 3",
       {"storage: CHECK constraint failed in orders", "order: order 3: is PENDING and has no expires_at",
        "taking: order 3 is PENDING and lacks its movement `order` of -1 of product 1 in store 1",
        "taking: order 3 is PENDING and has movement 9, `reserve` of -1 of product 1 in store 1, which none "
        "of"
        " its lines makes"}},
  });
}

TEST_CASE("a shop in order for whose verification there is no memory has no fault, and nothing is left out") {
  FailingMemory memory;
  LivelyShop shop;
  for (const Fails fails : {Fails::once, Fails::from_then_on}) {
    std::uint64_t refused = 0;
    bool has_failed = true;
    for (std::uint64_t nth = 1; has_failed; nth += 1 + nth / 60) {
      CAPTURE(nth);
      Lines faults;
      memory.fail(nth, fails);
      try {
        faults = faults_of(verified(shop));
      } catch (const aforro::Shortage&) {
        ++refused;
      }
      has_failed = memory.failures() > 0;
      memory.heal();
      CHECK(in_lines(faults) == "");
    }
    CHECK(refused > 10);
  }
  CHECK(in_lines(faults_of(verified(shop))) == "");
}

TEST_CASE("every foreign key of the schema is among those that are looked at") {
  LivelyShop shop;
  SQLite::Database file(shop.location.string(), SQLite::OPEN_READONLY, 20'000);
  SQLite::Statement keys(file,
                         "SELECT t.name || '.' || f.\"from\" || ' ' || f.\"table\" FROM sqlite_schema t JOIN"
                         " pragma_foreign_key_list(t.name) f WHERE t.type = 'table' ORDER BY 1");
  Lines found;
  while (keys.executeStep()) found.push_back(keys.getColumn(0).getString());
  CHECK(found == Lines{"inventory.product_id products", "inventory.store_id stores",
                       "order_lines.order_id orders", "orders.store_id stores",
                       "products.category_id categories"});
}

TEST_CASE("what SQLite's search index has wrong is named by product") {
  const std::string out_of_words =
      "INSERT INTO product_words (product_words, rowid, title_words, category_words, description_words)"
      " SELECT 'delete', id, title_words, category_words, description_words FROM products WHERE id = ";
  const std::string out_of_trigrams =
      "INSERT INTO title_trigrams (title_trigrams, rowid, title_key) SELECT 'delete', id, title_key FROM"
      " products WHERE id = ";
  check_each({
      {"DROP TRIGGER products_reworded; UPDATE products SET title = 'Green Mug', title_key = 'green mug',"
       " title_words = 'green mug' WHERE id = 1",
       {"search: word \"red\": is counted in 1 product, stands in 0",
        "search: word \"green\": is not counted, stands in 1 product",
        "search: product_words: product 1 is in it with other words than it has"}},
      {"DROP TRIGGER products_retitled; UPDATE products SET title = 'Red Mug.', title_key = 'red mug.' WHERE "
       "id"
       " = 1",
       {"search: title_trigrams: product 1 is in it with other words than it has"}},
      {out_of_words + "1", {"search: product_words: product 1 is not in it"}},
      {out_of_trigrams + "2", {"search: title_trigrams: product 2 is not in it"}},
      {"INSERT INTO product_words (rowid, title_words, category_words, description_words) VALUES"
       " (50, 'ghost', 'kitchen', '')",
       {"search: product_words: has product 50, which is not there"}},
      {"INSERT INTO title_trigrams (rowid, title_key) VALUES (50, 'ghost')",
       {"search: title_trigrams: has product 50, which is not there"}},
      // Twice the same, and the words of one as those of the other.
      {"INSERT INTO title_trigrams (rowid, title_key) VALUES (1, 'red mug')",
       {"search: title_trigrams: its totals are not those of the products"}},
      {"DROP TRIGGER products_reworded; UPDATE products SET title_words = 'mug red', title = 'Mug Red',"
       " title_key = 'mug red' WHERE id = 1",
       {"search: product_words: product 1 is in it with other words than it has"}},
      {"UPDATE product_words_docsize SET sz = x'030103' WHERE id = 1",
       {"search: product_words: product 1 is in it with other words than it has"}},
      {"UPDATE product_words_data SET block = x'02040209' WHERE id = 1",
       {"search: product_words: its totals are not those of the products"}},
  });
}

TEST_CASE("what SQLite's index of beginnings has wrong is named by the beginning") {
  LivelyShop shop;
  const auto declare = [&](const std::string& from, const std::string& to) {
    shop.damage("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" + from + "', '" +
                to + "') WHERE name = 'product_words'");
  };
  // Reworded while the table had no such index.
  declare("prefix = ''1 2 3''", "prefix = ''''");
  shop.damage(
      "UPDATE products SET title = 'Reg Mug', title_key = 'reg mug', title_words = 'reg mug' WHERE id = 1");
  declare("prefix = ''''", "prefix = ''1 2 3''");

  Lines faults = faults_of(verified(shop));

  std::sort(faults.begin(), faults.end());
  const auto finds_others_by = [](const std::string& beginning) {
    return "search: product_words: its index of beginnings finds other products by " + beginning +
           " than those with such a word";
  };
  CHECK(in_lines(faults) ==
        in_lines(Lines{finds_others_by("reg"), "search: word \"red\": is counted in 1 product, stands in 0",
                       "search: word \"reg\": is not counted, stands in 1 product"}));
}

}  // namespace
