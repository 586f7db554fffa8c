// Two ways to change a quantity. post() writes quantities that the caller has worked out from shelves it has
// locked: an order must know what stands there before it can take it. post_returns() adds to whatever stands
// there, and learns the result from RETURNING: giving back is always allowed, so nothing has to be read
// first.
//
// A shelf that is to be made can't be locked, as it has no row yet; on PostgreSQL two imports that made the
// same shelves met at the unique key, or deadlocked. So if one is missing, lock_shelves() locks the row of
// the catalogue first, which makes such transactions go one after the other, and then reads again: another
// one may have made the shelf meanwhile.
#include "shop/inventory_posting.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <tuple>

#include "shop/catalogue_rows.h"

namespace aforro::shop {
namespace {

std::vector<std::optional<std::int64_t>> read(sql::Connection& connection, std::span<const Shelf> shelves,
                                              sql::Text lock) {
  std::vector<std::optional<std::int64_t>> held(shelves.size());
  sql::ParamRows rows;
  for (const Shelf& shelf : shelves) rows.add({shelf.store.value(), shelf.product.value()});
  sql::Composed read_shelf("SELECT quantity FROM inventory WHERE store_id = $1 AND product_id = $2");
  read_shelf += lock;
  connection.for_each(read_shelf, rows,
                      [&](std::size_t i, const sql::Row& row) { held[i] = row.integer(0); });
  return held;
}

std::optional<std::int64_t> id_of(const std::optional<OrderId>& order) {
  return order ? std::optional(order->value()) : std::nullopt;
}

void add_movement(sql::ParamRows& movements, Reason reason, const Posting& posting, Time now) {
  movements.add({posting.shelf.store.value(), posting.shelf.product.value(), to_string(reason),
                 posting.change, posting.quantity, id_of(posting.order), now.micros()});
}

void write_movements(sql::Connection& connection, const sql::ParamRows& movements) {
  connection.for_each(
      "INSERT INTO movements (store_id, product_id, reason, change, quantity_after, order_id, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      movements);
}

}  // namespace

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::seed:
      return "seed";
    case Reason::receive:
      return "receive";
    case Reason::adjust:
      return "adjust";
    case Reason::transfer:
      return "transfer";
    case Reason::order:
      return "order";
    case Reason::reserve:
      return "reserve";
    case Reason::cancel:
      return "cancel";
    case Reason::expire:
      return "expire";
  }
  throw std::logic_error("a reason that there isn't");
}

std::vector<std::optional<std::int64_t>> read_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves) {
  return read(connection, shelves, "");
}

std::vector<std::optional<std::int64_t>> lock_shelves(sql::Connection& connection,
                                                      std::span<const Shelf> shelves) {
  assert(std::is_sorted(shelves.begin(), shelves.end()));
  const auto seen = read(connection, shelves, "");
  const bool makes_shelves = std::find(seen.begin(), seen.end(), std::nullopt) != seen.end();
  if (makes_shelves) raise_catalogue_version(connection);  // waits for other transactions that make shelves
  return read(connection, shelves, connection.dialect().for_update);
}

void post(sql::Connection& connection, Reason reason, std::span<const Posting> postings, Time now) {
  sql::ParamRows updates;
  sql::ParamRows inserts;
  sql::ParamRows movements;
  for (const Posting& posting : postings) {
    const auto [store, product] = posting.shelf;
    (posting.is_new ? inserts : updates).add({store.value(), product.value(), posting.quantity});
    add_movement(movements, reason, posting, now);
  }
  connection.for_each("INSERT INTO inventory (store_id, product_id, quantity) VALUES ($1, $2, $3)", inserts);
  connection.for_each(
      "UPDATE inventory SET quantity = $3, version = version + 1 WHERE store_id = $1 AND product_id = $2",
      updates);
  write_movements(connection, movements);
}

void post_returns(sql::Connection& connection, Reason reason, std::vector<Taken> taken, Time now) {
  std::sort(taken.begin(), taken.end(), [](const Taken& a, const Taken& b) {
    return std::tie(a.shelf, a.order) < std::tie(b.shelf, b.order);
  });
  sql::ParamRows shelves;
  for (const Taken& line : taken) {
    shelves.add({line.shelf.store.value(), line.shelf.product.value(), line.quantity});
  }
  sql::ParamRows movements;
  connection.for_each(
      "UPDATE inventory SET quantity = quantity + $3, version = version + 1"
      " WHERE store_id = $1 AND product_id = $2 RETURNING quantity",
      shelves, [&](std::size_t i, const sql::Row& row) {
        add_movement(movements, reason,
                     {.shelf = taken[i].shelf,
                      .change = taken[i].quantity,
                      .quantity = row.integer(0),
                      .is_new = false,
                      .order = taken[i].order},
                     now);
      });
  if (movements.size() != taken.size()) throw std::logic_error("an order took from a shelf that is gone");
  write_movements(connection, movements);
}

void restore_shelves(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO inventory (store_id, product_id, quantity, version) VALUES ($1, $2, $3, $4)", rows);
}

void restore_movements(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO movements (id, store_id, product_id, reason, change, quantity_after, order_id, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      rows);
}

}  // namespace aforro::shop
