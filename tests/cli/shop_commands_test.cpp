// The commands that look into the shop and order from it, beside no server.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"
#include "support/terminal.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Command = std::vector<std::string>;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    found.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return found;
}

// The corner shop, without a server.
struct CornerShop {
  TemporaryFolder folder;
  Location database = make_database(Goods::corner, folder);

  ProgramResult run(Command command) const {
    command.insert(command.end(), {"--database", database.string()});
    return run_program(command, {.folder = folder.path()});
  }
  json run_json(Command command) const {
    command.emplace_back("--json");
    const ProgramResult result = run(command);
    INFO("it wrote: ", result.err);
    CHECK(result.err.empty());
    CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
    return parse(result.out);
  }
  std::int64_t product(const std::string& sku) const {
    return query_number(database, "SELECT id FROM products WHERE sku = '" + sku + "'");
  }
  std::string item(const std::string& sku, int quantity) const {
    return std::to_string(product(sku)) + ':' + std::to_string(quantity);
  }
};

}  // namespace

TEST_CASE("search prints a table to a pipe, and one JSON document when asked") {
  const CornerShop shop;
  const ProgramResult table = shop.run({"search", "hose"});
  CHECK(table.exit_status == 0);
  CHECK(table.err.empty());
  CHECK(table.out == "id\ttitle\tprice\tcategory\n" + std::to_string(shop.product("HOSE")) +
                         "\tGarden Hose\t29.95\tGarden\n");
  const json found = shop.run_json({"search", "hose"});
  CHECK(found["count"] == 1);
  CHECK(found["results"][0]["title"] == "Garden Hose");
  CHECK(shop.run_json({"search", "red", "mug"})["results"][0]["title"] == "Red Mug");
  CHECK(shop.run({"search", "zzyzx", "qqqq"}).out.empty());
  CHECK(shop.run({"search", "zzyzx", "qqqq"}).exit_status == 0);
  CHECK(shop.run_json({"search"})["count"] == 12);
}

TEST_CASE("search takes the filters of the API as options") {
  const CornerShop shop;
  const auto titles = [&](Command options) {
    options.insert(options.begin(), "search");
    return texts(shop.run_json(options)["results"], "title");
  };
  using Titles = std::vector<std::string>;
  CHECK(titles({"--category", "garden", "--sort", "title"}) == Titles{"Garden Hose", "Gnome", "Spade"});
  CHECK(titles({"--category", "garden", "--category", "Pantry", "--sort", "price"}) ==
        Titles{"Gnome", "Mugwort Tea", "Garden Hose", "Spade"});
  CHECK(titles({"--min-price", "8.50", "--max-price", "12", "--sort", "-price"}) ==
        Titles{"apple slicer", "Red Mug", "Blue Mug"});
  CHECK(titles({"--sort=-price", "--max-price", "0.10"}) == Titles{"Smug Cat", "Gnome"});
  CHECK(titles({"mug", "--store", "2", "--in-stock"}) == Titles{"Blue Mug"});
  CHECK(titles({"--page", "2", "--page-size", "10", "--sort", "title"}).size() == 2);
  CHECK(has(run_program({"search", "--database", shop.database.string(), "--", "-mug", "--red"}).out,
            "Red Mug"));
  const ProgramResult stocked = shop.run({"search", "mug", "--store", "1", "--sort", "title"});
  CHECK(has(stocked.out, "Blue Mug\t8.50\tKitchen\t0\n"));
  CHECK(has(stocked.out, "Mugwort Tea\t4.20\tPantry\t-\n"));
  check_refused(shop.run({"search", "--store", "999"}), "no store 999");
  check_refused(shop.run({"search", "--page", "999"}), "no such page");
  const ProgramResult part = shop.run({"search", "--page-size", "5"});
  CHECK(lines(part.out).size() == 6);
  CHECK(has(part.err, "5 of 12"));
}

TEST_CASE("search counts what is in each category and range of prices") {
  const CornerShop shop;
  const ProgramResult found = shop.run({"search", "mug", "--facets", "category,price", "--sort", "price"});
  CHECK(found.exit_status == 0);
  CHECK(has(found.out,
            "\n\ncategory\tproducts\nKitchen\t2\nPantry\t1\nToys & Games\t1\n\nfrom\tto\tproducts\n"));
  const json document = shop.run_json({"search", "mug", "--facets", "price"});
  CHECK(document["facets"]["price"].size() >= 2);
  CHECK(document["facets_are_exact"] == true);
  CHECK(!has(shop.run({"search", "zeppelin", "--facets", "price"}).out, "from"));
}

TEST_CASE("search marks what was found: bold on a terminal, plain in a pipe, as HTML in JSON") {
  const CornerShop shop;
  const Command command{"search", "gard",       "--highlight",         "--sort",
                        "title",  "--database", shop.database.string()};
  Terminal terminal(command, {.environment = {{"TERM", "xterm"}}, .folder = shop.folder.path()});
  CHECK(terminal.finish() == 0);
  CHECK(has(terminal.screen(), "\x1B[1mGard\x1B[0men Hose"));
  const ProgramResult piped = shop.run({"search", "gard", "--highlight", "--sort", "title"});
  CHECK(has(piped.out, "id\ttitle\tprice\tcategory\tdescription\n"));
  CHECK(has(piped.out, "\tGarden Hose\t29.95\tGarden\tTwenty metres, with <brass> & \"fittings\".\n"));
  CHECK(!has(piped.out, "\x1B"));
  CHECK(shop.run_json({"search", "gard", "--highlight", "--sort",
                       "title"})["results"][0]["highlights"]["title"] == "<mark>Gard</mark>en Hose");
}

TEST_CASE("search explains how a result came to its place") {
  const CornerShop shop;
  const ProgramResult found = shop.run({"search", "red", "mug", "--explain"});
  CHECK(has(found.out, "category\tmatched\twords\tadjacency\tcoverage\tname\texact\tscore\n"));
  CHECK(has(found.out, "\tKitchen\tall\t0."));
  const json score = shop.run_json({"search", "red", "mug", "--explain"})["results"][0]["score"];
  const double sum = score["words"].get<double>() + score["adjacency"].get<double>() +
                     score["coverage"].get<double>() + score["name"].get<double>() +
                     score["exact"].get<double>();
  CHECK(score["total"].get<double>() == doctest::Approx(sum).epsilon(0.01));
  CHECK(score["exact"].get<double>() > 0);
  // Nothing is ranked in the order of prices.
  CHECK(shop.run_json({"search", "mug", "--explain", "--sort", "price"})["results"][0]["score"].is_null());
  CHECK(has(shop.run({"search", "mug", "--explain", "--sort", "price"}).out, "\t-\t-\t-\t-\t-\t-\t-\n"));
}

TEST_CASE("search says what it looked for instead of a misspelling") {
  const CornerShop shop;
  const ProgramResult found = shop.run({"search", "gardne", "hose"});
  CHECK(has(found.out, "Garden Hose"));
  CHECK(has(found.err, "searched for garden hose instead of gardne hose"));
  CHECK(shop.run_json({"search", "gardne", "hose"})["corrected_query"] == "garden hose");
}

TEST_CASE("what is searched for is text, never syntax") {
  const CornerShop shop;
  for (const std::string text :
       {"\"", "'", "*", "mug*", "NEAR(", "title:mug", "red AND", "%", "\\", ";", "$1", "a\nb", "\x01"}) {
    CAPTURE(text);
    const ProgramResult result = shop.run({"search", text});
    CHECK(result.exit_status == 0);
    CHECK(result.err == (result.out.empty() ? "nothing was found\n" : ""));
  }
}

TEST_CASE("suggest prints one title a line") {
  const CornerShop shop;
  const ProgramResult result = shop.run({"suggest", "mug"});
  CHECK(result.exit_status == 0);
  CHECK(result.err.empty());
  CHECK(result.out == "Mugwort Tea\nBlue Mug\nRed Mug\nSmug Cat\n");
  CHECK(shop.run_json({"suggest", "mug"}) ==
        json{{"suggestions", {"Mugwort Tea", "Blue Mug", "Red Mug", "Smug Cat"}}});
  CHECK(shop.run({"suggest", "zzz"}).out.empty());
  CHECK(shop.run({"suggest", "zzz"}).exit_status == 0);
  for (const char* few : {"mu", "", "\xff"}) CHECK(shop.run({"suggest", few}).exit_status == 2);
  CHECK(shop.run({"suggest", "mu"}).err.find("TEXT must have at least 3 characters") != std::string::npos);
}

TEST_CASE("order places an order and shows it, as the API would") {
  const CornerShop shop;
  const json order = shop.run_json(
      {"order", "--store", "1", "--item", shop.item("CUPS", 2), "--item", shop.item("KNIFE", 3)});
  CHECK(order["status"] == "CONFIRMED");
  CHECK(order["total_price"] == "107.97");
  CHECK(order["items"].size() == 2);
  const ProgramResult table =
      shop.run({"order", "--store", "1", "--item", shop.item("CUPS", 1), "--email", "ada@example.org"});
  CHECK(table.exit_status == 0);
  CHECK(table.err.empty());
  CHECK(has(table.out, "CONFIRMED"));
  CHECK(has(table.out, "24.00"));
  CHECK(query_texts(shop.database, "SELECT customer_email FROM orders WHERE id = 2") ==
        std::vector<std::string>{"ada@example.org"});
  CHECK(query_number(shop.database, "SELECT count(*) FROM jobs") == 2);
  check_ledger(shop.database);
  check_verified(shop.database);
}

TEST_CASE("an order that is turned away is shown, takes nothing and ends with 1") {
  const CornerShop shop;
  const ProgramResult table =
      shop.run({"order", "--store", "1", "--item", shop.item("HOSE", 2), "--item", shop.item("CAT", 1)});
  CHECK(table.exit_status == 1);
  CHECK(has(table.out, "REJECTED"));
  CHECK(std::count(table.err.begin(), table.err.end(), '\n') == 1);
  CHECK(has(table.err, "rejected"));
  const ProgramResult as_json = shop.run({"order", "--store", "1", "--item", shop.item("HOSE", 2), "--json"});
  CHECK(as_json.exit_status == 1);
  CHECK(parse(as_json.out)["shortages"][0]["available"] == 1);
  check_refused(shop.run({"order", "--store", "999", "--item", shop.item("CAT", 1)}), "no store 999");
  check_refused(shop.run({"order", "--store", "1", "--item", shop.item("CAT", 1), "--item", "999:1"}),
                "--item 999:1 must be a product that exists");
  CHECK(query_number(shop.database, "SELECT count(*) FROM orders") == 2);
  CHECK(query_number(shop.database, "SELECT count(*) FROM jobs") == 0);
  check_ledger(shop.database);
  check_verified(shop.database);
}

TEST_CASE("a line about many faults names the first ten and counts the others") {
  const CornerShop shop;
  std::vector<std::string> order{"order", "--store", "1"};
  for (int i = 0; i < 200; ++i) order.insert(order.end(), {"--item", std::to_string(1'000 + i) + ":1"});
  const ProgramResult refused = shop.run(order);
  check_refused(refused, "--item 1009:1 must be a product that exists; and 190 more");
  CHECK(!has(refused.err, "--item 1010:1"));
}

TEST_CASE("orders lists a store's orders, newest first") {
  const CornerShop shop;
  CHECK(shop.run({"orders", "1"}).out.empty());
  CHECK(shop.run_json({"orders", "1"}) == json::array());
  for (const int quantity : {1, 2, 5'000}) {
    shop.run({"order", "--store", "1", "--item", shop.item("CAT", quantity)});
  }
  const json all = shop.run_json({"orders", "1"});
  CHECK(numbers(all, "id") == std::vector<std::int64_t>{3, 2, 1});
  CHECK(texts(all, "status") == std::vector<std::string>{"REJECTED", "CONFIRMED", "CONFIRMED"});
  CHECK(numbers(shop.run_json({"orders", "1", "--status", "REJECTED"}), "id") ==
        std::vector<std::int64_t>{3});
  const ProgramResult newest = shop.run({"orders", "1", "--limit", "1"});
  CHECK(newest.exit_status == 0);
  CHECK(lines(newest.out).size() == 2);
  CHECK(has(newest.err, "--limit"));
  CHECK(shop.run_json({"orders", "2"}) == json::array());
  check_refused(shop.run({"orders", "999"}), "no store 999");
}

TEST_CASE("a reservation is held, confirmed or cancelled by commands, and the ledger shows it") {
  const CornerShop shop;
  const json held =
      shop.run_json({"order", "--store", "1", "--item", shop.item("CUPS", 2), "--reserve-for", "600"});
  CHECK(held["status"] == "PENDING");
  CHECK(held.contains("expires_at"));
  CHECK(query_number(shop.database, "SELECT count(*) FROM jobs") == 0);
  const ProgramResult shown =
      shop.run({"order", "--store", "1", "--item", shop.item("CUPS", 1), "--reserve-for", "1"});
  CHECK(has(shown.out, "order 2 PENDING until 20"));

  CHECK(shop.run_json({"confirm", "1"})["status"] == "CONFIRMED");
  CHECK(query_number(shop.database, "SELECT count(*) FROM jobs") == 1);
  const ProgramResult cancelled = shop.run({"cancel", "1"});
  CHECK(cancelled.exit_status == 0);
  CHECK(has(cancelled.out, "order 1 CANCELLED, total 48.00\n"));
  check_refused(shop.run({"confirm", "1"}), "CANCELLED");
  check_refused(shop.run({"confirm", "99"}), "no order 99");
  check_refused(shop.run({"cancel", "99"}), "no order 99");

  const ProgramResult newest = shop.run({"movements", "1", "--limit", "1"});
  CHECK(lines(newest.out)[0] == "id\tcreated at\tproduct\treason\torder\tchange\tquantity after");
  CHECK(has(lines(newest.out)[1], "\tcancel\t1\t2\t"));
  CHECK(has(newest.err, "--limit"));
  const json movements = shop.run_json({"movements", "1"});
  CHECK(texts(movements, "reason").front() == "cancel");
  CHECK(movements.back()["order_id"].is_null());
  check_refused(shop.run({"movements", "999"}), "no store 999");
  check_ledger(shop.database);
  check_verified(shop.database);
}

TEST_CASE("inventory lists what stands on a store's shelves, by title") {
  const CornerShop shop;
  const ProgramResult table = shop.run({"inventory", "2"});
  CHECK(table.exit_status == 0);
  CHECK(table.err.empty());
  CHECK(lines(table.out).size() == 4);
  CHECK(lines(table.out)[0] == "product\ttitle\tprice\tcategory\tquantity");
  CHECK(has(lines(table.out)[1], "\tBlue Mug\t8.50\tKitchen\t4"));
  CHECK(numbers(shop.run_json({"inventory", "2"}), "quantity") == std::vector<std::int64_t>{4, 0, 7});
  CHECK(numbers(shop.run_json({"inventory", "2", "--max-quantity", "0"}), "quantity") ==
        std::vector<std::int64_t>{0});
  check_refused(shop.run({"inventory", "999"}), "no store 999");
}

TEST_CASE("receive, adjust and transfer change shelves and show them") {
  const CornerShop shop;
  const std::string cups = std::to_string(shop.product("CUPS"));
  const std::string spade = std::to_string(shop.product("SPADE"));
  const ProgramResult received = shop.run({"receive", "1", cups + ":5", spade + ":2"});
  CHECK(received.exit_status == 0);
  CHECK(received.err.empty());
  CHECK(received.out ==
        "store\tproduct\tchange\tquantity\n1\t" + cups + "\t+5\t10\n1\t" + spade + "\t+2\t2\n");
  CHECK(shop.run_json({"adjust", "1", cups + ":-3"}) ==
        json::parse(R"([{"store_id":1,"product_id":)" + cups + R"(,"change":-3,"quantity":7}])"));
  CHECK(shop.run_json({"adjust", "1", cups + ":+1", spade + ":-2"})[0]["quantity"] == 8);
  CHECK(shop.run_json({"count", "1", cups + ":6", spade + ":0"})[0]["change"] == -2);
  CHECK(numbers(shop.run_json({"transfer", "1", "2", cups + ":2"}), "quantity") ==
        std::vector<std::int64_t>{4, 2});

  check_refused(shop.run({"transfer", "1", "2", cups + ":5"}), "store 1 has 4 of product " + cups);
  check_refused(shop.run({"receive", "1", cups + ":1", "999:5"}),
                "999:5: the product must be a product that exists");
  check_refused(shop.run({"receive", "99", cups + ":5"}), "no store 99");
  CHECK(query_texts(shop.database,
                    "SELECT reason || change FROM movements WHERE reason <> 'seed' AND"
                    " product_id = " +
                        cups +
                        " AND id > (SELECT min(id) FROM movements WHERE"
                        " reason = 'receive') - 1 ORDER BY id") ==
        std::vector<std::string>{"receive5", "adjust-3", "adjust1", "adjust-2", "transfer-2", "transfer2"});
  check_ledger(shop.database);
  check_verified(shop.database);
}

TEST_CASE("what is no quantity is wrong usage of receive, count, adjust and transfer") {
  const CornerShop shop;
  for (const Command& command : {Command{"receive", "1"},
                                 Command{"receive", "1", "1"},
                                 Command{"receive", "1", "1:"},
                                 Command{"receive", "1", ":1"},
                                 Command{"receive", "1", "1:0"},
                                 Command{"receive", "1", "1:-1"},
                                 Command{"receive", "1", "1:+1"},
                                 Command{"receive", "1", "1", "1"},
                                 Command{"receive", "1", "1:1:1"},
                                 Command{"receive", "1", "1:1", "2"},
                                 Command{"receive", "1", "1:1000000000001"},
                                 Command{"adjust", "1", "1:+-1"},
                                 Command{"adjust", "1", "1:1.0"},
                                 Command{"adjust", "1", "0:+1"},
                                 Command{"adjust", "1", "1:5"},
                                 Command{"adjust", "1", "1:+0"},
                                 Command{"count", "1", "1:+5"},
                                 Command{"count", "1", "1:-5"},
                                 Command{"count", "1", "1:-0"},
                                 Command{"count", "1", "0:5"},
                                 Command{"transfer", "1", "1", "1:1"},
                                 Command{"transfer", "1", "2", "1"}}) {
    const ProgramResult result = shop.run(command);
    CAPTURE(command.back());
    CHECK(result.exit_status == 2);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
}

TEST_CASE("stores, categories and a product are shown, with the ids that other commands want") {
  const CornerShop shop;
  const json stores = shop.run_json({"stores"});
  CHECK(stores.size() == 3);
  CHECK(stores[0]["name"] == "North");
  CHECK(shop.run({"stores"}).out.starts_with("store\tname\tlocation\n1\tNorth\t"));
  CHECK(shop.run_json({"categories"})[0].contains("product_count"));
  CHECK(has(shop.run({"categories"}).out, "\tGarden\t3\n"));
  const std::string cups = std::to_string(shop.product("CUPS"));
  CHECK(shop.run_json({"product", cups})["sku"] == "CUPS");
  CHECK(has(shop.run({"product", cups}).out, "title\tCafé Crème Cups\n"));
  check_refused(shop.run({"product", "999"}), "no product 999");
}

TEST_CASE("where nothing was found a word says so, and nothing is on standard output") {
  const CornerShop shop;
  for (const Command& command :
       {Command{"search", "zeppelin"}, Command{"orders", "1"}, Command{"suggest", "zeppelin"},
        Command{"inventory", "3", "--max-quantity", "0"}}) {
    CAPTURE(command.front());
    const ProgramResult result = shop.run(command);
    CHECK(result.exit_status == 0);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  }
}

TEST_CASE("a category that is not there is named, with the one that was meant") {
  const CornerShop shop;
  const ProgramResult result = shop.run({"search", "--category", "Gardem"});
  CHECK(result.exit_status == 0);
  CHECK(has(result.err, "there is no category Gardem; did you mean Garden?"));
  CHECK(!has(shop.run({"search", "zeppelin", "--category", "garden"}).err, "no category"));
  CHECK(!has(shop.run({"search", "zeppelin", "--category", "1"}).err, "no category"));
  CHECK(has(shop.run({"search", "--category", "99"}).err, "no category 99"));
  const ProgramResult both = shop.run(
      {"search", "--category", "Nope", "--category", "garden", "--category", "Pantri", "--sort", "title"});
  CHECK(has(both.out, "Gnome"));
  CHECK(has(both.err, "there is no category Nope\n"));
  CHECK(has(both.err, "there is no category Pantri; did you mean Pantry?"));
  CHECK(!has(both.err, "garden"));
}

TEST_CASE("a dumb terminal and one without colours get no escape sequences, and a smart one names in bold") {
  const CornerShop shop;
  const auto screen = [&](std::vector<std::pair<std::string, std::string>> environment) {
    Terminal terminal({"stores", "--database", shop.database.string()},
                      {.environment = std::move(environment), .folder = shop.folder.path()});
    CHECK(terminal.finish() == 0);
    CHECK(has(terminal.screen(), "North"));
    return terminal.screen();
  };
  CHECK(has(screen({{"TERM", "xterm"}, {"NO_COLOR", ""}}), "\x1B[1m"));
  CHECK(!has(screen({{"TERM", "dumb"}, {"NO_COLOR", ""}}), "\x1B"));
  CHECK(!has(screen({{"TERM", "xterm"}, {"NO_COLOR", "1"}}), "\x1B"));
}

TEST_CASE("what a stored text says to a terminal is not passed on") {
  const CornerShop shop;
  query_texts(shop.database,
              "UPDATE products SET title = 'Mug\x1B[2J\xC2\x9B"
              "2J\xE2\x80\xAE\x07' WHERE sku = 'CUPS'");
  const std::string cups = std::to_string(shop.product("CUPS"));
  Terminal terminal({"product", cups, "--database", shop.database.string()},
                    {.environment = {{"TERM", "dumb"}}, .folder = shop.folder.path()});
  CHECK(terminal.finish() == 0);
  CHECK(has(terminal.screen(), "Mug [2J 2J"));
  for (const std::string said : {"\x1B", "\xC2\x9B", "\x07", "\xE2\x80\xAE"})
    CHECK(!has(terminal.screen(), said));
}

TEST_CASE("a table on a terminal stands in columns that fit it, and has no tabs") {
  const CornerShop shop;
  import_products(shop.database, "sku,title,price,category\nLONG," + std::string(250, 'x') +
                                     ",1,Garden\nWIDE,茶茶茶,1,Garden\n");
  Terminal terminal({"search", "--category", "garden", "--database", shop.database.string()},
                    {.folder = shop.folder.path()});
  CHECK(terminal.finish() == 0);
  CHECK(!has(terminal.screen(), "\t"));
  CHECK(has(terminal.screen(), "Garden Hose"));
  CHECK(has(terminal.screen(), "茶茶茶"));
  for (std::string line : lines(terminal.screen())) {
    CAPTURE(line);
    for (std::size_t at; (at = line.find('\x1B')) != std::string::npos;)
      line.erase(at, line.find('m', at) - at + 1);
    const auto characters =
        std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xC0) != 0x80 && c != '\r'; });
    CHECK(characters <= 100);
  }
}

TEST_CASE("migrate says which schema a database has, and changes one of this version in nothing") {
  const CornerShop shop;
  const json said = shop.run_json({"migrate"});
  CHECK(said["version"].get<int>() >= 1);
  CHECK(said["created"] == false);
  CHECK(shop.run({"migrate"}).exit_status == 0);
  CHECK(query_number(shop.database, "SELECT count(*) FROM products") == 12);
  const TemporaryFolder other;
  const json made =
      parse(run_program({"migrate", "--database", free_location(other).string(), "--json"}).out);
  CHECK(made["created"] == true);
  CHECK(made["version"] == said["version"]);
}

TEST_CASE("commands at the same time on a database that is not there yet make it once") {
  for (int round = 0; round < 3; ++round) {
    const TemporaryFolder folder;
    const Location database = free_location(folder);
    std::vector<std::unique_ptr<Program>> programs;
    programs.reserve(6);
    for (int i = 0; i < 6; ++i) {
      programs.push_back(std::make_unique<Program>(
          Command{i % 2 == 0 ? "seed" : "migrate", "--database", database.string()}));
    }
    for (const auto& program : programs) {
      const ProgramResult result = program->finish();
      CHECK_MESSAGE(result.exit_status == 0, result.err);
    }
    CHECK(query_number(database, "SELECT count(*) FROM products") == 1'200);
    check_ledger(database);
    check_verified(database);
  }
}
