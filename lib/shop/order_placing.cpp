// How an order is placed. SQL moves data, C++ decides: the titles, prices and shelves of the products asked
// for are read (and locked, where the engine has more than one writer) in the order of their ids; settle()
// says confirmed or rejected; single-row statements write what follows from that. Everything is one
// transaction, so order, lines, movements, key and job are there together or not at all. The shelves are
// locked in one order by all, so that no two orders can deadlock.
//
// Overdue reservations come first: an order must not be rejected for want of stock that nobody holds any
// more. Whether the store has any is asked along with the first line, so that an order pays no statement for
// it. If it has, this transaction ends without a trace, the reservations are expired in transactions of their
// own, and the order begins anew. They can't be expired in this transaction: it holds shelves by then, and
// everything that gives stock back locks orders before shelves. `now` stays that of the call, so this comes
// to an end: reservations made meanwhile are not due by then.
#include "shop/order_placing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "jobs/queue.h"
#include "shop/catalogue_rows.h"
#include "shop/inventory_posting.h"
#include "shop/order_book.h"
#include "shop/order_rows.h"
#include "shop/order_state.h"
#include "shop/reservations.h"

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

Offers read_offers(sql::Connection& connection, const Placement& placement) {
  const Basket& basket = placement.basket;
  Offers offers{.of_line = std::vector<Offer>(basket.lines().size()), .has_due = false, .order_id = {}};
  const std::vector<std::size_t> order = basket.by_product();
  sql::ParamRows wanted;
  for (const std::size_t line : order) {
    // The other lines ask for no id, and with a NULL for the time they find no reservation due.
    const bool is_first = line == order.front();
    wanted.add({placement.store.value(), is_first ? std::optional(placement.now.micros()) : std::nullopt,
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

// A shelf stands in a store, so if any was found the store needs no statement.
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

Order settled(const Placement& placement, std::vector<Offer> offers) {
  std::vector<std::optional<std::int64_t>> on_hand;
  on_hand.reserve(offers.size());
  for (const Offer& offer : offers) on_hand.push_back(offer.on_hand);
  Order order{.id = OrderId(0),
              .store = placement.store,
              .status = settle(placement.basket, on_hand),
              .created_at = placement.now,
              .total_quantity = 0,
              .total_price = {},
              .lines = {}};
  if (order.status == OrderStatus::confirmed && placement.reserve_for) {
    order.status = OrderStatus::pending;
    order.expires_at = placement.now + *placement.reserve_for;
  }
  order.lines.reserve(offers.size());
  for (std::size_t i = 0; i < offers.size(); ++i) {
    const BasketLine& wanted = placement.basket.lines()[i];
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

void take_stock(sql::Connection& connection, const Order& order, const Basket& basket,
                const std::vector<std::int64_t>& left) {
  std::vector<Posting> postings;
  postings.reserve(order.lines.size());
  for (const std::size_t i : basket.by_product()) {
    const BasketLine& line = basket.lines()[i];
    postings.push_back({.shelf = {order.store, line.product},
                        .change = -line.quantity,
                        .quantity = left[i],
                        .is_new = false,
                        .order = order.id});
  }
  post(connection, order.status == OrderStatus::pending ? Reason::reserve : Reason::order, postings,
       order.created_at);
}

}  // namespace

std::optional<Order> place_in(sql::Connection& connection, const Placement& placement) {
  Offers offers = read_offers(connection, placement);
  if (offers.has_due) return std::nullopt;
  require_store_of(connection, placement.store, offers.of_line);
  require_known(placement.basket, offers.of_line);
  std::vector<std::int64_t> left;
  left.reserve(offers.of_line.size());
  for (std::size_t i = 0; i < offers.of_line.size(); ++i) {
    left.push_back(offers.of_line[i].on_hand.value_or(0) - placement.basket.lines()[i].quantity);
  }
  Order order = settled(placement, std::move(offers.of_line));
  // A reservation may have been committed, late, since the first line was read, and hold the stock that
  // lacks.
  if (order.status == OrderStatus::rejected && has_due(connection, placement.store, placement.now))
    return std::nullopt;
  // From here on nothing is read any more, so on PostgreSQL all that follows travels with COMMIT.
  insert_order(connection, order, offers.order_id, placement.customer_email);
  if (holds_stock(order.status)) take_stock(connection, order, placement.basket, left);
  if (order.status == OrderStatus::confirmed) {
    jobs::enqueue(connection, kConfirmationJob, std::to_string(order.id.value()), placement.now);
  }
  return order;
}

}  // namespace aforro::shop
