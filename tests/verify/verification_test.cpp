// `verify` on shops that are in order, and on shops that each have one thing wrong: that one is named, and
// nothing else. The damage is done in plain SQL, beside the program and past its constraints.
#include "verify/verification.h"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "shop/order_book.h"
#include "shop/stock_operations.h"
#include "support/lively_shop.h"
#include "support/local_shop.h"
#include "support/seed.h"

namespace {

using namespace aforro::shop;    // NOLINT: the shop is all that this file speaks of
using namespace aforro::verify;  // NOLINT: and what is found in it
using namespace std::chrono_literals;
namespace search = aforro::search;
namespace sql = aforro::sql;
using aforro::test::check_each;
using aforro::test::faults_of;
using aforro::test::in_lines;
using aforro::test::Lines;
using aforro::test::LivelyShop;
using aforro::test::LocalShop;
using aforro::test::verified;

std::map<std::string, std::int64_t> counts_of(const Findings& findings) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [what, number] : findings.counts()) counts.emplace(what, number);
  return counts;
}

TEST_CASE("a shop in order is clean, and everything in it was counted") {
  LivelyShop shop;

  const Findings findings = verified(shop);

  CHECK(in_lines(faults_of(findings)) == "");
  CHECK(findings.is_clean());
  CHECK(counts_of(findings) == std::map<std::string, std::int64_t>{{"categories", 2},
                                                                   {"products", 2},
                                                                   {"stores", 2},
                                                                   {"users", 1},
                                                                   {"inventory rows", 3},
                                                                   {"movements", 15},
                                                                   {"orders", 7},
                                                                   {"order lines", 8},
                                                                   {"idempotency keys", 1}});
}

TEST_CASE("an empty shop is clean") {
  LocalShop shop;
  CHECK(in_lines(faults_of(verified(shop))) == "");
}

TEST_CASE("a shelf that has not the sum of its movements is named") {
  check_each({
      {"UPDATE inventory SET quantity = 10 WHERE store_id = 1 AND product_id = 1",
       {"stock: store 1, product 1: holds 10, its movements make 9"}},
      // In the whole shop it still adds up.
      {"UPDATE inventory SET quantity = quantity + CASE store_id WHEN 1 THEN 1 ELSE -1 END"
       " WHERE product_id = 1",
       {"stock: store 1, product 1: holds 10, its movements make 9",
        "stock: store 2, product 1: holds 5, its movements make 6"}},
      {"DELETE FROM inventory WHERE store_id = 2",
       {"movement: store 2, product 1: has movements and is not in the inventory"}},
      {"DELETE FROM movements WHERE id = 4",
       {"stock: store 1, product 1: holds 9, its movements make 4",
        "movement: movement 5 says that 13 of store 1, product 1 were left where the changes make 8"}},
      {"UPDATE movements SET quantity_after = 11 WHERE id = 9",
       {"movement: movement 9 says that 11 of store 1, product 1 were left where the changes make 10"}},
      {"UPDATE movements SET change = change + 9223372036854775800 WHERE id = 4",
       {"stock: store 1, product 1: holds 9, its movements make -9223372036854775807",
        "movement: movement 4 says that 15 of store 1, product 1 were left where the changes make"
        " -9223372036854775801"}},
  });
}

TEST_CASE("a rejected order of another program, of which nobody knows what was available, is right") {
  check_each({{"UPDATE order_lines SET available = NULL WHERE order_id = 2", {}}});
}

TEST_CASE("an order that its lines do not make is named") {
  check_each({
      {"UPDATE orders SET total_items = 3 WHERE id = 1",
       {"order: order 1: total_items is 3, its lines make 2"}},
      {"UPDATE orders SET total_quantity = 4 WHERE id = 1",
       {"order: order 1: total_quantity is 4, its lines make 3"}},
      {"UPDATE orders SET total_price_minor = 301 WHERE id = 1",
       {"order: order 1: total_price is 3.01, its lines make 3.00"}},
      {"UPDATE order_lines SET unit_price_minor = 101 WHERE order_id = 7",
       {"order: order 7: total_price is 1.00, its lines make 1.01"}},
      {"UPDATE order_lines SET position = 5 WHERE order_id = 1 AND position = 1",
       {"order: order 1: the positions of its lines are not 0 to 1"}},
      {"DELETE FROM order_lines WHERE order_id = 2", {"order: order 2: has no lines"}},
      {"INSERT INTO order_lines (order_id, position, product_id, product_title, quantity, unit_price_minor)"
       " VALUES (2, 1, 2, 'Lamp', 1, 0);"
       "UPDATE orders SET total_items = 2, total_quantity = 1001 WHERE id = 2",
       {"order: order 2: is REJECTED and has lines that don't say what was available, beside others that "
        "do"}},
      {"UPDATE order_lines SET available = 1000 WHERE order_id = 2",
       {"order: order 2: is REJECTED though there was enough"}},
      {"UPDATE order_lines SET available = 5 WHERE order_id = 7",
       {"order: order 7: is CONFIRMED and has lines that say what was available"}},
      {"UPDATE orders SET expires_at = 5 WHERE id = 2",
       {"order: order 2: is REJECTED and has an expires_at"}},
  });
}

TEST_CASE("an order that has not taken what it should have, or given it back, is named") {
  check_each({
      // A movement that is gone is missed on its shelf as well.
      {"DELETE FROM movements WHERE id = 15",
       {"stock: store 1, product 1: holds 9, its movements make 10",
        "taking: order 7 is CONFIRMED and lacks its movement `order` of -1 of product 1 in store 1"}},
      {"DELETE FROM movements WHERE id = 14",
       {"stock: store 1, product 2: holds 3, its movements make 2",
        "taking: order 6 is EXPIRED and lacks its movement `expire` of 1 of product 2 in store 1"}},
      {"DELETE FROM movements WHERE id = 12",
       {"stock: store 1, product 1: holds 9, its movements make 8",
        "movement: movement 15 says that 9 of store 1, product 1 were left where the changes make 8",
        "taking: order 5 is CANCELLED and lacks its movement `cancel` of 1 of product 1 in store 1"}},
      {"INSERT INTO movements (store_id, product_id, reason, change, quantity_after, order_id, created_at)"
       " SELECT store_id, product_id, reason, change, quantity_after - 1, order_id, created_at FROM movements"
       " WHERE id = 15",
       {"stock: store 1, product 1: holds 9, its movements make 8",
        "taking: order 7 is CONFIRMED and has movement 16, `order` of -1 of product 1 in store 1, which none "
        "of"
        " its lines makes"}},
      {"UPDATE orders SET status = 'CANCELLED' WHERE id = 1",
       {"taking: order 1 is CANCELLED and lacks its movement `cancel` of 2 of product 1 in store 1",
        "taking: order 1 is CANCELLED and lacks its movement `cancel` of 1 of product 2 in store 1"}},
      {"UPDATE orders SET status = 'CONFIRMED' WHERE id = 5",
       {"taking: order 5 is CONFIRMED and has movement 12, `cancel` of 1 of product 1 in store 1, which none "
        "of"
        " its lines makes"}},
      {"UPDATE orders SET status = 'CANCELLED' WHERE id = 6",
       {"taking: order 6 is CANCELLED and lacks its movement `cancel` of 1 of product 2 in store 1",
        "taking: order 6 is CANCELLED and has movement 14, `expire` of 1 of product 2 in store 1, which none "
        "of"
        " its lines makes"}},
      {"UPDATE orders SET expires_at = NULL WHERE id = 4",
       {"taking: order 4 is CONFIRMED and lacks its movement `order` of -1 of product 2 in store 1",
        "taking: order 4 is CONFIRMED and has movement 10, `reserve` of -1 of product 2 in store 1, which "
        "none"
        " of its lines makes"}},
      {"DELETE FROM order_lines WHERE order_id = 1 AND position = 1",
       {"order: order 1: total_items is 2, its lines make 1; total_quantity is 3, its lines make 2; "
        "total_price"
        " is 3.00, its lines make 2.00",
        "taking: order 1 is CONFIRMED and has movement 8, `order` of -1 of product 2 in store 1, which none "
        "of"
        " its lines makes"}},
      {"UPDATE movements SET store_id = 2 WHERE id = 15",
       {"stock: store 1, product 1: holds 9, its movements make 10",
        "stock: store 2, product 1: holds 6, its movements make 5",
        "movement: movement 15 says that 9 of store 2, product 1 were left where the changes make 5",
        "taking: order 7 is CONFIRMED and has movement 15, `order` of -1 of product 1 in store 2, where its "
        "line"
        " makes it `order` of -1 of product 1 in store 1"}},
      {"UPDATE movements SET order_id = 99 WHERE id = 15",
       {"taking: order 7 is CONFIRMED and lacks its movement `order` of -1 of product 1 in store 1",
        "taking: movement 15, `order` of -1 of product 1 in store 1, names order 99, which is not there"}},
      {"UPDATE movements SET order_id = NULL WHERE id = 15",
       {"movement: movement 15 is of the kind order and names no order",
        "taking: order 7 is CONFIRMED and lacks its movement `order` of -1 of product 1 in store 1"}},
      {"UPDATE movements SET order_id = 2 WHERE id = 4",
       {"movement: movement 4 is of the kind receive and names order 2"}},
  });
}

TEST_CASE("movements that make up for each other are named all the same") {
  check_each({
      // One order took what another one should have; all shelves and running totals agree.
      {"UPDATE movements SET change = CASE id WHEN 7 THEN -1 WHEN 15 THEN -2 ELSE change END,"
       " quantity_after = CASE id WHEN 15 THEN 9 ELSE quantity_after + 1 END WHERE id IN (7, 9, 11, 12, 15)",
       {"taking: order 1 is CONFIRMED and has movement 7, `order` of -1 of product 1 in store 1, where its "
        "line"
        " makes it `order` of -2 of product 1 in store 1",
        "taking: order 7 is CONFIRMED and has movement 15, `order` of -2 of product 1 in store 1, where its "
        "line"
        " makes it `order` of -1 of product 1 in store 1"}},
      // The same reason, product and store, but each the other's.
      {"UPDATE movements SET order_id = CASE order_id WHEN 3 THEN 4 ELSE 3 END WHERE id IN (9, 10)",
       {"taking: order 3 is PENDING and lacks its movement `reserve` of -1 of product 1 in store 1",
        "taking: order 4 is CONFIRMED and lacks its movement `reserve` of -1 of product 2 in store 1",
        "taking: order 3 is PENDING and has movement 10, `reserve` of -1 of product 2 in store 1, which none "
        "of"
        " its lines makes",
        "taking: order 4 is CONFIRMED and has movement 9, `reserve` of -1 of product 1 in store 1, which "
        "none of"
        " its lines makes"}},
  });
}

TEST_CASE("a key without its order or its answer is named") {
  check_each({
      {"UPDATE idempotency_keys SET order_id = 99", {"key: key key-7 names order 99, which is not there"}},
      {"UPDATE idempotency_keys SET answer = ''", {"key: key key-7 keeps no answer"}},
  });
}

TEST_CASE("a folded text that does not follow from its text is named") {
  check_each({
      {"UPDATE products SET title_key = 'red mugs' WHERE id = 1",
       {"text: product 1: its title_key is not that of its text"}},
      {"UPDATE products SET title_words = 'red' WHERE id = 1",
       {"text: product 1: its title_words is not that of its text",
        "search: word \"mug\": is counted in 1 product, stands in 0"}},
      {"UPDATE products SET category_words = 'garden' WHERE id = 1",
       {"text: product 1: its category_words are not those of its category",
        "search: word \"kitchen\": is counted in 1 product, stands in 0",
        "search: word \"garden\": is not counted, stands in 1 product"}},
      {"UPDATE products SET description_words = '' WHERE id = 2",
       {"text: product 2: its description_words is not that of its text",
        "search: word \"for\": is counted in 1 product, stands in 0",
        "search: word \"hours\": is counted in 1 product, stands in 0",
        "search: word \"late\": is counted in 1 product, stands in 0"}},
      {"UPDATE categories SET name = 'Kitchens' WHERE id = 1",
       {"text: category 1: its folded name is not that of its text",
        "text: product 1: its category_words are not those of its category"}},
      {"UPDATE stores SET name_key = 'somewhere' WHERE id = 2",
       {"text: store 2: its folded name is not that of its text"}},
      {"UPDATE users SET username = 'Eve'", {"text: user 1: its folded name is not that of its text"}},
  });
}

TEST_CASE("a synonym whose words are not those of its text is named") {
  check_each({
      {"UPDATE synonyms SET also_words = 'cup' WHERE also_words = 'tea cup'",
       {"text: synonym Mug, Tea Cup: its also_words is not that of its text"}},
      {"UPDATE synonyms SET term = 'Glass' WHERE term_words = 'mug'",
       {"text: synonym Glass, Tea Cup: its term_words is not that of its text"}},
      {"UPDATE synonyms SET term_words = '', term = '!' WHERE term_words = 'mug'",
       {"text: synonym !, Tea Cup: its term_words is not that of its text"}},
      {"DELETE FROM synonyms WHERE term_words = 'mug'", {}},  // one direction is as good
  });
}

TEST_CASE("a word that is counted in more or fewer products than have it is named") {
  check_each({
      {"UPDATE vocabulary SET products = 7 WHERE word = 'red'",
       {"search: word \"red\": is counted in 7 products, stands in 1"}},
      {"UPDATE vocabulary SET products = 0 WHERE word = 'tea'",
       {"search: word \"tea\": is counted in 0 products, stands in 1"}},
      {"UPDATE vocabulary SET products = 3 WHERE word = ''",
       {"search: the word that all products have: is counted in 3 products, stands in 2"}},
      {"DELETE FROM vocabulary WHERE word IN ('', 'lamp')",
       {"search: the word that all products have: is not counted, stands in 2 products",
        "search: word \"lamp\": is not counted, stands in 1 product"}},
      {"INSERT INTO vocabulary (word, products) VALUES ('ghost', 1), ('gone', 0)",
       {"search: word \"ghost\": is counted in 1 product, stands in 0"}},
      {"INSERT INTO vocabulary (id, word, products) VALUES (900, 'mx500', 1), (901, '靴', 0)",
       {"search: row 900 of the vocabulary: is no word that it keeps",
        "search: row 901 of the vocabulary: is no word that it keeps"}},
      {"DELETE FROM products WHERE id = 2; DELETE FROM inventory WHERE product_id = 2;"
       "DELETE FROM movements; DELETE FROM inventory; DELETE FROM orders; DELETE FROM order_lines;"
       "DELETE FROM idempotency_keys; UPDATE vocabulary SET products = products - 1 WHERE word IN"
       " ('', 'cafe', 'lamp', 'buro', 'for', 'hours')",
       {"search: word \"late\": is counted in 1 product, stands in 0"}},
  });
}

TEST_CASE("an empty shop whose row for all products is gone is told from one that has it") {
  LocalShop shop;
  shop.database->write([](sql::Connection& connection) { connection.run("DELETE FROM vocabulary"); });
  CHECK(faults_of(verified(shop)) ==
        Lines{"search: the word that all products have: is not counted, stands in 0 products"});
}

TEST_CASE("a row that names one which is not there is named") {
  check_each({
      {"UPDATE orders SET store_id = 9 WHERE id = 2",
       {"reference: order 2 is of store 9, which is not there"}},
      {"INSERT INTO order_lines (order_id, position, product_id, product_title, quantity, unit_price_minor)"
       " VALUES (98, 0, 1, 'Red Mug', 1, 100)",
       {"reference: line 0 of order 98, which is not there"}},
      {"UPDATE products SET category_id = 77 WHERE id = 1",
       {"reference: product 1 is of category 77, which is not there"}},
      {"INSERT INTO inventory (store_id, product_id, quantity) VALUES (1, 66, 0)",
       {"reference: store 1, product 66: inventory of a product that is not there"}},
      {"INSERT INTO inventory (store_id, product_id, quantity) VALUES (55, 1, 0)",
       {"reference: store 55, product 1: inventory of a store that is not there"}},
  });
}

TEST_CASE("of very many faults of one kind a hundred are named and all are counted") {
  LivelyShop shop;
  shop.damage(
      "INSERT INTO inventory (store_id, product_id, quantity) WITH RECURSIVE many (i) AS (SELECT 1000 UNION "
      "ALL"
      " SELECT i + 1 FROM many WHERE i < 6999) SELECT 1, i, 0 FROM many");

  const Findings findings = verified(shop);

  CHECK(findings.fault_count() == 6000);
  CHECK(findings.fault_count(Check::reference) == 6000);
  CHECK(findings.named(Check::reference).size() == Findings::kNamed);
  CHECK(counts_of(findings).at("inventory rows") == 6003);
}

TEST_CASE("shelves that are too many to be followed at once are followed store by store") {
  LivelyShop shop;
  const Limits limits{.shelves = 1};
  CHECK(in_lines(faults_of(verified(shop, limits))) == "");
  CHECK(counts_of(verified(shop, limits)) == counts_of(verified(shop)));
  shop.damage(
      "UPDATE movements SET store_id = 7 WHERE id = 15; UPDATE inventory SET quantity = 0 WHERE store_id = "
      "2");

  const Lines faults = faults_of(verified(shop, limits));

  CHECK(faults.size() == 5);  // two shelves, one more that is not there and what was left on it, one order
  CHECK(in_lines(faults) == in_lines(faults_of(verified(shop))));
}

TEST_CASE("an order that is wrong is found among thousands, on whatever page") {
  LivelyShop shop;
  shop.damage(
      "INSERT INTO orders (id, store_id, status, created_at, total_items, total_quantity, total_price_minor) "
      "WITH"
      " RECURSIVE many (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM many WHERE i < 9099) SELECT i, 1,"
      " 'REJECTED', i, 1, 3, 300 FROM many;"
      "INSERT INTO order_lines (order_id, position, product_id, product_title, quantity, unit_price_minor,"
      " available) SELECT id, 0, 1, 'Red Mug', 3, 100, 2 FROM orders WHERE id >= 100");
  CHECK(in_lines(faults_of(verified(shop))) == "");
  CHECK(counts_of(verified(shop)).at("orders") == 9007);
  shop.damage(
      "UPDATE orders SET status = 'CONFIRMED' WHERE id IN (3500, 9099);"
      "UPDATE order_lines SET available = NULL WHERE order_id IN (3500, 9099)");
  const std::string lacks = " is CONFIRMED and lacks its movement `order` of -3 of product 1 in store 1";

  CHECK(in_lines(faults_of(verified(shop))) ==
        in_lines({"taking: order 3500" + lacks, "taking: order 9099" + lacks}));
  CHECK(in_lines(faults_of(verified(shop, {.accounts = 1}))) ==
        in_lines({"taking: order 3500" + lacks,
                  "taking: orders and movements differ in further groups of 256 orders, 1 of them, which were"
                  " not looked at one by one"}));
}

TEST_CASE("verifying waits for no writer and holds none up") {
  LivelyShop shop;
  const auto search = shop.database.make_search();
  std::int64_t written = 0;
  const auto other = shop.open_again();
  const auto write_there = [&] {
    other->write([](aforro::sql::Connection& connection) {
      connection.run("UPDATE inventory SET quantity = quantity + 1 WHERE store_id = 1 AND product_id = 1");
    });
    ++written;
  };
  const auto write = [&] { std::thread(write_there).join(); };

  const Findings findings =
      check_shop(*shop.database, *search, [&](std::int64_t, std::int64_t) { write(); });  // in between

  CHECK(written >= 3);
  CHECK(in_lines(faults_of(findings)) == "");  // of the moment at which it began
  CHECK(!verified(shop).is_clean());
}

TEST_CASE("whatever customers and clerks did, the shop is in order") {
  LivelyShop shop;
  StockOperations operations(*shop.database, shop.clock);
  std::mt19937_64 random(aforro::test::seed_of_run());
  const auto any = [&](int most) { return std::uniform_int_distribution(1, most)(random); };
  std::vector<OrderId> orders{OrderId(1)};
  for (int i = 0; i < 400; ++i) {
    const OrderId order = orders[static_cast<std::size_t>(any(static_cast<int>(orders.size()))) - 1];
    try {
      switch (any(8)) {
        case 1:
          operations.receive(shop.south, std::array{Goods{shop.lamp, any(9)}, Goods{shop.mug, any(9)}});
          break;
        case 2:
          operations.transfer(shop.south, shop.north, std::array{Goods{shop.lamp, any(9)}});
          break;
        case 3:
          shop.clock.advance(std::chrono::seconds(any(200)));
          shop.orders.expire_due(any(3));
          break;
        case 4:
          shop.orders.confirm(order);
          break;
        case 5:
          shop.orders.cancel(order);
          break;
        case 6:
          orders.push_back(
              shop.place({{shop.lamp, any(3)}, {shop.mug, any(3)}}, std::chrono::seconds(any(300))));
          break;
        default:
          orders.push_back(shop.place({{shop.mug, any(3)}, {shop.lamp, any(2)}}));
      }
    } catch (const aforro::Problem&) {
      // Too late, or not enough.
    }
  }

  const Findings findings = verified(shop);

  CHECK(in_lines(faults_of(findings)) == "");
  CHECK(counts_of(findings).at("orders") == static_cast<std::int64_t>(orders.size()) + 6);
}

}  // namespace
