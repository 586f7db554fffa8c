#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/number_option.h"
#include "render/render.h"
#include "shop/ledger.h"

namespace aforro::app {
namespace {

struct Options {
  std::int64_t store = 0;
  std::int64_t limit = 100;
};

void run(Session& session, const Options& options) {
  const Database database = session.open_database_to_read();
  shop::Ledger ledger(*database.engine);
  const auto page = ledger.list(shop::StoreId(options.store), std::nullopt, options.limit);
  if (session.wants_json()) {
    JsonWriter json;
    render::write_movements(json, page.rows);
    session.print_json(json.take());
  } else {
    Table table({{"id", Column::Align::right},
                 {"created at"},
                 {"product", Column::Align::right},
                 {.name = "reason", .gives_way = true},
                 {"order", Column::Align::right},
                 {"change", Column::Align::right},
                 {"quantity after", Column::Align::right}});
    for (const shop::Movement& movement : page.rows) {
      table.add({std::to_string(movement.id), movement.created_at.to_string(),
                 std::to_string(movement.product.value()), movement.reason,
                 movement.order ? std::to_string(movement.order->value()) : "",
                 std::to_string(movement.change), std::to_string(movement.quantity_after)});
    }
    session.print(table, "there are no such movements");
  }
  if (page.next)
    session.remark("these are the newest " + std::to_string(options.limit) + "; --limit shows more");
}

}  // namespace

void add_movements(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("movements", "every change of a store's stock and why, newest first");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_number(*command, "--limit", {.min = 1, .max = 1'000'000}, "how many at most", options->limit)
      ->default_str(std::to_string(options->limit));
  session.add_common(*command, "aforro movements 1 --limit 20");
  command->callback([&session, options] { run(session, *options); });
}

}  // namespace aforro::app
