// What `verify` finds that only PostgreSQL can have wrong: its indexes, its constraints, its column of words.
#include <doctest/doctest.h>

#include <string>

#include "support/lively_shop.h"

namespace {

using namespace aforro::test;  // NOLINT: their words are all that this file speaks

TEST_CASE("what PostgreSQL's column of words has wrong is named by product") {
  LivelyShop shop;
  shop.damage(
      "ALTER TABLE products ALTER COLUMN search_words DROP EXPRESSION;"
      "UPDATE products SET search_words = CAST('red:1A' AS TSVECTOR) WHERE id = 1");

  CHECK(in_lines(faults_of(verified(shop))) ==
        in_lines(Lines{"search: product 1: is searched by other words than it has"}));
}

TEST_CASE("PostgreSQL's B-trees are looked at with amcheck, and without it that is said") {
  LivelyShop shop;
  CHECK(in_lines(verified(shop).left_out()) ==
        in_lines(Lines{"PostgreSQL's own indexes: amcheck is not installed"}));
  shop.damage("CREATE EXTENSION amcheck");
  CHECK(in_lines(verified(shop).left_out()) ==
        in_lines(Lines{"PostgreSQL's own indexes: this user may not use amcheck"}));
  shop.damage("GRANT EXECUTE ON FUNCTION bt_index_check(REGCLASS, BOOLEAN) TO PUBLIC");
  CHECK(in_lines(verified(shop).left_out()) == in_lines(Lines{}));
  CHECK(in_lines(faults_of(verified(shop))) == "");

  // An index made by a rule that has changed since.
  shop.damage(
      "CREATE FUNCTION rule(id BIGINT) RETURNS BIGINT LANGUAGE SQL IMMUTABLE RETURN id;"
      "CREATE INDEX by_rule ON products (rule(id));"
      "CREATE OR REPLACE FUNCTION rule(id BIGINT) RETURNS BIGINT LANGUAGE SQL IMMUTABLE RETURN -id;");

  const Lines faults = faults_of(verified(shop));

  REQUIRE(faults.size() == 1);
  CHECK(faults[0].starts_with("storage: "));
  CHECK(faults[0].find("\"by_rule\"") != std::string::npos);
}

TEST_CASE("constraints and indexes of PostgreSQL that don't count are named") {
  LivelyShop shop;
  shop.damage(
      "ALTER TABLE orders ADD CONSTRAINT not_looked_at CHECK (id > 1) NOT VALID;"
      "UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = CAST('orders_due' AS REGCLASS)");

  CHECK(in_lines(faults_of(verified(shop))) ==
        in_lines(Lines{"storage: the index orders_due is not valid",
                       "storage: the constraint not_looked_at of orders has not been validated"}));
}

}  // namespace
