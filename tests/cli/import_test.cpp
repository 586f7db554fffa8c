#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/gzip.h"
#include "support/database_file.h"
#include "support/engine.h"
#include "support/expect_program.h"
#include "support/location.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace {

namespace fs = std::filesystem;
using aforro::test::free_location;
using aforro::test::has;
using aforro::test::is_made;
using aforro::test::Location;
using aforro::test::ProgramResult;
using aforro::test::TemporaryFolder;
using nlohmann::json;

constexpr auto kTwoProducts =
    "sku,title,price,category\n"
    "A1,Mug,4.50,Kitchen\n"
    "B2,Lamp,19,Lights\n";

// A shop in a folder of its own, to work in.
struct Shop {
  TemporaryFolder folder;
  Location database = free_location(folder);

  ProgramResult run(std::vector<std::string> arguments, std::optional<std::string> input = {}) const {
    arguments.insert(arguments.end(), {"--database", database.string()});
    return aforro::test::run_program(arguments, {.input = std::move(input), .folder = folder.path()});
  }
  ProgramResult import(const std::string& what, const std::string& csv,
                       std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"import", what, folder.write("file.csv", csv).string()});
    return run(options);
  }
  json import_as_json(const std::string& what, const std::string& csv,
                      std::vector<std::string> options = {}) const {
    options.emplace_back("--json");
    return json::parse(import(what, csv, options).out);
  }
};

TEST_CASE("import products makes a database that is not there, and the second time changes nothing") {
  const Shop shop;

  const ProgramResult first = shop.import("products", kTwoProducts);
  const ProgramResult second = shop.import("products", kTwoProducts);

  CHECK(first.exit_status == 0);
  CHECK(first.out == "created 2, changed 0, unchanged 0, skipped 0\n");
  CHECK(has(first.err, "file.csv: UTF-8, separated by commas\ncolumns read: sku, title, price, category\n"));
  CHECK(std::count(first.err.begin(), first.err.end(), '\n') == 2);
  CHECK(second.exit_status == 0);
  CHECK(second.out == "created 0, changed 0, unchanged 2, skipped 0\n");
}

TEST_CASE("an import answers with one JSON document when asked") {
  const Shop shop;
  CHECK(
      shop.import_as_json("products", kTwoProducts) ==
      json::parse(
          R"({"applied": true, "created": 2, "changed": 0, "unchanged": 0, "skipped": 0, "bad_rows": []})"));
  CHECK(shop.import_as_json("products", "sku,title,price,category\nA1,,4.50,Kitchen\n", {"--skip-bad"}) ==
        json::parse(R"({"applied": true, "created": 0, "changed": 0, "unchanged": 0, "skipped": 1,
                        "bad_rows": [{"line": 2, "reason": "the title must not be empty"}]})"));
}

TEST_CASE(
    "one bad row keeps the whole file out, with its line and reason, unless such rows are to be skipped") {
  const Shop shop;
  const std::string csv = std::string(kTwoProducts) + "C3,Bowl,0.123,Kitchen\n";

  const ProgramResult refused = shop.import("products", csv);
  const ProgramResult skipped = shop.import("products", csv, {"--skip-bad"});

  CHECK(refused.exit_status == 1);
  CHECK(refused.out.empty());
  CHECK(has(refused.err, "line 4: the price must be 0 to 9999999.99 with at most two decimals\n"));
  CHECK(has(refused.err, "--skip-bad"));
  CHECK(skipped.exit_status == 0);
  CHECK(skipped.out == "created 2, changed 0, unchanged 0, skipped 1\n");
  CHECK(has(skipped.err, "line 4: "));
}

TEST_CASE("of many bad rows the first twenty are shown") {
  const Shop shop;
  std::string csv = "title,price,category\n";
  for (int i = 0; i < 50; ++i) csv += ",1,Kitchen\n";

  const ProgramResult refused = shop.import("products", csv);

  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "line 21: "));
  CHECK(!has(refused.err, "line 22: "));
  CHECK(has(refused.err, "and 30 more\n"));
}

TEST_CASE("a dry run says what would happen and does not even make the database") {
  const Shop shop;

  const ProgramResult foretold = shop.import("products", kTwoProducts, {"--dry-run"});

  CHECK(foretold.exit_status == 0);
  CHECK(foretold.out == "would be: created 2, changed 0, unchanged 0, skipped 0\n");
  CHECK(!is_made(shop.database));
  shop.import("products", kTwoProducts);
  CHECK(shop.import("products", "sku,title,price,category\nA1,Mug,5,Kitchen\nB2,Lamp,19,Lights\n",
                    {"--dry-run"})
            .out == "would be: created 0, changed 1, unchanged 1, skipped 0\n");
  CHECK(shop.import("products", kTwoProducts).out == "created 0, changed 0, unchanged 2, skipped 0\n");
}

TEST_CASE("a file may be packed by gzip, whatever its name, or come by standard input") {
  const Shop shop;

  CHECK(shop.import("products", aforro::gzip(kTwoProducts)).out ==
        "created 2, changed 0, unchanged 0, skipped 0\n");
  CHECK(shop.run({"import", "products", "-"}, kTwoProducts).out ==
        "created 0, changed 0, unchanged 2, skipped 0\n");
  CHECK(shop.run({"import", "products", "-"}, aforro::gzip(kTwoProducts)).out ==
        "created 0, changed 0, unchanged 2, skipped 0\n");
}

TEST_CASE("columns of other names are named by --map, and a file without categories gets one") {
  const Shop shop;
  const ProgramResult done = shop.import("products", "code,name,price_cents\nA1,Mug,450\n",
                                         {"--map", "sku=code", "--map", "title=name", "--map",
                                          "price_minor=price_cents", "--category", "Gifts"});
  CHECK(done.exit_status == 0);
  CHECK(done.out == "created 1, changed 0, unchanged 0, skipped 0\n");
}

TEST_CASE("an unknown field of --map is wrong usage that names the nearest") {
  const Shop shop;

  const ProgramResult unknown = shop.import("products", kTwoProducts, {"--map", "titel=name"});
  CHECK(unknown.exit_status == 2);
  CHECK(has(unknown.err, "titel"));
  CHECK(has(unknown.err, "did you mean title?"));
  for (const char* const wrong : {"title", "=name", "title=", "quantity=x"}) {
    CAPTURE(wrong);
    CHECK(shop.import("products", kTwoProducts, {"--map", wrong}).exit_status == 2);
  }
  CHECK(shop.import("products", kTwoProducts, {"--map", "title=title", "--map", "title=sku"}).exit_status ==
        2);
  CHECK(shop.import("products", kTwoProducts, {"--map", "price=price", "--map", "price_minor=price"})
            .exit_status == 2);
  CHECK(!is_made(shop.database));
}

TEST_CASE("a file that cannot be read as a whole is refused in one line and makes no database") {
  const Shop shop;
  const std::vector<std::pair<std::string, std::string>> files = {
      {"", "the file is empty"},
      {"code,price\n", "there is no column sku, nor title and category, which new products need"},
      {"title,price\n", "there is no column category"},
      {"title,price,category,M\xFCll\n",
       "the names of the columns: is not valid UTF-8; --encoding windows-1252"},
      {std::string("\xFF\xFE\0\0s\0\0\0", 8), "this is UTF-32"},
      {"title,price,category\n\"Mug,1,K\n", "line 2: a quote is opened and not closed"},
      {"\x1F\x8B junk", "gzip"},
      {aforro::gzip(kTwoProducts).substr(0, 40), "cut off"},
  };
  for (const auto& file : files) {
    CAPTURE(file.second);
    const ProgramResult refused = shop.import("products", file.first);
    CHECK(refused.exit_status == 1);
    CHECK(refused.out.empty());
    CHECK(has(refused.err, file.second));
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  }
  CHECK(shop.run({"import", "products", "missing.csv"}).exit_status == 1);
  CHECK(shop.run({"import", "products", shop.folder.path().string()}).exit_status == 1);
  CHECK(!is_made(shop.database));
}

TEST_CASE("a file without SKUs is imported with the note that a second time would double it") {
  const Shop shop;
  const std::string csv = "title,price,category\nMug,1,Kitchen\n";

  const ProgramResult first = shop.import("products", csv);

  CHECK(first.exit_status == 0);
  CHECK(has(first.err, "has no SKU"));
  CHECK(shop.import("products", csv).out == "created 1, changed 0, unchanged 0, skipped 0\n");
}

TEST_CASE("import inventory does not make a database") {
  const Shop shop;
  const ProgramResult refused =
      shop.import("inventory", "store,sku,quantity\nParis,A1,5\n", {"--create-stores"});
  CHECK(refused.exit_status == 1);
  CHECK(!is_made(shop.database));
}

TEST_CASE("import inventory sets quantities, makes stores when asked, and the second time changes nothing") {
  const Shop shop;
  shop.import("products", kTwoProducts);
  const std::string csv = "store,sku,quantity\nParis,A1,5\nPARIS,B2,0\n";

  const ProgramResult refused = shop.import("inventory", csv);
  const ProgramResult foretold = shop.import("inventory", csv, {"--create-stores", "--dry-run"});
  const ProgramResult first = shop.import("inventory", csv, {"--create-stores"});
  const ProgramResult second = shop.import("inventory", csv);
  const ProgramResult by_id =
      shop.import("inventory", "store,product_id,quantity\n1,1,7\n1,2,0\n9,1,1\n", {"--skip-bad"});

  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "line 2: there is no store \"Paris\"\n"));
  CHECK(has(refused.err, "--create-stores"));
  CHECK(foretold.out == "would be: changed 2, unchanged 0, skipped 0, stores created 1\n");
  CHECK(first.exit_status == 0);
  CHECK(first.out == "changed 2, unchanged 0, skipped 0, stores created 1\n");
  CHECK(second.exit_status == 0);
  CHECK(second.out == "changed 0, unchanged 2, skipped 0, stores created 0\n");
  CHECK(by_id.out == "changed 1, unchanged 1, skipped 1, stores created 0\n");
  CHECK(shop.import_as_json("inventory", csv) ==
        json::parse(R"({"applied": true, "changed": 1, "unchanged": 1, "skipped": 0, "stores_created": 0,
                        "bad_rows": []})"));
}

TEST_CASE("an import says what it understood before it begins, also what it passes over") {
  const Shop shop;
  const ProgramResult done = shop.import(
      "products", "sep=;\r\nSKU;title;price;category;descripton;ean\r\nA1;Tasse;12,50;K;x;4\r\n;;;;;\r\n",
      {"--json"});
  CHECK(done.exit_status == 0);
  CHECK(has(done.err,
            "file.csv: UTF-8, separated by semicolons\ncolumns read: sku (\"SKU\"), title, price, category\n"
            "columns passed over: \"descripton\" (did you mean description?), \"ean\"\n"));
  CHECK(json::parse(done.out)["created"] == 1);
  const json found = json::parse(shop.run({"search", "Tasse", "--json"}).out);
  CHECK(found["results"][0]["price"] == "12.50");
}

TEST_CASE("spreadsheets' UTF-16 is read as it is, Windows-1252 when it is said") {
  const Shop shop;
  std::string utf16 = "\xFF\xFE";
  for (const char c : std::string("sku\ttitle\tprice\tcategory\r\nA1\tGr\xF6\xDF"
                                  "e\t1,5\tK\r\n")) {
    utf16 += c;
    utf16 += '\0';
  }
  const std::string windows =
      "sku;title;price;category\r\nA1;Gr\xF6\xDF"
      "e;1,5;K\r\n";

  const ProgramResult unicode = shop.import("products", utf16);
  const ProgramResult refused = shop.import("products", windows);
  const ProgramResult told = shop.import("products", windows, {"--encoding", "windows-1252"});

  CHECK(has(unicode.err, "UTF-16, separated by tabs\n"));
  CHECK(unicode.out == "created 1, changed 0, unchanged 0, skipped 0\n");
  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "line 2: the row is not valid UTF-8\n"));
  CHECK(has(refused.err, "--encoding windows-1252"));
  CHECK(has(told.err, "Windows-1252, separated by semicolons\n"));
  CHECK(told.out == "created 0, changed 0, unchanged 1, skipped 0\n");
}

TEST_CASE("the separator may be said, and one that can't be is wrong usage") {
  const Shop shop;
  for (const char* const said : {";", "semicolon"}) {
    CHECK(shop.import("products", "title;price;category\nMug;1;K\n", {"--separator", said, "--dry-run"})
              .exit_status == 0);
  }
  CHECK(shop.import("products", "title\tprice\tcategory\nMug\t1\tK\n", {"--separator", "\\t"}).exit_status ==
        0);
  for (const char* const wrong : {"x", ";;", "\""}) {
    CHECK(shop.import("products", kTwoProducts, {"--separator", wrong}).exit_status == 2);
  }
  CHECK(shop.import("products", kTwoProducts, {"--encoding", "koi8-r"}).exit_status == 2);
}

TEST_CASE("a price list by SKU changes prices, and names what is not there") {
  const Shop shop;
  CHECK(shop.import("products", "sku,price\nA1,5\n").exit_status == 1);
  CHECK(!is_made(shop.database));
  shop.import("products", kTwoProducts);
  const std::string prices = "sku,price\nA1,5.00\nZ9,1\nB2,19\n";

  const ProgramResult refused = shop.import("products", prices);
  const ProgramResult foretold = shop.import("products", prices, {"--skip-bad", "--dry-run"});
  const ProgramResult done = shop.import("products", prices, {"--skip-bad"});
  const ProgramResult again = shop.import("products", prices, {"--skip-bad"});

  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err,
            "changing products that are there: to make new ones, the file lacks title, category\n"));
  CHECK(has(refused.err, "line 3: there is no product with the sku \"Z9\"\n"));
  CHECK(foretold.out == "would be: created 0, changed 1, unchanged 1, skipped 1\n");
  CHECK(done.out == "created 0, changed 1, unchanged 1, skipped 1\n");
  CHECK(again.out == "created 0, changed 0, unchanged 2, skipped 1\n");
  CHECK(shop.import("products", prices, {"--map", "sku=sku", "--map", "product_id=price"}).exit_status == 2);
  CHECK(shop.run({"verify"}).exit_status == 0);
}

TEST_CASE("SKUs that look alike are warned about and those with hidden characters refused") {
  const Shop shop;
  const std::string csv = "sku,title,price,category\nA-1,a,1,K\n\u0410-1,b,1,K\nA-1\u200B,c,1,K\n";

  const ProgramResult refused = shop.import("products", csv);
  const ProgramResult done = shop.import("products", csv, {"--skip-bad"});
  const ProgramResult third = shop.import("products", "sku,title,price,category\nA\u20111,a,1,K\n");

  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "line 4: the sku must not have a character that cannot be seen, U+200B\n"));
  CHECK(done.out == "created 2, changed 0, unchanged 0, skipped 1\n");
  CHECK(has(done.err, "warning: line 3: the sku \"\u0410-1\" (with U+0410) looks like \"A-1\" of line 2\n"));
  CHECK(third.exit_status == 0);
  CHECK(has(third.err, "warning: line 2: the sku \"A\u20111\" (with U+2011) looks like \""));
  CHECK(has(third.err, "which is another product's\n"));

  const ProgramResult prices = shop.import("products", "sku,price\nA-1,2\nА−1,2\n", {"--skip-bad"});
  CHECK(prices.out == "created 0, changed 1, unchanged 0, skipped 1\n");
  CHECK(has(prices.err, "warning: line 3: the sku \"А−1\" (with U+0410) looks like \"A-1\" of line 2\n"));
  CHECK(has(prices.err,
            "line 3: there is no product with the sku \"А−1\"; the sku \"А−1\" (with U+0410) looks like"));
}

std::uintmax_t bytes_of(const fs::path& file) {
  std::error_code missing;
  const std::uintmax_t bytes = fs::file_size(file, missing);
  return missing ? 0 : bytes;
}

// True as soon as a part of an import has been written.
bool has_begun(const Location& database) {
  if (!database.is_postgres()) {
    return bytes_of(database.file()) + bytes_of(database.string() + "-wal") >= 600'000;
  }
  return is_made(database) && aforro::test::query_number(database, "SELECT count(*) FROM products") >= 100;
}

TEST_CASE("an import that is killed is finished by running it again") {
  const Shop shop;
  std::string csv = "sku,title,price,category\n";
  for (int i = 0; i < 3'000; ++i)
    csv += std::to_string(i) + ",Mug number " + std::to_string(i) + ",1,Kitchen\n";
  const std::string file = shop.folder.write("many.csv", csv).string();

  {
    const aforro::test::Program broken_off({"import", "products", file, "--database", shop.database.string()},
                                           {.folder = shop.folder.path()});
    while (!has_begun(shop.database)) {
    }
  }  // killed
  const json rest = shop.import_as_json("products", csv);

  CHECK(rest["changed"] == 0);
  CHECK(rest["created"].get<int>() + rest["unchanged"].get<int>() == 3'000);
  CHECK(shop.import_as_json("products", csv)["unchanged"] == 3'000);
}

// The real files; absent where only the project is.
std::optional<std::string> real_file(const char* name) {
  const char* const folder = std::getenv("AFORRO_DATA");
  if (folder != nullptr) return (fs::path(folder) / name).string();
  MESSAGE("skipped: AFORRO_DATA does not say where the real data is");
  return std::nullopt;
}

TEST_CASE("the products of a real gift shop are imported as they are") {
  const auto file = real_file("online_retail/products.csv");
  if (!file) return;
  const Shop shop;
  const std::vector<std::string> command = {
      "import",     "products", *file, "--map", "sku=stock_code", "--map", "price=median_unit_price_gbp",
      "--category", "Gifts"};

  CHECK(shop.run(command).out == "created 3877, changed 0, unchanged 0, skipped 0\n");
  CHECK(shop.run(command).out == "created 0, changed 0, unchanged 3877, skipped 0\n");
}

TEST_CASE("a real catalogue, packed, is imported but for its one bad row") {
  const auto file = real_file("icecat/products.csv.gz");
  if (!file) return;
  // There it takes a minute for what the one before shows.
  const bool is_for_wide = aforro::test::engine() == aforro::test::Engine::postgres;
  if (is_for_wide && std::getenv("AFORRO_WIDE") == nullptr) return;
  const Shop shop;
  std::vector<std::string> command = {"import",
                                      "products",
                                      *file,
                                      "--map",
                                      "sku=product_id",
                                      "--map",
                                      "price_minor=price_cents",
                                      "--map",
                                      "category=category_derived"};

  const ProgramResult refused = shop.run(command);
  command.emplace_back("--skip-bad");
  const ProgramResult first = shop.run(command);
  const ProgramResult second = shop.run(command);

  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "line 18420: the title must have at most 255 characters\n"));
  CHECK(first.out == "created 19405, changed 0, unchanged 0, skipped 1\n");
  CHECK(second.out == "created 0, changed 0, unchanged 19405, skipped 1\n");
}

}  // namespace
