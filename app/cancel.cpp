#include "app/commands.h"
#include "app/order_change.h"

namespace aforro::app {

void add_cancel(CLI::App& program, Session& session) {
  add_order_change(program, session,
                   {.command = "cancel",
                    .description = "end an order or a reservation, giving back what it took",
                    .change = &shop::OrderBook::cancel});
}

}  // namespace aforro::app
