#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/number_option.h"
#include "render/render.h"
#include "shop/order_book.h"

namespace aforro::app {
namespace {

struct Options {
  std::int64_t store = 0;
  std::int64_t limit = 100;
  std::string status;
};

std::string uppercase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

void run(Session& session, const Options& options) {
  std::optional<shop::OrderStatus> status;
  if (!options.status.empty()) {
    status = shop::parse_order_status(uppercase(options.status));
    if (!status) throw wrong_usage("--status must be " + shop::list_order_statuses());
  }
  const Database database = session.open_database_to_read();
  shop::OrderBook orders(*database.engine, session.clock(), [] {});
  const auto page = orders.list(shop::StoreId(options.store), status, std::nullopt, options.limit);
  if (session.wants_json()) {
    JsonWriter json;
    render::write_order_summaries(json, page.rows);
    session.print_json(json.take());
  } else {
    Table table({{"id", Column::Align::right},
                 {"status"},
                 {"created at"},
                 {"items", Column::Align::right},
                 {"quantity", Column::Align::right}});
    for (const shop::OrderSummary& order : page.rows) {
      table.add({std::to_string(order.id.value()), std::string(to_string(order.status)),
                 order.created_at.to_string(), std::to_string(order.total_items),
                 std::to_string(order.total_quantity)});
    }
    session.print(table, "there are no such orders");
  }
  if (page.next)
    session.remark("these are the newest " + std::to_string(options.limit) + "; --limit shows more");
}

}  // namespace

void add_orders(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("orders", "a store's orders, newest first");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_number(*command, "--limit", {.min = 1, .max = 1'000'000}, "how many at most", options->limit)
      ->default_str(std::to_string(options->limit));
  command->add_option("--status", options->status, "only those that are " + shop::list_order_statuses())
      ->type_name("STATUS");
  session.add_common(*command, "aforro orders 1 --status REJECTED");
  command->callback([&session, options] { run(session, *options); });
}

}  // namespace aforro::app
