#include "shop/catalogue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: the catalogue is all that this file speaks of
using aforro::Money;
using aforro::Problem;
using aforro::test::LocalShop;

using Puts = std::vector<Put>;

ProductEntry entry(std::optional<std::string> sku, std::string title,
                   std::optional<std::string> description = {}, std::int64_t price_minor = 100,
                   std::string category = "Kitchen") {
  return {.sku = std::move(sku),
          .title = std::move(title),
          .description = std::move(description),
          .price = Money::from_minor(price_minor),
          .category = std::move(category)};
}

TEST_CASE("a new product is found as it was put") {
  LocalShop shop;

  CHECK(shop.catalogue.put_products(std::array{entry("CUP", "Café Cup", "Holds\ncoffee.", 1'250, "Küche"),
                                               entry(std::nullopt, "Plain")}) ==
        Puts{Put::created, Put::created});

  const Product cup = shop.catalogue.find_product(ProductId(1)).value();
  CHECK(cup.id == ProductId(1));
  CHECK(cup.sku == "CUP");
  CHECK(cup.title == "Café Cup");
  CHECK(cup.description == "Holds\ncoffee.");
  CHECK(cup.price == Money::from_minor(1'250));
  CHECK(cup.category == "Küche");
  CHECK(cup.created_at == shop.clock.now());
  const Product plain = shop.catalogue.find_product(ProductId(2)).value();
  CHECK(!plain.sku);
  CHECK(plain.description.empty());
  CHECK(!shop.catalogue.find_product(ProductId(3)));
}

TEST_CASE("the words of a product are kept split and folded, for the search") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("A", "Café-Crème  MX-500", "Für Größe 7!", 1, "Büro & Co")});
  const auto words =
      "SELECT title_key || '|' || title_words || '|' || category_words || '|' || description_words"
      " FROM products";
  CHECK(aforro::test::query_texts(shop.location, words) ==
        std::vector<std::string>{"cafe-creme mx-500|cafe creme mx 500|buro co|fur grosse 7"});

  shop.catalogue.put_products(std::array{entry("A", "Becher", "Neu", 1, "Haus")});
  CHECK(aforro::test::query_texts(shop.location, words) ==
        std::vector<std::string>{"becher|becher|haus|neu"});
}

TEST_CASE("a known SKU changes its product, one that says the same changes nothing") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("CUP", "Cup", "Old")});
  const auto put = [&](const ProductEntry& next) {
    return shop.catalogue.put_products(std::array{next}).at(0);
  };

  CHECK(put(entry("CUP", "Cup", "Old")) == Put::unchanged);
  CHECK(put(entry("CUP", "Cup", std::nullopt)) == Put::unchanged);
  CHECK(put(entry("CUP", "Cup", "Old", 100, "KITCHEN")) == Put::unchanged);
  CHECK(put(entry("CUP", "cup", "Old")) == Put::changed);
  CHECK(put(entry("CUP", "cup", "Old", 101)) == Put::changed);
  CHECK(put(entry("CUP", "cup", "New", 101)) == Put::changed);
  CHECK(put(entry("CUP", "cup", "", 101)) == Put::changed);
  CHECK(put(entry("CUP", "cup", std::nullopt, 101, "Garden")) == Put::changed);
  CHECK(put(entry("cup", "Another", std::nullopt)) == Put::created);  // case matters

  const Product cup = shop.catalogue.find_product(ProductId(1)).value();
  CHECK(cup.title == "cup");
  CHECK(cup.price == Money::from_minor(101));
  CHECK(cup.description.empty());
  CHECK(cup.category == "Garden");
  CHECK(shop.number("SELECT count(*) FROM products") == 2);
}

TEST_CASE("a changed product keeps its id and the time when it came") {
  LocalShop shop;
  const aforro::Time came = shop.clock.now();
  shop.catalogue.put_products(std::array{entry("CUP", "Cup")});
  shop.clock.advance(std::chrono::hours(1));
  shop.catalogue.put_products(std::array{entry("CUP", "Mug")});
  CHECK(shop.catalogue.find_product(ProductId(1))->title == "Mug");
  CHECK(shop.catalogue.find_product(ProductId(1))->created_at == came);
}

TEST_CASE("many new products come at once, each with its own texts, and one of them twice") {
  LocalShop shop;
  std::vector<ProductEntry> entries;
  entries.reserve(702);
  for (int i = 0; i < 700; ++i) {
    const std::string number = std::to_string(i);
    entries.push_back(entry("S" + number, "Lamp " + number, "Bright " + number, 100 + i, "Light"));
  }
  entries.push_back(entry("S7", "Lamp 7", "Dim"));
  entries.push_back(entry("S7", "Lamp 7", "Dim"));

  const Puts puts = shop.catalogue.put_products(entries);

  CHECK(std::count(puts.begin(), puts.end(), Put::created) == 700);
  CHECK(puts[700] == Put::changed);
  CHECK(puts[701] == Put::unchanged);
  CHECK(
      shop.number("SELECT count(*) FROM products WHERE sku = 'S' || (id - 1) AND title = 'Lamp ' || (id - 1)"
                  " AND price_minor = CASE id WHEN 8 THEN 100 ELSE 99 + id END") == 700);
  CHECK(shop.number("SELECT count(*) FROM products WHERE description = 'Bright ' || (id - 1)") == 699);
  CHECK(shop.catalogue.find_product(ProductId(8))->description == "Dim");
  CHECK(shop.number("SELECT products FROM vocabulary WHERE word = 'lamp'") == 700);
  CHECK(shop.number("SELECT products FROM vocabulary WHERE word = 'bright'") == 699);
}

TEST_CASE("a preview foretells what putting does, also where entries build on each other") {
  LocalShop shop;
  shop.catalogue.put_products(std::array{entry("CUP", "Cup", "Old")});
  const std::vector<ProductEntry> entries{
      entry("CUP", "Cup", std::nullopt),  // unchanged
      entry("CUP", "Mug", "New"),         // changed
      entry("CUP", "Mug", std::nullopt),  // unchanged by now
      entry("CUP", "Cup", "Old"),         // changed back
      entry("LAMP", "Lamp", "Bright"),    // created
      entry("LAMP", "Lamp", std::nullopt), entry("LAMP", "Lamp", "Dim"),
      entry(std::nullopt, "Cup"),          entry(std::nullopt, "Cup"),
  };
  const Puts expected{Put::unchanged, Put::changed, Put::unchanged, Put::changed, Put::created,
                      Put::unchanged, Put::changed, Put::created,   Put::created};

  CHECK(shop.catalogue.preview_products(entries) == expected);
  CHECK(shop.number("SELECT count(*) FROM products") == 1);
  CHECK(shop.catalogue.put_products(entries) == expected);
  CHECK(shop.number("SELECT count(*) FROM products") == 4);
}

TEST_CASE("entries that cannot all be put are not put at all") {
  LocalShop shop;
  CHECK_THROWS(
      shop.catalogue.put_products(std::array{entry("CUP", "Cup"), entry("DEAR", "Dear", "", 1'000'000'000)}));
  CHECK(shop.number("SELECT count(*) FROM products") == 0);
  CHECK(shop.number("SELECT count(*) FROM categories") == 0);
}

TEST_CASE("categories are one whatever their case and accents, and listed by name with their products") {
  LocalShop shop;
  for (const char* category : {"zoo", "Büro", "Apples", "BURO", "büro", "äpfel"}) {
    shop.add({.title = "Thing", .category = category});
  }
  const std::vector<Category> found = shop.catalogue.categories();
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const Category& category : found) names.push_back(category.name);
  CHECK(names == std::vector<std::string>{"äpfel", "Apples", "Büro", "zoo"});
  CHECK(found[2].product_count == 3);
  CHECK(found[0].product_count == 1);
}

TEST_CASE("products are found by id or by SKU, each where it was asked for") {
  LocalShop shop;
  shop.add({.title = "Cup", .sku = "7"});
  shop.add({.title = "Lamp", .sku = "1"});
  const std::vector<ProductName> names{std::string("7"), ProductId(1),       std::string("1"), ProductId(7),
                                       std::string(""),  std::string("cup"), ProductId(2)};
  const std::vector<std::optional<ProductId>> found = shop.catalogue.find_products(names);
  CHECK(found == std::vector<std::optional<ProductId>>{ProductId(1), ProductId(1), ProductId(2), std::nullopt,
                                                       std::nullopt, std::nullopt, ProductId(2)});
  CHECK(shop.catalogue.find_products({}).empty());
}

TEST_CASE("stores are listed by id and found by name, whatever its case and accents") {
  LocalShop shop;
  const StoreId south = shop.catalogue.create_store("Köln Süd", "Domstraße 1, Köln");
  const StoreId north = shop.catalogue.create_store("Aachen", "");

  const std::vector<Store> stores = shop.catalogue.stores();
  REQUIRE(stores.size() == 2);
  CHECK(stores[0].id == south);
  CHECK(stores[0].name == "Köln Süd");
  CHECK(stores[0].location == "Domstraße 1, Köln");
  CHECK(stores[1].id == north);
  CHECK(shop.catalogue.find_store("  KOLN   sud ") == south);
  CHECK(!shop.catalogue.find_store("Köln"));
}

TEST_CASE("a second store of the same name is refused") {
  LocalShop shop;
  shop.catalogue.create_store("Köln", "");
  const auto problem = aforro::test::problem_of([&] { shop.catalogue.create_store("koln", "elsewhere"); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
  CHECK(shop.catalogue.stores().size() == 1);
}

}  // namespace
