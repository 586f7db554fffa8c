// Looks at how SQLite carries out every statement of the program: none may read through a table that grows,
// but for those listed here with the reason. The statements are not copied: the parts are used in every way
// there is, SQLite tells what they said, and the sources are searched for any that was not heard.
#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/users.h"
#include "copy/shop_copy.h"
#include "copy/tables.h"
#include "jobs/queue.h"
#include "search/product_search.h"
#include "seed/seed.h"
#include "shop/examples.h"
#include "shop/ledger.h"
#include "shop/order_book.h"
#include "shop/stock_operations.h"
#include "shop/synonyms.h"
#include "shop/upkeep.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/older_schema.h"
#include "support/statement_log.h"
#include "support/temporary_folder.h"
#include "support/test_database.h"
#include "verify/verification.h"

namespace {

namespace fs = std::filesystem;
using namespace aforro;        // NOLINT: all parts are used
using namespace aforro::shop;  // NOLINT
using test::LocalShop;

// --- The parts, used in every way ------------------------------------------------------------------

void search_every_way(search::ProductSearch& search) {
  using Choices = std::vector<ParameterList>;
  const Choices words{{}, {{"q", "wireless headphones"}}};
  const Choices categories{{}, {{"category", "Audio"}}, {{"category", "Shoes"}, {"category", "2"}}};
  // Few match the last, all the others.
  const Choices prices{{},
                       {{"min_price", "1"}},
                       {{"max_price", "9000"}},
                       {{"min_price", "1"}, {"max_price", "9000"}},
                       {{"min_price", "1200"}}};
  const Choices stocks{
      {}, {{"store_id", "1"}}, {{"in_stock", "yes"}}, {{"store_id", "1"}, {"in_stock", "yes"}}};
  const Choices sorts{{{"sort", "relevance"}},
                      {{"sort", "newest"}},
                      {{"sort", "price"}},
                      {{"sort", "-price"}},
                      {{"sort", "title"}}};
  for (const ParameterList& q : words) {
    for (const ParameterList& category : categories) {
      for (const ParameterList& price : prices) {
        for (const ParameterList& stock : stocks) {
          for (const ParameterList& sort : sorts) {
            ParameterList all{{"facets", "category,price"}};
            for (const ParameterList* some : {&q, &category, &price, &stock, &sort}) {
              all.insert(all.end(), some->begin(), some->end());
            }
            search.search(search::parse_search(all));
          }
        }
      }
    }
  }
  for (const char* text : {"wireless head", "eadphone", "c++", "赤い"})
    search.suggest(search::parse_suggest({{"q", text}}));
}

void order_every_way(LocalShop& shop) {
  OrderBook orders(*shop.database, shop.clock, [] {});
  const auto render = [](const Order&) { return std::string("answer"); };
  shop.inventory.set(
      std::array{StockCount{StoreId(1), ProductId(1), 9}, StockCount{StoreId(1), ProductId(2), 9}});
  for (const std::int64_t quantity : {1, 1'000'000}) {
    const Basket basket =
        Basket::of(std::array{BasketLine{ProductId(1), quantity}, BasketLine{ProductId(2), 1}});
    orders.place(StoreId(1), basket, std::nullopt);
    const std::string key = std::to_string(quantity);
    for (int i = 0; i < 2; ++i) orders.place(StoreId(1), basket, std::nullopt, {key, "request", render});
  }
  orders.find(OrderId(1));
  noted_statuses(*shop.database, std::array{OrderId(1)});
  // Reservations: one confirmed, one cancelled, one due when an order comes, one when a sweep does.
  const Basket one = Basket::of(std::array{BasketLine{ProductId(1), 1}});
  for (std::int64_t i = 0; i < 2; ++i) {
    const auto hold = [&] { return orders.place(StoreId(1), one, std::nullopt, std::chrono::seconds(1)).id; };
    orders.confirm(hold());
    orders.cancel(hold());
    hold();
    shop.clock.advance(std::chrono::seconds(2));
    if (i == 0) {
      orders.place(StoreId(1), one, std::nullopt, {"after one due", "request", render});
    } else {
      CHECK(orders.expire_due(10) == 1);
    }
  }
  const OrderCursor cursor{shop.clock.now(), OrderId(3)};
  std::vector<std::optional<OrderStatus>> statuses{std::nullopt};
  statuses.insert(statuses.end(), kOrderStatuses.begin(), kOrderStatuses.end());
  for (const auto& status : statuses) {
    for (const auto& after : {std::optional<OrderCursor>(), std::optional(cursor)}) {
      orders.list(StoreId(1), status, after, 10);
    }
  }
}

void ledger_every_way(LocalShop& shop) {
  Ledger(*shop.database).list(StoreId(1), std::nullopt, 10);
  Ledger(*shop.database).list(StoreId(1), 5, 10);
}

void stock_every_way(LocalShop& shop) {
  const InventoryCursor cursor{"m", ProductId(1)};
  for (const auto& at_most : {std::optional<std::int64_t>(), std::optional<std::int64_t>(5)}) {
    for (const auto& after : {std::optional<InventoryCursor>(), std::optional(cursor)}) {
      for (const auto& limit : {std::optional<std::int64_t>(), std::optional<std::int64_t>(5)}) {
        shop.inventory.list(StoreId(1), {at_most, after, limit});
      }
    }
  }
  shop.inventory.version(StoreId(1));
  const StoreId new_store = shop.catalogue.create_store("New", "Somewhere");
  const std::array counts{StockCount{new_store, ProductId(1), 5}, StockCount{new_store, ProductId(1), 6}};
  shop.inventory.preview(counts);
  shop.inventory.set(counts);
  StockOperations(*shop.database, shop.clock).receive(new_store, std::array{Goods{ProductId(2), 1}});
}

void catalogue_every_way(LocalShop& shop) {
  shop.catalogue.categories();
  shop.catalogue.stores();
  shop.catalogue.find_product(ProductId(1));
  shop.catalogue.find_products(std::array<ProductName, 2>{ProductId(1), std::string("NEW")});
  shop.catalogue.find_store("new");
  shop.catalogue.for_each_sku([](std::string_view) {});
  for (const char* title : {"One", "Another"}) {
    const std::array entries{ProductEntry{
        .sku = "NEW", .title = title, .description = {}, .price = Money::from_minor(1), .category = "New"}};
    shop.catalogue.preview_products(entries);
    shop.catalogue.put_products(entries);
  }
  shop.catalogue.change_products(std::array{ProductChange{.id = ProductId(1), .title = "Changed"}});
}

void queue_every_way(LocalShop& shop) {
  jobs::Queue queue(*shop.database, shop.clock);
  shop.database->write([&](sql::Connection& connection) {
    for (int i = 0; i < 4; ++i) jobs::enqueue(connection, "kind", "payload", shop.clock.now());
  });
  const std::vector<std::string> kinds{std::string(kConfirmationJob), "kind", "tidy"};
  CHECK(queue.have_due(kinds) == std::vector<bool>{true, true, false});
  CHECK(queue.has_due("kind"));
  const std::vector<jobs::Job> first = queue.claim("kind", 1);
  CHECK(queue.renew(std::array{jobs::Renewal{first.at(0), shop.clock.now() + jobs::kLease}}) ==
        std::vector<bool>{true});
  queue.finish({.done = first, .failed = {}, .not_begun = queue.claim("kind", 1)});
  // Of the others every second one fails each time, the rest are lost.
  for (std::int64_t attempt = 1; attempt <= jobs::kMaxAttempts + 1; ++attempt) {
    shop.clock.advance(std::chrono::hours(2));
    for (auto jobs = queue.claim("kind", 10); !jobs.empty(); jobs = queue.claim("kind", 10)) {
      if (jobs.at(0).id % 2 == 0) queue.finish({.done = {}, .failed = {{jobs.at(0), "no"}}, .not_begun = {}});
    }
  }
  const std::vector<jobs::Periodic> periodic{{"tidy", std::chrono::hours(1)}};
  queue.keep(periodic);
  queue.finish({.done = queue.claim("tidy", 1), .failed = {}, .not_begun = {}});
  queue.keep(periodic);
  for (std::int64_t attempt = 0; attempt <= jobs::kMaxAttempts; ++attempt) {
    shop.clock.advance(std::chrono::hours(2));
    queue.claim("tidy", 1);
  }
  const std::vector<jobs::JobRecord> dead = queue.list(2);
  queue.retry(dead.at(0).id);
  CHECK_THROWS(queue.discard(dead.at(0).id));
  queue.prune(10);
}

void verify_every_way(LocalShop& shop, const search::ProductSearch& search) {
  const auto verify_all = [&] {
    return verify::check_shop(*shop.database, search, [](std::int64_t, std::int64_t) {});
  };
  CHECK(verify_all().is_clean());
  shop.database->write([](sql::Connection& connection) {
    connection.run("UPDATE orders SET status = 'CANCELLED' WHERE id = $1", {1});
  });
  CHECK(!verify_all().is_clean());
}

// Leaves three products in stock.
void empty_the_shelves(LocalShop& shop, std::int64_t stores) {
  for (std::int64_t store = 1; store <= stores; ++store) {
    std::vector<StockCount> counts;
    for (const InventoryRow& row : shop.inventory.list(StoreId(store), {}).page.rows) {
      if (row.product.value() > 3) counts.push_back({StoreId(store), row.product, 0});
    }
    shop.inventory.set(counts);
  }
}

void search_for_what_is_not_plain(search::ProductSearch& search) {
  for (const char* text :
       {"***", "AUD-00001", "phone", "eadphon", "靴", "靴屋", "靴屋の看板", "靴屋 看板", "zz hone", "many",
        "very many", "haedphones", "head phones", "headphones nowhere"}) {
    for (const char* sort : {"relevance", "price"}) {
      search.search(search::parse_search({{"q", text}, {"sort", sort}, {"facets", "category,price"}}));
    }
  }
  for (const char* text : {"head", "haedph", "eadphon", "靴屋", "靴屋の看板", "***"}) {
    search.suggest(search::parse_suggest({{"q", text}}));
  }
}

void synonyms_every_way(LocalShop& shop, search::ProductSearch& search) {
  Synonyms synonyms(*shop.database);
  for (int i = 0; i < 2; ++i) {
    synonyms.add(parse_synonym("headphones", "earbuds"), Ways::both);
    synonyms.add(parse_synonym("wireless speaker", "loudspeaker"), Ways::one);
  }
  CHECK(synonyms.list().size() == 2);
  for (const char* text : {"headphones", "wireless speaker", "headphone eadphon", "headphones nowhere"}) {
    search.search(search::parse_search({{"q", text}}));
  }
  synonyms.remove(parse_synonym("wireless speaker", "loudspeaker"), Ways::both);
}

// So many that not all are counted.
void search_among_many() {
  LocalShop shop;
  seed::fill(*shop.database, {.products = 10'001, .stores = 1, .rows_per_store = 1}, shop.clock,
             [](std::int64_t, std::int64_t) {});
  const auto search = search::make_fts5_search(*shop.database);
  search->search(search::parse_search({{"facets", "category,price"}}));
  // Everywhere, and in one of twenty.
  for (const char* text : {"the", "terracotta"}) {
    for (const char* sort : {"newest", "price", "-price", "title"}) {
      search->search(search::parse_search({{"q", text}, {"sort", sort}}));
    }
  }
}

// As the program of an earlier version left it, with names that it folded otherwise.
void bring_up_from_version_2(LocalShop& shop) {
  test::take_back_to_version_2(shop.location);
  for (const std::string what :
       {"categories SET name_key", "stores SET name_key", "users SET username_key"}) {
    test::query_texts(shop.location, "UPDATE " + what + " = 'as once' WHERE id = 1");
  }
  test::query_texts(shop.location, "UPDATE products SET title_key = 'as once' WHERE id = 1");
  shop.open_again();
}

// What is written to another shop is asked of this one's schema, which is the same.
void copy_elsewhere(LocalShop& shop) {
  const test::TestDatabase other(test::Engine::sqlite);
  copy::copy_shop(*shop.database, *other, [](std::int64_t, std::int64_t) {});
}

void use_everything(LocalShop& shop) {
  const seed::Plan plan{.stores = 3};
  for (int i = 0; i < 2; ++i) seed::fill(*shop.database, plan, shop.clock, [](std::int64_t, std::int64_t) {});
  const auto search = search::make_fts5_search(*shop.database);
  search_every_way(*search);
  shop.add({.title = "Headphones Zz"});
  shop.add({.title = "靴屋の看板"});
  search_for_what_is_not_plain(*search);
  shop.catalogue.put_products(std::vector<shop::ProductEntry>(
      1'100, {.sku = {}, .title = "Very Many", .description = {}, .price = Money(), .category = "Many"}));
  search_for_what_is_not_plain(*search);
  synonyms_every_way(shop, *search);
  find_examples(*shop.database);
  order_every_way(shop);
  ledger_every_way(shop);
  stock_every_way(shop);
  catalogue_every_way(shop);
  queue_every_way(shop);
  accounts::Users(*shop.database, shop.clock).create_superuser("ada", std::nullopt, "12345678");
  copy_elsewhere(shop);
  sweep_keys(*shop.database, shop.clock);
  empty_the_shelves(shop, plan.stores);
  search_every_way(*search);
  search_among_many();
  verify_every_way(shop, *search);
  bring_up_from_version_2(shop);
}

// --- How SQLite carries them out -------------------------------------------------------------------

bool grows(const std::string& table) {
  static const std::set<std::string> kGrowing{"products",         "inventory", "orders",
                                              "order_lines",      "movements", "jobs",
                                              "idempotency_keys", "users",     "vocabulary"};
  // The search indexes keep their words in tables of their own.
  const bool is_of_index = table.starts_with("product_words") || table.starts_with("title_trigrams") ||
                           table.starts_with("paired_titles");
  return kGrowing.contains(table) || (is_of_index && !table.ends_with("_config"));
}

// The table that each name stands for in the statement.
std::map<std::string, std::string> tables_of(const std::string& statement) {
  static const std::regex kTable("(?:FROM|JOIN|INTO|UPDATE)\\s+(\\w+)(?:\\s+(?:AS\\s+)?(\\w+))?");
  std::map<std::string, std::string> tables;
  for (std::sregex_iterator it(statement.begin(), statement.end(), kTable), end; it != end; ++it) {
    tables[(*it)[1]] = (*it)[1];
    tables[(*it)[2]] = (*it)[1];  // a keyword, where there is no name: harmless
  }
  return tables;
}

std::vector<std::string> plan_of(SQLite::Database& database, const std::string& statement) {
  SQLite::Statement explain(database, "EXPLAIN QUERY PLAN " + statement);
  std::vector<std::string> steps;
  while (explain.executeStep()) steps.push_back(explain.getColumn(3).getString());
  return steps;
}

// True if the step of a plan reads all of a table that grows, or of an index on it.
bool reads_through(const std::string& step, const std::string& statement) {
  if (step.find("AUTOMATIC") != std::string::npos)
    return true;  // an index made on the spot, of the whole table
  static const std::regex kScan("SCAN (?:main\\.)?(\\w+)(?: VIRTUAL TABLE INDEX \\d+:(.*))?.*");
  std::smatch parts;
  if (!std::regex_match(step, parts, kScan)) return false;
  if (parts[2].length() > 0) return false;  // a search index that was asked for something
  const auto tables = tables_of(statement);
  const auto found = tables.find(parts[1]);
  return grows(found == tables.end() ? parts[1].str() : found->second);
}

// A statement that may read through a table: its beginning, what else is in it, and the step of its plan.
struct Allowed {
  std::string_view begins;
  std::string_view has;
  std::string_view step;
  const char* reason;
};

constexpr Allowed kAllowed[] = {
    {"SELECT 1 FROM products LIMIT 1", "", "SCAN products USING COVERING INDEX",
     "asks whether there is any, and stops at the first"},
    {"SELECT 1 FROM users LIMIT 1", "", "SCAN users", "the same"},
    {"SELECT 1 FROM inventory LIMIT 1", "", "SCAN inventory", "the same"},
    {"SELECT 1 FROM orders LIMIT 1", "", "SCAN orders", "the same"},
    {"SELECT 1 FROM order_lines LIMIT 1", "", "SCAN order_lines", "the same"},
    {"SELECT 1 FROM movements LIMIT 1", "", "SCAN movements", "the same"},
    {"SELECT 1 FROM idempotency_keys LIMIT 1", "", "SCAN idempotency_keys", "the same"},
    {"SELECT id FROM orders ORDER BY id DESC LIMIT 1", "", "SCAN orders", "reads the last"},
    {"SELECT id, title FROM products ORDER BY id LIMIT 1", "", "SCAN products", "reads the first"},
    {"SELECT store_id, product_id FROM (SELECT", "LIMIT 200)", "SCAN inventory", "looks at 200 shelves"},
    {"INSERT INTO paired_titles (rowid, title_pairs) SELECT", "", "SCAN products",
     "fills an index of an older shop, once"},
    {"SELECT count(*) FROM (SELECT 1 FROM products p", "WHERE 1 = 1 LIMIT $5)", "SCAN p USING COVERING INDEX",
     "counts all products, no further than 10,001"},
    {"SELECT count(*) FROM (SELECT 1 FROM products p",
     "WHERE 1 = 1 AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0) LIMIT "
     "$5)",
     "SCAN p USING COVERING INDEX",
     "counts what is in stock anywhere, no further than 10,001; a large shop that has run out of nearly"
     " everything pays a look at the stock of each product"},
    {"SELECT c.name, found.products FROM (SELECT category_id, count(*) AS products FROM (SELECT "
     "p.category_id ",
     "WHERE 1 = 1 LIMIT $5)", "SCAN p USING COVERING INDEX", "counts all products, no further than 10,001"},
    {"SELECT c.name, found.products FROM (SELECT category_id, count(*) AS products FROM (SELECT "
     "p.category_id ",
     "WHERE 1 = 1 AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0) LIMIT "
     "$5)",
     "SCAN p USING COVERING INDEX",
     "counts what is in stock anywhere, as the count of all that was found does"},
    {"SELECT ", "FROM products ORDER BY created_at DESC, id DESC LIMIT 100000) n",
     "SCAN products USING COVERING INDEX products_by_age", "counts some of the newest products"},
    {"SELECT p.id, ", " LIMIT CAST($17 AS INTEGER)) n CROSS JOIN products p ON p.id = n.id",
     "SCAN products USING COVERING INDEX products_by_", "passes as many products as were asked for"},
    {"SELECT price_minor, count(*) FROM (SELECT p.price_minor ", "WHERE 1 = 1 LIMIT $5)",
     "SCAN p USING COVERING INDEX", "counts all products, no further than 10,001"},
    {"SELECT price_minor, count(*) FROM (SELECT p.price_minor ",
     "WHERE 1 = 1 AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0) LIMIT "
     "$5)",
     "SCAN p USING COVERING INDEX",
     "counts what is in stock anywhere, as the count of all that was found does"},
    {"SELECT id, kind, payload, state, run_at", "FROM jobs WHERE state = ", "SCAN jobs USING INDEX jobs_d",
     "lists what whoever looks after the jobs asked for, no further than their limit"},
    {"SELECT p.id, ", " FROM products p INDEXED BY products_by_", "SCAN p USING INDEX products_by_",
     "reads in the order asked for until the page is full; chosen where that is soon"},
    {"SELECT p.id, ",
     "WHERE 1 = 1 AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0) ORDER "
     "BY",
     "SCAN p", "the same large and empty shop: the count has looked at each product already"},
    {"SELECT id, hex(sz) FROM ", "_docsize", "SCAN ", "verifies all of it"},
};

constexpr Allowed kCopied{"", "", "SCAN", "a copy reads all of it, and shows how far it is"};

const Allowed* reason_for(const std::string& statement, const std::string& step) {
  const auto tables = copy::tables();
  const bool is_of_copy = std::any_of(tables.begin(), tables.end(), [&](const copy::Table& table) {
    return table.count.view() == statement;
  });
  if (is_of_copy && step.starts_with(kCopied.step)) return &kCopied;
  const auto* const found =
      std::find_if(std::begin(kAllowed), std::end(kAllowed), [&](const Allowed& allowed) {
        return statement.starts_with(allowed.begins) && statement.find(allowed.has) != std::string::npos &&
               step.starts_with(allowed.step);
      });
  return found == std::end(kAllowed) ? nullptr : found;
}

// Reads or writes rows, unlike BEGIN, PRAGMA and the schema's own statements.
bool is_about_rows(const std::string& statement) {
  constexpr std::array kVerbs{"SELECT ", "INSERT ", "UPDATE ", "DELETE ", "REPLACE ", "WITH "};
  return std::any_of(kVerbs.begin(), kVerbs.end(),
                     [&](const char* verb) { return statement.starts_with(verb); });
}

// Parts of SQL that stand between quotes in the sources.
std::set<std::string> texts_in_sources() {
  static const std::regex kText(
      "\"((?:SELECT|INSERT|UPDATE|DELETE|WITH| AND| WHERE| ORDER BY| FROM| JOIN| LEFT JOIN| LIMIT) "
      "[^\"]*)\"");
  std::set<std::string> texts;
  for (const char* part : {"shop", "search", "jobs", "notify", "api", "copy"}) {
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(AFORRO_SOURCE) / "lib" / part)) {
      if (entry.path().extension() != ".cpp") continue;
      if (entry.path().filename().string().find("postgres") != std::string::npos)
        continue;  // another engine's
      const std::string source = test::read_file(entry.path());
      for (std::sregex_iterator it(source.begin(), source.end(), kText), end; it != end; ++it) {
        texts.insert((*it)[1]);
      }
    }
  }
  return texts;
}

// --- The rules -------------------------------------------------------------------------------------

// The steps of every statement about rows that the program makes when everything is used.
using Plans = std::map<std::string, std::vector<std::string>>;

const Plans& plans() {
  static const Plans kPlans = [] {
    const test::StatementLog log;
    LocalShop shop;
    use_everything(shop);
    const std::set<std::string> statements = log.texts();
    SQLite::Database database(shop.location.string(), SQLite::OPEN_READWRITE);
    database.exec(  // which a verification makes for itself
        "CREATE VIRTUAL TABLE temp.verified_words USING fts5vocab(main, product_words, instance);"
        "CREATE VIRTUAL TABLE temp.verified_trigrams USING fts5vocab(main, title_trigrams, instance);"
        "CREATE VIRTUAL TABLE temp.verified_pairs USING fts5vocab(main, paired_titles, instance);");
    Plans made;
    for (const std::string& statement : statements) {
      if (is_about_rows(statement)) made[statement] = plan_of(database, statement);
    }
    return made;
  }();
  return kPlans;
}

// Checks that no step of the statements that match has this in it. Returns how many matched.
std::size_t check_none_has(const std::regex& statements, std::string_view step_part) {
  std::size_t matched = 0;
  for (const auto& plan : plans()) {
    if (!std::regex_match(plan.first, statements)) continue;
    ++matched;
    INFO(plan.first);
    for (const std::string& step : plan.second)
      CHECK_MESSAGE(step.find(step_part) == std::string::npos, step);
  }
  return matched;
}

TEST_CASE("no statement reads through a table that grows, but those that have a reason") {
  CHECK(plans().size() > 100);
  std::set<std::string_view> reasons_used;
  for (const auto& plan : plans()) {
    for (const std::string& step : plan.second) {
      if (!reads_through(step, plan.first)) continue;
      INFO(plan.first);
      const Allowed* const allowed = reason_for(plan.first, step);
      CHECK_MESSAGE(allowed != nullptr, step);
      if (allowed != nullptr) reasons_used.insert(allowed->reason);
    }
  }
  for (const Allowed& allowed : kAllowed) {
    CAPTURE(allowed.begins);
    CHECK(reasons_used.contains(allowed.reason));  // a reason that nothing needs is out of date
  }
}

TEST_CASE("every statement in the sources was looked at") {
  const std::set<std::string> texts = texts_in_sources();
  CHECK(texts.size() > 50);
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK_MESSAGE(std::any_of(plans().begin(), plans().end(),
                              [&](const auto& plan) { return plan.first.find(text) != std::string::npos; }),
                  "was not run: use_everything() has to use what says it");
  }
}

TEST_CASE("orders, movements and jobs are never sorted: an index has them in order") {
  const std::regex ordered("SELECT [^*].* FROM (orders|order_lines|movements|jobs) .*ORDER BY .*");
  CHECK(check_none_has(ordered, "TEMP B-TREE") >= 8);
}

TEST_CASE("expired orders, noted and due, are each read in order; only the two pages are merged by sorting") {
  LocalShop shop;
  SQLite::Database database(shop.location.string(), SQLite::OPEN_READWRITE);
  static const std::regex kMerged(
      R"(SELECT \* FROM \((SELECT .* LIMIT \$2)\) a UNION ALL SELECT \* FROM \((SELECT .* LIMIT \$2)\) b ORDER BY .*)");
  std::size_t merged = 0;
  for (const auto& plan : plans()) {
    std::smatch parts;
    if (!std::regex_match(plan.first, parts, kMerged)) continue;
    ++merged;
    for (const std::string part : {parts[1], parts[2]}) {
      INFO(part);
      for (const std::string& step : plan_of(database, part)) {
        CHECK_MESSAGE(step.find("TEMP B-TREE") == std::string::npos, step);
        CHECK_MESSAGE(step.starts_with("SEARCH orders USING INDEX orders_not_confirmed"), step);
      }
    }
  }
  CHECK(merged == 2);
}

TEST_CASE("whether a reservation is due is asked of the index over those that are held") {
  std::size_t asked = 0;
  for (const auto& plan : plans()) {
    if (plan.first.find("status = 'PENDING' AND expires_at <= ") == std::string::npos) continue;
    ++asked;
    INFO(plan.first);
    CHECK(std::any_of(plan.second.begin(), plan.second.end(), [](const std::string& step) {
      return step.find("INDEX orders_due (expires_at<?)") != std::string::npos;
    }));
  }
  CHECK(asked ==
        5);  // with a line of an order, before one is turned away, and by the sweep and who needs stock
}

TEST_CASE("the words of a search are looked up once, not for each product") {
  const std::regex by_words("SELECT .* MATCH \\$1.*");
  CHECK(check_none_has(by_words, "VIRTUAL TABLE INDEX 0:=") > 50);  // "=": by row
}

TEST_CASE("a statement that would read through a table is noticed") {
  LocalShop shop;
  SQLite::Database database(shop.location.string(), SQLite::OPEN_READWRITE);
  const auto is_noticed = [&](const std::string& statement) {
    const std::vector<std::string> steps = plan_of(database, statement);
    return std::any_of(steps.begin(), steps.end(),
                       [&](const std::string& step) { return reads_through(step, statement); });
  };
  CHECK(is_noticed("SELECT * FROM products WHERE description = $1"));
  CHECK(is_noticed("SELECT * FROM stores s JOIN products AS p ON p.price_minor + 1 = s.id"));
  CHECK(is_noticed("UPDATE inventory SET quantity = 0 WHERE product_id = $1"));
  CHECK(is_noticed("DELETE FROM jobs WHERE kind = $1"));
  CHECK(is_noticed("SELECT count(*) FROM orders"));
  CHECK(is_noticed("SELECT * FROM product_words"));
  CHECK(is_noticed(
      "SELECT count(*) FROM orders o JOIN movements m ON m.order_id = o.id WHERE o.store_id = $1"));
  CHECK(!is_noticed("SELECT * FROM product_words WHERE product_words MATCH $1"));
  CHECK(!is_noticed("SELECT * FROM products WHERE id = $1"));
  CHECK(!is_noticed("SELECT * FROM stores"));
}

}  // namespace
