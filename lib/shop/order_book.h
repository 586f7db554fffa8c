// The order book of every store.
//
// One method is one transaction: it happened whole or not at all, and is on disk when it returns. Safe to
// call from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/time.h"
#include "shop/basket.h"
#include "shop/page.h"
#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

// The kind of the job that is queued with every confirmed order; its payload is the order's id in digits.
inline constexpr std::string_view kConfirmationJob = "send_order_confirmation";

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

  // Settles the basket against the stock on hand. If confirmed, takes the stock and queues the confirmation;
  // if not, takes nothing and keeps the order as rejected with what was available. Concurrent calls behave as
  // if made one after another.
  //
  // Throws Problem: not_found if there is no such store, invalid for each line whose product does not exist.
  Order place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email);

  // The same, once for each key within 24 hours: a repeat gets the first answer, if need be after waiting for
  // it. Throws also Problem: key_reused if the key was used for something else, conflict if the first has not
  // ended after five seconds.
  Placed place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
               const Repeatable& request);

  std::optional<Order> find(OrderId id);

  // Newest first, ties by id descending; only those of one status if so asked. Throws Problem not_found if
  // there is no such store.
  Page<OrderSummary, OrderCursor> list(StoreId store, std::optional<OrderStatus> status,
                                       const std::optional<OrderCursor>& after, std::int64_t limit);

 private:
  sql::Database& database_;
  const Clock& clock_;
  std::function<void()> on_confirmed_;
};

}  // namespace aforro::shop
