// Three commands that show what others want the ids of: stores, categories, product.
#include "shop/catalogue.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/number_option.h"
#include "render/render.h"

namespace aforro::app {
namespace {

void list_stores(Session& session) {
  const Database database = session.open_database_to_read();
  const std::vector<shop::Store> stores = shop::Catalogue(*database.engine, session.clock()).stores();
  if (session.wants_json()) {
    JsonWriter json;
    render::write_stores(json, stores);
    session.print_json(json.take());
    return;
  }
  Table table({{"store", Column::Align::right},
               {.name = "name", .gives_way = true},
               {.name = "location", .gives_way = true}});
  for (const shop::Store& store : stores) {
    table.add({std::to_string(store.id.value()), store.name, store.location});
  }
  session.print(table, "there are no stores yet");
}

void list_categories(Session& session) {
  const Database database = session.open_database_to_read();
  const std::vector<shop::Category> categories =
      shop::Catalogue(*database.engine, session.clock()).categories();
  if (session.wants_json()) {
    JsonWriter json;
    render::write_categories(json, categories);
    session.print_json(json.take());
    return;
  }
  Table table({{"category", Column::Align::right},
               {.name = "name", .gives_way = true},
               {"products", Column::Align::right}});
  for (const shop::Category& category : categories) {
    table.add({std::to_string(category.id.value()), category.name, std::to_string(category.product_count)});
  }
  session.print(table, "there are no categories yet");
}

void show_product(Session& session, std::int64_t id) {
  const Database database = session.open_database_to_read();
  const auto product = shop::Catalogue(*database.engine, session.clock()).find_product(shop::ProductId(id));
  if (!product) throw Problem::not_found("There is no product " + std::to_string(id) + ".");
  if (session.wants_json()) {
    JsonWriter json;
    render::write_product(json, *product);
    session.print_json(json.take());
    return;
  }
  Table table({{"field"}, {.name = "value", .gives_way = true}});
  table.add({"product", std::to_string(product->id.value())});
  table.add({"sku", product->sku.value_or("")});
  table.add({"title", product->title});
  table.add({"price", product->price.to_string()});
  table.add({"category", product->category});
  table.add({"description", product->description});
  table.add({"created at", product->created_at.to_string()});
  session.print(table, "");
}

}  // namespace

void add_stores(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("stores", "all stores and their ids");
  session.add_common(*command, "aforro stores");
  command->callback([&session] { list_stores(session); });
}

void add_categories(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("categories", "all categories and how many products each has");
  session.add_common(*command, "aforro categories");
  command->callback([&session] { list_categories(session); });
}

void add_product(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("product", "one product, with all that is known of it");
  const auto id = std::make_shared<std::int64_t>();
  add_number(*command, "PRODUCT", {.min = 1}, "the product's id", *id)->required()->type_name("");
  session.add_common(*command, "aforro product 10");
  command->callback([&session, id] { show_product(session, *id); });
}

}  // namespace aforro::app
