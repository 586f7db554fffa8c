#include "app/commands.h"
#include "app/order_change.h"

namespace aforro::app {

void add_confirm(CLI::App& program, Session& session) {
  add_order_change(program, session,
                   {.command = "confirm",
                    .description = "make a reservation an order",
                    .change = &shop::OrderBook::confirm});
}

}  // namespace aforro::app
