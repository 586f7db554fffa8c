// A shop of the schema's second version, whose keys were folded by another rule, opened by this program.
#include "shop/schema_3.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "accounts/users.h"
#include "base/text.h"
#include "search/query.h"
#include "shop/catalogue.h"
#include "support/database_file.h"
#include "support/lively_shop.h"
#include "support/older_schema.h"

namespace {

using namespace aforro;  // NOLINT: parts of all kinds come together
using test::Lines;
using test::LivelyShop;
using test::query_number;
using test::query_texts;

// A shop as the second version would have it: its keys are what that rule made of the same texts.
struct OldShop : LivelyShop {
  OldShop() {
    test::take_back_to_version_2(location);
    damage(
        "INSERT INTO categories (name, name_key) VALUES ('カード', 'カート'), ('Τῷ', 'τωι'), ('Τώ', 'τω');"
        "INSERT INTO stores (name, name_key, location) VALUES ('東京ハブ', '東京ハフ', '');"
        "INSERT INTO users (username, username_key, password_hash, is_superuser, created_at)"
        " VALUES ('Андрей', 'андреи', 'x', 1, 0);");
    add_old("पानी की बोतल", "पन क बतल", "पन क बतल", "AUD-00001");
    add_old("ガラスの花瓶", "カラスの花瓶", "カラスの花瓶", "");
    add_old("Crème Brûlée", "creme brulee", "creme brulee", "B/2");
  }

  void add_old(const std::string& title, const std::string& key, const std::string& words,
               const std::string& sku) {
    damage(
        "INSERT INTO products (sku, title, title_key, description, price_minor, category_id, created_at, "
        "title_words,"
        " category_words, description_words) VALUES (nullif('" +
        sku + "', ''), '" + title + "', '" + key +
        "', '', 100, (SELECT id FROM categories WHERE name = 'カード'), 0, '" + words + "', 'カート', '')");
  }

  // Opened by this program.
  void bring_up() { open_again(); }
};

TEST_CASE("an older shop has its keys, words and index made anew, and nothing is wrong with it then") {
  OldShop shop;

  shop.bring_up();

  CHECK(test::in_lines(test::faults_of(test::verified(shop))) == "");
  CHECK(query_texts(shop.location, "SELECT name_key FROM categories WHERE name = 'カード'") ==
        Lines{"カード"});
  CHECK(query_texts(shop.location, "SELECT name_key FROM stores WHERE name = '東京ハブ'") ==
        Lines{"東京ハブ"});
  CHECK(query_texts(shop.location, "SELECT username_key FROM users WHERE username = 'Андрей'") ==
        Lines{"андрей"});
  CHECK(query_texts(shop.location, "SELECT title_key FROM products ORDER BY id") ==
        Lines{"red mug", "cafe lamp", "पानी की बोतल", "ガラスの花瓶", "creme brulee"});
  const auto search = shop.database.make_search();
  const auto count = [&](const char* text) {
    return search->search(search::parse_search({{"q", text}})).count;
  };
  CHECK(count("बोतल") == 1);
  CHECK(count("aud 00001") == 1);
  CHECK(count("BRÛLÉE") == 1);
  CHECK(count("カラスの") == 0);
}

TEST_CASE("what an older shop has can be changed after that like anything else") {
  OldShop shop;
  shop.bring_up();

  shop.add({.title = "ガード", .category = "ガード", .sku = "AUD-00001"});
  shop.damage(
      "DELETE FROM products WHERE sku = 'B/2';"
      "UPDATE vocabulary SET products = products - 1 WHERE word IN ('', 'creme', 'brulee')");

  CHECK(test::in_lines(test::faults_of(test::verified(shop))) == "");
  CHECK(query_number(shop.location, "SELECT count(*) FROM categories WHERE name IN ('カード', 'ガード')") ==
        2);
}

TEST_CASE("of two names that the new rule takes for the same the one that changes gets a number behind it") {
  OldShop shop;

  shop.bring_up();

  CHECK(query_texts(shop.location,
                    "SELECT name || '=' || name_key FROM categories WHERE name LIKE 'Τ%' ORDER BY id") ==
        Lines{"Τῷ (2)=τω (2)", "Τώ=τω"});
}

TEST_CASE("a listing from before is not taken for the one after, which may stand in another order") {
  OldShop shop;
  const std::int64_t before = query_number(shop.location, "SELECT version FROM catalogue");
  shop.bring_up();
  CHECK(query_number(shop.location, "SELECT version FROM catalogue") > before);
}

TEST_CASE("a shop of many products is rewritten a page at a time, saying how far it has come") {
  OldShop shop;
  std::string rows;
  for (int i = 0; i < 950; ++i) {
    rows +=
        (i == 0 ? "" : ", ") + std::string("('カード', 'カート', '', 100, 1, 0, 'カート', 'kitchen', '')");
  }
  shop.damage(
      "INSERT INTO products (title, title_key, description, price_minor, category_id, created_at, "
      "title_words,"
      " category_words, description_words) VALUES " +
      rows);
  std::vector<std::int64_t> told;
  const std::int64_t all = query_number(shop.location, "SELECT count(*) FROM products");

  shop.database->write([&](sql::Connection& connection) {
    for (const sql::Migration& step : shop::steps_to_version_3()) {
      connection.script(shop.location.is_postgres() ? step.script.postgres : step.script.sqlite);
      if (step.rewrite == nullptr) continue;
      step.rewrite(connection, [&](std::int64_t done, std::int64_t of) {
        told.push_back(done);
        CHECK(of == all);
      });
    }
  });

  CHECK(told.size() > 3);
  CHECK(told.back() == all);
  CHECK(query_number(shop.location, "SELECT count(*) FROM products WHERE title_key = 'カード'") == 950);
}

}  // namespace
