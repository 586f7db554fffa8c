// The commands on a database that the program of the next version (tests/next/schema.cpp) has brought
// further, by a step that only adds: what they do, and what they say that they can't know.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shop/schema.h"
#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;

namespace {

const int kKnown = aforro::shop::schema().version;

Setting next_program(std::string_view schema = "adding") {
  return {.program = next_program_path(), .environment = {{"NEXT_SCHEMA", std::string(schema)}}};
}

struct NewerShop {
  explicit NewerShop(std::string_view schema = "adding") : database(make_database(Goods::corner, folder)) {
    const ProgramResult migrated =
        run_program({"migrate", "--database", database.string()}, next_program(schema));
    REQUIRE(migrated.exit_status == 0);
  }
  NewerShop(const NewerShop&) = delete;
  NewerShop& operator=(const NewerShop&) = delete;
  ~NewerShop() { drop_database(database); }

  ProgramResult run(std::vector<std::string> command, const Setting& program = {}) const {
    command.insert(command.end(), {"--database", database.string()});
    return run_program(command, program);
  }

  TemporaryFolder folder;
  Location database;
};

std::string left_out() {
  return "what schema " + std::to_string(kKnown + 1) + " has more than schema " + std::to_string(kKnown);
}

}  // namespace

TEST_CASE("migrate leaves a newer schema as it is, and says that it is newer") {
  const NewerShop shop;
  const ProgramResult said = shop.run({"migrate"});
  CHECK(said.exit_status == 0);
  CHECK(has(said.out, " has schema version " + std::to_string(kKnown + 1) + "\n"));
  CHECK(said.err == "note: that is of a newer version of this program, which itself knows up to " +
                        std::to_string(kKnown) + "\n");
  CHECK(parse(shop.run({"migrate", "--json"}).out)["version"] == kKnown + 1);
  const ProgramResult newer = shop.run({"migrate"}, next_program());
  CHECK(newer.exit_status == 0);
  CHECK(newer.err.empty());
}

TEST_CASE("verify says that it knows nothing of what a newer schema added") {
  const NewerShop shop;
  const ProgramResult said = shop.run({"verify"});
  CHECK(said.exit_status == 0);
  CHECK(said.out.starts_with("nothing is wrong: "));
  CHECK(has(said.err, "left out: " + left_out()));
  CHECK(has(parse(shop.run({"verify", "--json"}).out)["left_out"].dump(), left_out()));
  CHECK(!has(shop.run({"verify"}, next_program()).err, "schema"));
}

TEST_CASE("a shop of a newer schema is copied by the newer program alone, which takes all of it") {
  const NewerShop shop;
  query_texts(shop.database, "UPDATE products SET weight_grams = 350 WHERE sku = 'MUG-RED'");
  const TemporaryFolder folder;
  const Location to = free_location(folder);
  const std::vector<std::string> command{"copy", "--from", shop.database.string(), "--to", to.string()};

  const ProgramResult refused = run_program(command);
  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "the shop to copy has schema " + std::to_string(kKnown + 1)));
  CHECK(has(refused.err, "copy it by that version"));
  drop_database(to);
}

TEST_CASE("into a shop of a newer schema nothing is copied") {
  const NewerShop newer;
  const TemporaryFolder folder;
  const Location from = make_database(Goods::corner, folder);
  const ProgramResult refused =
      run_program({"copy", "--from", from.string(), "--to", newer.database.string()});
  CHECK(refused.exit_status == 1);
  CHECK(has(refused.err, "the shop to copy to has schema " + std::to_string(kKnown + 1)));
  drop_database(from);
}

TEST_CASE("orders and imports go on where the schema is newer") {
  const NewerShop shop;
  import_products(shop.database, "sku,title,price,category\nNEW-1,New Thing,1.00,Kitchen\n");
  import_inventory(shop.database, "store,sku,quantity\nNorth,NEW-1,5\n");
  const std::string store =
      std::to_string(query_number(shop.database, "SELECT id FROM stores WHERE name = 'North'"));
  const std::string item =
      std::to_string(query_number(shop.database, "SELECT id FROM products WHERE sku = 'NEW-1'")) + ":2";
  CHECK(shop.run({"order", "--store", store, "--item", item}).exit_status == 0);
  CHECK(shop.run({"verify"}, next_program()).exit_status == 0);
  check_ledger(shop.database);
}

TEST_CASE("a schema that this program must not use is refused by every command, which name the version") {
  const NewerShop shop("breaking");
  const std::string refusal = "was written by a newer version of this program (schema " +
                              std::to_string(kKnown + 2) + ", this one knows up to " +
                              std::to_string(kKnown) + "); use that version";
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"verify"}, {"migrate"}, {"search", "mug"}, {"orders", "1"}, {"work"}}) {
    CAPTURE(command.front());
    check_refused(shop.run(command), refusal);
  }
  const TemporaryFolder folder;
  const Location to = free_location(folder);
  check_refused(run_program({"copy", "--from", shop.database.string(), "--to", to.string()}), refusal);
  drop_database(to);
}

TEST_CASE("a backup of a newer schema has all of it, and says what was not verified") {
  const NewerShop shop;
  if (shop.database.is_postgres()) return;  // whose own tools make its backups
  query_texts(shop.database, "UPDATE products SET weight_grams = 350 WHERE sku = 'MUG-RED'");
  const std::string file = (shop.folder / "backup.db").string();
  const ProgramResult made = shop.run({"backup", file});
  CHECK(made.exit_status == 0);
  CHECK(has(made.out, "verified: "));
  CHECK(has(made.err, "left out: " + left_out()));

  const Location restored((shop.folder / "restored.db"));
  const ProgramResult back = run_program({"restore", file, "--database", restored.string()});
  CHECK(back.exit_status == 0);
  CHECK(has(back.err, "left out: " + left_out()));
  CHECK(query_number(restored, "SELECT weight_grams FROM products WHERE sku = 'MUG-RED'") == 350);
  CHECK(run_program({"verify", "--database", restored.string()}, next_program()).exit_status == 0);
}
