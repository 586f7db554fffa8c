// Confirming, cancelling and expiring at the same moment, by threads of two processes (two databases opened
// on the same place stand for them): one wins, and the stock adds up.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "shop/order_book.h"
#include "support/database_file.h"
#include "support/known_orders.h"
#include "support/local_shop.h"
#include "support/on_threads.h"
#include "support/refusal.h"

namespace {

using namespace aforro::shop;  // NOLINT: orders are all that this file speaks of
using namespace std::chrono_literals;
using aforro::test::LocalShop;
using aforro::test::on_threads;

// What an attempt came to: the order's status, or the one it was refused with.
struct Answer {
  bool is_done = false;
  OrderStatus status = OrderStatus::pending;
};

struct RacingShop : LocalShop {
  OrderBook& process(int i) { return i % 2 == 0 ? here : there; }

  Answer attempt(int i, OrderId id, Order (OrderBook::*event)(OrderId)) {
    Answer answer;
    const auto refusal = aforro::test::problem_of([&] { answer = {true, (process(i).*event)(id).status}; });
    if (refusal) answer.status = parse_order_status(refusal->facts().at(0).second).value();
    return answer;
  }

  StoreId store = add_store("North");
  ProductId mug = add({.title = "Mug"});
  std::atomic<int> told{0};
  std::unique_ptr<aforro::sql::Database> beside = open_again();
  OrderBook here{*database, clock, [this] { ++told; }};
  OrderBook there{*beside, clock, [this] { ++told; }};
};

TEST_CASE("of confirming and expiring at the same moment exactly one wins, and all are told which") {
  constexpr int kRounds = 60;
  RacingShop shop;
  shop.shelve(shop.store, shop.mug, 1'000);
  const Basket basket = Basket::of(std::array{BasketLine{shop.mug, 3}});
  int confirmed = 0;

  for (int round = 0; round < kRounds; ++round) {
    const OrderId id = shop.here.place(shop.store, basket, std::nullopt, 10s).id;
    std::array<Answer, 2> answers;
    on_threads(4, [&](int thread) {
      if (thread < 2) {
        answers.at(static_cast<std::size_t>(thread)) = shop.attempt(thread, id, &OrderBook::confirm);
      } else {
        if (thread == 2) shop.clock.advance(10s);
        shop.process(thread).expire_due(10);
      }
    });
    const OrderStatus end = shop.here.find(id)->status;
    const bool won = end == OrderStatus::confirmed;
    CHECK((won || end == OrderStatus::expired));
    confirmed += won ? 1 : 0;
    // Whoever was told that it is confirmed was told the truth, and so was whoever was refused.
    CHECK((answers[0].is_done || answers[1].is_done) == won);
    for (const Answer& answer : answers) {
      CHECK(answer.status == end);
      CHECK(answer.is_done == won);
    }
  }

  shop.here.expire_due(100);
  CHECK(shop.told == confirmed);
  CHECK(shop.number("SELECT count(*) FROM jobs") == confirmed);
  CHECK(shop.quantity(shop.store, shop.mug) == 1'000 - 3 * confirmed);
  MESSAGE(confirmed, " of ", kRounds, " were confirmed in time");
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("of cancelling twice, confirming and expiring at the same moment the stock comes back once") {
  constexpr int kRounds = 60;
  RacingShop shop;
  shop.shelve(shop.store, shop.mug, 3);  // so that the next reservation needs what the last one gave back
  const Basket basket = Basket::of(std::array{BasketLine{shop.mug, 3}});
  int confirmed = 0;

  for (int round = 0; round < kRounds; ++round) {
    const Order held = shop.there.place(shop.store, basket, std::nullopt, 10s);
    REQUIRE(held.status == OrderStatus::pending);
    std::array<Answer, 2> cancelled;
    Answer confirmation;
    on_threads(4, [&](int thread) {
      if (thread < 2) {
        cancelled.at(static_cast<std::size_t>(thread)) = shop.attempt(thread, held.id, &OrderBook::cancel);
      } else if (thread == 2) {
        confirmation = shop.attempt(thread, held.id, &OrderBook::confirm);
      } else {
        shop.clock.advance(10s);
        shop.process(thread).expire_due(10);
      }
    });
    const OrderStatus end = shop.here.find(held.id)->status;
    CHECK((end == OrderStatus::cancelled || end == OrderStatus::expired));
    for (const Answer& answer : cancelled) {
      CHECK(answer.is_done == (end == OrderStatus::cancelled));
      CHECK(answer.status == end);
    }
    // It may have been confirmed before it was cancelled, but not before it expired.
    if (confirmation.is_done) CHECK(end == OrderStatus::cancelled);
    if (!confirmation.is_done) CHECK(confirmation.status == end);
    confirmed += confirmation.is_done ? 1 : 0;
  }

  shop.here.expire_due(100);
  CHECK(shop.told == confirmed);
  CHECK(shop.quantity(shop.store, shop.mug) == 3);
  aforro::test::check_ledger(shop.location);
}

TEST_CASE("several that need the stock of the same due reservations at once all get what came back") {
  constexpr int kHeld = 200;
  constexpr int kThreads = 8;
  RacingShop shop;
  const ProductId lamp = shop.add({.title = "Lamp"});
  shop.shelve(shop.store, shop.mug, kHeld);
  shop.shelve(shop.store, lamp, kHeld);
  const std::vector<BasketLine> forwards{{shop.mug, 1}, {lamp, 1}};
  const std::vector<BasketLine> backwards{{lamp, 1}, {shop.mug, 1}};
  for (int i = 0; i < kHeld; ++i) {
    shop.process(i).place(shop.store, Basket::of(i % 2 == 0 ? forwards : backwards), std::nullopt, 5s);
  }
  shop.clock.advance(5s);
  std::atomic<int> confirmed{0};
  std::atomic<int> swept{0};

  on_threads(kThreads + 1, [&](int thread) {
    if (thread == kThreads) {
      for (std::int64_t piece = 0; (piece = shop.there.expire_due(7)) > 0;) swept += static_cast<int>(piece);
      return;
    }
    const Basket basket = Basket::of(thread % 4 < 2 ? forwards : backwards);
    for (int i = 0; i < kHeld / kThreads; ++i) {
      if (shop.process(thread).place(shop.store, basket, std::nullopt).status == OrderStatus::confirmed)
        ++confirmed;
    }
  });

  CHECK(confirmed == kHeld);  // nobody was turned away by a reservation past its time
  CHECK(shop.number("SELECT count(*) FROM orders WHERE status = 'EXPIRED'") == kHeld);
  CHECK(shop.quantity(shop.store, shop.mug) == 0);
  CHECK(shop.quantity(shop.store, lamp) == 0);
  aforro::test::check_ledger(shop.location);
}

// One customer of many: orders, holds, confirms and cancels by chance, its own orders and others'.
class Customer {
 public:
  Customer(RacingShop& shop, ProductId wanted, ProductId other, unsigned seed)
      : shop_(shop), wanted_(wanted), other_(other), random_(seed) {}

  void step(int thread, aforro::test::KnownOrders& orders) {
    switch (random_() % 4) {
      case 0:
      case 1: {
        const auto hold =
            random_() % 2 == 0 ? std::optional(std::chrono::seconds(1 + random_() % 3)) : std::nullopt;
        orders.add(shop_.process(thread).place(shop_.store, basket(), std::nullopt, hold).id.value());
        return;
      }
      case 2:
        shop_.attempt(thread, OrderId(orders.any(random_())), &OrderBook::confirm);
        return;
      default:
        shop_.attempt(thread, OrderId(orders.any(random_())), &OrderBook::cancel);
    }
  }

 private:
  // The wanted product twice, before and behind the other one or both on one side.
  Basket basket() {
    std::vector<BasketLine> lines{{wanted_, 1 + static_cast<std::int64_t>(random_() % 40)},
                                  {other_, 1},
                                  {wanted_, 1 + static_cast<std::int64_t>(random_() % 40)}};
    if (random_() % 2 == 0) std::swap(lines[0], lines[1]);
    return Basket::of(lines);
  }

  RacingShop& shop_;
  ProductId wanted_;
  ProductId other_;
  std::mt19937 random_;
};

TEST_CASE(
    "in a storm of orders, holds, confirms, cancels and expiries sold, held and left add up at every "
    "moment") {
  constexpr std::int64_t kReceived = 2'000;
  constexpr int kThreads = 8;
  constexpr int kSteps = 150;  // of each thread
  RacingShop shop;
  const ProductId other = shop.add({.title = "Other"});
  shop.shelve(shop.store, shop.mug, kReceived);
  shop.shelve(shop.store, other, 1'000'000);
  aforro::test::KnownOrders orders;
  orders.add(
      shop.here.place(shop.store, Basket::of(std::array{BasketLine{shop.mug, 1}}), std::nullopt).id.value());
  std::atomic<int> working{kThreads};
  std::atomic<int> looked{0};
  std::atomic<int> wrong{0};

  on_threads(kThreads + 2, [&](int thread) {
    if (thread == kThreads) {  // sees to it that time goes by, and sweeps
      while (working > 0) {
        shop.clock.advance(50ms);
        shop.there.expire_due(20);
      }
      return;
    }
    if (thread == kThreads + 1) {  // one statement sees one moment
      while (working > 0) {
        const std::int64_t all = shop.number(
            "SELECT CAST(coalesce((SELECT sum(l.quantity) FROM order_lines l JOIN orders o ON o.id = "
            "l.order_id"
            " WHERE l.product_id = 1 AND o.status IN ('PENDING', 'CONFIRMED')), 0) AS BIGINT)"
            " + (SELECT quantity FROM inventory WHERE product_id = 1)");
        wrong += all == kReceived ? 0 : 1;
        ++looked;
      }
      return;
    }
    struct Done {
      std::atomic<int>& working;
      ~Done() { --working; }
    } const done{working};
    Customer customer(shop, shop.mug, other, static_cast<unsigned>(thread) + 1);
    for (int i = 0; i < kSteps; ++i) customer.step(thread, orders);
  });

  CHECK(looked > 3);
  CHECK(wrong == 0);
  for (const char* status : {"CONFIRMED", "CANCELLED", "EXPIRED", "REJECTED"}) {
    CAPTURE(status);
    CHECK(aforro::test::query_number(
              shop.location, "SELECT count(*) FROM orders WHERE status = '" + std::string(status) + "'") > 0);
  }
  aforro::test::check_ledger(shop.location);
}

}  // namespace
