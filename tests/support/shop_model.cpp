// Where the contract leaves something open, this is what was taken for it:
//   * several faults of one request: bad numbers come before a store that is not there, that before products
//     that are not there, and those before what stock allows;
//   * a line that makes too much of its product together with those before is the faulty one, once;
//   * a key whose day is not over comes before the rest of its request, even one that would be refused;
//   * a shelf that is made with nothing on it has a movement of 0;
//   * the order of movements within one operation is free, as long as each says what was left;
//   * a shelf may come to hold more than kMaxStock by what orders give back, as nobody could be refused then;
//   * a request that is refused for its own faults may expire what is due, or not: see adopt_expired() of the
//     simulation.
#include "support/shop_model.h"

#include <algorithm>
#include <stdexcept>

namespace aforro::test {
namespace {

using shop::Order;
using shop::OrderStatus;
using shop::ShelfChange;

constexpr std::int64_t kMicrosOfKeyLife = 24LL * 3600 * 1'000'000;

void add_fault(Faults& faults, std::size_t line, const char* field) {
  faults.add(Fault::In::body, "/items/" + std::to_string(line) + "/" + field, "");
}

[[noreturn]] void refuse_lines() { throw Problem::invalid({{Fault::In::body, "/items", ""}}); }

void refuse_if_any(Faults faults) {
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
}

// The lines of one product added up, at the place of the first.
std::vector<shop::BasketLine> added_up(const std::vector<shop::BasketLine>& lines, std::int64_t most_lines,
                                       std::int64_t most_of_line, std::int64_t most_together,
                                       const char* field) {
  if (lines.empty() || std::cmp_greater(lines.size(), most_lines)) refuse_lines();
  Faults faults;
  std::vector<shop::BasketLine> sums;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].quantity < 1 || lines[i].quantity > most_of_line) {
      add_fault(faults, i, field);
      continue;
    }
    const auto same = std::find_if(sums.begin(), sums.end(),
                                   [&](const auto& sum) { return sum.product == lines[i].product; });
    if (same == sums.end()) {
      sums.push_back(lines[i]);
      continue;
    }
    const bool was_fine = same->quantity <= most_together;
    same->quantity += lines[i].quantity;
    if (was_fine && same->quantity > most_together) add_fault(faults, i, field);
  }
  refuse_if_any(std::move(faults));
  return sums;
}

std::vector<shop::BasketLine> basket_of(const OrderWish& wish) {
  return added_up(wish.lines, 2'000, 1'000'000, 1'000'000, "quantity_requested");
}

std::vector<shop::BasketLine> goods_of(const std::vector<shop::Goods>& goods) {
  std::vector<shop::BasketLine> lines;
  lines.reserve(goods.size());
  for (const shop::Goods& line : goods) lines.push_back({line.product, line.quantity});
  return added_up(lines, 1'000, shop::kMaxStock, 1'000 * shop::kMaxStock, "quantity");
}

// The same for requests that mean the same.
std::string meaning_of(const OrderWish& wish) {
  std::map<std::int64_t, std::int64_t> sums;
  for (const auto& line : basket_of(wish)) sums[line.product.value()] = line.quantity;
  std::string text = std::to_string(wish.store) + " for " + wish.email.value_or("-") + " hold " +
                     std::to_string(wish.hold_seconds.value_or(0));
  for (const auto& [product, quantity] : sums) {
    text += " " + std::to_string(product) + ":" + std::to_string(quantity);
  }
  return text;
}

[[noreturn]] void refuse_state(OrderStatus status) {
  throw Problem(Problem::Kind::conflict, "").with("order_status", std::string(to_string(status)));
}

}  // namespace

void ShopModel::require_store(std::int64_t store) const {
  if (!stores.contains(store)) throw Problem::not_found("");
}

template <class Line>
void ShopModel::require_products(const std::vector<Line>& lines) const {
  Faults faults;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!products.contains(lines[i].product.value())) add_fault(faults, i, "product_id");
  }
  refuse_if_any(std::move(faults));
}

void ShopModel::move(std::int64_t store, std::int64_t product, const std::string& reason, std::int64_t change,
                     std::optional<std::int64_t> order) {
  shelves[{store, product}] += change;
  movements.push_back({.id = 0,
                       .store = store,
                       .product = product,
                       .reason = reason,
                       .change = change,
                       .order = order,
                       .created_at = now,
                       .quantity_after = 0});
}

// --- Orders ----------------------------------------------------------------------------------------------

Order ShopModel::place(const OrderWish& wish, std::int64_t id) {
  const std::vector<shop::BasketLine> basket = basket_of(wish);
  require_store(wish.store);
  require_products(wish.lines);
  expire_due_in(wish.store);

  if (id <= 0 || (!orders.empty() && id <= orders.rbegin()->first)) {
    throw std::runtime_error("the id of an order must be new, not " + std::to_string(id));
  }
  Order order{.id = shop::OrderId(id),
              .store = shop::StoreId(wish.store),
              .status = wish.hold_seconds ? OrderStatus::pending : OrderStatus::confirmed,
              .created_at = now,
              .total_quantity = 0,
              .total_price = {},
              .lines = {}};
  std::vector<std::int64_t> available;
  for (const auto& line : basket) {
    const auto shelf = shelves.find({wish.store, line.product.value()});
    available.push_back(shelf == shelves.end() ? 0 : shelf->second);
    if (available.back() < line.quantity) order.status = OrderStatus::rejected;
  }
  std::int64_t price_minor = 0;
  for (std::size_t i = 0; i < basket.size(); ++i) {
    const ModelProduct& product = products.at(basket[i].product.value());
    order.total_quantity += basket[i].quantity;
    price_minor += basket[i].quantity * product.price_minor;
    order.lines.push_back({.product = basket[i].product,
                           .product_title = product.title,
                           .quantity = basket[i].quantity,
                           .unit_price = Money::from_minor(product.price_minor),
                           .available = {}});
    if (order.status == OrderStatus::rejected) order.lines.back().available = available[i];
  }
  order.total_price = Money::from_minor(price_minor);
  if (order.status == OrderStatus::pending) {
    order.expires_at = Time::from_micros(now.micros() + *wish.hold_seconds * 1'000'000);
  }
  if (order.status != OrderStatus::rejected) {
    const std::string reason = order.status == OrderStatus::pending ? "reserve" : "order";
    for (const auto& line : basket) move(wish.store, line.product.value(), reason, -line.quantity, id);
  }
  if (order.status == OrderStatus::confirmed) queue_confirmation(id);
  orders.emplace(id, ModelOrder{order, wish.email});
  return order;
}

void ShopModel::queue_confirmation(std::int64_t order) {
  const auto later =
      std::find_if(jobs.begin(), jobs.end(), [&](const ModelJob& job) { return job.created_at > now; });
  jobs.insert(later, {order, now});
}

bool ShopModel::is_over(const ModelKey& key) const {
  return now.micros() >= key.created_at.micros() + kMicrosOfKeyLife;
}

ModelPlaced ShopModel::place_once(const OrderWish& wish, std::int64_t id,
                                  std::string (*render)(const Order&)) {
  const std::string meaning = meaning_of(wish);
  const auto known = keys.find(*wish.key);
  if (known != keys.end() && !is_over(known->second)) {
    if (known->second.meaning != meaning) throw Problem(Problem::Kind::key_reused, "");
    return {known->second.order, known->second.answer, true};
  }
  const std::string answer = render(place(wish, id));
  keys.insert_or_assign(*wish.key, ModelKey{wish, meaning, id, answer, now});
  return {id, answer, false};
}

OrderStatus ShopModel::status(const Order& order) const {
  const bool is_past = order.expires_at && now >= *order.expires_at;
  return order.status == OrderStatus::pending && is_past ? OrderStatus::expired : order.status;
}

Order& ShopModel::require_order(std::int64_t id) {
  const auto found = orders.find(id);
  if (found == orders.end()) throw Problem::not_found("");
  return found->second.order;
}

Order ShopModel::confirm(std::int64_t id) {
  Order& order = require_order(id);
  switch (status(order)) {
    case OrderStatus::pending:
      order.status = OrderStatus::confirmed;
      queue_confirmation(id);
      return order;
    case OrderStatus::confirmed:
      return order;
    default:
      refuse_state(status(order));
  }
}

Order ShopModel::cancel(std::int64_t id) {
  Order& order = require_order(id);
  switch (status(order)) {
    case OrderStatus::pending:
    case OrderStatus::confirmed:
      order.status = OrderStatus::cancelled;
      give_back(order, "cancel");
      return order;
    case OrderStatus::cancelled:
      return order;
    default:
      refuse_state(status(order));
  }
}

void ShopModel::give_back(const Order& order, const std::string& reason) {
  for (const auto& line : order.lines) {
    move(order.store.value(), line.product.value(), reason, line.quantity, order.id.value());
  }
}

void ShopModel::expire(std::int64_t id) {
  Order& order = require_order(id);
  if (order.status != OrderStatus::pending || status(order) != OrderStatus::expired) {
    throw std::runtime_error("order " + std::to_string(id) + " is not due");
  }
  order.status = OrderStatus::expired;
  give_back(order, "expire");
}

std::vector<std::int64_t> ShopModel::due() const {
  std::vector<std::pair<Time, std::int64_t>> found;
  for (const auto& [id, kept] : orders) {
    if (kept.order.status == OrderStatus::pending && status(kept.order) == OrderStatus::expired) {
      found.emplace_back(*kept.order.expires_at, id);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<std::int64_t> ids;
  ids.reserve(found.size());
  for (const auto& [expires_at, id] : found) ids.push_back(id);
  return ids;
}

void ShopModel::expire_due_in(std::int64_t store) {
  for (const std::int64_t id : due()) {
    if (orders.at(id).order.store.value() == store) expire(id);
  }
}

std::int64_t ShopModel::sweep_keys() {
  return static_cast<std::int64_t>(std::erase_if(keys, [&](const auto& key) { return is_over(key.second); }));
}

// --- Goods -----------------------------------------------------------------------------------------------

// Of each, `change` is given; the rest follows.
std::vector<ShelfChange> ShopModel::change_shelves(const std::string& reason,
                                                   std::vector<ShelfChange> changes) {
  for (ShelfChange& change : changes) {
    const auto shelf = shelves.find({change.shelf.store.value(), change.shelf.product.value()});
    change.is_new = shelf == shelves.end();
    change.quantity = (change.is_new ? 0 : shelf->second) + change.change;
    if (change.quantity < 0 || change.quantity > shop::kMaxStock) throw Problem(Problem::Kind::conflict, "");
  }
  for (const ShelfChange& change : changes) {
    if (change.change == 0 && !change.is_new) continue;
    move(change.shelf.store.value(), change.shelf.product.value(), reason, change.change, std::nullopt);
  }
  return changes;
}

std::vector<ShelfChange> ShopModel::receive(std::int64_t store, const std::vector<shop::Goods>& goods) {
  const auto lines = goods_of(goods);
  require_store(store);
  require_products(goods);
  std::vector<ShelfChange> changes;
  changes.reserve(lines.size());
  for (const auto& line : lines) {
    changes.push_back({{shop::StoreId(store), line.product}, line.quantity, 0, false});
  }
  return change_shelves("receive", std::move(changes));
}

std::vector<ShelfChange> ShopModel::transfer(std::int64_t from, std::int64_t to,
                                             const std::vector<shop::Goods>& goods) {
  if (from == to) throw Problem(Problem::Kind::invalid, "");
  const auto lines = goods_of(goods);
  require_store(from);
  require_store(to);
  require_products(goods);
  expire_due_in(from);
  std::vector<ShelfChange> changes;
  for (const auto& line : lines) {
    changes.push_back({{shop::StoreId(from), line.product}, -line.quantity, 0, false});
    changes.push_back({{shop::StoreId(to), line.product}, line.quantity, 0, false});
  }
  return change_shelves("transfer", std::move(changes));
}

std::vector<ShelfChange> ShopModel::adjust(std::int64_t store, const std::vector<shop::Correction>& lines) {
  if (lines.empty() || lines.size() > 1'000) refuse_lines();
  Faults faults;
  std::set<std::int64_t> corrected;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [product, kind, quantity] = lines[i];
    const bool is_count = kind == shop::Correction::Kind::counted;
    const std::int64_t least = is_count ? 0 : -shop::kMaxStock;
    const bool is_nothing = !is_count && quantity == 0;
    if (quantity < least || quantity > shop::kMaxStock || is_nothing) add_fault(faults, i, "quantity");
    if (!corrected.insert(product.value()).second) add_fault(faults, i, "product_id");
  }
  refuse_if_any(std::move(faults));
  require_store(store);
  require_products(lines);
  expire_due_in(store);
  std::vector<ShelfChange> changes;
  for (const auto& [product, kind, quantity] : lines) {
    const auto shelf = shelves.find({store, product.value()});
    const std::int64_t held = shelf == shelves.end() ? 0 : shelf->second;
    const std::int64_t change = kind == shop::Correction::Kind::counted ? quantity - held : quantity;
    changes.push_back({{shop::StoreId(store), product}, change, 0, false});
  }
  return change_shelves("adjust", std::move(changes));
}

std::int64_t ShopModel::count(std::int64_t store, std::int64_t product, std::int64_t quantity) {
  const auto changes = adjust(store, {{shop::ProductId(product), shop::Correction::Kind::counted, quantity}});
  return changes[0].change != 0 || changes[0].is_new ? 1 : 0;
}

shop::Put ShopModel::put(const ModelProduct& product, std::int64_t id) {
  const auto known = std::find_if(products.begin(), products.end(),
                                  [&](const auto& one) { return one.second.sku == product.sku; });
  if (known == products.end()) {
    if (id <= 0 || products.contains(id)) throw std::runtime_error("the id of a product must be new");
    products.emplace(id, product);
    return shop::Put::created;
  }
  const bool is_same = known->second == product;
  known->second = product;
  return is_same ? shop::Put::unchanged : shop::Put::changed;
}

std::vector<std::int64_t> ShopModel::deliver(std::int64_t limit) {
  std::vector<std::int64_t> delivered;
  while (!jobs.empty() && jobs.front().created_at <= now && std::ssize(delivered) < limit) {
    delivered.push_back(jobs.front().order);
    jobs.erase(jobs.begin());
  }
  return delivered;
}

}  // namespace aforro::test
