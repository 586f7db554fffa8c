#include "shop/seed.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace aforro::app {
namespace {

std::string sentence(const shop::SeedPlan& plan, shop::Seeded seeded) {
  if (seeded == shop::Seeded::already_has_data) return "the database has data already; nothing was changed\n";
  return "seeded " + std::to_string(plan.categories) + " categories, " + std::to_string(plan.products) +
         " products, " + std::to_string(plan.stores) + " stores with " + std::to_string(plan.rows_per_store) +
         " products in each inventory\n";
}

void seed(Session& session, const shop::SeedPlan& plan) {
  const Database database = session.open_database(sql::Missing::create);
  Progress progress("writing row");
  const shop::Seeded seeded =
      shop::seed(*database.connection, plan, session.clock(),
                 [&](std::int64_t done, std::int64_t all) { progress.show(done, all); });
  if (!session.wants_json()) {
    session.print(sentence(plan, seeded));
    return;
  }
  JsonWriter json;
  json.begin_object();
  json.key("seeded").boolean(seeded == shop::Seeded::done);
  json.key("categories").number(plan.categories);
  json.key("products").number(plan.products);
  json.key("stores").number(plan.stores);
  json.key("rows_per_store").number(plan.rows_per_store);
  json.end_object();
  session.print_json(json.take());
}

}  // namespace

void add_seed(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("seed", "fill an empty database with a believable shop");
  const auto plan = std::make_shared<shop::SeedPlan>();
  command->add_option("--categories", plan->categories, "how many categories")->capture_default_str();
  command->add_option("--products", plan->products, "how many products")->capture_default_str();
  command->add_option("--stores", plan->stores, "how many stores")->capture_default_str();
  command->add_option("--rows-per-store", plan->rows_per_store, "how many products each store carries")
      ->capture_default_str();
  command->add_option("--random-seed", plan->random_seed, "the same number makes the same shop")
      ->capture_default_str();
  command->add_flag_callback(
      "--uniform", [plan] { plan->shape = shop::SeedShape::uniform; },
      "products 1 to N in every store, 100,000,000 of each: for measuring");
  session.add_common(*command, "aforro seed --products 5000 --stores 40 --database demo.db");
  command->callback([&session, plan] { seed(session, *plan); });
}

}  // namespace aforro::app
