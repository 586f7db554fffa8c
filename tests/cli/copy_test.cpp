// `aforro copy` as it is called, from file to file; between the engines: copy_postgres_test.cpp.
#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

ProgramResult copy(const std::string& from, const std::string& to, std::vector<std::string> more = {}) {
  std::vector<std::string> command{"copy", "--from", from, "--to", to};
  command.insert(command.end(), more.begin(), more.end());
  return run_program(command);
}

}  // namespace

TEST_CASE("a shop is copied beside its server, and the copy is served and goes on") {
  Shop shop(Goods::corner);
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 3}});
  const std::string first = shop.client().post("/orders/", order).body;
  const TemporaryFolder folder;
  const std::string to = (folder / "copy.db").string();

  const ProgramResult done = copy(shop.database().string(), to);
  CHECK(done.exit_status == 0);
  CHECK(has(done.out, "orders\t1\tthe same\n"));
  CHECK(!has(done.out, "DIFFERS"));
  CHECK(has(done.err, "log"));

  Server server{Location(std::filesystem::path(to))};
  HttpClient client(server.port());
  CHECK(client.get("/orders/1/").body == first);
  CHECK(client.post("/orders/", order).header("Location") == "/orders/2/");
  CHECK(run_program({"verify", "--database", to}).exit_status == 0);
}

TEST_CASE("what copy did is told as a document") {
  const TemporaryFolder folder;
  const std::string from = make_database(Goods::corner, folder).string();
  const ProgramResult done = copy(from, (folder / "copy.db").string(), {"--json"});
  CHECK(done.exit_status == 0);
  const json document = json::parse(done.out);
  CHECK(document["fault_count"] == 0);
  CHECK(document["seconds"] > 0);
  bool has_products = false;
  for (const json& table : document["tables"]) {
    CHECK(table["is_the_same"] == true);
    if (table["name"] == "products") has_products = table["rows"] == 12;
  }
  CHECK(has_products);
}

TEST_CASE("copy refuses what it can't do, and leaves both as they were") {
  const TemporaryFolder folder;
  const std::string shop = make_database(Goods::corner, folder).string();
  const std::string other = (folder / "other.db").string();
  check_refused(copy((folder / "none.db").string(), other), "none.db");
  CHECK(has(copy((folder / "none.db").string(), other).err, "--from"));
  CHECK(!std::filesystem::exists(other));
  CHECK(copy(shop, shop).exit_status == 2);
  CHECK(copy(shop, (folder / "." / "aforro.db").string()).exit_status == 2);
  REQUIRE(copy(shop, other).exit_status == 0);
  check_refused(copy(shop, other), "already");
  const ProgramResult wrong = copy("mysql://ada:sesame@h/d", other);
  CHECK(wrong.exit_status == 2);
  CHECK(has(wrong.err, "--from"));
  CHECK(!has(wrong.err, "sesame"));
  CHECK(run_program({"copy", "--from", shop}).exit_status == 2);
  CHECK(run_program({"verify", "--database", other}).exit_status == 0);
}
