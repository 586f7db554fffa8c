// A shop of the schema's third version, which counted no words, opened by this program.
#include "shop/schema_4.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "shop/schema.h"
#include "support/database_file.h"
#include "support/lively_shop.h"
#include "support/older_schema.h"
#include "support/refusal.h"

namespace {

using namespace aforro;  // NOLINT: parts of all kinds come together
using test::Lines;
using test::LivelyShop;
using test::query_number;
using test::query_texts;

constexpr const char* kCounts = "SELECT word || '=' || products FROM vocabulary ORDER BY word";

TEST_CASE("an older shop has its words counted, as if they always had been") {
  LivelyShop shop;
  const Lines wanted = query_texts(shop.location, kCounts);
  test::take_back_to_version_3(shop.location);

  shop.open_again();

  CHECK(wanted.size() > 10);
  CHECK(query_texts(shop.location, kCounts) == wanted);
  CHECK(query_number(shop.location, "SELECT id FROM vocabulary WHERE word = ''") == 1);
  CHECK(test::in_lines(test::faults_of(test::verified(shop))) == "");
}

TEST_CASE("an older shop without products counts none") {
  test::LocalShop shop;
  test::take_back_to_version_3(shop.location);
  shop.open_again();
  CHECK(query_texts(shop.location, kCounts) == Lines{"=0"});
}

TEST_CASE("what an older shop has is changed, and counted, like anything else after that") {
  LivelyShop shop;
  test::take_back_to_version_3(shop.location);
  shop.open_again();

  shop.add({.title = "Green Mug", .category = "Kitchen", .sku = "GREEN"});
  shop.catalogue.change_products(std::vector{shop::ProductChange{.id = shop.mug, .title = "Red Cup"}});

  CHECK(query_number(shop.location, "SELECT products FROM vocabulary WHERE word = 'kitchen'") == 2);
  CHECK(test::in_lines(test::faults_of(test::verified(shop))) == "");
}

TEST_CASE("many products are counted a page at a time, saying how far it has come") {
  LivelyShop shop;
  std::string rows;
  for (int i = 0; i < 950; ++i) {
    rows +=
        (i == 0 ? "" : ", ") + std::string("('Kite', 'kite', '', 100, 1, 0, 'kite', 'kitchen', 'a kite')");
  }
  shop.damage(
      "INSERT INTO products (title, title_key, description, price_minor, category_id, created_at,"
      " title_words, category_words, description_words) VALUES " +
      rows);
  test::take_back_to_version_3(shop.location);
  std::vector<std::int64_t> told;

  shop.database->write([&](sql::Connection& connection) {
    for (const sql::Migration& step : shop::steps_to_version_4()) {
      connection.script(shop.location.is_postgres() ? step.script.postgres : step.script.sqlite);
      step.rewrite(connection, [&](std::int64_t done, std::int64_t of) {
        told.push_back(done);
        CHECK(of == 952);
      });
    }
  });

  CHECK(told.size() > 3);
  CHECK(told.back() == 952);
  CHECK(query_number(shop.location, "SELECT products FROM vocabulary WHERE word = 'kite'") == 950);
  CHECK(query_number(shop.location, "SELECT products FROM vocabulary WHERE word = 'kitchen'") == 951);
}

TEST_CASE("a program of version 3 may not go on behind the step, and this one reads no older shop") {
  const sql::Schema& schema = shop::schema();
  const sql::SchemaMark after = sql::mark_after_upgrade(schema, {.version = 3, .oldest_program = 3});
  CHECK((after == sql::SchemaMark{.version = 5, .oldest_program = 4}));
  CHECK(test::problem_of(
      [&] { sql::require_usable(schema, {.version = 3, .oldest_program = 3}, sql::Access::read_only); }));
}

}  // namespace
