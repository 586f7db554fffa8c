// A shop as plain as it can be said: maps in memory, one thing after another, written from the contract and
// not from the program. Beside the real one it says what each operation must answer and leave behind; it
// refuses by throwing the same Problem, whose words do not count.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "shop/basket.h"
#include "shop/catalogue.h"
#include "shop/stock_operations.h"
#include "shop/types.h"

namespace aforro::test {

// One order as somebody asks for it.
struct OrderWish {
  std::int64_t store;
  std::vector<shop::BasketLine> lines;  // as they come: repeated, out of bounds
  std::optional<std::string> email;
  std::optional<std::int64_t> hold_seconds;
  std::optional<std::string> key;
};

struct ModelProduct {
  std::string sku;
  std::string title;
  std::string title_key;  // what it is sorted by
  std::int64_t price_minor;
  std::string category;
  friend bool operator==(const ModelProduct&, const ModelProduct&) = default;
};

struct ModelOrder {
  shop::Order order;  // with the status that was last decided
  std::optional<std::string> email;
};

struct ModelKey {
  OrderWish wish;       // what it was used for
  std::string meaning;  // of that
  std::int64_t order;
  std::string answer;
  Time created_at;
};

struct ModelMovement {
  std::int64_t id;  // 0 until the real shop has given it one
  std::int64_t store;
  std::int64_t product;
  std::string reason;
  std::int64_t change;
  std::optional<std::int64_t> order;
  Time created_at;
  std::int64_t quantity_after;  // with the id
};

struct ModelJob {
  std::int64_t order;
  Time created_at;
};

struct ModelPlaced {
  std::int64_t order;
  std::string answer;
  bool replayed;
};

// Values throughout: a copy is another shop that begins where this one stands. What has an id gets it from
// the real shop, which is free to leave some out; `id` is the one that it gave, and must be new.
class ShopModel {
 public:
  Time now;
  std::set<std::int64_t> stores;
  std::map<std::int64_t, ModelProduct> products;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> shelves;  // by store and product
  std::map<std::int64_t, ModelOrder> orders;
  std::map<std::string, ModelKey> keys;
  std::vector<ModelMovement> movements;
  std::vector<ModelJob> jobs;  // confirmations to be sent, the oldest first

  // --- Orders. `render` makes the answer that is kept with a key.
  shop::Order place(const OrderWish& wish, std::int64_t id);
  ModelPlaced place_once(const OrderWish& wish, std::int64_t id, std::string (*render)(const shop::Order&));
  shop::Order confirm(std::int64_t id);
  shop::Order cancel(std::int64_t id);
  void expire(std::int64_t id);             // must be due
  void expire_due_in(std::int64_t store);   // all of them
  std::vector<std::int64_t> due() const;    // of all stores, those first that have been for longest
  std::int64_t sweep_keys();                // returns how many are gone
  bool is_over(const ModelKey& key) const;  // its day is
  shop::OrderStatus status(const shop::Order& order) const;  // as it reads now

  // --- Goods
  std::vector<shop::ShelfChange> receive(std::int64_t store, const std::vector<shop::Goods>& goods);
  std::vector<shop::ShelfChange> adjust(std::int64_t store, const std::vector<shop::Correction>& lines);
  std::vector<shop::ShelfChange> transfer(std::int64_t from, std::int64_t to,
                                          const std::vector<shop::Goods>& goods);
  std::int64_t count(std::int64_t store, std::int64_t product, std::int64_t quantity);
  shop::Put put(const ModelProduct& product, std::int64_t id);  // known by its SKU, or new

  // Sends confirmations that are due, the oldest first: of these orders.
  std::vector<std::int64_t> deliver(std::int64_t limit);

  // That the real shop has written this movement, the next one of all. False if none like it is expected, or
  // what it says was left is not what its shelf's movements add up to.
  bool take_movement(const ModelMovement& written);
  bool expects_movements() const { return taken_ < movements.size(); }

  // --- What can be read, in the order in which it is listed
  std::optional<shop::Order> find(std::int64_t id) const;
  std::vector<shop::OrderSummary> list_orders(std::int64_t store,
                                              std::optional<shop::OrderStatus> status) const;
  std::vector<shop::InventoryRow> list_inventory(std::int64_t store,
                                                 std::optional<std::int64_t> max_quantity) const;
  std::vector<ModelMovement> list_movements(std::int64_t store) const;

 private:
  void require_store(std::int64_t store) const;
  template <class Line>
  void require_products(const std::vector<Line>& lines) const;
  shop::Order& require_order(std::int64_t id);
  void move(std::int64_t store, std::int64_t product, const std::string& reason, std::int64_t change,
            std::optional<std::int64_t> order);
  void queue_confirmation(std::int64_t order);
  void give_back(const shop::Order& order, const std::string& reason);
  std::vector<shop::ShelfChange> change_shelves(const std::string& reason,
                                                std::vector<shop::ShelfChange> changes);

  std::size_t taken_ = 0;                                                     // movements with an id
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> left_after_;  // by those
};

}  // namespace aforro::test
