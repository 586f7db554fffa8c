// A shop copied to another database is the same shop. The source is on the engine that this run is for; the
// target on each that there is.
#include "copy/shop_copy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/problem.h"
#include "copy/tables.h"
#include "seed/seed.h"
#include "shop/order_book.h"
#include "support/engine.h"
#include "support/failing_database.h"
#include "support/invariants.h"
#include "support/lively_shop.h"
#include "support/refusal.h"
#include "support/source_tree.h"
#include "support/test_database.h"

namespace {

using namespace aforro;        // NOLINT: of several parts
using namespace aforro::test;  // NOLINT

std::vector<Engine> targets() {
  if (engine() == Engine::postgres) return {Engine::sqlite, Engine::postgres};
  return {Engine::sqlite};
}

constexpr auto kNobodyLooks = [](std::int64_t, std::int64_t) {};

std::map<std::string_view, std::int64_t> rows_of(const std::vector<copy::CopiedTable>& copied) {
  std::map<std::string_view, std::int64_t> rows;
  for (const copy::CopiedTable& table : copied) rows.emplace(table.name, table.rows);
  return rows;
}

bool is_the_same(const std::vector<copy::CopiedTable>& copied) {
  return !copied.empty() && std::all_of(copied.begin(), copied.end(),
                                        [](const copy::CopiedTable& table) { return table.is_the_same; });
}

// The hashes of all tables, by copying once more.
std::map<std::string_view, std::string> hashes_of(sql::Database& database) {
  const TestDatabase elsewhere(Engine::sqlite);
  std::map<std::string_view, std::string> hashes;
  for (const copy::CopiedTable& table : copy::copy_shop(database, *elsewhere, kNobodyLooks)) {
    hashes.emplace(table.name, table.hash);
  }
  return hashes;
}

std::string faults_in(const TestDatabase& database) {
  const auto search = database.make_search();
  return in_lines(faults_of(verify::check_shop(*database, *search, kNobodyLooks)));
}

bool is_empty(sql::Database& database) {
  return database.read([](sql::Connection& connection) {
    return std::all_of(copy::tables().begin(), copy::tables().end(), [&](const copy::Table& table) {
      if (table.name == "vocabulary") return connection.maybe_integer(table.count) == 1;
      return table.name == "catalogue" || connection.maybe_integer(table.count) == 0;
    });
  });
}

void add_odd_rows(LivelyShop& shop) {
  shop.database->write([](sql::Connection& connection) {
    connection.run(
        "INSERT INTO jobs (kind, payload, state, run_at, attempts, last_error, created_at, period)"
        " VALUES ('odd', $1, 'dead', 1, 3, $2, 1, NULL)",
        {"", "a\tb\n\xF0\x9F\x91\x9F'\"\\"});
    connection.run(
        "INSERT INTO jobs (kind, payload, state, run_at, created_at, period)"
        " VALUES ('often', '1', 'waiting', 9223372036854775807, -5, 60000000)");
  });
}

}  // namespace

TEST_CASE("a copy has every row, its verification finds nothing, and its search the same") {
  for (const Engine target_engine : targets()) {
    CAPTURE(static_cast<int>(target_engine));
    LivelyShop shop;
    add_odd_rows(shop);
    const TestDatabase target(target_engine);
    const auto copied = copy::copy_shop(*shop.database, *target, kNobodyLooks);
    CHECK(is_the_same(copied));
    const auto rows = rows_of(copied);
    CHECK(rows.at("orders") == 7);
    CHECK(rows.at("order_lines") == 8);
    CHECK(rows.at("movements") == 15);
    CHECK(rows.at("users") == 1);
    CHECK(rows.at("idempotency_keys") == 1);
    CHECK(rows.at("inventory") == 3);
    CHECK(rows.at("jobs") >= 2);
    CHECK(rows.at("synonyms") == 2);     // one that goes both ways
    CHECK(rows.at("vocabulary") == 14);  // one of them for all products
    CHECK(faults_in(target) == "");
    CHECK(broken_invariants(*target, target_engine).empty());
    CHECK((hashes_of(*target) == hashes_of(*shop.database)));
  }
}

TEST_CASE("the copy goes on where the shop was: no id is given again, and no order taken twice") {
  for (const Engine target_engine : targets()) {
    LivelyShop shop;
    // The last of them are gone.
    shop.database->write([](sql::Connection& connection) {
      connection.run(
          "INSERT INTO users (username, username_key, password_hash, is_superuser, created_at)"
          " VALUES ('eve', 'eve', 'x', 0, 1)");
      connection.run("DELETE FROM users WHERE username = 'eve'");
      connection.run(
          "INSERT INTO jobs (kind, payload, state, run_at, created_at)"
          " VALUES ('gone', '', 'dead', 1, 1)");
      connection.run("DELETE FROM jobs");
    });
    const TestDatabase target(target_engine);
    CHECK(is_the_same(copy::copy_shop(*shop.database, *target, kNobodyLooks)));
    const auto last_ids = [](sql::Database& database) {
      return database.read([](sql::Connection& connection) {
        std::map<std::string_view, std::int64_t> ids;
        for (const copy::Table& table : copy::tables()) {
          if (!table.ids.view().empty()) ids.emplace(table.name, connection.last_id(table.ids));
        }
        return ids;
      });
    };
    CHECK((last_ids(*target) == last_ids(*shop.database)));
    shop::OrderBook orders(*target, shop.clock, [] {});
    const shop::Order order =
        orders.place(shop.north, shop::Basket::of(std::vector<shop::BasketLine>{{shop.mug, 1}}), std::nullopt,
                     std::nullopt);
    CHECK(order.id.value() == 8);
  }
}

TEST_CASE("a shop of many pages is copied as it is") {
  const TestDatabase source;
  const HeldClock clock;
  seed::fill(*source, {.categories = 5, .products = 2'500, .stores = 3, .rows_per_store = 1'500}, clock,
             kNobodyLooks);
  for (const Engine target_engine : targets()) {
    const TestDatabase target(target_engine);
    std::int64_t seen = 0;
    std::int64_t all = 0;
    const auto copied = copy::copy_shop(*source, *target, [&](std::int64_t done, std::int64_t of) {
      CHECK(done > seen);
      seen = done;
      all = of;
    });
    CHECK(seen == all);
    CHECK(is_the_same(copied));
    CHECK(rows_of(copied).at("products") == 2'500);
    CHECK(rows_of(copied).at("inventory") == 4'500);
    CHECK(faults_in(target) == "");
  }
}

TEST_CASE("a copy that breaks off at any statement is there whole or not at all") {
  LivelyShop shop;
  const auto wanted = hashes_of(*shop.database);
  for (const Engine target_engine : targets()) {
    int left_nothing = 0;
    bool has_failed = true;
    for (int nth = 1; has_failed; ++nth) {
      CAPTURE(nth);
      const TestDatabase target(target_engine);
      FailingDatabase failing(*target, Injection{.where = Injection::Where::after_statement,
                                                 .what = Injection::What::unavailable,
                                                 .nth = nth,
                                                 .fails = Fails::from_then_on});
      try {
        copy::copy_shop(*shop.database, failing, kNobodyLooks);
      } catch (const Unavailable&) {
        REQUIRE(failing.has_failed());
      }
      has_failed = failing.has_failed();
      if (is_empty(*target)) {
        ++left_nothing;
        CHECK(is_the_same(copy::copy_shop(*shop.database, *target, kNobodyLooks)));
      }
      CHECK((hashes_of(*target) == wanted));  // where it broke off afterwards, too
    }
    CHECK(left_nothing >= 20);
    // As after a conflict on PostgreSQL.
    const TestDatabase target(target_engine);
    FailingDatabase again(*target, Injection{.where = Injection::Where::run_again,
                                             .what = Injection::What::unavailable,
                                             .nth = 1,
                                             .fails = Fails::once});
    CHECK(is_the_same(copy::copy_shop(*shop.database, again, kNobodyLooks)));
    CHECK(again.has_failed());
  }
}

TEST_CASE("a difference is seen") {
  LivelyShop shop;
  const TestDatabase target;
  FailingDatabase losing(*target, Injection{.where = Injection::Where::left_out,
                                            .what = Injection::What::unavailable,
                                            .nth = 3,
                                            .fails = Fails::once});
  bool is_seen = false;
  try {
    is_seen = !is_the_same(copy::copy_shop(*shop.database, losing, kNobodyLooks));
  } catch (const sql::ConstraintViolation&) {
    is_seen = true;  // what was left out was referred to
  }
  CHECK(losing.has_failed());
  CHECK(is_seen);
}

TEST_CASE("a shop with rows that no shop has is not copied without them") {
  LivelyShop shop;
  shop.damage("INSERT INTO stores (id, name, name_key, location) VALUES (0, 'Zero', 'zero', '')");
  const TestDatabase target;
  const auto problem = problem_of([&] { copy::copy_shop(*shop.database, *target, kNobodyLooks); });
  REQUIRE(problem);
  CHECK(problem->detail().find("stores") != std::string::npos);
  CHECK(is_empty(*target));
}

TEST_CASE("a shop is copied into an empty one alone") {
  LivelyShop shop;
  for (const Engine target_engine : targets()) {
    const TestDatabase target(target_engine);
    target->write([](sql::Connection& connection) {
      connection.run("INSERT INTO stores (name, name_key, location) VALUES ('A', 'a', '')");
    });
    const auto problem = problem_of([&] { copy::copy_shop(*shop.database, *target, kNobodyLooks); });
    REQUIRE(problem);
    CHECK(problem->kind() == Problem::Kind::conflict);
    CHECK(problem->detail().find("stores") != std::string::npos);
  }
  const auto itself = problem_of([&] { copy::copy_shop(*shop.database, *shop.open_again(), kNobodyLooks); });
  CHECK(itself);
}

TEST_CASE("copy knows every table and every column of the schema") {
  const TestDatabase database;
  std::map<std::string, std::size_t> columns;
  database->read([&](sql::Connection& connection) {
    const auto count = [&](const sql::Row& row) { ++columns[std::string(row.text(0))]; };
    if (engine() == Engine::postgres) {
      connection.query(
          "SELECT CAST(table_name AS TEXT) FROM information_schema.columns"
          " WHERE table_schema = 'public' AND is_generated = 'NEVER'",
          {}, count);
    } else {
      connection.query(
          "SELECT t.name FROM sqlite_master t, pragma_table_xinfo(t.name) c WHERE t.type = 'table'"
          " AND t.sql NOT LIKE 'CREATE VIRTUAL%' AND c.hidden = 0",
          {}, count);
    }
  });
  // What the engines keep for themselves, and what follows from the products.
  std::erase_if(columns, [](const auto& entry) {
    const std::string& name = entry.first;
    return name == "schema_version" || name == "log_stamp" || name.starts_with("sqlite_") ||
           name.starts_with("product_words_") || name.starts_with("title_trigrams_") ||
           name.starts_with("paired_titles_");
  });
  std::map<std::string, std::size_t> known;
  for (const copy::Table& table : copy::tables()) known.emplace(table.name, table.types.size());
  for (const auto& column : columns) {
    CAPTURE(column.first);
    CHECK(known[column.first] == column.second);
  }
  CHECK(known.size() == columns.size());
}

TEST_CASE("verify looks at every table but those that only it could be wrong about") {
  // backup copies all pages of a file, whatever tables are in them.
  const std::map<std::string_view, std::string> unlooked = {
      {"catalogue", "a counter, of which any number is right"},
      {"jobs", "what is to be done, which nothing else says"},
  };
  std::string all;
  for (const SourceFile& file : sources_below(AFORRO_SOURCE, {"lib/verify"})) all += file.text + '\n';
  for (const copy::Table& table : copy::tables()) {
    CAPTURE(table.name);
    const bool is_read = all.find("FROM " + std::string(table.name)) != std::string::npos ||
                         all.find("JOIN " + std::string(table.name)) != std::string::npos;
    CHECK(is_read != unlooked.contains(table.name));
  }
}
