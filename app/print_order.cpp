#include "app/print_order.h"

#include "render/render.h"

namespace aforro::app {

void print_order(Session& session, const shop::Order& order) {
  if (session.wants_json()) {
    JsonWriter json;
    render::write_order(json, order);
    session.print_json(json.take());
    return;
  }
  Table table({{"product", Column::Align::right},
               {.name = "title", .gives_way = true},
               {"quantity", Column::Align::right},
               {"unit price", Column::Align::right},
               {"available", Column::Align::right}});
  for (const shop::OrderLine& line : order.lines) {
    table.add({std::to_string(line.product.value()), line.product_title, std::to_string(line.quantity),
               line.unit_price.to_string(), line.available ? std::to_string(*line.available) : ""});
  }
  const bool is_held = order.status == shop::OrderStatus::pending && order.expires_at;
  session.print("order " + std::to_string(order.id.value()) + " " + std::string(to_string(order.status)) +
                (is_held ? " until " + order.expires_at->to_string() : "") + ", total " +
                order.total_price.to_string() + "\n");
  session.print(table, "it has no lines");
}

}  // namespace aforro::app
