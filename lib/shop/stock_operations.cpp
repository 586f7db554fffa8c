// Every operation is the same: find what is wrong with the lines, lock the shelves in the order that all
// share, work out what each shelf would hold, refuse if one can't, write. Locking in the order of the lines
// would let two opposite transfers wait for each other. So targets are sorted by shelf for the locks, and the
// results put back in the order of the lines for the caller.
//
// A refusal names shelves and not lines, as it is about what they hold, and changes nothing: half a delivery
// that was booked would have to be looked for.
#include "shop/stock_operations.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/problem.h"
#include "shop/catalogue_rows.h"
#include "shop/reservations.h"

namespace aforro::shop {
namespace {

constexpr std::size_t kNamed = 5;  // shelves in a refusal

void add_fault(Faults& faults, std::size_t line, const char* field, const char* detail) {
  faults.add([&] { return Fault{Fault::In::body, "/items/" + std::to_string(line) + '/' + field, detail}; });
}

void require_lines(std::size_t count) {
  if (count >= 1 && count <= kMaxGoods) return;
  throw Problem::invalid({{Fault::In::body, "/items", "must have 1 to 1,000 lines"}});
}

// Lines of one product added up, at the place of the first.
std::vector<Goods> added_up(std::span<const Goods> lines) {
  require_lines(lines.size());
  std::vector<Goods> goods;
  std::unordered_map<std::int64_t, std::size_t> place_of;
  Faults faults;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].quantity < 1 || lines[i].quantity > kMaxStock) {
      add_fault(faults, i, "quantity", "must be a whole number from 1 to 1,000,000,000,000");
      continue;
    }
    const auto [place, is_new] = place_of.try_emplace(lines[i].product.value(), goods.size());
    if (is_new) {
      goods.push_back(lines[i]);
    } else {
      goods[place->second].quantity += lines[i].quantity;  // at most 1,000 times kMaxStock
    }
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
  return goods;
}

void require_sound(std::span<const Correction> lines) {
  require_lines(lines.size());
  std::unordered_map<std::int64_t, std::size_t> place_of;
  Faults faults;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [product, kind, quantity] = lines[i];
    if (kind == Correction::Kind::counted && (quantity < 0 || quantity > kMaxStock)) {
      add_fault(faults, i, "quantity", "must be a whole number from 0 to 1,000,000,000,000");
    }
    if (kind == Correction::Kind::difference &&
        (quantity == 0 || quantity < -kMaxStock || quantity > kMaxStock)) {
      add_fault(faults, i, "quantity", "must be a difference of 1 to 1,000,000,000,000, more or fewer");
    }
    if (!place_of.try_emplace(product.value(), i).second) {
      add_fault(faults, i, "product_id", "is corrected twice");
    }
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
}

template <class Line>
void require_products(sql::Connection& connection, std::span<const Line> lines) {
  sql::ParamRows rows;
  for (const Line& line : lines) rows.add({line.product.value()});
  std::vector<bool> is_known(lines.size());
  connection.for_each("SELECT 1 FROM products WHERE id = $1", rows,
                      [&](std::size_t i, const sql::Row&) { is_known[i] = true; });
  Faults faults;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is_known[i]) add_fault(faults, i, "product_id", "must be a product that exists");
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
}

// What is to become of a shelf, given what it holds. No sum overflows 64 bits: what stands there and what is
// added are each at most 1,000 times kMaxStock.
struct Target {
  Shelf shelf;
  std::int64_t quantity;
  Correction::Kind kind = Correction::Kind::difference;

  std::int64_t result(std::int64_t held) const {
    return kind == Correction::Kind::counted ? quantity : held + quantity;
  }
};

std::string complaint(const Target& target, std::int64_t held) {
  const std::string shelf = "store " + std::to_string(target.shelf.store.value()) + " has " +
                            std::to_string(held) + " of product " +
                            std::to_string(target.shelf.product.value());
  if (target.result(held) < 0) return shelf + ", fewer than " + std::to_string(-target.quantity);
  return shelf + ", and can't hold " + std::to_string(target.quantity) + " more";
}

void require_possible(std::span<const Target> targets, const std::vector<ShelfChange>& changes) {
  std::string detail;
  std::size_t count = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (changes[i].quantity >= 0 && changes[i].quantity <= kMaxStock) continue;
    if (++count > kNamed) continue;
    detail += (detail.empty() ? "" : "; ") + complaint(targets[i], changes[i].quantity - changes[i].change);
  }
  if (count == 0) return;
  if (count > kNamed) detail += "; and " + std::to_string(count - kNamed) + " more";
  throw Problem(Problem::Kind::conflict, detail + "; nothing was changed");
}

// Returns the shelves afterwards, in the order of the targets, of which no two are for the same shelf.
std::vector<ShelfChange> carry_out(sql::Connection& connection, Reason reason,
                                   std::span<const Target> targets, Time now) {
  std::vector<std::pair<Shelf, std::size_t>> order;
  for (std::size_t i = 0; i < targets.size(); ++i) order.emplace_back(targets[i].shelf, i);
  std::sort(order.begin(), order.end());
  std::vector<Shelf> shelves;
  shelves.reserve(order.size());
  for (const auto& [shelf, target] : order) shelves.push_back(shelf);
  const auto held = lock_shelves(connection, shelves);

  std::vector<ShelfChange> changes(targets.size(), {{StoreId(0), ProductId(0)}, 0, 0, false});
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Target& target = targets[order[i].second];
    const std::int64_t before = held[i].value_or(0);
    const std::int64_t after = target.result(before);
    changes[order[i].second] = {target.shelf, after - before, after, !held[i].has_value()};
  }
  require_possible(targets, changes);
  std::vector<Posting> postings;
  for (const auto& [shelf, change, quantity, is_new] : changes) {
    if (change != 0 || is_new) postings.push_back({shelf, change, quantity, is_new, std::nullopt});
  }
  post(connection, reason, postings, now);
  return changes;
}

}  // namespace

StockOperations::StockOperations(sql::Database& database, const Clock& clock)
    : database_(database), clock_(clock) {}

std::vector<ShelfChange> StockOperations::receive(StoreId store, std::span<const Goods> goods) {
  const std::vector<Goods> all = added_up(goods);
  std::vector<Target> targets;
  targets.reserve(all.size());
  for (const Goods& line : all) targets.push_back({{store, line.product}, line.quantity});
  const Time now = clock_.now();
  return database_.write([&](sql::Connection& connection) {
    require_store(connection, store);
    require_products(connection, goods);
    return carry_out(connection, Reason::receive, targets, now);
  });
}

std::vector<ShelfChange> StockOperations::adjust(StoreId store, std::span<const Correction> corrections) {
  require_sound(corrections);
  std::vector<Target> targets;
  targets.reserve(corrections.size());
  for (const auto& [product, kind, quantity] : corrections) {
    targets.push_back({{store, product}, quantity, kind});
  }
  const Time now = clock_.now();
  expire_due_of(database_, store, now);
  return database_.write([&](sql::Connection& connection) {
    require_store(connection, store);
    require_products(connection, corrections);
    return carry_out(connection, Reason::adjust, targets, now);
  });
}

std::vector<ShelfChange> StockOperations::transfer(StoreId from, StoreId to, std::span<const Goods> goods) {
  if (from == to) {
    throw Problem(Problem::Kind::invalid, "goods can't be moved from a store to itself");
  }
  const std::vector<Goods> all = added_up(goods);
  std::vector<Target> targets;
  for (const Goods& line : all) {
    targets.push_back({{from, line.product}, -line.quantity});
    targets.push_back({{to, line.product}, line.quantity});
  }
  const Time now = clock_.now();
  expire_due_of(database_, from, now);
  return database_.write([&](sql::Connection& connection) {
    require_store(connection, from);
    require_store(connection, to);
    require_products(connection, goods);
    return carry_out(connection, Reason::transfer, targets, now);
  });
}

}  // namespace aforro::shop
