// Facets of more products than are looked at. PostgreSQL, which has the same code here, would take too long
// to index so many.
#include <doctest/doctest.h>

#include <cstdint>

#include "search/product_search.h"
#include "support/local_shop.h"

namespace {

using namespace aforro;          // NOLINT: of several parts
using namespace aforro::search;  // NOLINT
using test::LocalShop;

TEST_CASE("where hardly any of the newest match, those that are found first are counted") {
  LocalShop shop;
  // Ten thousand and one mugs, then more rugs than are looked at.
  const auto add_copies = [&](std::int64_t copies) {
    shop.database->write([&](sql::Connection& connection) {
      connection.run(
          "INSERT INTO products (title, title_key, description, price_minor, category_id, created_at,"
          " title_words, category_words, description_words)"
          " WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)"
          " SELECT title, title_key, description, price_minor, category_id, created_at + n, title_words,"
          " category_words, description_words FROM numbers, products WHERE id = (SELECT max(id) FROM "
          "products)",
          {copies});
    });
  };
  shop.add({.title = "Mug", .category = "Kitchen"});
  add_copies(10'000);
  shop.add({.title = "Rug", .price_minor = 5'000, .category = "Floors"});
  shop.database->write([](sql::Connection& connection) {
    connection.run(
        "UPDATE products SET created_at = created_at + 1000000 WHERE id = (SELECT max(id) FROM products)");
  });
  add_copies(100'000);

  const SearchResults found = shop.database.make_search()->search(
      parse_search({{"max_price", "10"}, {"category", "Kitchen"}, {"facets", "category,price"}}));
  const Facets facets = found.facets.value();
  CHECK(!facets.are_exact);
  REQUIRE(facets.categories.value().size() == 1);
  CHECK(facets.categories->front().name == "Kitchen");
  CHECK(facets.categories->front().products == 10'000);
  REQUIRE(facets.prices.value().size() == 1);
  CHECK(facets.prices->front().from == Money::from_minor(100));
  CHECK(facets.prices->front().products == 10'000);
}

}  // namespace
