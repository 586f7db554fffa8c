// How an order is placed. SQL moves data, C++ decides: the titles, prices and shelves of the products asked
// for are read (and locked, where the engine has more than one writer) in the order of their ids; settle()
// says confirmed or rejected; single-row statements write what follows from that. Everything is one
// transaction, so order, lines, movements, key and job are there together or not at all.
//
// Reservations past their time come first. Whether the store has any is asked along with the first line, so
// that an order pays no statement for it. If it has, this transaction ends without a trace, what is due is
// expired in transactions of its own (which lock orders before shelves, as everything that gives stock back
// does), and the order begins anew. `now` stays that of the call, so this comes to an end: what is placed
// meanwhile is not due by then.
#include "shop/order_book.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/problem.h"
#include "jobs/queue.h"
#include "shop/lookup.h"
#include "shop/reservations.h"
#include "shop/upkeep.h"

namespace aforro::shop {
namespace {

struct Offer {  // what the catalogue and the shelf say of one line
  bool known = false;
  std::string title;
  Money price;
  std::optional<std::int64_t> on_hand;
};

struct Offers {
  std::vector<Offer> of_line;
  bool has_due;                          // the store has reservations past their time
  std::optional<std::int64_t> order_id;  // where the engine gives it ahead
};

// What somebody wants, as it goes through this file.
struct Wish {
  StoreId store;
  const Basket& basket;
  const std::optional<std::string>& customer_email;
  std::optional<std::chrono::seconds> reserve_for;
  Time now;
};

Offers read_offers(sql::Connection& connection, const Wish& wish) {
  const Basket& basket = wish.basket;
  Offers offers{.of_line = std::vector<Offer>(basket.lines().size()), .has_due = false, .order_id = {}};
  const std::vector<std::size_t> order = basket.by_product();
  sql::ParamRows wanted;
  for (const std::size_t line : order) {
    // The others ask for no id, and for reservations due at no time: there are none.
    const bool is_first = line == order.front();
    wanted.add({wish.store.value(), is_first ? std::optional(wish.now.micros()) : std::nullopt,
                basket.lines()[line].product.value()});
  }
  sql::Composed read_offer(
      "SELECT p.title, p.price_minor,"
      " (SELECT i.quantity FROM inventory i WHERE i.store_id = $1 AND i.product_id = p.id");
  read_offer += connection.dialect().for_update;
  read_offer += "), (";
  read_offer += kAnyDue;
  read_offer += "), CASE WHEN $2 IS NOT NULL THEN ";
  read_offer += connection.dialect().id_ahead(sql::Text("orders"));
  read_offer += " END FROM products p WHERE p.id = $3";
  connection.for_each(read_offer, wanted, [&](std::size_t i, const sql::Row& row) {
    offers.of_line[order[i]] = {.known = true,
                                .title = std::string(row.text(0)),
                                .price = Money::from_minor(row.integer(1)),
                                .on_hand = row.maybe_integer(2)};
    if (!row.is_null(3)) offers.has_due = true;
    if (!row.is_null(4)) offers.order_id = row.integer(4);
  });
  return offers;
}

// A shelf stands in a store, so where one was found nobody has to ask.
void require_store_of(sql::Connection& connection, StoreId store, const std::vector<Offer>& offers) {
  const bool has_shelf =
      std::any_of(offers.begin(), offers.end(), [](const Offer& offer) { return offer.on_hand.has_value(); });
  if (!has_shelf) require_store(connection, store);
}

void require_known(const Basket& basket, const std::vector<Offer>& offers) {
  Faults faults;
  for (std::size_t input = 0; input < basket.line_of_input().size(); ++input) {
    if (offers[basket.line_of_input()[input]].known) continue;
    faults.add([&] {
      return Fault{Fault::In::body, "/items/" + std::to_string(input) + "/product_id",
                   "must be a product that exists"};
    });
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
}

Order settled(const Wish& wish, std::vector<Offer> offers) {
  std::vector<std::optional<std::int64_t>> on_hand;
  on_hand.reserve(offers.size());
  for (const Offer& offer : offers) on_hand.push_back(offer.on_hand);
  Order order{.id = OrderId(0),
              .store = wish.store,
              .status = settle(wish.basket, on_hand),
              .created_at = wish.now,
              .total_quantity = 0,
              .total_price = {},
              .lines = {}};
  if (order.status == OrderStatus::confirmed && wish.reserve_for) {
    order.status = OrderStatus::pending;
    order.expires_at = wish.now + *wish.reserve_for;
  }
  order.lines.reserve(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const BasketLine& wanted = wish.basket.lines()[i];
    order.total_quantity += wanted.quantity;
    order.total_price = order.total_price + offers[i].price * wanted.quantity;
    order.lines.push_back({.product = wanted.product,
                           .product_title = std::move(offers[i].title),
                           .quantity = wanted.quantity,
                           .unit_price = offers[i].price,
                           .available = order.status == OrderStatus::rejected
                                            ? std::optional(offers[i].on_hand.value_or(0))
                                            : std::nullopt});
  }
  return order;
}

std::optional<std::int64_t> micros_of(std::optional<Time> time) {
  return time ? std::optional(time->micros()) : std::nullopt;
}

// With the id that was given ahead there is nothing to wait for.
void insert_order(sql::Connection& connection, Order& order, std::optional<std::int64_t> id,
                  const std::optional<std::string>& email) {
  static constexpr sql::Text kInsert =
      "INSERT INTO orders (id, store_id, status, created_at, expires_at, customer_email, total_items,"
      " total_quantity, total_price_minor) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
  const std::initializer_list<sql::Param> values{id,
                                                 order.store.value(),
                                                 to_string(order.status),
                                                 order.created_at.micros(),
                                                 micros_of(order.expires_at),
                                                 email,
                                                 order.lines.size(),
                                                 order.total_quantity,
                                                 order.total_price.minor_units()};
  if (id) {
    order.id = OrderId(*id);
    connection.run(kInsert, values);
  } else {
    connection.query(kInsert, values, [&](const sql::Row& row) { order.id = OrderId(row.integer(0)); });
  }
}

void write_lines(sql::Connection& connection, const Order& order) {
  sql::ParamRows lines;
  for (std::size_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    lines.add({order.id.value(), i, line.product.value(), line.product_title, line.quantity,
               line.unit_price.minor_units(), line.available});
  }
  connection.for_each(
      "INSERT INTO order_lines (order_id, position, product_id, product_title, quantity, unit_price_minor, "
      "available)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      lines);
}

void take_stock(sql::Connection& connection, const Order& order, const Basket& basket,
                const std::vector<std::int64_t>& left) {
  const std::string_view reason = order.status == OrderStatus::pending ? "reserve" : "order";
  sql::ParamRows shelves;
  sql::ParamRows movements;
  for (const std::size_t i : basket.by_product()) {
    const BasketLine& line = basket.lines()[i];
    shelves.add({order.store.value(), line.product.value(), left[i]});
    movements.add({order.store.value(), line.product.value(), reason, -line.quantity, left[i],
                   order.id.value(), order.created_at.micros()});
  }
  connection.for_each(
      "UPDATE inventory SET quantity = $3, version = version + 1 WHERE store_id = $1 AND product_id = $2",
      shelves);
  add_movements(connection, movements);
}

// Nothing, and nothing done, if reservations of the store have to be expired first.
std::optional<Order> place_in(sql::Connection& connection, const Wish& wish) {
  Offers offers = read_offers(connection, wish);
  if (offers.has_due) return std::nullopt;
  require_store_of(connection, wish.store, offers.of_line);
  require_known(wish.basket, offers.of_line);
  std::vector<std::int64_t> left;
  left.reserve(offers.of_line.size());
  for (std::size_t i = 0; i < offers.of_line.size(); ++i) {
    left.push_back(offers.of_line[i].on_hand.value_or(0) - wish.basket.lines()[i].quantity);
  }
  Order order = settled(wish, std::move(offers.of_line));
  // One may have been committed, late, since the first line was read; it had the stock that was waited for.
  if (order.status == OrderStatus::rejected && has_due(connection, wish.store, wish.now)) return std::nullopt;
  insert_order(connection, order, offers.order_id, wish.customer_email);
  write_lines(connection, order);
  if (holds_stock(order.status)) take_stock(connection, order, wish.basket, left);
  if (order.status == OrderStatus::confirmed) {
    jobs::enqueue(connection, kConfirmationJob, std::to_string(order.id.value()), wish.now);
  }
  return order;
}

// Takes the key for this transaction: another one that wants it waits until this one has ended. False if it
// was used within its life.
bool claim_key(sql::Connection& connection, const Repeatable& request, Time now) {
  try {
    return connection
        .maybe_integer(
            "INSERT INTO idempotency_keys (key, fingerprint, order_id, answer, created_at)"
            " VALUES ($1, $2, 0, '', $3)"
            " ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, created_at = "
            "excluded.created_at"
            " WHERE idempotency_keys.created_at <= $4 RETURNING 1",
            {request.key, request.fingerprint, now.micros(), (now - kKeyLife).micros()})
        .has_value();
  } catch (const sql::LockTimeout&) {  // only here is it known what was waited for
    throw Problem(Problem::Kind::conflict,
                  "The first request with this Idempotency-Key is still in progress.",
                  std::chrono::seconds{1});
  }
}

void release_key(sql::Connection& connection, const Repeatable& request) {
  connection.run("DELETE FROM idempotency_keys WHERE key = $1", {request.key});
}

void keep_answer(sql::Connection& connection, const Repeatable& request, const Placed& placed) {
  connection.run("UPDATE idempotency_keys SET order_id = $2, answer = $3 WHERE key = $1",
                 {request.key, placed.id.value(), placed.answer});
}

Placed first_answer(sql::Connection& connection, const Repeatable& request) {
  std::optional<Placed> first;
  connection.query(
      "SELECT k.fingerprint, k.order_id, k.answer, o.status FROM idempotency_keys k JOIN orders o ON o.id = "
      "k.order_id WHERE k.key = $1",
      {request.key}, [&](const sql::Row& row) {
        if (row.text(0) != request.fingerprint) {
          throw Problem(Problem::Kind::key_reused, "The Idempotency-Key was used for another request.");
        }
        first = Placed{.id = OrderId(row.integer(1)),
                       .status = *parse_order_status(row.text(3)),
                       .answer = std::string(row.text(2)),
                       .replayed = true};
      });
  return std::move(first).value();
}

// Runs a transaction that comes to nothing while reservations of the store have to be expired first.
template <class F>
auto after_expiring_due(sql::Database& database, const Wish& wish, const F& place) {
  for (;;) {
    auto placed = database.write(place);
    if (placed) return *std::move(placed);
    expire_due_of(database, wish.store, wish.now);
  }
}

}  // namespace

OrderBook::OrderBook(sql::Database& database, const Clock& clock, std::function<void()> on_confirmed)
    : database_(database), clock_(clock), on_confirmed_(std::move(on_confirmed)) {}

Order OrderBook::place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
                       std::optional<std::chrono::seconds> reserve_for) {
  const Wish wish{store, basket, customer_email, reserve_for, clock_.now()};
  Order order = after_expiring_due(database_, wish,
                                   [&](sql::Connection& connection) { return place_in(connection, wish); });
  if (order.status == OrderStatus::confirmed) on_confirmed_();
  return order;
}

Placed OrderBook::place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
                        const Repeatable& request, std::optional<std::chrono::seconds> reserve_for) {
  const Wish wish{store, basket, customer_email, reserve_for, clock_.now()};
  Placed placed =
      after_expiring_due(database_, wish, [&](sql::Connection& connection) -> std::optional<Placed> {
        if (!claim_key(connection, request, wish.now)) return first_answer(connection, request);
        const std::optional<Order> order = place_in(connection, wish);
        if (!order) {
          release_key(connection, request);
          return std::nullopt;
        }
        Placed fresh{
            .id = order->id, .status = order->status, .answer = request.answer(*order), .replayed = false};
        keep_answer(connection, request, fresh);
        return fresh;
      });
  if (!placed.replayed && placed.status == OrderStatus::confirmed) on_confirmed_();
  return placed;
}

}  // namespace aforro::shop
