// `aforro verify` as it is called: what it says, what it ends with, and that it leaves others alone.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"
#include "support/terminal.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

struct QuietShop {
  explicit QuietShop(Goods goods = Goods::corner) : database(make_database(goods, folder)) {}
  QuietShop(const QuietShop&) = delete;
  QuietShop& operator=(const QuietShop&) = delete;
  ~QuietShop() { drop_database(database); }

  ProgramResult run(std::vector<std::string> command) const {
    command.insert(command.end(), {"--database", database.string()});
    return run_program(command, {.folder = folder.path()});
  }

  TemporaryFolder folder;
  Location database;
};

constexpr auto kCornerIsClean =
    "nothing is wrong: categories 5, products 12, stores 3, users 0, inventory rows 12, movements 12, orders "
    "0,"
    " order lines 0, idempotency keys 0\n";

// Of PostgreSQL it says what it could not look at.
bool is_nothing_but_left_out(const std::string& err) {
  return err.empty() || (has(err, "left out: PostgreSQL's own indexes") && err.find('\n') == err.size() - 1);
}

}  // namespace

TEST_CASE("a shop in order is said to be so, with what was counted, and exit status 0") {
  const QuietShop shop;

  const ProgramResult said = shop.run({"verify"});
  CHECK(said.exit_status == 0);
  CHECK(said.out == kCornerIsClean);
  CHECK(is_nothing_but_left_out(said.err));

  const ProgramResult document = shop.run({"verify", "--json"});
  CHECK(document.exit_status == 0);
  CHECK(document.err.empty());
  const json found = parse(document.out);
  CHECK(found["is_clean"] == true);
  CHECK(found["fault_count"] == 0);
  CHECK(found["faults"].empty());
  CHECK(found["checked"]["products"] == 12);
  CHECK(found["checked"]["order_lines"] == 0);
  CHECK(found["left_out"].size() == (shop.database.is_postgres() ? 1 : 0));
}

TEST_CASE("a seeded demo shop is in order") {
  const QuietShop shop(Goods::demo);
  const ProgramResult said = shop.run({"verify"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.out, "nothing is wrong: categories 12, products 1,200, stores 24, "));
}

TEST_CASE("each fault is a line, and then there is exit status 1") {
  const QuietShop shop;
  query_texts(shop.database, "UPDATE inventory SET quantity = quantity + 1 WHERE quantity = 5");
  query_texts(shop.database, "UPDATE products SET title_key = 'knife' WHERE sku = 'KNIFE'");
  const std::string knife =
      std::to_string(query_number(shop.database, "SELECT id FROM products WHERE sku = 'KNIFE'"));
  const std::string cups =
      std::to_string(query_number(shop.database, "SELECT id FROM products WHERE sku = 'CUPS'"));

  const ProgramResult said = shop.run({"verify"});
  CHECK(said.exit_status == 1);
  CHECK(said.out == "text: product " + knife +
                        ": its title_key is not that of its text\nstock: store 1, product " + cups +
                        ": holds 6, its movements make 5\n");
  CHECK(has(said.err, "aforro: 2 faults in "));

  const ProgramResult document = shop.run({"verify", "--json"});
  CHECK(document.exit_status == 1);
  const json found = parse(document.out);
  CHECK(found["is_clean"] == false);
  CHECK(found["fault_count"] == 2);
  CHECK(found["faults"][0]["check"] == "text");
  CHECK(found["faults"][1]["detail"] == "store 1, product " + cups + ": holds 6, its movements make 5");
}

TEST_CASE("of more than a hundred faults of a kind the rest is counted") {
  const QuietShop shop(Goods::demo);
  query_texts(shop.database, "UPDATE inventory SET quantity = quantity + 1");
  const ProgramResult said = shop.run({"verify"});
  CHECK(said.exit_status == 1);
  CHECK(has(said.out, "\nstock: and 9,500 more\n"));
  CHECK(has(said.err, "aforro: 9,600 faults in "));
}

TEST_CASE("verify refuses what the other commands refuse, and more words than it knows") {
  const TemporaryFolder folder;
  check_refused(run_program({"verify"}, {.folder = folder.path()}), "there is no database at aforro.db");
  check_refused(
      run_program({"verify", "--database", folder.write("notes.txt", std::string(5000, 'x')).string()}),
      "is not a database");
  CHECK(run_program({"verify", "everything"}).exit_status == 2);
}

TEST_CASE("a damaged file of SQLite is a fault in words, wherever the damage is, and nothing worse") {
  const QuietShop shop(Goods::demo);
  if (shop.database.is_postgres()) {
    MESSAGE("about a file of SQLite");
    return;
  }
  CHECK(shop.run({"verify"}).exit_status == 0);
  const std::string sound = read_file(shop.database.file());
  constexpr std::size_t kPage = 4096;
  const std::size_t pages = sound.size() / kPage;
  REQUIRE(pages > 200);
  int found = 0;
  int tried = 0;
  for (std::size_t page = 1; page < pages; page += pages / 40) {  // the first is what opening looks at
    CAPTURE(page);
    ++tried;
    std::string damaged = sound;
    for (std::size_t i = 0; i < kPage; ++i) damaged[page * kPage + i] = static_cast<char>(i * 151 + 7);
    const auto file = shop.folder.write("damaged.db", damaged);
    const ProgramResult said = run_program({"verify", "--database", file.string()});
    INFO("it wrote: ", said.out, said.err);
    CHECK(said.exit_status == 1);
    const bool is_said =
        has(said.out, "storage: ") || has(said.err, "is damaged") || has(said.out, "search: ");
    CHECK(is_said);
    CHECK(std::count(said.err.begin(), said.err.end(), '\n') <= 2);
    if (said.exit_status == 1 && is_said) ++found;
    std::filesystem::remove(file);
  }
  CHECK(found == tried);
}

TEST_CASE("verify runs beside a server under orders: none fails, and all is in order at every moment") {
  Shop shop(Goods::corner);
  std::atomic<bool> is_over = false;
  std::atomic<int> placed = 0;
  std::atomic<int> failed = 0;
  const std::int64_t store = shop.store("North");
  const std::int64_t lamp = shop.product("LAMP");
  const std::int64_t cat = shop.product("CAT");
  std::vector<std::thread> customers;
  customers.reserve(4);
  for (int i = 0; i < 4; ++i) {
    customers.emplace_back([&, i] {
      HttpClient client = shop.connect();
      while (!is_over) {
        json body = json::parse(order_body(store, {{lamp, 1 + i}, {cat, 1}}));
        if (i % 2 == 0) body["reserve_for"] = 1 + i / 2;
        const HttpResponse answer = client.post("/orders/", body.dump());
        ++(answer.status == 201 ? placed : failed);
        if (i == 2 && answer.status == 201 && parse(answer)["status"] == "PENDING") {
          client.post("/orders/" + std::to_string(parse(answer)["id"].get<std::int64_t>()) + "/cancel/", "");
        }
      }
    });
  }

  std::vector<ProgramResult> said;
  int placed_during = 0;
  for (int i = 0; i < 5; ++i) {
    const int before = placed;
    said.push_back(shop.command({"verify"}));
    placed_during += placed - before;
  }
  is_over = true;
  for (std::thread& customer : customers) customer.join();

  for (const ProgramResult& one : said) {
    INFO(one.out, one.err);
    CHECK(one.exit_status == 0);
    CHECK(has(one.out, "nothing is wrong: "));
  }
  CHECK(failed == 0);
  CHECK(placed_during > 0);
  CHECK(shop.command({"verify"}).exit_status == 0);
}
