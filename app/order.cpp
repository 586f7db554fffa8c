#include <CLI/CLI.hpp>
#include <memory>

#include "app/bells.h"
#include "app/commands.h"
#include "app/items.h"
#include "app/number_option.h"
#include "app/print_order.h"
#include "base/numbers.h"
#include "base/problem.h"
#include "base/text.h"
#include "shop/order_book.h"

namespace aforro::app {
namespace {

struct Options {
  std::int64_t store = 0;
  std::vector<std::string> items;
  std::string email;
  std::optional<std::int64_t> reserve_for;
};

shop::BasketLine parse_item(const std::string& text) {
  const auto item = split_item(text);
  if (!item) throw wrong_usage("--item must be PRODUCT:QUANTITY, as in --item 10:2");
  const auto quantity = parse_whole_number(item->quantity, 1, shop::kMaxQuantity);
  if (!quantity) {
    throw wrong_usage("--item " + text + ": QUANTITY must be a whole number from 1 to " +
                      std::to_string(shop::kMaxQuantity));
  }
  return {item->product, *quantity};
}

std::string name_of(const Fault& fault, const Options& options) {
  const auto item = item_of(fault, options.items);
  return item ? "--item " + *item : "--item";
}

void run(Session& session, const Options& options) {
  std::vector<shop::BasketLine> lines;
  for (const std::string& item : options.items) lines.push_back(parse_item(item));
  session.name_faults([&](const Fault& fault) { return name_of(fault, options); });
  std::optional<shop::Basket> basket;
  as_usage(session, [&] { basket = shop::Basket::of(lines); });
  if (const auto fault = options.email.empty() ? std::nullopt : email_fault(options.email)) {
    throw wrong_usage("--email " + *fault);
  }
  const Database database = session.open_database(sql::Missing::refuse);
  // A server on a file sees by its change mark that there is a job.
  shop::OrderBook orders(*database.engine, session.clock(),
                         [&session] { ring_once(session.database_choice()); });
  const shop::Order order = orders.place(
      shop::StoreId(options.store), *basket,
      options.email.empty() ? std::nullopt : std::optional(normalize(options.email)),
      options.reserve_for ? std::optional(std::chrono::seconds(*options.reserve_for)) : std::nullopt);
  print_order(session, order);
  if (order.status == shop::OrderStatus::rejected) {
    session.remark("aforro: the order was rejected: the store has too little; nothing was taken");
    session.refused();
  }
}

}  // namespace

void add_order(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("order", "place an order: all of it, or nothing");
  const auto options = std::make_shared<Options>();
  add_number(*command, "--store", {.min = 1}, "where to take it from", options->store)
      ->required()
      ->type_name("STORE");
  command->add_option("--item", options->items, "a product and how many of it; may be repeated")
      ->required()
      ->type_name("PRODUCT:QUANTITY")
      ->allow_extra_args(false);
  command->add_option("--email", options->email, "whose order it is")->type_name("ADDRESS");
  add_number(*command, "--reserve-for",
             {.min = shop::kShortestHold.count(), .max = shop::kLongestHold.count()},
             "only hold it for so long, until it is confirmed", options->reserve_for)
      ->type_name("SECONDS");
  session.add_common(*command,
                     "aforro order --store 1 --item 10:2 --item 15:1\n  aforro order --store 1 --item 10:2 "
                     "--reserve-for 600");
  command->callback([&session, options] { run(session, *options); });
}

}  // namespace aforro::app
