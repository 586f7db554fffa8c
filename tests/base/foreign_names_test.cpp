#include "base/foreign_names.h"

#include <doctest/doctest.h>

#include <array>
#include <string_view>
#include <utility>

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

TEST_CASE("what is joined to a name to compare by it is no part of it") {
  constexpr std::array<std::string_view, 9> kAll{"q",    "category", "min_price", "max_price", "store_id",
                                                 "page", "in_stock", "sort",      "page_size"};
  for (const auto& pair : {std::pair<std::string_view, std::string_view>{"price[gte]", "min_price"},
                           {"price[lte]", "max_price"},
                           {"price[min]", "min_price"},
                           {"price__gte", "min_price"},
                           {"price__lt", "max_price"},
                           {"price.gt", "min_price"},
                           {"price:lte", "max_price"},
                           {"filter[price][gte]", "min_price"},
                           {"filter[min_price]", "min_price"},
                           {"filters.store", "store_id"},
                           {"min-price", "min_price"},
                           {"minPrice", "min_price"},
                           {"MinPrice", "min_price"},
                           {"MAX_PRICE", "max_price"},
                           {"min_price__gte", "min_price"},
                           {"inStock", "in_stock"},
                           {"in_stock__exact", "in_stock"},
                           {"InStock[eq]", "in_stock"},
                           {"storeId", "store_id"},
                           {"store__id", "store_id"},
                           {"store__id__exact", "store_id"},
                           {"category__name", "category"},
                           {"category__name__icontains", "category"},
                           {"category[]", "category"},
                           {"category[0]", "category"},
                           {"category__in", "category"},
                           {"title__icontains", "q"},
                           {"pageSize", "page_size"},
                           {"page[size]", "page_size"},
                           {"page[number]", "page"},
                           {"per_page", "page_size"},
                           {"perPage", "page_size"},
                           {"offset", "page"},
                           {"sort[by]", "sort"},
                           {"min_pirce__exact", "min_price"}}) {
    CAPTURE(pair.first);
    CHECK(meant_name(pair.first, kAll) == pair.second);
  }
  for (const std::string_view none :
       {"[]", "__", "filter[]", "filter", "gbraid", "wbraid", "dclid", "ttclid", "twclid", "li_fat_id",
        "mc_cid", "igshid", "yclid", "colour__exact", "price", "brand"}) {
    CAPTURE(none);
    CHECK(!meant_name(none, kAll));
  }
}

TEST_CASE("the dashes of an option count where only the spelling is near") {
  constexpr std::array<std::string_view, 2> kOptions{"--store", "--item"};
  CHECK(meant_name("--stor", kOptions) == "--store");
  CHECK(meant_name("--itm", kOptions) == "--item");
}

TEST_CASE("a name is meant only where it is known") {
  CHECK(!meant_name("search", kLine));
  CHECK(!meant_name("quantity", kSearch));
  CHECK(!meant_name("", kSearch));
  CHECK(!meant_name("_", kSearch));
  CHECK(!meant_name("colour", kSearch));
}

}  // namespace
