#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/number_option.h"
#include "render/render.h"
#include "shop/inventory.h"

namespace aforro::app {
namespace {

struct Options {
  std::int64_t store = 0;
  std::optional<std::int64_t> max_quantity;
};

void run(Session& session, const Options& options) {
  const Database database = session.open_database_to_read();
  shop::Inventory inventory(*database.engine, session.clock());
  const shop::InventoryListing listing =
      inventory.list(shop::StoreId(options.store),
                     {.max_quantity = options.max_quantity, .after = std::nullopt, .limit = std::nullopt});
  if (session.wants_json()) {
    JsonWriter json;
    render::write_inventory_rows(json, listing.page.rows);
    session.print_json(json.take());
    return;
  }
  Table table({{"product", Column::Align::right},
               {.name = "title", .gives_way = true},
               {"price", Column::Align::right},
               {.name = "category", .gives_way = true},
               {"quantity", Column::Align::right}});
  for (const shop::InventoryRow& row : listing.page.rows) {
    table.add({std::to_string(row.product.value()), row.product_title, row.price.to_string(), row.category,
               std::to_string(row.quantity)});
  }
  session.print(table, "the store has no such products");
}

}  // namespace

void add_inventory(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("inventory", "what a store has of each product, by title");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_number(*command, "--max-quantity", {.min = 0}, "only products of which there are at most so many",
             options->max_quantity);
  session.add_common(*command, "aforro inventory 1 --max-quantity 0");
  command->callback([&session, options] { run(session, *options); });
}

}  // namespace aforro::app
