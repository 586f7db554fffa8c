#include "support/clerk.h"

#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/database_file.h"
#include "support/json.h"
#include "support/temporary_folder.h"

namespace aforro::test {
namespace {

constexpr const char* kDepotSku = "KITE";

}  // namespace

Clerk::Clerk(const Shop& shop, std::uint64_t seed, std::vector<std::string> skus)
    : shop_(shop),
      skus_(std::move(skus)),
      north_(shop.store("North")),
      south_(shop.store("South")),
      random_(seed) {
  import_inventory(shop.database(), std::string("store,sku,quantity\nDepot,") + kDepotSku + ",1\n");
  depot_ = {shop.store("Depot"), shop.product(kDepotSku)};
  for (const std::string& sku : skus_) products_.push_back(shop.product(sku));
  for (const std::string& row :
       query_texts(shop.database(),
                   "SELECT CAST(store_id AS TEXT) || ' ' || CAST(product_id AS TEXT) || ' ' ||"
                   " CAST(quantity AS TEXT) FROM inventory")) {
    std::istringstream columns(row);
    Shelf shelf;
    columns >> shelf.first >> shelf.second >> received_[shelf];
  }
}

void Clerk::work() {
  switch (random_() % 8) {
    case 0:
      return count_depot();
    case 1:
      return change_prices();
    default:
      return move_goods();
  }
}

ProgramResult Clerk::run(const std::vector<std::string>& command) {
  ProgramResult result = shop_.command(command);
  if (result.exit_status == 0) {
    ++done_;
  } else if (result.exit_status == 1 && result.err.find("nothing was changed") != std::string::npos) {
    ++refused_;
  } else {
    faults_.push_back(command.front() + " exits with " + std::to_string(result.exit_status) + ": " +
                      result.err);
  }
  return result;
}

void Clerk::move_goods() {
  const std::string product = std::to_string(products_[random_() % products_.size()]);
  const std::string quantity = std::to_string(1 + random_() % 30);
  const std::string north = std::to_string(north_);
  const std::string south = std::to_string(south_);
  const std::array<std::vector<std::string>, 5> commands{{
      {"receive", north, product + ':' + quantity},
      {"receive", south, product + ':' + quantity},
      {"adjust", north, product + ":+" + quantity},
      {"adjust", south, product + ":-" + quantity},
      {"transfer", north, south, product + ':' + quantity},
  }};
  std::vector<std::string> command = commands[random_() % commands.size()];
  command.emplace_back("--json");
  const ProgramResult result = run(command);
  if (result.exit_status != 0) return;
  for (const auto& change : parse(result.out)) {
    received_[{change.at("store_id"), change.at("product_id")}] += change.at("change").get<std::int64_t>();
  }
}

void Clerk::count_depot() {
  const auto counted = static_cast<std::int64_t>(random_() % 1'000);
  const TemporaryFolder folder;
  const auto file = folder.write("inventory.csv", std::string("store,sku,quantity\nDepot,") + kDepotSku +
                                                      ',' + std::to_string(counted) + '\n');
  if (run({"import", "inventory", file.string()}).exit_status == 0) received_[depot_] = counted;
}

// What was ordered before keeps the price it had.
void Clerk::change_prices() {
  std::string csv = "sku,title,description,price,category\n";
  for (const std::string& sku : skus_) {
    csv += sku + ",Thing " + sku + ",New.," + std::to_string(random_() % 100) + ".50,Kitchen\n";
  }
  const TemporaryFolder folder;
  run({"import", "products", folder.write("products.csv", csv).string()});
}

}  // namespace aforro::test
