// The order book of every store.
//
// One method is one transaction: it happened whole or not at all, and is on disk when it returns. Safe to
// call from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "base/time.h"
#include "shop/basket.h"
#include "shop/order_state.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

// The kind of the job that is queued with every confirmed order; its payload is the order's id in digits.
inline constexpr std::string_view kConfirmationJob = "send_order_confirmation";

// For how long a reservation may be made.
inline constexpr std::chrono::seconds kShortestHold{1};
inline constexpr std::chrono::seconds kLongestHold{86'400};

// A request that may be sent again and is answered once. `answer` renders the answer that is kept for it; it
// must be a pure function.
struct Repeatable {
  std::string key;          // the client's
  std::string fingerprint;  // of what the request means: the same for the same request only
  FunctionRef<std::string(const Order&)> answer;
};

struct Placed {
  OrderId id;
  OrderStatus status;
  std::string answer;  // rendered now, or kept from the first time
  bool replayed;
};

struct OrderCursor {
  Time created_at;
  OrderId id;
};

class OrderBook {
 public:
  // `on_confirmed` is called after each commit of a confirmed order, from the caller's thread.
  OrderBook(sql::Database& database, const Clock& clock, std::function<void()> on_confirmed);

  // Settles the basket against the stock on hand, after what reservations past their time held in this store
  // has been given back. If there is enough, takes the stock: for good, and queues the confirmation, or as a
  // reservation (pending) for `reserve_for`, which is within the bounds above. If not, takes nothing and
  // keeps the order as rejected with what was available. Concurrent calls behave as if made one after
  // another.
  //
  // Throws Problem: not_found if there is no such store, invalid for each line whose product does not exist.
  Order place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
              std::optional<std::chrono::seconds> reserve_for = std::nullopt);

  // The same, once for each key within 24 hours: a repeat gets the first answer, if need be after waiting for
  // it. Throws also Problem: key_reused if the key was used for something else, conflict if the first has not
  // ended when the database's patience with locks has.
  Placed place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
               const Repeatable& request, std::optional<std::chrono::seconds> reserve_for = std::nullopt);

  // What shop/order_state.h allows, decided at the moment at which the order is locked; of several at once
  // exactly one wins. confirm() queues the confirmation, cancel() gives back what the order took. Both return
  // the order; asking for the state that it is in already changes nothing.
  //
  // Throws Problem: not_found if there is no such order, conflict with `order_status` if it is past this.
  Order confirm(OrderId id);
  Order cancel(OrderId id);

  // Expires up to `limit` reservations that are past their time, those first that have been for longest, and
  // gives back what they took; fewer than there are when that would be long. Returns how many. Several at
  // once, in whatever process, share the work.
  std::int64_t expire_due(std::int64_t limit);

  std::optional<Order> find(OrderId id);

  // Newest first, ties by id descending; only those of one status if so asked. Throws Problem not_found if
  // there is no such store.
  Page<OrderSummary, OrderCursor> list(StoreId store, std::optional<OrderStatus> status,
                                       const std::optional<OrderCursor>& after, std::int64_t limit);

 private:
  Order change(OrderId id, OrderEvent event);

  sql::Database& database_;
  const Clock& clock_;
  std::function<void()> on_confirmed_;
};

// What each of these orders is noted as by now; nothing where there is no such order. One look at the
// database for all of them.
std::vector<std::optional<OrderStatus>> noted_statuses(sql::Database& database,
                                                       std::span<const OrderId> orders);

}  // namespace aforro::shop
