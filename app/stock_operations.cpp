// Four commands that are one in all but what they do with the items: receive, count, adjust, transfer.
#include "shop/stock_operations.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "app/commands.h"
#include "app/items.h"
#include "app/number_option.h"
#include "base/json_writer.h"
#include "base/numbers.h"

namespace aforro::app {
namespace {

struct Options {
  std::int64_t store = 0;
  std::int64_t to = 0;             // of a transfer
  std::vector<std::string> items;  // PRODUCT:QUANTITY or PRODUCT:DIFFERENCE
};

Item split(const std::string& text, std::string_view form) {
  const auto item = split_item(text);
  if (!item) throw wrong_usage("ITEM must be " + std::string(form) + ", not " + text);
  return *item;
}

std::vector<shop::Goods> parse_goods(const Options& options) {
  std::vector<shop::Goods> goods;
  for (const std::string& text : options.items) {
    const Item item = split(text, "PRODUCT:QUANTITY, as 10:24");
    const auto quantity = parse_whole_number(item.quantity, 1, shop::kMaxStock);
    if (!quantity) throw wrong_usage(text + ": QUANTITY must be a whole number from 1 to 1000000000000");
    goods.push_back({item.product, *quantity});
  }
  return goods;
}

std::vector<shop::Correction> parse_counts(const Options& options) {
  std::vector<shop::Correction> counts;
  for (const std::string& text : options.items) {
    const Item item = split(text, "PRODUCT:QUANTITY, as 10:24");
    const auto quantity = parse_whole_number(item.quantity, 0, shop::kMaxStock);
    if (!quantity || item.quantity.starts_with('-')) {
      throw wrong_usage(text +
                        ": QUANTITY must be what was counted, from 0 to 1000000000000; `aforro adjust` takes "
                        "+5 and -5");
    }
    counts.push_back({item.product, shop::Correction::Kind::counted, *quantity});
  }
  return counts;
}

std::vector<shop::Correction> parse_differences(const Options& options) {
  std::vector<shop::Correction> differences;
  for (const std::string& text : options.items) {
    const Item item = split(text, "PRODUCT:DIFFERENCE, as 10:+5 or 10:-5");
    std::string_view number = item.quantity;
    const bool has_sign = number.starts_with('+') || number.starts_with('-');
    if (number.starts_with('+') && !number.starts_with("+-")) number.remove_prefix(1);
    const auto difference = parse_whole_number(number, -shop::kMaxStock, shop::kMaxStock);
    if (!difference || !has_sign || *difference == 0) {
      throw wrong_usage(text +
                        ": DIFFERENCE must have a sign, as +5 or -5, up to 1000000000000; `aforro count` "
                        "takes what was counted");
    }
    differences.push_back({item.product, shop::Correction::Kind::difference, *difference});
  }
  return differences;
}

void show(Session& session, const std::vector<shop::ShelfChange>& changes) {
  if (session.wants_json()) {
    JsonWriter json;
    json.begin_array();
    for (const shop::ShelfChange& change : changes) {
      json.begin_object();
      json.key("store_id").number(change.shelf.store.value());
      json.key("product_id").number(change.shelf.product.value());
      json.key("change").number(change.change);
      json.key("quantity").number(change.quantity);
      json.end_object();
    }
    json.end_array();
    session.print_json(json.take());
    return;
  }
  Table table({{"store", Column::Align::right},
               {"product", Column::Align::right},
               {"change", Column::Align::right},
               {"quantity", Column::Align::right}});
  for (const shop::ShelfChange& change : changes) {
    table.add({std::to_string(change.shelf.store.value()), std::to_string(change.shelf.product.value()),
               (change.change > 0 ? "+" : "") + std::to_string(change.change),
               std::to_string(change.quantity)});
  }
  session.print(table, "nothing was changed");
}

// What the items ask for, read before there is a database.
using Operation = std::function<std::vector<shop::ShelfChange>(shop::StockOperations&)>;

Operation receive(const Options& options) {
  return [store = shop::StoreId(options.store), goods = parse_goods(options)](
             shop::StockOperations& operations) { return operations.receive(store, goods); };
}

Operation correct(const Options& options, std::vector<shop::Correction> corrections) {
  return [store = shop::StoreId(options.store), corrections = std::move(corrections)](
             shop::StockOperations& operations) { return operations.adjust(store, corrections); };
}

Operation count(const Options& options) { return correct(options, parse_counts(options)); }

Operation adjust(const Options& options) { return correct(options, parse_differences(options)); }

Operation transfer(const Options& options) {
  if (options.store == options.to) throw wrong_usage("FROM and TO must be two stores");
  return [from = shop::StoreId(options.store), to = shop::StoreId(options.to), goods = parse_goods(options)](
             shop::StockOperations& operations) { return operations.transfer(from, to, goods); };
}

void add_items(CLI::App& command, Session& session, const std::shared_ptr<Options>& options,
               std::string_view example, Operation (*read)(const Options&),
               const std::string& form = "PRODUCT:QUANTITY, as 10:24") {
  command.add_option("ITEM", options->items, form + "; may be repeated")->required()->type_name("");
  session.add_common(command, example);
  command.callback([&session, options, read] {
    session.name_faults([options](const Fault& fault) {
      const auto item = item_of(fault, options->items);
      return item ? *item + ": the product" : "ITEM";
    });
    const Operation operation = read(*options);
    const Database database = session.open_database(sql::Missing::refuse);
    shop::StockOperations operations(*database.engine, session.clock());
    show(session, operation(operations));
  });
}

}  // namespace

void add_receive(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("receive", "add goods that came in to a store's inventory");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_items(*command, session, options, "aforro receive 1 10:24 15:6", &receive);
}

void add_count(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("count", "set a store's quantities to what was counted, whatever they were");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_items(*command, session, options, "aforro count 1 10:38 15:0", &count);
}

void add_adjust(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "adjust", "correct a store's quantities by +5, so many more, or -5, so many fewer");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_items(*command, session, options, "aforro adjust 1 10:-2 15:+4", &adjust,
            "PRODUCT:DIFFERENCE, as 10:+5 or 10:-5");
}

void add_transfer(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("transfer", "move goods from one store to another");
  const auto options = std::make_shared<Options>();
  add_number(*command, "FROM", {.min = 1}, "the store that gives", options->store)->required()->type_name("");
  add_number(*command, "TO", {.min = 1}, "the store that gets", options->to)->required()->type_name("");
  add_items(*command, session, options, "aforro transfer 1 2 10:5", &transfer);
}

}  // namespace aforro::app
