#include "seed/seed.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/number_option.h"
#include "app/terminal.h"
#include "base/json_writer.h"

namespace aforro::app {
namespace {

std::string sentence(const seed::Plan& plan, seed::Seeded seeded) {
  if (seeded == seed::Seeded::already_has_data) return "the database has data already; nothing was changed\n";
  return "seeded " + std::to_string(plan.categories) + " categories, " + std::to_string(plan.products) +
         " products, " + std::to_string(plan.stores) + " stores with " + std::to_string(plan.rows_per_store) +
         " products in each inventory\n";
}

void seed(Session& session, const seed::Plan& plan) {
  as_usage(session, [&] { seed::require_possible(plan); });
  const Database database = session.open_database(sql::Missing::create);
  Progress progress("writing row");
  const seed::Seeded seeded =
      seed::fill(*database.engine, plan, session.clock(),
                 [&](std::int64_t done, std::int64_t all) { progress.show(done, all); });
  if (!session.wants_json()) {
    session.print(sentence(plan, seeded));
    return;
  }
  JsonWriter json;
  json.begin_object();
  json.key("seeded").boolean(seeded == seed::Seeded::done);
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
  const auto plan = std::make_shared<seed::Plan>();
  const auto add = [&](const char* option, std::int64_t least, auto& number, const char* description) {
    add_number(*command, option, {.min = least}, description, number)->default_str(std::to_string(number));
  };
  add("--categories", 1, plan->categories, "how many categories");
  add("--products", 1, plan->products, "how many products");
  add("--stores", 1, plan->stores, "how many stores");
  const auto rows_per_store = std::make_shared<std::optional<std::int64_t>>();
  add_number(*command, "--rows-per-store", {.min = 1},
             "how many products each store carries; if there are fewer, all", *rows_per_store)
      ->default_str(std::to_string(plan->rows_per_store));
  add("--random-seed", 0, plan->random_seed, "the same number makes the same shop");
  command->add_flag_callback(
      "--uniform", [plan] { plan->shape = seed::Shape::uniform; },
      "products 1 to N in every store, 100,000,000 of each: for measuring");
  session.add_common(*command, "aforro seed --products 5000 --stores 40 --database demo.db");
  command->callback([&session, plan, rows_per_store] {
    plan->rows_per_store = rows_per_store->value_or(std::min(plan->rows_per_store, plan->products));
    seed(session, *plan);
  });
}

}  // namespace aforro::app
