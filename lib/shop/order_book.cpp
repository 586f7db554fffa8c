// How an order is placed. SQL moves data, C++ decides: the titles, prices and shelves of the products asked
// for are read (and locked, where the engine has more than one writer) in the order of their ids; settle()
// says confirmed or rejected; single-row statements write what follows from that. Everything is one
// transaction, so order, lines, movements, key and job are there together or not at all.
#include "shop/order_book.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/problem.h"
#include "jobs/queue.h"
#include "shop/lookup.h"
#include "shop/upkeep.h"

namespace aforro::shop {
namespace {

struct Offer {  // what the catalogue and the shelf say of one line
  bool known = false;
  std::string title;
  Money price;
  std::optional<std::int64_t> on_hand;
};

std::vector<Offer> read_offers(sql::Connection& connection, StoreId store, const Basket& basket) {
  std::vector<Offer> offers(basket.lines().size());
  const std::vector<std::size_t> order = basket.by_product();
  sql::ParamRows wanted;
  for (const std::size_t line : order) wanted.add({store.value(), basket.lines()[line].product.value()});
  sql::Composed read_offer(
      "SELECT p.title, p.price_minor,"
      " (SELECT i.quantity FROM inventory i WHERE i.store_id = $1 AND i.product_id = p.id");
  read_offer += connection.dialect().for_update;
  read_offer += ") FROM products p WHERE p.id = $2";
  connection.for_each(read_offer, wanted, [&](std::size_t i, const sql::Row& row) {
    offers[order[i]] = {.known = true,
                        .title = std::string(row.text(0)),
                        .price = Money::from_minor(row.integer(1)),
                        .on_hand = row.maybe_integer(2)};
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
  std::vector<Fault> faults;
  for (std::size_t input = 0; input < basket.line_of_input().size(); ++input) {
    if (offers[basket.line_of_input()[input]].known) continue;
    faults.push_back({Fault::In::body, "/items/" + std::to_string(input) + "/product_id",
                      "must be a product that exists"});
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
}

Order settled(StoreId store, const Basket& basket, std::vector<Offer> offers, Time now) {
  std::vector<std::optional<std::int64_t>> on_hand;
  on_hand.reserve(offers.size());
  for (const Offer& offer : offers) on_hand.push_back(offer.on_hand);
  Order order{.id = OrderId(0),
              .store = store,
              .status = settle(basket, on_hand),
              .created_at = now,
              .total_quantity = 0,
              .total_price = {},
              .lines = {}};
  order.lines.reserve(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const BasketLine& wanted = basket.lines()[i];
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

void write_order(sql::Connection& connection, Order& order, const std::optional<std::string>& email) {
  connection.query(
      "INSERT INTO orders (store_id, status, created_at, customer_email, total_items, total_quantity,"
      " total_price_minor) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
      {order.store.value(), to_string(order.status), order.created_at.micros(), email, order.lines.size(),
       order.total_quantity, order.total_price.minor_units()},
      [&](const sql::Row& row) { order.id = OrderId(row.integer(0)); });
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
  sql::ParamRows shelves;
  sql::ParamRows movements;
  for (const std::size_t i : basket.by_product()) {
    const BasketLine& line = basket.lines()[i];
    shelves.add({order.store.value(), line.product.value(), left[i]});
    movements.add({order.store.value(), line.product.value(), -line.quantity, left[i], order.id.value(),
                   order.created_at.micros()});
  }
  connection.for_each(
      "UPDATE inventory SET quantity = $3, version = version + 1 WHERE store_id = $1 AND product_id = $2",
      shelves);
  connection.for_each(
      "INSERT INTO movements (store_id, product_id, reason, change, quantity_after, order_id, created_at)"
      " VALUES ($1, $2, 'order', $3, $4, $5, $6)",
      movements);
}

Order place_in(sql::Connection& connection, StoreId store, const Basket& basket,
               const std::optional<std::string>& email, Time now) {
  std::vector<Offer> offers = read_offers(connection, store, basket);
  require_store_of(connection, store, offers);
  require_known(basket, offers);
  std::vector<std::int64_t> left;
  left.reserve(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i) {
    left.push_back(offers[i].on_hand.value_or(0) - basket.lines()[i].quantity);
  }
  Order order = settled(store, basket, std::move(offers), now);
  write_order(connection, order, email);
  if (order.status == OrderStatus::confirmed) {
    take_stock(connection, order, basket, left);
    jobs::enqueue(connection, kConfirmationJob, std::to_string(order.id.value()), now);
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

}  // namespace

OrderBook::OrderBook(sql::Database& database, const Clock& clock, std::function<void()> on_confirmed)
    : database_(database), clock_(clock), on_confirmed_(std::move(on_confirmed)) {}

Order OrderBook::place(StoreId store, const Basket& basket,
                       const std::optional<std::string>& customer_email) {
  const Time now = clock_.now();
  Order order = database_.write(
      [&](sql::Connection& connection) { return place_in(connection, store, basket, customer_email, now); });
  if (order.status == OrderStatus::confirmed) on_confirmed_();
  return order;
}

Placed OrderBook::place(StoreId store, const Basket& basket, const std::optional<std::string>& customer_email,
                        const Repeatable& request) {
  const Time now = clock_.now();
  Placed placed = database_.write([&](sql::Connection& connection) {
    if (!claim_key(connection, request, now)) return first_answer(connection, request);
    const Order order = place_in(connection, store, basket, customer_email, now);
    Placed fresh{.id = order.id, .status = order.status, .answer = request.answer(order), .replayed = false};
    keep_answer(connection, request, fresh);
    return fresh;
  });
  if (!placed.replayed && placed.status == OrderStatus::confirmed) on_confirmed_();
  return placed;
}

std::optional<Order> OrderBook::find(OrderId id) {
  return database_.read([&](sql::Connection& connection) {
    std::optional<Order> order;
    connection.query(
        "SELECT store_id, status, created_at, total_quantity, total_price_minor FROM orders WHERE id = $1",
        {id.value()}, [&](const sql::Row& row) {
          order = Order{.id = id,
                        .store = StoreId(row.integer(0)),
                        .status = *parse_order_status(row.text(1)),
                        .created_at = Time::from_micros(row.integer(2)),
                        .total_quantity = row.integer(3),
                        .total_price = Money::from_minor(row.integer(4)),
                        .lines = {}};
        });
    if (!order) return order;
    connection.query(
        "SELECT product_id, product_title, quantity, unit_price_minor, available FROM order_lines"
        " WHERE order_id = $1 ORDER BY position",
        {id.value()}, [&](const sql::Row& row) {
          order->lines.push_back({.product = ProductId(row.integer(0)),
                                  .product_title = std::string(row.text(1)),
                                  .quantity = row.integer(2),
                                  .unit_price = Money::from_minor(row.integer(3)),
                                  .available = row.maybe_integer(4)});
        });
    return order;
  });
}

Page<OrderSummary, OrderCursor> OrderBook::list(StoreId store, std::optional<OrderStatus> status,
                                                const std::optional<OrderCursor>& after, std::int64_t limit) {
  sql::Composed text(
      "SELECT id, status, created_at, total_items, total_quantity FROM orders WHERE store_id = $1");
  if (after) text += " AND (created_at, id) < ($3, $4)";
  if (status == OrderStatus::confirmed) text += " AND status = 'CONFIRMED'";
  if (status == OrderStatus::rejected) text += " AND status = 'REJECTED' AND status <> 'CONFIRMED'";
  text += " ORDER BY created_at DESC, id DESC LIMIT $2";
  const OrderCursor from = after.value_or(OrderCursor{Time(), OrderId(0)});
  return database_.read([&](sql::Connection& connection) {
    require_store(connection, store);
    Page<OrderSummary, OrderCursor> page;
    connection.query(text, {store.value(), limit + 1, from.created_at.micros(), from.id.value()},
                     [&](const sql::Row& row) {
                       page.rows.push_back({.id = OrderId(row.integer(0)),
                                            .status = *parse_order_status(row.text(1)),
                                            .created_at = Time::from_micros(row.integer(2)),
                                            .total_items = row.integer(3),
                                            .total_quantity = row.integer(4)});
                     });
    if (page.rows.size() > static_cast<std::size_t>(limit)) {
      page.rows.pop_back();
      page.next = OrderCursor{page.rows.back().created_at, page.rows.back().id};
    }
    return page;
  });
}

}  // namespace aforro::shop
