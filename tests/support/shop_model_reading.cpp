// What can be read of the model, and how its movements are matched with those that the real shop has written.
#include <algorithm>
#include <tuple>

#include "support/shop_model.h"

namespace aforro::test {

bool ShopModel::take_movement(const ModelMovement& written) {
  const auto first = movements.begin() + static_cast<std::ptrdiff_t>(taken_);
  const auto told = [](const ModelMovement& m) {
    return std::tie(m.store, m.product, m.reason, m.change, m.order, m.created_at);
  };
  const auto expected =
      std::find_if(first, movements.end(), [&](const ModelMovement& m) { return told(m) == told(written); });
  if (expected == movements.end()) return false;
  std::rotate(first, expected, expected + 1);
  *first = written;
  ++taken_;
  std::int64_t& left = left_after_[{written.store, written.product}];
  left += written.change;
  return left == written.quantity_after;
}

std::optional<shop::Order> ShopModel::find(std::int64_t id) const {
  const auto found = orders.find(id);
  if (found == orders.end()) return std::nullopt;
  shop::Order order = found->second.order;
  order.status = status(order);
  return order;
}

std::vector<shop::OrderSummary> ShopModel::list_orders(std::int64_t store,
                                                       std::optional<shop::OrderStatus> wanted) const {
  require_store(store);
  std::vector<shop::OrderSummary> list;
  for (const auto& [id, kept] : orders) {
    const shop::Order& order = kept.order;
    if (order.store.value() != store || (wanted && status(order) != *wanted)) continue;
    list.push_back({order.id, status(order), order.created_at, static_cast<std::int64_t>(order.lines.size()),
                    order.total_quantity});
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
    return std::tuple(a.created_at, a.id) > std::tuple(b.created_at, b.id);
  });
  return list;
}

std::vector<shop::InventoryRow> ShopModel::list_inventory(std::int64_t store,
                                                          std::optional<std::int64_t> max_quantity) const {
  require_store(store);
  std::vector<shop::InventoryRow> list;
  for (const auto& [shelf, quantity] : shelves) {
    if (shelf.first != store || (max_quantity && quantity > *max_quantity)) continue;
    const ModelProduct& product = products.at(shelf.second);
    list.push_back({shop::ProductId(shelf.second), product.title, Money::from_minor(product.price_minor),
                    product.category, quantity});
  }
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) {
    const auto place = [&](const auto& row) {
      return std::pair(products.at(row.product.value()).title_key, row.product);
    };
    return place(a) < place(b);
  });
  return list;
}

std::vector<ModelMovement> ShopModel::list_movements(std::int64_t store) const {
  require_store(store);
  std::vector<ModelMovement> list;
  for (const ModelMovement& movement : movements) {
    if (movement.store == store) list.push_back(movement);
  }
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.id > b.id; });
  return list;
}

}  // namespace aforro::test
