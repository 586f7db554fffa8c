#include "support/shop.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/database_file.h"
#include "support/json.h"
#include "support/postgres_cluster.h"

namespace aforro::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCornerProducts =
    "sku,title,description,price,category\n"
    "MUG-RED,Red Mug,\"Stoneware, holds 300 ml.\",8.50,Kitchen\n"
    "MUG-BLUE,Blue Mug,\"Stoneware, holds 300 ml.\",8.50,Kitchen\n"
    "CUPS,Café Crème Cups,Four of porcelain.,24.00,Kitchen\n"
    "KNIFE,Bread Knife,Serrated steel.,19.99,Kitchen\n"
    "SLICER,apple slicer,Cuts in eight.,12.00,Kitchen\n"
    "HOSE,Garden Hose,\"Twenty metres, with <brass> & \"\"fittings\"\".\",29.95,Garden\n"
    "SPADE,Spade,Handle of ash.,35.00,Garden\n"
    "GNOME,Gnome,Wears a red hat.,0.00,Garden\n"
    "KITE,Kite,Flies in a light breeze.,651.46,Toys & Games\n"
    "LAMP,Desk Lamp,For late hours.,9999999.99,Büro\n"
    "TEA,Mugwort Tea,Bitter herbs.,4.20,Pantry\n"
    "CAT,Smug Cat,A cat that knows.,0.10,Toys & Games\n";

constexpr std::string_view kCornerInventory =
    "store,sku,quantity\n"
    "North,MUG-RED,10\nNorth,MUG-BLUE,0\nNorth,CUPS,5\nNorth,KNIFE,3\nNorth,SLICER,20\nNorth,HOSE,1\n"
    "North,LAMP,1000000\nNorth,CAT,1000\n"
    "South,MUG-RED,0\nSouth,MUG-BLUE,4\nSouth,SPADE,7\n"
    "West,GNOME,2\n";

ProgramResult run_well(const std::vector<std::string>& arguments) {
  ProgramResult result = run_program(arguments);
  if (result.exit_status != 0) {
    throw std::runtime_error("aforro " + arguments.front() + " exits with " +
                             std::to_string(result.exit_status) + ": " + result.err);
  }
  return result;
}

std::int64_t find(const Location& database, const std::string& table, const std::string& column,
                  std::string_view value) {
  return query_number(database,
                      "SELECT id FROM " + table + " WHERE " + column + " = '" + std::string(value) + "'");
}

}  // namespace

void fill_database(Goods goods, const Location& database) {
  switch (goods) {
    case Goods::none:
      run_well({"migrate", "--database", database.string()});
      return;
    case Goods::corner:
      import_products(database, kCornerProducts);
      import_inventory(database, kCornerInventory);
      return;
    case Goods::demo:
      run_well({"seed", "--database", database.string()});
      return;
    case Goods::uniform:
      run_well({"seed", "--uniform", "--database", database.string()});
      return;
  }
}

Location make_database(Goods goods, const TemporaryFolder& folder) {
  struct Original {
    TemporaryFolder folder;
    Location location = free_location(folder);
  };
  static std::map<Goods, std::unique_ptr<Original>> originals;
  if (!originals.contains(goods)) {
    auto made = std::make_unique<Original>();
    fill_database(goods, made->location);
    originals[goods] = std::move(made);
  }
  const Original& original = *originals[goods];
  if (original.location.is_postgres()) {
    PostgresCluster& cluster = PostgresCluster::shared();
    return cluster.url(cluster.create_database(original.location.name()));
  }
  for (const auto& file : fs::directory_iterator(original.folder.path())) {
    fs::copy_file(file.path(), folder.path() / file.path().filename());
  }
  return folder / original.location.file().filename().string();
}

void import_products(const Location& database, std::string_view csv) {
  const TemporaryFolder folder;
  run_well(
      {"import", "products", folder.write("products.csv", csv).string(), "--database", database.string()});
}

void import_inventory(const Location& database, std::string_view csv) {
  const TemporaryFolder folder;
  run_well({"import", "inventory", folder.write("inventory.csv", csv).string(), "--create-stores",
            "--database", database.string()});
}

Shop::Shop(Goods goods, std::vector<std::string> arguments)
    : arguments_(std::move(arguments)), database_(make_database(goods, folder_)) {
  restart();
}

Shop::~Shop() {
  try {
    const bool was_running = server_->is_running();
    const int status = server_->stop();
    const bool was_killed = !was_running && (status == -SIGKILL || status == -SIGINT);  // by the test
    CHECK_MESSAGE((status == 0 || was_killed), "the server ended with ", status,
                  "; it logged: ", server_->log());
    server_.reset();
    drop_database(database_);
  } catch (const std::exception& error) {
    FAIL_CHECK(error.what());
  }
}

void Shop::restart() {
  client_.reset();
  server_.reset();
  server_ = std::make_unique<Server>(database_, arguments_);
  client_ = std::make_unique<HttpClient>(server_->port());
}

ProgramResult Shop::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--database", database_.string()});
  return run_program(arguments);
}

std::int64_t Shop::store(std::string_view name) const { return find(database_, "stores", "name", name); }
std::int64_t Shop::product(std::string_view sku) const { return find(database_, "products", "sku", sku); }

std::string Shop::inventory_path(std::string_view store_name) const {
  return "/stores/" + std::to_string(store(store_name)) + "/inventory/";
}

std::string Shop::orders_path(std::string_view store_name) const {
  return "/stores/" + std::to_string(store(store_name)) + "/orders/";
}

std::int64_t Shop::quantity(std::string_view store_name, std::string_view sku) {
  const std::int64_t id = product(sku);
  for (const nlohmann::json& row : parse(client_->get(inventory_path(store_name)))) {
    if (row.at("product_id") == id) return row.at("quantity").get<std::int64_t>();
  }
  return -1;
}

std::string order_body(std::int64_t store, const std::vector<Line>& lines) {
  nlohmann::json items = nlohmann::json::array();
  for (const Line& line : lines)
    items.push_back({{"product_id", line.product}, {"quantity_requested", line.quantity}});
  return nlohmann::json{{"store_id", store}, {"items", items}}.dump();
}

}  // namespace aforro::test
