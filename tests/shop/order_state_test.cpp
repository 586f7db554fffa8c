#include "shop/order_state.h"

#include <doctest/doctest.h>

#include <map>
#include <utility>

namespace {

using namespace aforro::shop;  // NOLINT: the life of an order is all that this file speaks of
using aforro::Time;
using enum OrderStatus;
using enum OrderEvent;

constexpr std::array kEvents{confirm, cancel, expire};

TEST_CASE("of every state and every event it is known what becomes of the order") {
  const std::map<std::pair<OrderStatus, OrderEvent>, OrderStatus> allowed{{{pending, confirm}, confirmed},
                                                                          {{pending, cancel}, cancelled},
                                                                          {{pending, expire}, expired},
                                                                          {{confirmed, cancel}, cancelled},
                                                                          // there already
                                                                          {{confirmed, confirm}, confirmed},
                                                                          {{cancelled, cancel}, cancelled},
                                                                          {{expired, expire}, expired}};
  int looked_at = 0;
  for (const OrderStatus from : kOrderStatuses) {
    for (const OrderEvent event : kEvents) {
      CAPTURE(to_string(from));
      CAPTURE(static_cast<int>(event));
      const auto found = allowed.find({from, event});
      CHECK(transition(from, event) ==
            (found == allowed.end() ? std::nullopt : std::optional(found->second)));
      ++looked_at;
    }
  }
  CHECK(looked_at == 15);
  CHECK(kOrderTransitions.size() == allowed.size());
}

TEST_CASE("what has ended stays as it is, and never takes stock again") {
  for (const OrderStatus ended : {rejected, cancelled, expired}) {
    CHECK(!holds_stock(ended));
    for (const OrderEvent event : kEvents) CHECK(transition(ended, event).value_or(ended) == ended);
  }
  for (const OrderTransition& row : kOrderTransitions) {
    CHECK((holds_stock(row.from) || !holds_stock(row.to)));
  }
}

TEST_CASE(
    "a reservation is expired from the microsecond at which its time is over, and nothing else ever is") {
  const Time end = Time::from_micros(1'000'000);
  const Time before = Time::from_micros(999'999);
  CHECK(status_at(pending, end, before) == pending);
  CHECK(status_at(pending, end, end) == expired);
  for (const OrderStatus other : {confirmed, rejected, cancelled, expired}) {
    CHECK(status_at(other, end, end) == other);
    CHECK(status_at(other, std::nullopt, end) == other);
  }
}

TEST_CASE("the table can be asked when compiling") {
  static_assert(transition(pending, confirm) == confirmed);
  static_assert(!transition(rejected, cancel));
  static_assert(holds_stock(pending) && !holds_stock(expired));
  CHECK(transition(pending, confirm) == confirmed);
}

TEST_CASE("every state has a name that reads back") {
  for (const OrderStatus status : kOrderStatuses) CHECK(parse_order_status(to_string(status)) == status);
  CHECK(!parse_order_status("pending"));
  CHECK(!parse_order_status(""));
  CHECK(list_order_statuses() == "PENDING, CONFIRMED, REJECTED, CANCELLED or EXPIRED");
}

}  // namespace
