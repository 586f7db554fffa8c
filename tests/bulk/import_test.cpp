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
#include "bulk/inventory_import.h"
#include "bulk/product_import.h"
#include "support/temporary_folder.h"
#include "support/test_database.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro;        // NOLINT: the import speaks of things of all parts
using namespace aforro::shop;  // NOLINT
using namespace aforro::bulk;  // NOLINT

struct Shop {
  SystemClock clock;
  test::TestDatabase database;
  Catalogue catalogue{*database, clock};
  Inventory inventory{*database, clock};

  ProductCounts import_all(const ProductFile& file) {
    return import_products(catalogue, file.entries, clock, [](std::size_t) {});
  }
  InventoryCounts import_all(const InventoryFile& file) {
    return import_inventory(catalogue, inventory, file, clock, [](std::size_t) {});
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

TEST_CASE("a file without the columns that are needed is refused, naming all of them and those it has") {
  CHECK(products_refusal("") == "the file is empty; its first row must name the columns");
  CHECK(products_refusal("sku,colour\n") ==
        "there are no columns title, price or price_minor, category; the columns are \"sku\", \"colour\"; say"
        " which it is with --map title=COLUMN");
  CHECK(products_refusal("title,category\n").starts_with("there is no column price or price_minor; "));
  CHECK(products_refusal("title,price\n").starts_with("there is no column category; "));
  CHECK(products_refusal("title,price,category\n", {{"sku", "code"}}) ==
        "there is no column \"code\"; the columns are \"title\", \"price\", \"category\"");
  CHECK(products_refusal("title,price,category\n", {{"sku", "code"}, {"description", "text"}})
            .starts_with("there are no columns \"text\", \"code\"; "));
  CHECK(products_refusal("A1,Mug,4.50,Kitchen\n").find("; the first row must name the columns; ") !=
        std::string::npos);
  CHECK(products_refusal("sku#title#price\n").find("say with --separator what is between them") !=
        std::string::npos);
}

TEST_CASE("columns that may be meant for those that are missing are named") {
  CHECK(products_refusal("code,Product Name,cost,department\n")
            .ends_with(
                "; did you mean --map \"title=Product Name\" --map price=cost --map category=department?"));
  // A slip makes no change of known products out of a file that was to make new ones.
  CHECK(products_refusal("sku,titel,price,category\n") ==
        "there is no column title; the columns are \"sku\", \"titel\", \"price\", \"category\"; did you mean"
        " --map title=titel?");
}

TEST_CASE("a file of new prices whose columns have other names is told what it lacks for that") {
  for (const std::string sku :
       {"code", "article", "sku_code", "SKU#", "SKU No.", "item", "id", "Artikel", "stock-code", "skus"}) {
    CAPTURE(sku);
    const std::string refused = products_refusal(sku + ",price\n");
    CHECK(refused.starts_with(
        "there is no column sku, nor title and category, which new products need; the columns are \"" + sku));
    CHECK(refused.find("; did you mean --map ") != std::string::npos);
    CHECK(refused.find("sku=" + sku) != std::string::npos);
  }
  for (const std::string price :
       {"new_price", "Preis", "cost", "price_usd", "Price (EUR)", "Unit Price", "pric"}) {
    CAPTURE(price);
    const std::string refused = products_refusal("sku,old price," + price + "\n");
    CHECK(refused.starts_with("there is no column price or price_minor, nor title and category"));
    CHECK(refused.find("price=" + price) != std::string::npos);
  }
  CHECK(products_refusal("product_id,new_price\n").ends_with("; did you mean --map price=new_price?"));
  CHECK(products_refusal("code,Preis\n").ends_with("; did you mean --map sku=code --map price=Preis?"));
  CHECK(products_refusal("ean,price\n")
            .ends_with("the columns are \"ean\", \"price\"; say which it is with --map sku=COLUMN"));
}

TEST_CASE("a file that may be of new products is told what it lacks for those") {
  for (const std::string header : {"code,name,price", "code,price,department", "sku,colour", "titel,price"}) {
    CAPTURE(header);
    const std::string refused = products_refusal(header + "\n");
    CHECK(refused.find("title") < refused.find("; the columns are"));
    CHECK(refused.find("no column sku") == std::string::npos);
  }
  CHECK(
      refusal([] { read_products("code,price\n", {}, "Gifts"); }).starts_with("there is no column title; "));
}

TEST_CASE("what was found out about a file is kept to be told") {
  const ProductFile file = read_products("SKU;Title;price;category;descripton;;ean\n", {}, std::nullopt);

  CHECK(file.shape.separator == ';');
  REQUIRE(file.shape.read.size() == 4);
  CHECK(file.shape.read[0].field == "sku");
  CHECK(file.shape.read[0].column == "SKU");
  REQUIRE(file.shape.passed_over.size() == 2);
  CHECK(file.shape.passed_over[0].column == "descripton");
  CHECK(file.shape.passed_over[0].meant == "description");
  CHECK(file.shape.passed_over[1].column == "ean");
  CHECK(!file.shape.passed_over[1].meant);
}

TEST_CASE("the separator is found by looking at the names of the columns") {
  for (const std::string_view header :
       {"sku,title,price,category", "sku;title;price;category", "sku\ttitle\tprice\tcategory",
        "sku|title|price|category", "\"sku\";\"title\";\"price\";\"category\"",
        "sku;\"a,b,c,d,e\";title;price;category", "sku;x,y,z,a,b,c;title;price;category",
        "sep=;\r\nsku;title;price;category", "sep=^\nsku^title^price^category",
        "sep=,\nsku,title,price,category", "\n;;;\n ; \nsku;title;price;category"}) {
    CAPTURE(header);
    const ProductFile file = read_products(header, {}, std::nullopt);
    CHECK(file.shape.read.size() == 4);
  }
  // By a name that is mapped, too, and against a line that says otherwise if asked for.
  CHECK(
      read_products("code;name,x;cost\n1;a;2", {{"title", "code"}, {"price", "cost"}}, "K").entries.size() ==
      1);
  CHECK(read_products("sep=,\ntitle;price\na;1,5", {}, "K", ';').entries.at(0).price ==
        Money::from_minor(150));
  CHECK(read_products("sep=;\nsku;title;price;category\n;;1;K", {}, {}).bad.first().at(0).line == 3);
  CHECK(read_products("\n \r\nsep=^\t \nsku^title^price^category\n^^1^K", {}, {}).bad.first().at(0).line ==
        5);
}

TEST_CASE("rows of nothing but separators and blanks are passed over, wherever they stand") {
  const ProductFile file = read_products(
      "\r\n,,,\r\n \nsku,title,price,category\r\n,,,\r\nA,Mug,1,K\r\n , "
      "\t,\xC2\xA0,\r\n\"\",\"\",\"\",\"\"\r\n,,,,,,,\r\n"
      ",,,\r\n,,,",
      {}, std::nullopt);
  CHECK(file.entries.size() == 1);
  CHECK(file.bad.count() == 0);
}

TEST_CASE("a decimal comma is read where columns are not separated by commas") {
  const auto cents = [](std::string_view csv) {
    return read_products(csv, {}, "K").entries.at(0).price.minor_units();
  };
  CHECK(cents("title;price\nMug;12,50") == 1250);
  CHECK(cents("title\tprice\nMug\t\"1.234,5\"") == 123450);
  CHECK(cents("title;price\nMug;12.50") == 1250);
  CHECK(cents("title,price\nMug,\"1,234.50\"") == 123450);
  CHECK(read_products("title;price\nMug;1.234", {}, "K").bad.count() == 1);
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
    CHECK(row_fault("A,Mug," + text + ",Kitchen")
              .starts_with("the price must be 0 to 9999999.99 with at most two decimals"));
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

TEST_CASE("a file with SKUs and prices alone changes the prices of products that are there") {
  Shop shop;
  shop.import_all(
      read_products("sku,title,price,category,description\nA1,Mug,4.50,K,Blue\nB2,Lamp,19,L,\n", {}, {}));
  ProductFile file = read_products("sku;price\nA1;5,25\nzz;1\nB2;19\nB2;20\n", {}, {});

  const auto changes = find_changes(shop.catalogue, file);
  const ProductCounts foretold = preview_import(shop.catalogue, std::span<const ProductChange>(changes));
  CHECK(shop.count("SELECT price_minor FROM products WHERE sku = 'A1'") == 450);
  const ProductCounts done = import_changes(shop.catalogue, changes, shop.clock, [](std::size_t) {});
  const ProductCounts again = import_changes(shop.catalogue, changes, shop.clock, [](std::size_t) {});

  CHECK(file.lacks == std::vector<std::string>{"title", "category"});
  REQUIRE(file.bad.count() == 2);
  CHECK(file.bad.first()[0].line == 3);
  CHECK(file.bad.first()[0].reason == "there is no product with the sku \"zz\"");
  CHECK(file.bad.first()[1].reason == "the sku \"B2\" is that of line 4");
  CHECK(foretold.changed == 1);
  CHECK(done.changed == 1);
  CHECK(done.unchanged == 1);
  CHECK(again.unchanged == 2);
  CHECK(shop.count("SELECT count(*) FROM products") == 2);
  const auto mug = shop.catalogue.find_product(ProductId(1));
  REQUIRE(mug);
  CHECK(mug->price == Money::from_minor(525));
  CHECK(mug->title == "Mug");
  CHECK(mug->description == "Blue");
  CHECK(mug->category == "K");
}

TEST_CASE("any of a product's columns may be changed alone, by SKU or by id") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  const auto change = [&](std::string_view csv, const ColumnNames& names = {}) {
    ProductFile file = read_products(csv, names, {});
    CHECK(file.entries.empty());
    const auto changes = find_changes(shop.catalogue, file);
    CHECK(file.bad.count() == 0);
    return import_changes(shop.catalogue, changes, shop.clock, [](std::size_t) {}).changed;
  };

  CHECK(change("sku,title\nA1,Cup\n") == 1);
  CHECK(change("sku,category,description\nA1,Gifts,Red\n") == 1);
  CHECK(change("product_id,price_minor\n1,99\n2,1900\n") == 1);
  CHECK(change("id,title,price,category,sku\n1,Bowl,1,Gifts,ignored\n", {{"product_id", "id"}}) == 1);

  const auto bowl = shop.catalogue.find_product(ProductId(1));
  REQUIRE(bowl);
  CHECK(bowl->sku == "A1");
  CHECK(bowl->title == "Bowl");
  CHECK(bowl->category == "Gifts");
  CHECK(bowl->description == "Red");
  CHECK(bowl->price == Money::from_minor(100));
  CHECK(shop.count("SELECT count(*) FROM products WHERE title_words = 'bowl' AND category_words = 'gifts'") ==
        1);
}

TEST_CASE("an id that may be another program's names no product of ours") {
  CHECK(products_refusal("product_id,title,price\n1,Mug,5\n").starts_with("there is no column category; "));
  const ProductFile file = read_products("product_id,title,price,category\n1,Mug,5,K\n", {}, {});
  CHECK(file.entries.size() == 1);
  CHECK(file.updates.empty());
  CHECK(read_products("product_id,sku,price\n1,A1,5\n", {}, {}).updates.at(0).product ==
        ProductName(std::string("A1")));
}

TEST_CASE("an update names every row that cannot be, and a category is not given to all") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  ProductFile file = read_products("product_id,price\n1,5\n1,6\n0,5\n77,5\n2,x\n", {}, {});
  find_changes(shop.catalogue, file);
  REQUIRE(file.bad.count() == 4);
  CHECK(file.bad.first()[0].reason == "the product_id is that of line 2");
  CHECK(file.bad.first()[1].reason == "the product_id must be a whole number of at least 1");
  CHECK(file.bad.first()[2].reason == "there is no product 77");
  CHECK(file.bad.first()[3].line == 6);
  CHECK(refusal([] { read_products("sku,price\nA1,1\n", {}, "Gifts"); }) ==
        "the file only changes products that are there, and a category is given for new ones");
}

TEST_CASE("a SKU with a character that cannot be seen is refused, in every kind of file") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  shop.catalogue.create_store("Paris", "");
  const std::string reason = "the sku must not have a character that cannot be seen, U+200B";
  CHECK(row_fault("A\u200B1,Mug,1,Kitchen") == reason);
  CHECK(read_products("sku,price\nA1\u200B,1", {}, {}).bad.first().at(0).reason == reason);
  CHECK(shop.read("store,sku,quantity\nParis,A\u200B1,1\n").bad.first().at(0).reason == reason);
  CHECK(row_fault("A\u00A01,Mug,1,Kitchen").ends_with("U+00A0"));
  CHECK(row_fault("A1\u00A0,Mug,1,Kitchen") == "taken");  // blanks around it are none of it
}

TEST_CASE("SKUs that look alike are taken and doubted, within a file and against the shop") {
  Shop shop;
  shop.import_all(read_products("sku,title,price,category\nA-1,Mug,1,K\nM0,Mug,1,K\n", {}, {}));
  ProductFile file = read_products(
      "sku,title,price,category\n\u0410-1,a,1,K\nMO,b,1,K\nB-1,c,1,K\nB\u20111,d,1,K\n\"1,5E+05\",e,1,K\nM0,"
      "f,1,K\n",
      {}, {});
  CHECK(file.doubtful.count() == 3);

  doubt_look_alikes(shop.catalogue, file);

  CHECK(file.bad.count() == 0);
  const auto& doubts = file.doubtful.first();
  REQUIRE(doubts.size() == 5);
  CHECK(doubts[0].line == 2);
  CHECK(doubts[0].reason ==
        "the sku \"\u0410-1\" (with U+0410) looks like \"A-1\", which is another product's");
  CHECK(doubts[1].reason == "the sku \"MO\" looks like \"M0\", which is another product's");
  CHECK(doubts[2].reason == "the sku \"B\u20111\" (with U+2011) looks like \"B-1\" of line 4");
  CHECK(doubts[3].reason == "the sku \"1,5E+05\" may be a number that a spreadsheet has shortened");
  CHECK(doubts[4].reason == "the sku \"M0\" looks like \"MO\" of line 3");
}

TEST_CASE(
    "a row that only changes a product says which SKU of the shop looks like its own, which is not there") {
  Shop shop;
  shop.import_all(
      read_products("sku,title,price,category\nA-1,Mug,1,K\n力-2,Mug,1,K\nC-3,Mug,1,K\n", {}, {}));
  ProductFile file = read_products("sku,price\n\u0410-1,2\nD-4,2\nカ-2,2\nC-3,2\nC-З,2\nA-I,2\n", {}, {});

  const auto changes = find_changes(shop.catalogue, file);

  CHECK(changes.size() == 1);
  const auto& bad = file.bad.first();
  REQUIRE(bad.size() == 5);
  CHECK(bad[0].reason ==
        "there is no product with the sku \"\u0410-1\"; the sku \"\u0410-1\" (with U+0410) looks like "
        "\"A-1\", which is there");
  CHECK(bad[1].reason == "there is no product with the sku \"D-4\"");
  CHECK(bad[2].reason.ends_with("looks like \"力-2\", which is there"));
  CHECK(bad[3].reason.ends_with("looks like \"C-3\", which is there"));
  CHECK(bad[4].reason.ends_with("the sku \"A-I\" looks like \"A-1\", which is there"));
  // Within the file they are doubted, as those of new products are.
  REQUIRE(file.doubtful.count() == 2);
  CHECK(file.doubtful.first()[0].reason == "the sku \"C-З\" (with U+0417) looks like \"C-3\" of line 5");
  CHECK(file.doubtful.first()[1].reason == "the sku \"A-I\" looks like \"\u0410-1\" of line 2");
}

TEST_CASE("of very many doubts the first are kept and all are counted") {
  std::string csv = "sku,title,price,category\n";
  for (int i = 0; i < 1'000; ++i) csv += std::to_string(i) + "O,a,1,K\n" + std::to_string(i) + "0,a,1,K\n";
  const ProductFile file = read_products(csv, {}, {});
  CHECK(file.bad.count() == 0);
  CHECK(file.doubtful.count() >= 1'000);
  CHECK(file.doubtful.first().size() == BadRows::kKept);
}

TEST_CASE("bad rows are kept in the order of the file, whatever the order they are found in") {
  BadRows bad;
  for (std::int64_t line = 100; line > 0; --line) bad.add(line, "x");
  bad.add(5, "y");
  CHECK(bad.count() == 101);
  REQUIRE(bad.first().size() == BadRows::kKept);
  CHECK(bad.first().front().line == 1);
  CHECK(bad.first()[5].reason == "y");
  CHECK(bad.first().back().line == 19);
}

TEST_CASE("stores are named by id or name, products by sku or id, and every set quantity is a movement") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));
  const StoreId paris = shop.catalogue.create_store("Paris Café", "");
  shop.catalogue.create_store("2024", "");

  const InventoryFile file =
      shop.read("store,sku,product_id,quantity\n1,A1,,5\nPARIS CAFE,,2,1000000000000\n2024,B2,2,0\n");
  const InventoryCounts foretold = preview_import(shop.inventory, file);
  const InventoryCounts set = shop.import_all(file);
  const InventoryCounts again = shop.import_all(file);

  CHECK(file.bad.count() == 0);
  CHECK(foretold.changed == 3);
  CHECK(set.changed == 3);
  CHECK(set.stores_created == 0);
  CHECK(again.changed == 0);
  CHECK(again.unchanged == 3);
  CHECK(shop.inventory.list(paris, {}).page.rows.size() == 2);
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
  const InventoryCounts foretold = preview_import(shop.inventory, file);
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

TEST_CASE("a row of an inventory says which SKU of the shop looks like its own, which is not there") {
  Shop shop;
  shop.import_all(read_products(kTwoProducts, {}, {}));

  const InventoryFile file = shop.read("store,sku,quantity\nS,\u04101,1\nS,zz,1\n", UnknownStores::create);

  REQUIRE(file.bad.count() == 2);
  CHECK(file.bad.first()[0].reason.ends_with("(with U+0410) looks like \"A1\", which is there"));
  CHECK(file.bad.first()[1].reason == "there is no product with the sku \"zz\"");
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
  CHECK(refusal([&] { shop.read("shop,sku,qty\n"); }) ==
        "there are no columns store, quantity; the columns are \"shop\", \"sku\", \"qty\"; did you mean --map"
        " store=shop --map quantity=qty?");
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
