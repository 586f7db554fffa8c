#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "base/problem.h"
#include "shop/inventory_import.h"
#include "shop/product_import.h"
#include "support/temporary_folder.h"
#include "support/test_database.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro;        // NOLINT: the import speaks of things of all parts
using namespace aforro::shop;  // NOLINT

struct Shop {
  SystemClock clock;
  test::TestDatabase database;
  Catalogue catalogue{*database, clock};
  Stock stock{*database, clock};

  ProductCounts import_all(const ProductFile& file) {
    return import_products(catalogue, file.entries, clock, [](std::size_t) {});
  }
  InventoryCounts import_all(const InventoryFile& file) {
    return import_inventory(catalogue, stock, file, clock, [](std::size_t) {});
  }
  InventoryFile read(std::string_view csv, UnknownStores unknown = UnknownStores::refuse) {
    return read_inventory(csv, {}, unknown, catalogue);
  }
  std::int64_t count(sql::Text query) {
    return database->read([&](sql::Connection& connection) { return *connection.maybe_integer(query); });
  }
};

// What a file is refused for as a whole.
template <class F>
std::string refusal(F&& read) {
  try {
    read();
  } catch (const Problem& problem) {
    return problem.detail();
  }
  return "not refused";
}

std::string products_refusal(std::string_view csv, const ColumnNames& names = {}) {
  return refusal([&] { read_products(csv, names, std::nullopt); });
}

// The one fault of a product with this row, under the columns sku, title, price, category.
std::string row_fault(const std::string& row) {
  const ProductFile file = read_products("sku,title,price,category\n" + row + "\n", {}, std::nullopt);
  return file.bad.count() == 1 ? file.bad.first()[0].reason : "taken";
}

constexpr auto kTwoProducts =
    "sku,title,price,category\n"
    "A1,Mug,4.50,Kitchen\n"
    "B2,Lamp,19,Lights\n";

TEST_CASE("columns are found by name, whatever their case, spaces, order and company") {
  const ProductFile file = read_products(
      "\xEF\xBB\xBF Price ,colour,TITLE,Category,sku\r\n2.5,red,Mug,Kitchen,A1\r\n", {}, std::nullopt);

  CHECK(file.bad.count() == 0);
  REQUIRE(file.entries.size() == 1);
  CHECK(file.entries[0].sku == "A1");
  CHECK(file.entries[0].title == "Mug");
  CHECK(!file.entries[0].description);
  CHECK(file.entries[0].price == Money::from_minor(250));
  CHECK(file.entries[0].category == "Kitchen");
}

TEST_CASE("a column of another name is read when it is given for a field, and then for nothing else") {
  // product_id is the file's own name for what is the SKU here.
  const ProductFile file = read_products(
      "product_id,name,title,price_cents\n7,Mug,ignored,255\n",
      {{"sku", "Product_ID"}, {"title", "name"}, {"price_minor", "price_cents"}, {"category", "title"}},
      std::nullopt);

  REQUIRE(file.entries.size() == 1);
  CHECK(file.entries[0].sku == "7");
  CHECK(file.entries[0].title == "Mug");
  CHECK(file.entries[0].price == Money::from_minor(255));
  CHECK(file.entries[0].category == "ignored");
}

TEST_CASE("a given category is that of rows that name none") {
  const ProductFile file = read_products("title,price,category\nMug,1,\nLamp,1,Lights\n", {}, " Gifts ");
  REQUIRE(file.entries.size() == 2);
  CHECK(file.entries[0].category == "Gifts");
  CHECK(file.entries[1].category == "Lights");
  CHECK(read_products("title,price\nMug,1\n", {}, "Gifts").entries.at(0).category == "Gifts");
  CHECK(refusal([] { read_products("title,price\n", {}, " "); }) == "the category must not be empty");
}

TEST_CASE("a file without a column that is needed is refused, naming those it has") {
  CHECK(products_refusal("") == "the file is empty; its first row must name the columns");
  CHECK(
      products_refusal("sku,name\n") ==
      "there is no column title; the columns are \"sku\", \"name\"; say which it is with --map title=COLUMN");
  CHECK(products_refusal("title,category\n").starts_with("there is no column price or price_minor; "));
  CHECK(products_refusal("title,price\n").starts_with("there is no column category; "));
  CHECK(products_refusal("title,price,category\n", {{"sku", "code"}}) ==
        "there is no column \"code\"; the columns are \"title\", \"price\", \"category\"");
}

TEST_CASE("columns that could be meant either way are refused") {
  CHECK(products_refusal("title,Title,price,category\n") == "the column \"Title\" is there twice");
  CHECK(products_refusal("title,price,price_minor,category\n")
            .starts_with("there are columns for both price and price_minor"));
  // The one that was named counts.
  const ProductFile file = read_products("title,price,price_minor,category\nMug,junk,255,Kitchen\n",
                                         {{"price_minor", "price_minor"}}, {});
  REQUIRE(file.entries.size() == 1);
  CHECK(file.entries[0].price == Money::from_minor(255));
}

TEST_CASE("names of columns cannot bring control characters or endless text into a message") {
  const std::string message = products_refusal("\x1B[2J\xC2\x9B" + std::string(500, 'x') + ",b\n");
  CHECK(message.find('\x1B') == std::string::npos);
  CHECK(message.find("\xC2\x9B") == std::string::npos);
  CHECK(message.size() < 300);
}

TEST_CASE("prices have at most two decimals, or are whole cents") {
  const std::vector<std::pair<std::string, std::int64_t>> good = {
      {"2.55", 255}, {"2.5", 250}, {"2", 200}, {"0", 0}, {" 7.00 ", 700}};
  for (const auto& price : good) {
    CAPTURE(price.first);
    const ProductFile file = read_products("title,price\nMug," + price.first, {}, "Gifts");
    CHECK(file.entries.at(0).price == Money::from_minor(price.second));
  }
  for (const std::string text :
       {"0.123", "-1", "+1", "1e3", "1.", ".5", "$5", "\"1,50\"", "10000000", "", "abc"}) {
    CAPTURE(text);
    CHECK(row_fault("A,Mug," + text + ",Kitchen") ==
          "the price must be 0 to 9999999.99 with at most two decimals");
  }
  for (const std::string text : {"1.5", "-1", "1000000000", "99999999999999999999", ""}) {
    CAPTURE(text);
    const ProductFile file = read_products("title,price_minor\nMug," + text, {}, "Gifts");
    REQUIRE(file.bad.count() == 1);
    CHECK(file.bad.first()[0].reason == "the price_minor must be whole cents from 0 to 999999999");
  }
}

TEST_CASE("a bad row says why, with every reason") {
  CHECK(row_fault("A,Mug,1,Kitchen") == "taken");
  CHECK(row_fault("A,Mug,1") == "the row has 3 fields, the first row 4");
  CHECK(row_fault("A,Mug,1,Kitchen,") == "the row has 5 fields, the first row 4");
  CHECK(row_fault("A, ,x,") ==
        "the title must not be empty; the price must be 0 to 9999999.99 with at most two decimals; the "
        "category must"
        " not be empty");
  CHECK(row_fault("A," + std::string(255, 'x') + ",1,Kitchen") == "taken");
  CHECK(row_fault("A," + std::string(256, 'x') + ",1,Kitchen") ==
        "the title must have at most 255 characters");
  CHECK(row_fault(std::string(65, 'x') + ",Mug,1,Kitchen") == "the sku must have at most 64 characters");
  CHECK(row_fault("A,Mug,1," + std::string(121, 'x')) == "the category must have at most 120 characters");
  CHECK(row_fault("A,M\x07ug,1,Kitchen") ==
        "the title must not have control characters but tab and line break");
  CHECK(row_fault("A,M\xFFug,1,Kitchen") == "the row is not valid UTF-8");
  CHECK(row_fault(std::string("A,M\0ug,1,Kitchen", 16)) == "the row has a NUL character");
  CHECK(row_fault("A,2\" pipe,1,Kitchen") ==
        "the row has a quote inside a field that does not begin with one");
}

TEST_CASE("a SKU that an earlier row has makes a row bad, but not one that differs in case") {
  const ProductFile file = read_products(
      "sku,title,price,category\nA,Mug,1,K\na,Mug,1,K\n\"A\",\"Big\nmug\",1,K\nB,,1,K\nB,Bowl,1,K\n,Cup,1,"
      "K\n,Cup,1,K\n",
      {}, std::nullopt);

  CHECK(file.entries.size() == 5);
  CHECK(file.without_sku == 2);
  REQUIRE(file.bad.count() == 2);
  CHECK(file.bad.first()[0].line == 4);
  CHECK(file.bad.first()[0].reason == "the sku \"A\" is that of line 2");
  CHECK(file.bad.first()[1].line == 6);  // the line that a row begins on, after one with a line break
  CHECK(file.bad.first()[1].reason == "the title must not be empty");
}

TEST_CASE("of very many bad rows the first are kept and all are counted") {
  std::string csv = "title,price,category\n";
  for (int i = 0; i < 1'000; ++i) csv += ",1,K\n";

  const ProductFile file = read_products(csv, {}, std::nullopt);

  CHECK(file.bad.count() == 1'000);
  CHECK(file.bad.first().size() == BadRows::kKept);
  CHECK(file.entries.empty());
}

TEST_CASE("a quote that is not closed refuses the file") {
  CHECK(products_refusal("title,price,category\nMug,1,K\n\"Lamp,1,K\n") ==
        "line 3: a quote is opened and not closed");
}

TEST_CASE("texts are stored trimmed and in NFC") {
  const ProductFile file = read_products(
      "sku,title,price,category\n A1 ,\xC2\xA0"
      "Cafe\xCC\x81 \t,1, K \n",
      {}, std::nullopt);

  REQUIRE(file.entries.size() == 1);
  CHECK(file.entries[0].sku == "A1");
  CHECK(file.entries[0].title == "Caf\xC3\xA9");
  CHECK(file.entries[0].category == "K");
}

TEST_CASE("an import creates what is new, changes what is known and leaves the rest as it is") {
  Shop shop;
  const ProductFile first = read_products(kTwoProducts, {}, std::nullopt);

  const ProductCounts foretold = preview_import(shop.catalogue, first.entries);
  CHECK(shop.count("SELECT count(*) FROM products") == 0);
  const ProductCounts made = shop.import_all(first);
  const ProductCounts again = shop.import_all(first);
  const ProductCounts then = shop.import_all(read_products(
      "sku,title,price,category\nA1,Mug,5,kitchen\nB2,Lamp,19,LIGHTS\nC3,Bowl,3,Kitchen\n", {}, {}));

  CHECK(foretold.created == 2);
  CHECK(made.created == 2);
  CHECK(again.created + again.changed == 0);
  CHECK(again.unchanged == 2);
  CHECK(then.created == 1);
  CHECK(then.changed == 1);
  CHECK(then.unchanged == 1);
  CHECK(shop.count("SELECT count(*) FROM categories") == 2);
  CHECK(shop.count("SELECT price_minor FROM products WHERE sku = 'A1'") == 500);
}

TEST_CASE("a file without descriptions leaves those that are there") {
  Shop shop;
  shop.import_all(read_products("sku,title,price,category,description\nA1,Mug,4,K,Blue\n", {}, {}));

  const ProductCounts changed =
      shop.import_all(read_products("sku,title,price,category\nA1,Mug,5,K\n", {}, {}));
  const ProductCounts cleared =
      shop.import_all(read_products("sku,title,price,category,description\nA1,Mug,5,K,\n", {}, {}));

  CHECK(changed.changed == 1);
  CHECK(cleared.changed == 1);
  CHECK(shop.count("SELECT count(*) FROM products WHERE price_minor = 500 AND description = ''") == 1);
}

TEST_CASE("an import that broke off is finished by doing it again") {
  Shop shop;
  const ProductFile file = read_products(kTwoProducts, {}, std::nullopt);
  shop.catalogue.put_products(std::span(file.entries).first(1));

  const ProductCounts rest = shop.import_all(file);

  CHECK(rest.unchanged == 1);
  CHECK(rest.created == 1);
}

TEST_CASE("stores are named by id or name, products by sku or id, and every set quantity is a movement") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  const StoreId paris = shop.catalogue.create_store("Paris Café", "");
  shop.catalogue.create_store("2024", "");

  const InventoryFile file =
      shop.read("store,sku,product_id,quantity\n1,A1,,5\nPARIS CAFE,,2,1000000000000\n2024,B2,2,0\n");
  const InventoryCounts foretold = preview_import(shop.stock, file);
  const InventoryCounts set = shop.import_all(file);
  const InventoryCounts again = shop.import_all(file);

  CHECK(file.bad.count() == 0);
  CHECK(foretold.changed == 3);
  CHECK(set.changed == 3);
  CHECK(set.stores_created == 0);
  CHECK(again.changed == 0);
  CHECK(again.unchanged == 3);
  CHECK(shop.stock.list(paris, {}).page.rows.size() == 2);
  CHECK(shop.count("SELECT sum(quantity) FROM inventory") == 1'000'000'000'005);
  CHECK(shop.count("SELECT sum(change) FROM movements WHERE reason = 'adjust'") == 1'000'000'000'005);
  CHECK(shop.count("SELECT quantity FROM inventory WHERE store_id = 2") == 0);
}

TEST_CASE("an inventory row that names nothing known, or what another row names, is bad") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  shop.catalogue.create_store("Paris", "");

  const InventoryFile file = shop.read(
      "store,sku,product_id,quantity\n"
      "Lyon,A1,,5\n"
      "9,A1,,5\n"
      "Paris,a1,,5\n"
      "Paris,,77,5\n"
      "Paris,A1,2,5\n"
      "Paris,,,5\n"
      "Paris,,0,5\n"
      "Paris,A1,,-1\n"
      "Paris,A1,,1000000000001\n"
      "Paris,A1,,1.5\n"
      ",A1,,1\n"
      "Paris,A1,,7\n"
      "1,,1,8\n");

  REQUIRE(file.rows.size() == 1);
  CHECK(file.rows[0].quantity == 7);
  const auto& bad = file.bad.first();
  REQUIRE(bad.size() == 12);
  CHECK(bad[0].reason == "there is no store \"Lyon\"");
  CHECK(bad[1].reason == "there is no store \"9\"");
  CHECK(bad[2].reason == "there is no product with the sku \"a1\"");
  CHECK(bad[3].reason == "there is no product 77");
  CHECK(bad[4].reason == "the sku is that of product 1, not of 2");
  CHECK(bad[5].reason == "the row names no product");
  CHECK(bad[6].reason == "the product_id must be a whole number of at least 1");
  CHECK(bad[7].reason == "the quantity must be a whole number from 0 to 1000000000000");
  CHECK(bad[8].reason == bad[7].reason);
  CHECK(bad[9].reason == bad[7].reason);
  CHECK(bad[10].reason == "the store must not be empty");
  CHECK(bad[11].line == 14);
  CHECK(bad[11].reason == "the store and product are those of line 13");
}

TEST_CASE("stores that are not known are made when asked for, once, and only for rows that are taken") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  const auto csv = "store,sku,quantity\nLyon,A1,5\n LYON ,B2,6\nNice,zz,1\n7,A1,1\n";

  const InventoryFile file = shop.read(csv, UnknownStores::create);
  const InventoryCounts foretold = preview_import(shop.stock, file);
  CHECK(shop.catalogue.stores().empty());
  const InventoryCounts set = shop.import_all(file);
  const InventoryCounts again = shop.import_all(shop.read(csv, UnknownStores::create));

  REQUIRE(file.bad.count() == 2);
  CHECK(file.bad.first()[0].reason == "there is no product with the sku \"zz\"");
  CHECK(file.bad.first()[1].reason == "there is no store \"7\"");  // digits are never a new name
  CHECK(foretold.stores_created == 1);
  CHECK(foretold.changed == 2);
  CHECK(set.stores_created == 1);
  CHECK(set.changed == 2);
  CHECK(again.stores_created == 0);
  CHECK(again.unchanged == 2);
  REQUIRE(shop.catalogue.stores().size() == 1);
  CHECK(shop.catalogue.stores()[0].name == "Lyon");
}

TEST_CASE("bad rows of an inventory are told in the order of the file, across what is looked up together") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  std::string csv = "store,sku,quantity\n";
  for (int i = 0; i < 2'500; ++i) csv += i % 300 == 0 ? "S,A1,x\n" : "S,nope,1\n";
  csv += "S,A1,3\n";

  const InventoryFile file = shop.read(csv, UnknownStores::create);

  CHECK(file.bad.count() == 2'500);
  CHECK(file.rows.size() == 1);
  for (std::size_t i = 0; i < file.bad.first().size(); ++i) {
    CHECK(file.bad.first()[i].line == static_cast<std::int64_t>(i) + 2);
  }
}

TEST_CASE("an inventory file needs a store, a product and a quantity") {
  Shop shop;
  CHECK(refusal([&] { shop.read("shop,sku,quantity\n"); }).starts_with("there is no column store; "));
  CHECK(
      refusal([&] { shop.read("store,quantity\n"); }).starts_with("there is no column sku or product_id; "));
  CHECK(refusal([&] { shop.read("store,sku\n"); }).starts_with("there is no column quantity; "));
}

// The real files; absent where only the project is.
std::optional<std::string> real_file(const char* name) {
  const char* const folder = std::getenv("AFORRO_DATA");
  if (folder == nullptr) {
    MESSAGE("skipped: AFORRO_DATA does not say where the real data is");
    return std::nullopt;
  }
  return test::read_file(fs::path(folder) / name);
}

TEST_CASE("the products of a real gift shop are taken as they are, and twice changes nothing") {
  const auto csv = real_file("online_retail/products.csv");
  if (!csv) return;
  Shop shop;
  const ProductFile file =
      read_products(*csv, {{"sku", "stock_code"}, {"price", "median_unit_price_gbp"}}, "Gifts");

  const ProductCounts first = shop.import_all(file);
  const ProductCounts second = shop.import_all(file);

  CHECK(file.bad.count() == 0);
  CHECK(first.created == 3'877);
  CHECK(second.unchanged == 3'877);
}

TEST_CASE("a real catalogue of nineteen thousand products is taken but for the one title that is too long") {
  const auto packed = real_file("icecat/products.csv.gz");
  if (!packed) return;
  const ProductFile file = read_products(
      gunzip(*packed, 1 << 30),
      {{"sku", "product_id"}, {"price_minor", "price_cents"}, {"category", "category_derived"}}, {});

  CHECK(file.entries.size() == 19'405);
  CHECK(file.without_sku == 0);
  REQUIRE(file.bad.count() == 1);
  CHECK(file.bad.first()[0].line == 18'420);
  CHECK(file.bad.first()[0].reason == "the title must have at most 255 characters");
}

}  // namespace
