// What can be asked of a shop, as values: made up by chance, put to a real shop and to a model of one, and
// told in a line of text each. So are the answers, which makes comparing two a comparison of texts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/problem.h"
#include "shop/catalogue.h"
#include "shop/stock_operations.h"
#include "shop/types.h"
#include "support/shop_model.h"

namespace aforro::test {

struct Place {
  OrderWish wish;
};
struct Confirm {
  std::int64_t order;
};
struct Cancel {
  std::int64_t order;
};
struct SweepOrders {
  std::int64_t limit;
};
struct SweepKeys {};
struct Receive {
  std::int64_t store;
  std::vector<shop::Goods> goods;
};
struct Adjust {
  std::int64_t store;
  std::vector<shop::Correction> lines;
};
struct Count {
  std::int64_t store;
  std::int64_t product;
  std::int64_t quantity;
};
struct Transfer {
  std::int64_t from;
  std::int64_t to;
  std::vector<shop::Goods> goods;
};
struct PutProduct {
  ModelProduct product;
};
struct Deliver {  // sends confirmations
  std::int64_t limit;
};
struct FindOrder {
  std::int64_t order;
};
struct ListOrders {
  std::int64_t store;
  std::optional<shop::OrderStatus> status;
  std::int64_t page;
};
struct ListInventory {
  std::int64_t store;
  std::optional<std::int64_t> max_quantity;
  std::optional<std::int64_t> page;
};
struct ListMovements {
  std::int64_t store;
  std::int64_t page;
};

using Operation =
    std::variant<Place, Confirm, Cancel, SweepOrders, SweepKeys, Receive, Adjust, Count, Transfer, PutProduct,
                 Deliver, FindOrder, ListOrders, ListInventory, ListMovements>;

std::string describe(const Operation& operation);

std::string describe(const shop::Order& order);
std::string describe(const ModelPlaced& placed);
std::string describe(std::span<const shop::ShelfChange> changes);
std::string describe(shop::Put put);
std::string describe(const Problem& problem);  // without its words
std::string describe(const shop::OrderSummary& row);
std::string describe(const shop::InventoryRow& row);
std::string describe(const ModelMovement& row);

// Ends a page of a list that goes on.
inline constexpr std::string_view kNextPage = " | ";

}  // namespace aforro::test
