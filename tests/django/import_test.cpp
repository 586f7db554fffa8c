// Rows of a service read, settled and carried into an empty shop, on the engine that this run is for; what is
// not right there is made right, told, and verifies.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "django/carrying.h"
#include "django/layout.h"
#include "django/settling.h"
#include "django/staging.h"
#include "shop/order_rows.h"
#include "support/lively_shop.h"
#include "support/memory_source.h"
#include "support/refusal.h"
#include "support/test_database.h"

using namespace aforro;          // NOLINT: of several parts
using namespace aforro::django;  // NOLINT
using namespace aforro::test;    // NOLINT

namespace {

constexpr auto kNobodyLooks = [](std::int64_t, std::int64_t) {};
const Time kNow = *Time::parse("2026-01-01T00:00:00Z");

using Cells = std::vector<std::optional<std::string>>;

struct Service {
  std::vector<Cells> categories = {{"1", "Kitchen"}};
  std::vector<Cells> products = {
      {"1", "Red Mug", "Holds tea", "8.50", "1", "2025-01-01 00:00:00+00", std::nullopt},
      {"2", "Lamp", "", "20.00", "1", "2025-01-01 00:00:00+00", std::nullopt}};
  std::vector<Cells> stores = {{"1", "North", "Here"}};
  std::vector<Cells> inventory = {{"1", "1", "1", "10"}, {"2", "1", "2", "5"}};
  std::vector<Cells> orders = {};
  std::vector<Cells> items = {};
  std::vector<Cells> users = {};

  std::vector<MemoryTable> tables() const {
    return {
        {"shop_category", {{"id"}, {"name"}}, categories},
        {"shop_product",
         {{"id"},
          {"title"},
          {"description"},
          {"price"},
          {"category_id", "shop_category"},
          {"created_at"},
          {"sku"}},
         products},
        {"shop_store", {{"id"}, {"name"}, {"location"}}, stores},
        {"shop_inventory",
         {{"id"}, {"store_id", "shop_store"}, {"product_id", "shop_product"}, {"quantity"}},
         inventory},
        {"shop_order", {{"id"}, {"store_id", "shop_store"}, {"status"}, {"created_at"}}, orders},
        {"shop_orderitem",
         {{"id"}, {"order_id", "shop_order"}, {"product_id", "shop_product"}, {"quantity"}, {"price"}},
         items},
        {"auth_user",
         {{"id"}, {"username"}, {"is_staff"}, {"is_superuser"}, {"is_active"}, {"email"}, {"date_joined"}},
         users},
    };
  }

  Service& order(const std::string& id, const std::string& status, const std::string& created_at,
                 const std::vector<Cells>& lines) {
    orders.push_back({id, "1", status, created_at});
    for (const Cells& line : lines)
      items.push_back({std::to_string(items.size() + 1), id, line[0], line[1], line[2]});
    return *this;
  }
};

struct Imported {
  explicit Imported(const Service& service, const Statuses& statuses = known_statuses()) {
    MemorySource source(service.tables());
    const auto staging = open_staging();
    const Layout layout = find_layout(source.tables(), {});
    staged = stage(source, layout, statuses, kNow, *staging, report, [](std::int64_t) {});
    settled = settle(*staging, report, [](std::int64_t) {});
    for_each_new_id(*staging, [&](std::string_view table, std::string_view key, std::int64_t id) {
      new_ids += std::string(table) + ' ' + std::string(key) + ' ' + std::to_string(id) + '\n';
    });
    carry(*staging, *shop, kNow, [](std::int64_t) {});
    const auto search = shop.make_search();
    faults = aforro::test::in_lines(faults_of(verify::check_shop(*shop, *search, kNobodyLooks)));
  }

  // Every row of a query of texts, a line each.
  std::string rows(sql::Text query) {
    std::string lines;
    shop->read([&](sql::Connection& connection) {
      connection.query(query, {}, [&](const sql::Row& row) { lines += std::string(row.text(0)) + '\n'; });
    });
    return lines;
  }
  std::string movements() {
    return rows(
        "SELECT CAST(product_id AS TEXT) || ' ' || reason || ' ' || CAST(change AS TEXT) || ' leaves ' ||"
        " CAST(quantity_after AS TEXT) || coalesce(' order ' || CAST(order_id AS TEXT), '') FROM movements"
        " ORDER BY id");
  }
  std::string lines() {
    return rows(
        "SELECT CAST(order_id AS TEXT) || ': ' || CAST(quantity AS TEXT) || ' of ' || product_title || ' at "
        "' ||"
        " CAST(unit_price_minor AS TEXT) FROM order_lines ORDER BY order_id, position");
  }
  std::string statuses() {
    return rows(
        "SELECT CAST(id AS TEXT) || ' ' || status || coalesce(' ' || CAST(expires_at - created_at AS TEXT), "
        "'')"
        " FROM orders ORDER BY id");
  }

  Report report;
  Staged staged;
  Settled settled;
  std::string new_ids;
  std::string faults;
  TestDatabase shop;
};

const std::optional<std::string> kNothing;

}  // namespace

TEST_CASE("confirmed orders took their stock: the ledger opens with what is there and all that they took") {
  Service service;
  service.order("1", "CONFIRMED", "2025-02-02 00:00:00+00", {{"1", "3", kNothing}, {"2", "1", "19.00"}})
      .order("2", "confirmed", "2025-02-01 00:00:00+00", {{"1", "2", "8.00"}});
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.movements() ==
        "1 receive 15 leaves 15\n2 receive 6 leaves 6\n1 order -2 leaves 13 order 2\n1 order -3 leaves 10 "
        "order 1\n"
        "2 order -1 leaves 5 order 1\n");
  CHECK(imported.lines() == "1: 3 of Red Mug at 850\n1: 1 of Lamp at 1900\n2: 2 of Red Mug at 800\n");
  CHECK(imported.report.count(Note::price_of_product) == 1);
  CHECK(imported.rows("SELECT kind FROM jobs") == "");
}

TEST_CASE(
    "a pending order comes as cancelled with what it held and gave back; a rejected one knows no shortages") {
  Service service;
  service.order("1", "Pending", "2025-02-01 00:00:00+00", {{"1", "3", kNothing}})
      .order("2", "REJECTED", "2025-02-02 00:00:00+00", {{"1", "30", kNothing}})
      .order("3", "Canceled", "2025-02-03 00:00:00+00", {{"2", "1", kNothing}});
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.statuses() == "1 CANCELLED 0\n2 REJECTED\n3 CANCELLED\n");
  CHECK(imported.movements() ==
        "1 receive 10 leaves 10\n2 receive 5 leaves 5\n1 reserve -3 leaves 7 order 1\n1 cancel 3 leaves 10 "
        "order 1\n"
        "2 order -1 leaves 4 order 3\n2 cancel 1 leaves 5 order 3\n");
  const auto rejected = imported.shop->read(
      [](sql::Connection& connection) { return shop::read_order(connection, shop::OrderId(2), ""); });
  REQUIRE(rejected);
  CHECK(!rejected->lines.at(0).available);
}

TEST_CASE("a shelf that had less than a cancelled order held opens with more and is corrected") {
  Service service;
  service.order("1", "PENDING", "2025-02-01 00:00:00+00", {{"2", "9", kNothing}})
      .order("2", "CONFIRMED", "2025-02-02 00:00:00+00", {{"2", "1", kNothing}});
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.movements() ==
        "1 receive 10 leaves 10\n2 receive 9 leaves 9\n2 reserve -9 leaves 0 order 1\n2 cancel 9 leaves 9 "
        "order 1\n"
        "2 order -1 leaves 8 order 2\n2 adjust -3 leaves 5\n");
  CHECK(imported.report.count(Note::stock_evened) == 1);
}

TEST_CASE("what an order took from a store that has no row of it is in the inventory with 0") {
  Service service;
  service.inventory.pop_back();
  service.order("1", "CONFIRMED", "2025-02-01 00:00:00+00", {{"2", "1", kNothing}});
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.movements() ==
        "1 receive 10 leaves 10\n2 receive 1 leaves 1\n2 order -1 leaves 0 order 1\n");
  CHECK(imported.report.examples(Note::shelf_made) == std::vector<std::string>{"store 1, product 2"});
}

TEST_CASE("orphans, and orders of nothing, are left out and told") {
  Service service;
  service.order("1", "CONFIRMED", "2025-02-01 00:00:00+00", {{"9", "1", kNothing}, {"1", "1", kNothing}})
      .order("2", "CONFIRMED", "2025-02-01 00:00:00+00", {{"9", "1", kNothing}})
      .order("3", "CONFIRMED", "2025-02-01 00:00:00+00", {{"1", "0", kNothing}})
      .order("4", "CONFIRMED", "2025-02-01 00:00:00+00", {{"1", "1000001", kNothing}})
      .order("6", "CONFIRMED", "2025-02-01 00:00:00+00", {{"1", "1000001", "1.005"}, {"2", "1", "-1"}});
  service.orders.push_back({"5", "7", "CONFIRMED", "2025-02-01 00:00:00+00"});
  service.items.push_back({"90", "5", "1", "1", kNothing});
  service.items.push_back({"91", "77", "1", "1", kNothing});
  service.inventory.push_back({"3", "1", "9", "4"});
  service.inventory.push_back({"4", kNothing, "1", "4"});
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.statuses() == "1 CONFIRMED\n");
  CHECK(imported.lines() == "1: 1 of Red Mug at 850\n");
  CHECK(imported.report.examples(Note::item_product_gone) ==
        std::vector<std::string>{"order 1, product 9", "order 2, product 9"});
  CHECK(imported.report.examples(Note::price_of_product) ==
        std::vector<std::string>{"order 1, product 1"});  // of those that are taken
  CHECK(imported.report.examples(Note::order_empty) == std::vector<std::string>{"order 2", "order 3"});
  CHECK(imported.report.examples(Note::order_line_too_large) ==
        std::vector<std::string>{"order 4", "order 6"});
  CHECK(imported.report.count(Note::price_rounded) == 0);
  CHECK(imported.report.count(Note::price_out_of_range) == 0);
  CHECK(imported.report.examples(Note::order_orphan) == std::vector<std::string>{"order 5: store 7"});
  CHECK(imported.report.examples(Note::item_orphan) == std::vector<std::string>{"order 77, product 1"});
  CHECK(imported.report.examples(Note::inventory_orphan) ==
        std::vector<std::string>{"store 1, product 9", "store (none), product 1"});
}

TEST_CASE(
    "names that are one here are numbered, the lowest id keeps its own, and a number that is taken is passed "
    "over") {
  Service service;
  service.stores = {{"3", "NORTH", ""}, {"1", "North", ""}, {"2", "North (2)", ""}, {"4", "", ""}};
  service.categories = {{"1", "Café"}, {"2", "cafe"}};
  service.users = {{"1", "ada", "t", "t", "t", "", kNothing},
                   {"2", "Ada", "t", "f", "t", "no address", kNothing},
                   {"3", "bob", "f", "f", "t", "", kNothing},
                   {"4", "eve", "t", "f", "f", "", kNothing}};
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.rows("SELECT name FROM stores ORDER BY id") == "North\nNorth (2)\nNORTH (3)\nStore 4\n");
  CHECK(imported.rows("SELECT name FROM categories ORDER BY id") == "Café\ncafe (2)\n");
  CHECK(imported.rows(
            "SELECT username || password_hash || CAST(is_superuser AS TEXT) FROM users ORDER BY id") ==
        "ada1\nAda (2)0\n");
  CHECK(imported.report.count(Note::name_repeated) == 3);
  CHECK(imported.report.count(Note::user_not_staff) == 1);
  CHECK(imported.report.count(Note::user_inactive) == 1);
  CHECK(imported.report.count(Note::email_dropped) == 1);
}

TEST_CASE(
    "keys that are no ids are numbered anew by age, the others stay, and the shop goes on behind them") {
  Service service;
  service.products = {{"b7", "Second", "", "1", "1", "2025-01-02 00:00:00", kNothing},
                      {"f0", "First", "", "1", "1", "2025-01-01 00:00:00", kNothing},
                      {"41", "Kept", "", "1", "1", "2025-01-03 00:00:00", kNothing},
                      {"-5", "Third", "", "1", "1", "2025-01-04 00:00:00", kNothing}};
  service.inventory = {{"1", "1", "b7", "2"}, {"2", "1", "-5", "4"}};
  service.order("x", "CONFIRMED", "2025-02-01 00:00:00", {{"f0", "1", kNothing}, {"b7", "1", kNothing}});
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.new_ids == "products f0 42\nproducts b7 43\nproducts -5 44\norders x 1\n");
  CHECK(imported.lines() == "1: 1 of First at 100\n1: 1 of Second at 100\n");
  imported.shop->write([](sql::Connection& connection) {
    CHECK(connection.last_id("products") == 44);
    CHECK(connection.last_id("movements") == 5);
  });
}

TEST_CASE(
    "products get what the shop demands: a category, a price, a time, a title, and SKUs that are one each") {
  Service service;
  service.products = {{"1", "", "a\r\nb", "12.345", "8", "soon", "A1"},
                      {"2", std::string(300, 'x'), kNothing, "-1", kNothing, "2025-01-01", "A1"},
                      {"3", "Bell\x07", "", "99999999", "1", "2025-01-01", std::string(70, 'k')},
                      {"4", "Lamp", "", kNothing, "1", "2025-01-01", "B2"}};
  service.inventory = {
      {"1", "1", "1", "1"}, {"2", "1", "1", "2"}, {"3", "1", "2", "-4"}, {"4", "1", "3", "lots"}};
  Imported imported(service);
  CHECK(imported.faults == "");
  CHECK(imported.rows(
            "SELECT p.title || ' ' || CAST(p.price_minor AS TEXT) || ' ' || c.name || coalesce(' ' || p.sku, "
            "'')"
            " FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id <> 2 ORDER BY p.id") ==
        "Product 1 1235 Uncategorized A1\nBell 999999999 Kitchen\nLamp 0 Kitchen B2\n");
  for (const Note note : {Note::name_missing, Note::text_cut, Note::text_changed, Note::price_rounded,
                          Note::price_missing, Note::time_missing, Note::shelf_added_up}) {
    CAPTURE(name_of(note));
    CHECK(imported.report.count(note) == 1);
  }
  CHECK(imported.report.count(Note::price_out_of_range) == 2);
  CHECK(imported.report.count(Note::category_missing) == 2);
  CHECK(imported.report.count(Note::sku_dropped) == 2);
  CHECK(imported.report.count(Note::quantity_out_of_range) == 2);
  CHECK(imported.movements() == "1 receive 3 leaves 3\n");
}

TEST_CASE("an unknown status is refused with the number of its orders, and taken as --status says") {
  Service service;
  service.order("1", "Shipped", "2025-02-01 00:00:00", {{"1", "1", kNothing}})
      .order("2", "shipped", "2025-02-01 00:00:00", {{"1", "1", kNothing}})
      .order("3", "draft", "2025-02-01 00:00:00", {{"1", "1", kNothing}});
  const auto problem = problem_of([&] { Imported imported(service); });
  REQUIRE(problem);
  CHECK(problem->detail().starts_with(
      "there are orders with a status that is not known here: \"draft\" (1 order),"
      " \"shipped\" (2 orders); say what became of each with --status draft="));
  Statuses statuses = known_statuses();
  add_status(statuses, "SHIPPED=confirmed");
  add_status(statuses, "draft=none");
  Imported imported(service, statuses);
  CHECK(imported.faults == "");
  CHECK(imported.statuses() == "1 CONFIRMED\n2 CONFIRMED\n");
  CHECK(imported.report.count(Note::order_not_wanted) == 1);
  CHECK(imported.report.count(Note::item_orphan) == 0);
  CHECK(problem_of([&] { add_status(statuses, "paid=done"); })->detail() ==
        "must say confirmed, rejected, cancelled, pending or none, and not done");
}

TEST_CASE("a key that comes twice is told, and its first row is taken") {
  Service service;
  service.stores.push_back({"1", "South", ""});
  Imported imported(service);
  CHECK(imported.rows("SELECT name FROM stores") == "North\n");
  CHECK(imported.report.examples(Note::key_repeated) == std::vector<std::string>{"store 1"});
}

TEST_CASE("a shop that has something is refused, and stays as it is") {
  LivelyShop shop;
  MemorySource source(Service().tables());
  const auto staging = open_staging();
  Report report;
  stage(source, find_layout(source.tables(), {}), known_statuses(), kNow, *staging, report,
        [](std::int64_t) {});
  settle(*staging, report, [](std::int64_t) {});
  const auto problem = problem_of([&] { carry(*staging, *shop.database, kNow, [](std::int64_t) {}); });
  REQUIRE(problem);
  CHECK(problem->kind() == Problem::Kind::conflict);
  CHECK(problem->detail().starts_with("the shop has users already; "));
  CHECK(in_lines(faults_of(verified(shop))) == "");
}

TEST_CASE("broken off while it writes, it leaves nothing") {
  Service service;
  service.order("1", "CONFIRMED", "2025-02-01 00:00:00", {{"1", "1", kNothing}});
  MemorySource source(service.tables());
  const auto staging = open_staging();
  Report report;
  stage(source, find_layout(source.tables(), {}), known_statuses(), kNow, *staging, report,
        [](std::int64_t) {});
  const Settled settled = settle(*staging, report, [](std::int64_t) {});
  const TestDatabase shop;
  struct Stop {};
  const auto stop_at_end = [&](std::int64_t rows) {
    if (rows >= settled.categories + settled.products + settled.stores + settled.orders) throw Stop();
  };
  CHECK_THROWS_AS(carry(*staging, *shop, kNow, stop_at_end), Stop);
  CHECK_NOTHROW(shop->read(require_empty));
  carry(*staging, *shop, kNow, [](std::int64_t) {});
  CHECK(shop->read([](sql::Connection& connection) {
    return connection.maybe_integer("SELECT count(*) FROM orders");
  }) == 1);
}
