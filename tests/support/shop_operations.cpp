#include "support/shop_operations.h"

#include <array>

namespace aforro::test {
namespace {

std::string text(std::int64_t number) { return std::to_string(number); }
std::string text(std::optional<std::int64_t> number) { return number ? text(*number) : "-"; }
std::string text(const std::optional<std::string>& words) { return words.value_or("-"); }
std::string text(std::optional<Time> time) { return time ? text(time->micros()) : "-"; }

template <class Line>
std::string lines_text(const std::vector<Line>& lines) {
  constexpr std::size_t kShown = 20;
  std::string all;
  for (std::size_t i = 0; i < lines.size() && i < kShown; ++i) {
    all += ' ' + text(lines[i].product.value()) + ':' + text(lines[i].quantity);
  }
  return all + (lines.size() > kShown ? " … " + std::to_string(lines.size()) + " lines" : "");
}

std::string in_words(const Place& asked) {
  const OrderWish& wish = asked.wish;
  return "place in " + text(wish.store) + lines_text(wish.lines) + " for " + text(wish.email) + " hold " +
         text(wish.hold_seconds) + " key " + text(wish.key);
}
std::string in_words(const Confirm& asked) { return "confirm " + text(asked.order); }
std::string in_words(const Cancel& asked) { return "cancel " + text(asked.order); }
std::string in_words(const SweepOrders& asked) { return "sweep orders, at most " + text(asked.limit); }
std::string in_words(const SweepKeys& /*asked*/) { return "sweep keys"; }
std::string in_words(const Receive& asked) {
  return "receive in " + text(asked.store) + lines_text(asked.goods);
}
std::string in_words(const Adjust& asked) {
  std::string all = "adjust in " + text(asked.store);
  for (const auto& [product, kind, quantity] : asked.lines) {
    const bool is_count = kind == shop::Correction::Kind::counted;
    all += ' ' + text(product.value()) + (is_count ? " is " : " by ") + text(quantity);
  }
  return all;
}
std::string in_words(const Count& asked) {
  return "count in " + text(asked.store) + ' ' + text(asked.product) + ':' + text(asked.quantity);
}
std::string in_words(const Transfer& asked) {
  return "transfer from " + text(asked.from) + " to " + text(asked.to) + lines_text(asked.goods);
}
std::string in_words(const PutProduct& asked) {
  const ModelProduct& product = asked.product;
  return "put " + product.sku + " '" + product.title + "' at " + text(product.price_minor) + " in " +
         product.category;
}
std::string in_words(const Deliver& asked) { return "deliver, at most " + text(asked.limit); }
std::string in_words(const FindOrder& asked) { return "find " + text(asked.order); }
std::string in_words(const ListOrders& asked) {
  return "list orders of " + text(asked.store) + ' ' +
         (asked.status ? std::string(to_string(*asked.status)) : "all") + " by " + text(asked.page);
}
std::string in_words(const ListInventory& asked) {
  return "list inventory of " + text(asked.store) + " up to " + text(asked.max_quantity) + " by " +
         text(asked.page);
}
std::string in_words(const ListMovements& asked) {
  return "list movements of " + text(asked.store) + " by " + text(asked.page);
}

}  // namespace

std::string describe(const Operation& operation) {
  return std::visit([](const auto& asked) { return in_words(asked); }, operation);
}

std::string describe(const shop::Order& order) {
  std::string all = "order " + text(order.id.value()) + " in " + text(order.store.value()) + ' ' +
                    std::string(to_string(order.status)) + " at " + text(order.created_at.micros()) +
                    " until " + text(order.expires_at) + ", " + text(order.total_quantity) + " for " +
                    text(order.total_price.minor_units());
  for (const auto& line : order.lines) {
    all += " (" + text(line.product.value()) + " '" + line.product_title + "' " + text(line.quantity) +
           " at " + text(line.unit_price.minor_units()) + " of " + text(line.available) + ')';
  }
  return all;
}

std::string describe(const ModelPlaced& placed) {
  return (placed.replayed ? "again " : "first ") + text(placed.order) + ": " + placed.answer;
}

std::string describe(std::span<const shop::ShelfChange> changes) {
  std::string all;
  for (const auto& change : changes) {
    all += '(' + text(change.shelf.store.value()) + '/' + text(change.shelf.product.value()) + " by " +
           text(change.change) + " to " + text(change.quantity) + (change.is_new ? " new)" : ")");
  }
  return all;
}

std::string describe(shop::Put put) {
  constexpr std::array kPuts{"created", "changed", "unchanged"};
  return kPuts[static_cast<std::size_t>(put)];
}

std::string describe(const Problem& problem) {
  std::string all = "refused: " + std::string(name_of(problem.kind()));
  for (const Fault& fault : problem.faults().listed()) all += ' ' + fault.where;
  for (const auto& [name, value] : problem.facts()) all += ' ' + name + '=' + value;
  return all;
}

std::string describe(const shop::OrderSummary& row) {
  return '(' + text(row.id.value()) + ' ' + std::string(to_string(row.status)) + ' ' +
         text(row.created_at.micros()) + ' ' + text(row.total_items) + ' ' + text(row.total_quantity) + ')';
}

std::string describe(const shop::InventoryRow& row) {
  return '(' + text(row.product.value()) + " '" + row.product_title + "' " + text(row.price.minor_units()) +
         ' ' + row.category + ' ' + text(row.quantity) + ')';
}

std::string describe(const ModelMovement& row) {
  return '(' + text(row.id) + ' ' + text(row.product) + ' ' + row.reason + ' ' + text(row.order) + ' ' +
         text(row.change) + " left " + text(row.quantity_after) + " at " + text(row.created_at.micros()) +
         ')';
}

}  // namespace aforro::test
