// A shelf must hold the sum of its movements, and each movement must say what was left after it. GROUP BY
// would answer the first, but not the second, and in one statement of unbounded length. So movements are read
// by pages, in the order of their ids, which is the order in which those of one shelf were written, and each
// shelf is followed in a table in memory. If there are more shelves than the table may hold, stores are taken
// some at a time, and the ledger is read again for each lot.
//
// One wrong movement makes every later one of its shelf look wrong by as much. So what is compared is the
// drift between what movements say and what they make, and a fault is reported only where the drift changes.
#include <algorithm>

#include "base/mixing.h"
#include "sql/pages.h"
#include "verify/inspection.h"

namespace aforro::verify {
namespace {

struct Place {
  std::int64_t store;
  std::int64_t product;
  friend bool operator==(const Place&, const Place&) = default;
};

struct PlaceHash {
  std::size_t operator()(const Place& place) const {
    return static_cast<std::size_t>(Mixing(0).add(place.store).add(place.product).value());
  }
};

struct ShelfCount {
  std::int64_t quantity = 0;
  std::int64_t total = 0;  // of the changes so far
  std::int64_t drift = 0;  // what the last movement said was left, less that
  bool is_there = false;   // or only movements of it
};

struct StoreRange {
  std::int64_t first;
  std::int64_t last;
};

std::string name_of(const Place& place) {
  return "store " + std::to_string(place.store) + ", product " + std::to_string(place.product);
}

std::string name_of(const sql::Row& movement) { return "movement " + std::to_string(movement.integer(0)); }

class LedgerCheck {
 public:
  LedgerCheck(const Inspection& inspection, const Known& known, TakingBalance& balance)
      : inspection_(inspection), findings_(inspection.findings), known_(known), balance_(balance) {}

  void verify() {
    StoreRange range{kBeforeAll, kBeforeAll};
    for (;;) {
      range.last = put_up_shelves();
      follow(range);
      compare();
      if (range.last == kAfterAll) break;
      range.first = range.last + 1;
    }
    findings_.counted("inventory rows", shelves_seen_);
    findings_.counted("movements", movements_seen_);
  }

 private:
  static constexpr std::int64_t kAfterAll = std::numeric_limits<std::int64_t>::max();

  // Takes as many whole stores as the table may hold, and returns the last of them.
  std::int64_t put_up_shelves() {
    shelves_.clear();
    Place after = next_shelves_;
    for (bool is_more = true; is_more;) {
      std::int64_t rows = 0;
      std::optional<std::int64_t> full_before;
      inspection_.connection.query(
          "SELECT store_id, product_id, quantity FROM inventory WHERE (store_id, product_id) > ($1, $2)"
          " ORDER BY store_id, product_id LIMIT $3",
          {after.store, after.product, kRowsOfPage}, [&](const sql::Row& row) {
            ++rows;
            const Place place{row.integer(0), row.integer(1)};
            // Cut between two stores only: the shelves of one store are followed together.
            const bool is_next_store = place.store != after.store;
            if (is_next_store && !full_before && shelves_.size() >= inspection_.limits.shelves)
              full_before = after.store;
            if (full_before) return;
            after = place;
            put_up(place, row.integer(2));
          });
      inspection_.looked_at(rows);
      if (full_before) {
        next_shelves_ = {*full_before, kAfterAll};
        return *full_before;
      }
      is_more = rows == kRowsOfPage;
    }
    return kAfterAll;
  }

  void put_up(const Place& place, std::int64_t quantity) {
    ++shelves_seen_;
    shelves_.insert_or_assign(place, ShelfCount{.quantity = quantity, .is_there = true});
    if (quantity < 0) findings_.fault(Check::stock, name_of(place) + ": holds " + std::to_string(quantity));
    if (!known_.stores.contains(place.store)) {
      findings_.fault(Check::reference, name_of(place) + ": inventory of a store that is not there");
    }
    if (!known_.products.contains(place.product)) {
      findings_.fault(Check::reference, name_of(place) + ": inventory of a product that is not there");
    }
  }

  void follow(const StoreRange& range) {
    // Movements of other stores are passed over here and not in SQL: with a condition on the store PostgreSQL
    // starts parallel workers for each page.
    sql::query_by_pages(
        inspection_.connection,
        "SELECT id, store_id, product_id, reason, change, quantity_after, order_id FROM movements"
        " WHERE id > $1 ORDER BY id LIMIT $2",
        kRowsOfPage,
        [&](const sql::Row& row) {
          const std::int64_t store = row.integer(1);
          if (store < range.first || store > range.last) return;
          ++movements_seen_;
          follow(row);
        },
        inspection_.looked_at);
  }

  void follow(const sql::Row& row) {
    const Place place{row.integer(1), row.integer(2)};
    const std::int64_t change = row.integer(4);
    const std::int64_t after = row.integer(5);
    ShelfCount& shelf = shelves_[place];
    shelf.total = wrapped_sum(shelf.total, change);
    const std::int64_t drift = wrapped_difference(after, shelf.total);
    // What went wrong with one movement goes on through all that follow: it is said once.
    if (drift != 0 && drift != shelf.drift) {
      findings_.fault(Check::movement, name_of(row) + " says that " + std::to_string(after) + " of " +
                                           name_of(place) + " were left where the changes make " +
                                           std::to_string(shelf.total));
    }
    shelf.drift = drift;
    account(row, place, change);
  }

  void account(const sql::Row& row, const Place& place, std::int64_t change) {
    const std::optional<TakingReason> reason = parse_taking_reason(row.text(3));
    const std::optional<std::int64_t> order = row.maybe_integer(6);
    if (reason && order) {
      balance_.find({*order, place.product, *reason, place.store, change});
    } else if (reason) {
      findings_.fault(Check::movement,
                      name_of(row) + " is of the kind " + std::string(row.text(3)) + " and names no order");
    } else if (order) {
      findings_.fault(Check::movement, name_of(row) + " is of the kind " + std::string(row.text(3)) +
                                           " and names order " + std::to_string(*order));
    }
  }

  void compare() {
    std::vector<std::pair<Place, ShelfCount>> wrong;
    for (const auto& [place, shelf] : shelves_) {
      if (!shelf.is_there || shelf.quantity != shelf.total) wrong.emplace_back(place, shelf);
    }
    std::sort(wrong.begin(), wrong.end(), [](const auto& a, const auto& b) {
      return std::pair(a.first.store, a.first.product) < std::pair(b.first.store, b.first.product);
    });
    for (const auto& [place, shelf] : wrong) {
      if (shelf.is_there) {
        findings_.fault(Check::stock, name_of(place) + ": holds " + std::to_string(shelf.quantity) +
                                          ", its movements make " + std::to_string(shelf.total));
      } else {
        findings_.fault(Check::movement, name_of(place) + ": has movements and is not in the inventory");
      }
    }
  }

  const Inspection& inspection_;
  Findings& findings_;
  const Known& known_;
  TakingBalance& balance_;
  std::unordered_map<Place, ShelfCount, PlaceHash> shelves_;
  Place next_shelves_{kBeforeAll, kBeforeAll};
  std::int64_t shelves_seen_ = 0;
  std::int64_t movements_seen_ = 0;
};

}  // namespace

void check_ledger(const Inspection& inspection, const Known& known, TakingBalance& balance) {
  LedgerCheck(inspection, known, balance).verify();
}

}  // namespace aforro::verify
