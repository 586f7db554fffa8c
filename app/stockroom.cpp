// Four commands that are one in all but what they do with the lines: receive, count, adjust, transfer.
#include "shop/stockroom.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "app/commands.h"
#include "app/number_option.h"
#include "base/json_writer.h"
#include "base/numbers.h"

namespace aforro::app {
namespace {

constexpr std::string_view kQuantities = "PRODUCT QUANTITY: an id and how many; may be repeated";

struct Options {
  std::int64_t store = 0;
  std::int64_t to = 0;             // of a transfer
  std::vector<std::string> lines;  // a product, a quantity, a product, a quantity …
};

std::size_t count_of(const Options& options) {
  if (options.lines.size() % 2 != 0) throw wrong_usage("each PRODUCT needs its QUANTITY");
  return options.lines.size() / 2;
}

shop::ProductId product_of(const Options& options, std::size_t line) {
  const auto product = parse_whole_number(options.lines[2 * line], 1, shop::kMaxId);
  if (!product) throw wrong_usage("PRODUCT must be a whole number of at least 1");
  return shop::ProductId(*product);
}

std::vector<shop::Goods> parse_goods(const Options& options) {
  std::vector<shop::Goods> goods;
  for (std::size_t i = 0; i < count_of(options); ++i) {
    const auto quantity = parse_whole_number(options.lines[2 * i + 1], 1, shop::kMaxStock);
    if (!quantity) throw wrong_usage("QUANTITY must be a whole number from 1 to 1000000000000");
    goods.push_back({product_of(options, i), *quantity});
  }
  return goods;
}

std::vector<shop::Correction> parse_counts(const Options& options) {
  std::vector<shop::Correction> counts;
  for (std::size_t i = 0; i < count_of(options); ++i) {
    const std::string& text = options.lines[2 * i + 1];
    const auto quantity = parse_whole_number(text, 0, shop::kMaxStock);
    if (!quantity || text.starts_with('-')) {
      throw wrong_usage(
          "QUANTITY must be what was counted, from 0 to 1000000000000; `aforro adjust` takes +5 and -5");
    }
    counts.push_back({product_of(options, i), shop::Correction::Kind::counted, *quantity});
  }
  return counts;
}

std::vector<shop::Correction> parse_differences(const Options& options) {
  std::vector<shop::Correction> differences;
  for (std::size_t i = 0; i < count_of(options); ++i) {
    std::string_view text = options.lines[2 * i + 1];
    const bool has_sign = text.starts_with('+') || text.starts_with('-');
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    const auto difference = parse_whole_number(text, -shop::kMaxStock, shop::kMaxStock);
    if (!difference || !has_sign || *difference == 0) {
      throw wrong_usage(
          "DIFFERENCE must have a sign, as +5 or -5, up to 1000000000000; `aforro count` takes what was "
          "counted");
    }
    differences.push_back({product_of(options, i), shop::Correction::Kind::difference, *difference});
  }
  return differences;
}

// "/items/3/product_id" is what the fourth pair of arguments names.
std::string line_of(const Fault& fault, const Options& options) {
  constexpr std::string_view kBegin = "/items/";
  if (!fault.where.starts_with(kBegin)) return "PRODUCT QUANTITY";
  const std::string_view rest = std::string_view(fault.where).substr(kBegin.size());
  const auto index = parse_whole_number(rest.substr(0, rest.find('/')), 0, shop::kMaxGoods - 1);
  return "product " + options.lines.at(2 * static_cast<std::size_t>(index.value_or(0)));
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

// What the lines ask for, read before there is a database.
using Operation = std::function<std::vector<shop::ShelfChange>(shop::Stockroom&)>;

Operation receive(const Options& options) {
  return [store = shop::StoreId(options.store), goods = parse_goods(options)](shop::Stockroom& stockroom) {
    return stockroom.receive(store, goods);
  };
}

Operation correct(const Options& options, std::vector<shop::Correction> corrections) {
  return [store = shop::StoreId(options.store), corrections = std::move(corrections)](
             shop::Stockroom& stockroom) { return stockroom.adjust(store, corrections); };
}

Operation count(const Options& options) { return correct(options, parse_counts(options)); }

Operation adjust(const Options& options) { return correct(options, parse_differences(options)); }

Operation transfer(const Options& options) {
  if (options.store == options.to) throw wrong_usage("FROM and TO must be two stores");
  return [from = shop::StoreId(options.store), to = shop::StoreId(options.to), goods = parse_goods(options)](
             shop::Stockroom& stockroom) { return stockroom.transfer(from, to, goods); };
}

void add_lines(CLI::App& command, Session& session, const std::shared_ptr<Options>& options,
               const std::string& description, std::string_view example, Operation (*read)(const Options&)) {
  command.add_option("LINES", options->lines, description)->required()->type_name("");
  session.add_common(command, example);
  command.callback([&session, options, read] {
    session.name_faults([options](const Fault& fault) { return line_of(fault, *options); });
    const Operation operation = read(*options);
    const Database database = session.open_database(sql::Missing::refuse);
    shop::Stockroom stockroom(*database.connection, session.clock());
    show(session, operation(stockroom));
  });
}

}  // namespace

void add_receive(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("receive", "add goods that came in to a store's inventory");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_lines(*command, session, options, std::string(kQuantities), "aforro receive 1 10 24 15 6", &receive);
}

void add_count(CLI::App& program, Session& session) {
  CLI::App* const command =
      program.add_subcommand("count", "set a store's quantities to what was counted, whatever they were");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_lines(*command, session, options, std::string(kQuantities), "aforro count 1 10 38 15 0", &count);
}

void add_adjust(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand(
      "adjust", "correct a store's quantities by +5, so many more, or -5, so many fewer");
  const auto options = std::make_shared<Options>();
  add_number(*command, "STORE", {.min = 1}, "the store's id", options->store)->required()->type_name("");
  add_lines(*command, session, options, "PRODUCT DIFFERENCE: an id and +5 or -5; may be repeated",
            "aforro adjust 1 10 -2 15 +4", &adjust);
}

void add_transfer(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("transfer", "move goods from one store to another");
  const auto options = std::make_shared<Options>();
  add_number(*command, "FROM", {.min = 1}, "the store that gives", options->store)->required()->type_name("");
  add_number(*command, "TO", {.min = 1}, "the store that gets", options->to)->required()->type_name("");
  add_lines(*command, session, options, std::string(kQuantities), "aforro transfer 1 2 10 5", &transfer);
}

}  // namespace aforro::app
