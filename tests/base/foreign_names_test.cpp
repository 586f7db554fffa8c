#include "base/foreign_names.h"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

namespace {

using aforro::meant_name;

constexpr std::array<std::string_view, 5> kSearch{"q", "min_price", "max_price", "store_id", "sort"};
constexpr std::array<std::string_view, 2> kLine{"product_id", "quantity_requested"};

TEST_CASE("what another service calls it is known, however its words are joined") {
  for (const char* theirs :
       {"price_min", "priceMin", "price-min", "PRICE_MIN", "minPrice", "min-price", "min_pirce"}) {
    CAPTURE(theirs);
    CHECK(meant_name(theirs, kSearch) == "min_price");
  }
  CHECK(meant_name("store", kSearch) == "store_id");
  CHECK(meant_name("search", kSearch) == "q");
  CHECK(meant_name("query", kSearch) == "q");
  CHECK(meant_name("sort_by", kSearch) == "sort");
  CHECK(meant_name("ordering", kSearch) == "sort");
  CHECK(meant_name("quantity", kLine) == "quantity_requested");
  CHECK(meant_name("product", kLine) == "product_id");
}

TEST_CASE("a name is meant only where it is known") {
  CHECK(!meant_name("search", kLine));
  CHECK(!meant_name("quantity", kSearch));
  CHECK(!meant_name("", kSearch));
  CHECK(!meant_name("_", kSearch));
  CHECK(!meant_name("colour", kSearch));
}

}  // namespace
