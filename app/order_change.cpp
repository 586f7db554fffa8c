#include "app/order_change.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/bells.h"
#include "app/commands.h"
#include "app/number_option.h"
#include "app/print_order.h"

namespace aforro::app {

void add_order_change(CLI::App& program, Session& session, const OrderChange& change) {
  CLI::App* const command = program.add_subcommand(change.command, change.description);
  const auto id = std::make_shared<std::int64_t>();
  add_number(*command, "ORDER", {.min = 1}, "the order's id", *id)->required()->type_name("");
  session.add_common(*command, "aforro " + change.command + " 7");
  command->callback([&session, id, change = change.change] {
    const Database database = session.open_database(sql::Missing::refuse);
    shop::OrderBook orders(*database.engine, session.clock(),
                           [&session] { ring_once(session.database_choice()); });
    print_order(session, (orders.*change)(shop::OrderId(*id)));
  });
}

}  // namespace aforro::app
