#include "support/simulated_answers.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "api/order_request.h"
#include "jobs/queue.h"
#include "shop/ledger.h"
#include "shop/order_book.h"
#include "shop/stock_operations.h"
#include "shop/upkeep.h"

namespace aforro::test {
namespace {

using shop::OrderId;
using shop::StoreId;

std::string render(const shop::Order& order) { return describe(order); }

shop::OrderBook order_book(sql::Database& database, const Clock& clock, int& told) {
  return {database, clock, [&told] { ++told; }};
}

std::string describe_found(const std::optional<shop::Order>& order) {
  return order ? describe(*order) : "no such order";
}

std::string describe_expired(std::int64_t count) { return "expired " + std::to_string(count); }
std::string describe_forgotten(std::int64_t count) { return "forgot " + std::to_string(count); }
std::string describe_changed(std::int64_t count) { return "changed " + std::to_string(count); }

std::string describe_delivered(std::vector<std::int64_t> orders) {
  std::sort(orders.begin(), orders.end());
  std::string text = "delivered";
  for (const std::int64_t order : orders) text += ' ' + std::to_string(order);
  return text;
}

ModelMovement as_in_model(StoreId store, const shop::Movement& movement) {
  return {.id = movement.id,
          .store = store.value(),
          .product = movement.product.value(),
          .reason = movement.reason,
          .change = movement.change,
          .order = movement.order ? std::optional(movement.order->value()) : std::nullopt,
          .created_at = movement.created_at,
          .quantity_after = movement.quantity_after};
}

// A whole list as it comes in pages of at most `page` rows.
template <class Rows>
std::string in_pages(const Rows& rows, std::optional<std::int64_t> page, std::string_view head) {
  std::string text(head);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (page && i > 0 && i % static_cast<std::size_t>(*page) == 0) text.append(kNextPage).append(head);
    text += describe(rows[i]);
  }
  return text;
}

// The same by reading page after page: `read` is given where the last one ended.
template <class Cursor, class Read>
std::string page_by_page(const Read& read) {
  std::string text;
  std::optional<Cursor> after;
  for (;;) {
    after = read(after, text);
    if (!after) return text;
    text += kNextPage;
  }
}

std::string total_of(std::int64_t rows) { return std::to_string(rows) + " rows: "; }

// --- The real shop ---------------------------------------------------------------------------------------

std::string answer_of(RealShop& shop, const Place& asked) {
  const OrderWish& wish = asked.wish;
  shop::OrderBook orders = order_book(shop.database, shop.clock, shop.told);
  const shop::Basket basket = shop::Basket::of(wish.lines);
  std::optional<std::chrono::seconds> hold;
  if (wish.hold_seconds) hold = std::chrono::seconds(*wish.hold_seconds);
  const StoreId store(wish.store);
  if (!wish.key) return describe(orders.place(store, basket, wish.email, hold));
  const std::string fingerprint = api::fingerprint({store, basket, wish.email, hold});
  const auto answer = [](const shop::Order& order) { return describe(order); };
  const shop::Placed placed = orders.place(store, basket, wish.email, {*wish.key, fingerprint, answer}, hold);
  return describe(ModelPlaced{placed.id.value(), placed.answer, placed.replayed});
}

std::string answer_of(RealShop& shop, const Confirm& asked) {
  return describe(order_book(shop.database, shop.clock, shop.told).confirm(OrderId(asked.order)));
}

std::string answer_of(RealShop& shop, const Cancel& asked) {
  return describe(order_book(shop.database, shop.clock, shop.told).cancel(OrderId(asked.order)));
}

std::string answer_of(RealShop& shop, const SweepOrders& asked) {
  return describe_expired(order_book(shop.database, shop.clock, shop.told).expire_due(asked.limit));
}

std::string answer_of(RealShop& shop, const SweepKeys& /*asked*/) {
  return describe_forgotten(shop::sweep_keys(shop.database, shop.clock));
}

std::string answer_of(RealShop& shop, const Receive& asked) {
  return describe(
      shop::StockOperations(shop.database, shop.clock).receive(StoreId(asked.store), asked.goods));
}

std::string answer_of(RealShop& shop, const Adjust& asked) {
  return describe(shop::StockOperations(shop.database, shop.clock).adjust(StoreId(asked.store), asked.lines));
}

std::string answer_of(RealShop& shop, const Count& asked) {
  const std::array counts{
      shop::StockCount{StoreId(asked.store), shop::ProductId(asked.product), asked.quantity}};
  return describe_changed(shop::Inventory(shop.database, shop.clock).set(counts));
}

std::string answer_of(RealShop& shop, const Transfer& asked) {
  return describe(shop::StockOperations(shop.database, shop.clock)
                      .transfer(StoreId(asked.from), StoreId(asked.to), asked.goods));
}

std::string answer_of(RealShop& shop, const PutProduct& asked) {
  const std::array entries{shop::ProductEntry{.sku = asked.product.sku,
                                              .title = asked.product.title,
                                              .description = {},
                                              .price = Money::from_minor(asked.product.price_minor),
                                              .category = asked.product.category}};
  return describe(shop::Catalogue(shop.database, shop.clock).put_products(entries).at(0));
}

std::string answer_of(RealShop& shop, const Deliver& asked) {
  jobs::Queue queue(shop.database, shop.clock);
  const std::vector<jobs::Job> claimed = queue.claim(shop::kConfirmationJob, asked.limit);
  std::vector<std::int64_t> orders;
  orders.reserve(claimed.size());
  for (const jobs::Job& job : claimed) orders.push_back(std::stoll(job.payload));
  queue.finish({.done = claimed, .failed = {}, .not_begun = {}});
  return describe_delivered(std::move(orders));
}

std::string answer_of(RealShop& shop, const FindOrder& asked) {
  return describe_found(order_book(shop.database, shop.clock, shop.told).find(OrderId(asked.order)));
}

std::string answer_of(RealShop& shop, const ListOrders& asked) {
  shop::OrderBook orders = order_book(shop.database, shop.clock, shop.told);
  return page_by_page<shop::OrderCursor>([&](const auto& after, std::string& text) {
    const auto page = orders.list(StoreId(asked.store), asked.status, after, asked.page);
    for (const auto& row : page.rows) text += describe(row);
    return page.next;
  });
}

std::string answer_of(RealShop& shop, const ListInventory& asked) {
  shop::Inventory inventory(shop.database, shop.clock);
  std::string text = page_by_page<shop::InventoryCursor>([&](const auto& after, std::string& pages) {
    const shop::InventoryListing listing = inventory.list(
        StoreId(asked.store), {.max_quantity = asked.max_quantity, .after = after, .limit = asked.page});
    pages += total_of(listing.total);
    for (const auto& row : listing.page.rows) pages += describe(row);
    if (asked.max_quantity || asked.page) return listing.page.next;
    const auto [last, is_first] = shop.listings.try_emplace(asked.store, listing.version, pages);
    if (last->second.first == listing.version && last->second.second != pages)
      pages += " WITHOUT A NEW VERSION";
    last->second = {listing.version, pages};
    return listing.page.next;
  });
  return text;
}

std::string answer_of(RealShop& shop, const ListMovements& asked) {
  shop::Ledger ledger(shop.database);
  return page_by_page<std::int64_t>([&](const auto& before, std::string& text) {
    const auto page = ledger.list(StoreId(asked.store), before, asked.page);
    for (const auto& row : page.rows) text += describe(as_in_model(StoreId(asked.store), row));
    return page.next;
  });
}

// --- The model -------------------------------------------------------------------------------------------

std::string answer_of(const ModelShop& shop, const Place& asked) {
  if (!asked.wish.key) return describe(shop.model.place(asked.wish, shop.id));
  return describe(shop.model.place_once(asked.wish, shop.id, render));
}

std::string answer_of(const ModelShop& shop, const Confirm& asked) {
  return describe(shop.model.confirm(asked.order));
}
std::string answer_of(const ModelShop& shop, const Cancel& asked) {
  return describe(shop.model.cancel(asked.order));
}

// Which it takes of those that have been due equally long is its own affair, and so is to take fewer than it
// may where that would be long work.
std::string answer_of(const ModelShop& shop, const SweepOrders& asked) {
  constexpr std::int64_t kNoLongWork = 15;
  const auto due = std::ssize(shop.model.due());
  std::optional<Time> last;
  for (const std::int64_t id : shop.expired) {
    last = std::max(last.value_or(Time()), shop.model.orders.at(id).order.expires_at.value_or(Time()));
    shop.model.expire(id);
  }
  const std::vector<std::int64_t> left = shop.model.due();
  const auto count = std::ssize(shop.expired);
  const bool is_enough = count >= std::min({due, asked.limit, kNoLongWork});
  const bool is_oldest =
      !last || left.empty() || *last <= *shop.model.orders.at(left.front()).order.expires_at;
  if (!is_enough || count > asked.limit) return "expired another number than that";
  return is_oldest ? describe_expired(count) : "expired those first that have been due for longest";
}

std::string answer_of(const ModelShop& shop, const SweepKeys& /*asked*/) {
  return describe_forgotten(shop.model.sweep_keys());
}

std::string answer_of(const ModelShop& shop, const Receive& asked) {
  return describe(shop.model.receive(asked.store, asked.goods));
}

std::string answer_of(const ModelShop& shop, const Adjust& asked) {
  return describe(shop.model.adjust(asked.store, asked.lines));
}

std::string answer_of(const ModelShop& shop, const Count& asked) {
  return describe_changed(shop.model.count(asked.store, asked.product, asked.quantity));
}

std::string answer_of(const ModelShop& shop, const Transfer& asked) {
  return describe(shop.model.transfer(asked.from, asked.to, asked.goods));
}

std::string answer_of(const ModelShop& shop, const PutProduct& asked) {
  return describe(shop.model.put(asked.product, shop.id));
}

std::string answer_of(const ModelShop& shop, const Deliver& asked) {
  return describe_delivered(shop.model.deliver(asked.limit));
}

std::string answer_of(const ModelShop& shop, const FindOrder& asked) {
  return describe_found(shop.model.find(asked.order));
}

std::string answer_of(const ModelShop& shop, const ListOrders& asked) {
  return in_pages(shop.model.list_orders(asked.store, asked.status), asked.page, "");
}

std::string answer_of(const ModelShop& shop, const ListInventory& asked) {
  const auto rows = shop.model.list_inventory(asked.store, asked.max_quantity);
  return in_pages(rows, asked.page, total_of(std::ssize(rows)));
}

std::string answer_of(const ModelShop& shop, const ListMovements& asked) {
  return in_pages(shop.model.list_movements(asked.store), asked.page, "");
}

}  // namespace

std::string answer(RealShop& shop, const Operation& operation) {
  return std::visit([&](const auto& asked) { return answer_of(shop, asked); }, operation);
}

std::string answer(const ModelShop& shop, const Operation& operation) {
  return std::visit([&](const auto& asked) { return answer_of(shop, asked); }, operation);
}

}  // namespace aforro::test
