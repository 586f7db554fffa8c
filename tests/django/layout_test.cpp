#include "django/layout.h"

#include <doctest/doctest.h>

#include <string>

#include "support/cost.h"
#include "support/refusal.h"

using namespace aforro::django;
using aforro::test::cost_of;
using aforro::test::kMaxGrowth;
using aforro::test::problem_of;

namespace {

using Tables = std::vector<SourceTable>;

SourceTable table(std::string name, std::vector<SourceColumn> columns) {
  std::string key = columns.front().name;
  return {.name = std::move(name), .key = std::move(key), .columns = std::move(columns)};
}

// A database with other names than usual, whose foreign keys tell what is what.
Tables keyed() {
  return {
      table("auth_group", {{"id"}, {"name"}}),
      table("web_customer", {{"id"}, {"name"}}),
      table("web_kind", {{"id"}, {"name"}}),
      table("web_article", {{"id"}, {"name"}, {"price"}, {"category_id", "web_kind"}}),
      table("web_branch", {{"id"}, {"name"}}),
      table("web_level", {{"id"}, {"branch_id", "web_branch"}, {"article_id", "web_article"}, {"quantity"}}),
      table("web_sale",
            {{"id"}, {"branch_id", "web_branch"}, {"customer_id", "web_customer"}, {"status"}, {"note"}}),
      table("web_sold", {{"id"}, {"sale_id", "web_sale"}, {"article_id", "web_article"}, {"quantity"}}),
  };
}

// A dump, which says nothing of what refers to what.
Tables dumped(const std::string& app = "shop") {
  return {
      table(app + ".category", {{"pk"}, {"name"}}),
      table(app + ".product", {{"pk"}, {"title"}, {"price"}, {"category"}, {"created_at"}}),
      table(app + ".store", {{"pk"}, {"name"}, {"location"}}),
      table(app + ".inventory", {{"pk"}, {"store"}, {"product"}, {"quantity"}}),
      table(app + ".order", {{"pk"}, {"store"}, {"status"}, {"created_at"}}),
      table(app + ".orderitem", {{"pk"}, {"order"}, {"product"}, {"quantity_requested"}}),
  };
}

Choices chosen(const std::vector<std::string>& tables, const std::vector<std::string>& columns = {}) {
  Choices choices;
  for (const std::string& each : tables) add_table(choices, each);
  for (const std::string& each : columns) add_column(choices, each);
  return choices;
}

std::string refusal(const Tables& tables, const Choices& choices = {}) {
  const auto problem = problem_of([&] { find_layout(tables, choices); });
  return problem ? problem->detail() : "";
}

std::string refusal(const std::string& given, void (*add)(Choices&, std::string_view)) {
  Choices choices;
  const auto problem = problem_of([&] { add(choices, given); });
  return problem ? problem->detail() : "";
}

}  // namespace

TEST_CASE("tables are found by their columns and foreign keys, whatever they are called") {
  const Layout layout = find_layout(keyed(), {});
  CHECK(layout.of(Role::products)->name == "web_article");
  CHECK(layout.of(Role::categories)->name == "web_kind");
  CHECK(layout.of(Role::stores)->name == "web_branch");
  CHECK(layout.of(Role::inventory)->name == "web_level");
  CHECK(layout.of(Role::orders)->name == "web_sale");
  CHECK(layout.of(Role::items)->name == "web_sold");
  CHECK(layout.of(Role::inventory)->column(Role::inventory, "store") == "branch_id");
  CHECK(layout.of(Role::items)->column(Role::items, "order") == "sale_id");
  CHECK(layout.of(Role::items)->column(Role::items, "price").empty());
  CHECK(layout.of(Role::orders)->passed_over == std::vector<std::string>{"customer_id", "note"});
  CHECK(!layout.of(Role::users));
}

TEST_CASE("without foreign keys a column that is called as a model refers to it, in the same app first") {
  Tables tables = dumped("retail");
  const Tables others = dumped("legacy");
  tables.insert(tables.end(), others.begin(), others.begin() + 3);
  const Layout layout = find_layout(tables, {});
  CHECK(layout.of(Role::stores)->name == "retail.store");
  CHECK(layout.of(Role::products)->column(Role::products, "category") == "category");
  CHECK(layout.of(Role::items)->column(Role::items, "quantity") == "quantity_requested");
}

TEST_CASE("underscores and what stands before a model's name do not matter to what refers to it") {
  Tables tables = dumped("shop");
  for (SourceTable& each : tables) {
    const std::string model = each.name.substr(each.name.find('.') + 1);
    each.name = "old__shop_" + (model == "orderitem" ? "Order_Item" : model);
  }
  tables[2].name = "old__shop_STORE";
  const Layout layout = find_layout(tables, {});
  CHECK(layout.of(Role::items)->name == "old__shop_Order_Item");
  CHECK(layout.of(Role::items)->column(Role::items, "order") == "order");
  CHECK(layout.of(Role::inventory)->column(Role::inventory, "store") == "store");
}

TEST_CASE("what refers to what is found in a time that grows no faster than the tables") {
  // A table for each 10 bytes, with 30 columns that are called as tables are.
  const auto read = [](const std::string& text) {
    Tables tables;
    for (std::size_t i = 0; i < text.size() / 10; ++i) {
      std::vector<SourceColumn> columns{{"id"}};
      for (std::size_t j = 0; j < 30; ++j) columns.push_back({"kind" + std::to_string(i + j) + "_id"});
      tables.push_back(table("app_kind" + std::to_string(i), std::move(columns)));
    }
    find_layout(std::move(tables), {});
  };
  const auto make = [](std::size_t bytes) { return std::string(bytes, 'x'); };
  CHECK(cost_of(20'000, make, read).growth < kMaxGrowth);
}

TEST_CASE("two shops in one database are a question, which --table answers") {
  Tables tables = dumped("retail");
  const Tables others = dumped("legacy");
  tables.insert(tables.end(), others.begin(), others.end());
  const std::string why = refusal(tables);
  CHECK(why.find("more than one table may hold the orders: retail.order, legacy.order; say which with --table"
                 " orders=retail.order") != std::string::npos);

  const Layout layout = find_layout(tables, chosen({"inventory=legacy.inventory", "items=legacy.orderitem"}));
  CHECK(layout.of(Role::orders)->name == "legacy.order");
  CHECK(layout.of(Role::stores)->name == "legacy.store");
}

TEST_CASE("what is missing is said with the columns that it would have") {
  Tables tables = dumped();
  tables.erase(tables.begin() + 4);
  CHECK(
      refusal(tables) ==
      "no table holds the orders: it would have the columns store, status; if they are called otherwise, say"
      " --table orders=TABLE and --column orders.FIELD=COLUMN; if there are none, --table orders=none");
  const Layout layout = find_layout(tables, chosen({"orders=none", "items=none"}));
  CHECK(!layout.of(Role::orders));
  CHECK(layout.of(Role::inventory));
}

TEST_CASE("tables that nothing connects are said so, and columns can be named") {
  Tables tables = dumped();
  tables[3] = table("shop.level", {{"pk"}, {"place"}, {"thing"}, {"quantity"}});
  const std::string why = refusal(tables);
  CHECK(why.find("none is connected to the others") != std::string::npos);
  CHECK(why.find("--column inventory.store=branch_id") != std::string::npos);

  const Layout layout = find_layout(tables, chosen({}, {"inventory.store=place", "inventory.product=thing"}));
  CHECK(layout.of(Role::inventory)->name == "shop.level");
  CHECK(layout.of(Role::inventory)->column(Role::inventory, "product") == "thing");
}

TEST_CASE("a table or column that was named and is not there is refused with the nearest") {
  CHECK(refusal(dumped(), chosen({"orders=shop.oder"})) ==
        "--table orders=shop.oder: there is no such table; did you mean shop.order?");
  CHECK(refusal(dumped(), chosen({"orders=shop.order"}, {"orders.status=stauts"})) ==
        "--column orders.status=stauts: shop.order has no such column; did you mean status?");
  CHECK(refusal(dumped(), chosen({"orders=shop.store"}))
            .starts_with("shop.store has no column for the status; name it with --column "
                         "orders.status=COLUMN; it has: "));
}

TEST_CASE("a product that refers to its brand alone has no category") {
  Tables tables = dumped();
  tables[0] = table("shop.brand", {{"pk"}, {"name"}});
  tables[1] = table("shop.product", {{"pk"}, {"title"}, {"price"}, {"brand"}});
  const Layout layout = find_layout(tables, {});
  CHECK(!layout.of(Role::categories));
  CHECK(layout.of(Role::products)->passed_over == std::vector<std::string>{"brand"});
}

TEST_CASE("a reference that a dump has as a natural key is refused, and a list that nobody reads is not") {
  Tables tables = dumped();
  tables[1].columns.push_back({.name = "tags", .is_list = true});
  CHECK(refusal(tables) == "");
  tables[1].columns[3].is_list = true;  // the category
  CHECK(refusal(tables).find("shop.product has a list as its category") == 0);
  CHECK(refusal(tables).find("--natural-foreign") != std::string::npos);
}

TEST_CASE("users are a table with a name and is_staff, Django's own before others") {
  Tables tables = keyed();
  tables.push_back(table("web_employee", {{"id"}, {"email"}, {"is_staff"}}));
  CHECK(find_layout(tables, {}).of(Role::users)->name == "web_employee");
  tables.push_back(table("auth_user", {{"id"}, {"username"}, {"is_staff"}, {"is_superuser"}, {"email"}}));
  const Layout layout = find_layout(tables, {});
  CHECK(layout.of(Role::users)->name == "auth_user");
  CHECK(layout.of(Role::users)->column(Role::users, "username") == "username");
  CHECK(!find_layout(tables, chosen({"users=none"})).of(Role::users));
}

TEST_CASE("what can't be read of --table and --column is said with what may be meant") {
  CHECK(refusal("orders", add_table) == "must be ROLE=TABLE, as in --table orders=sales_order");
  CHECK(refusal("oders=x", add_table) == "there are no tables of oders; did you mean orders?");
  CHECK(refusal("items=cost", add_column) == "must be ROLE.FIELD=COLUMN, as in --column items.price=cost");
  CHECK(refusal("items.prize=cost", add_column) == "items have no prize; did you mean price?");
}
