#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/database_file.h"
#include "support/json.h"
#include "support/program.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

// Where there is no database yet.
struct Place {
  TemporaryFolder folder;
  Location database = free_location(folder);
};

ProgramResult seed(const Place& place, std::vector<std::string> options = {}) {
  options.insert(options.begin(), {"seed", "--database", place.database.string()});
  return run_program(options);
}

// Everything that a customer could see, so that two shops can be compared.
std::vector<std::string> contents(const Place& place) {
  std::vector<std::string> all;
  for (const char* const sql : {"SELECT id || name FROM categories ORDER BY id",
                                "SELECT id || title || description || price_minor || category_id || "
                                "coalesce(sku, '') FROM products ORDER BY id",
                                "SELECT id || name || location FROM stores ORDER BY id",
                                "SELECT store_id || ':' || product_id || ':' || quantity FROM inventory "
                                "ORDER BY store_id, product_id"}) {
    const auto rows = query_texts(place.database, sql);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace

TEST_CASE("seed fills an empty database with a believable shop whose ledger adds up") {
  const Place place;
  const ProgramResult result = seed(place);
  CHECK(result.exit_status == 0);
  CHECK(result.err.empty());
  CHECK(std::count(result.out.begin(), result.out.end(), '\n') == 1);
  CHECK(query_number(place.database, "SELECT count(*) FROM categories") >= 12);
  CHECK(query_number(place.database, "SELECT count(*) FROM products") == 1'200);
  CHECK(query_number(place.database, "SELECT count(DISTINCT title) FROM products") > 1'000);
  CHECK(query_number(place.database, "SELECT count(*) FROM products WHERE description = ''") == 0);
  CHECK(query_number(place.database, "SELECT count(DISTINCT created_at) FROM products") == 1'200);
  CHECK(query_number(place.database, "SELECT count(*) FROM stores") == 24);
  CHECK(query_numbers(
            place.database,
            "SELECT DISTINCT n FROM (SELECT count(*) AS n FROM inventory GROUP BY store_id) AS counted") ==
        std::vector<std::int64_t>{400});
  CHECK(query_number(place.database, "SELECT count(*) FROM inventory WHERE quantity = 0") > 0);
  check_ledger(place.database);
}

TEST_CASE("the same random seed makes the same shop, another one another") {
  const Place one;
  const Place same;
  const Place other;
  CHECK(seed(one, {"--random-seed", "7"}).exit_status == 0);
  CHECK(seed(same, {"--random-seed", "7"}).exit_status == 0);
  CHECK(seed(other, {"--random-seed", "8"}).exit_status == 0);
  CHECK(contents(one) == contents(same));
  CHECK(contents(one) != contents(other));
}

TEST_CASE("a shop that has something is left as it is, which is said and no failure") {
  const Place place;
  CHECK(seed(place).exit_status == 0);
  const auto before = contents(place);
  const ProgramResult again = seed(place, {"--random-seed", "9", "--products", "5", "--rows-per-store", "5"});
  CHECK(again.exit_status == 0);
  CHECK((again.out + again.err).find("nothing was changed") != std::string::npos);
  CHECK(contents(place) == before);
  const json said = parse(seed(place, {"--json"}).out);
  CHECK(said["seeded"] == false);
}

TEST_CASE("seed makes as much as is asked for and says so in JSON") {
  const Place place;
  const ProgramResult result = seed(
      place, {"--categories", "3", "--products", "50", "--stores", "2", "--rows-per-store", "20", "--json"});
  CHECK(result.exit_status == 0);
  CHECK(result.err.empty());
  CHECK(parse(result.out) ==
        json{{"seeded", true}, {"categories", 3}, {"products", 50}, {"stores", 2}, {"rows_per_store", 20}});
  CHECK(query_number(place.database, "SELECT count(*) FROM products") == 50);
  CHECK(query_number(place.database, "SELECT count(*) FROM inventory") == 40);
  check_ledger(place.database);
}

TEST_CASE("seed --uniform makes every store alike") {
  const Place place;
  CHECK(seed(place, {"--uniform"}).exit_status == 0);
  CHECK(query_numbers(place.database, "SELECT DISTINCT quantity FROM inventory") ==
        std::vector<std::int64_t>{100'000'000});
  CHECK(query_number(place.database, "SELECT max(product_id) FROM inventory") == 400);
  CHECK(query_number(place.database, "SELECT count(*) FROM inventory") == 24 * 400);
  check_ledger(place.database);
}

TEST_CASE("a plan that can't be is refused and makes nothing") {
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{"--products", "10", "--rows-per-store", "11"},
        {"--products", "0"},
        {"--stores", "0"},
        {"--categories", "0"},
        {"--rows-per-store", "0"},
        {"--products", "9223372036854775807"},
        {"--stores", "9223372036854775807"},
        {"--categories", "9223372036854775807"},
        {"--products", "-5"}}) {
    CAPTURE(options[1]);
    const Place place;
    const ProgramResult result = seed(place, options);
    INFO("it wrote: ", result.err);
    CHECK((result.exit_status == 1 || result.exit_status == 2));
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK(!is_made(place.database));
  }
}
