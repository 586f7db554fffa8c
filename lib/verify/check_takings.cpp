// Which orders don't agree with the ledger, movement by movement. The balance (takings.h) says in which
// groups of 256 orders they are; of some of these groups both sides are read into memory, sorted and
// compared. Joining lines and movements in SQL would need an index of movements by order, for which every
// order would pay and no other query would ask.
#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "sql/pages.h"
#include "verify/inspection.h"
#include "verify/stored_orders.h"

namespace aforro::verify {
namespace {

struct Found {
  Taking taking;
  std::int64_t movement;
};

// The accounts that differ: as many as are looked at, and how many more there are.
struct Wanted {
  std::vector<bool> accounts;
  std::size_t count = 0;
  std::size_t more = 0;
};

Wanted unbalanced(const TakingBalance& balance, std::size_t most) {
  Wanted wanted{.accounts = std::vector<bool>(balance.accounts())};
  for (std::size_t account = 0; account < balance.accounts(); ++account) {
    if (balance.is_balanced(account)) continue;
    if (wanted.count == most) {
      ++wanted.more;
    } else {
      wanted.accounts[account] = true;
      ++wanted.count;
    }
  }
  return wanted;
}

std::string in_words(const Taking& taking) {
  return "`" + std::string(to_string(taking.reason)) + "` of " + std::to_string(taking.change) +
         " of product " + std::to_string(taking.product) + " in store " + std::to_string(taking.store);
}

// What a line of an order does for one reason: where and how much may have been written down wrongly.
auto about(const Taking& taking) { return std::tie(taking.order, taking.product, taking.reason); }

class Reconciliation {
 public:
  Reconciliation(const Inspection& inspection, const TakingBalance& balance, Wanted wanted)
      : inspection_(inspection), balance_(balance), wanted_(std::move(wanted)) {}

  void run() {
    read_orders();
    read_movements();
    const auto by_taking = [](const Found& a, const Found& b) {
      return std::tie(a.taking, a.movement) < std::tie(b.taking, b.movement);
    };
    std::sort(expected_.begin(), expected_.end());
    std::sort(found_.begin(), found_.end(), by_taking);
    take_out_equal();
    say();
  }

 private:
  bool is_wanted(std::int64_t order) const { return wanted_.accounts[balance_.account_of(order)]; }

  void read_orders() {
    const auto take = [&](const StoredOrder& order) {
      statuses_.emplace(order.id, order.status ? to_string(*order.status) : std::string_view("unknown"));
      const std::vector<Taking> takings = takings_of(order);
      expected_.insert(expected_.end(), takings.begin(), takings.end());
    };
    for_each_order(inspection_.connection, {.wants = [&](std::int64_t order) { return is_wanted(order); },
                                            .order = take,
                                            .stray = [](const StoredLine&) {}});
  }

  void read_movements() {
    sql::query_by_pages(
        inspection_.connection,
        "SELECT id, store_id, product_id, reason, change, order_id FROM movements WHERE id > $1 ORDER BY id"
        " LIMIT $2",
        kRowsOfPage,
        [&](const sql::Row& row) {
          const std::optional<std::int64_t> order = row.maybe_integer(5);
          if (!order || !is_wanted(*order)) return;
          const std::optional<TakingReason> reason = parse_taking_reason(row.text(3));
          if (!reason) return;
          found_.push_back(
              {{*order, row.integer(2), *reason, row.integer(1), row.integer(4)}, row.integer(0)});
        },
        [](std::int64_t) {});
  }

  void take_out_equal() {
    std::vector<Taking> lacking;
    std::vector<Found> surplus;
    auto expected = expected_.begin();
    auto found = found_.begin();
    while (expected != expected_.end() || found != found_.end()) {
      if (found == found_.end() || (expected != expected_.end() && *expected < found->taking)) {
        lacking.push_back(*expected++);
      } else if (expected == expected_.end() || found->taking < *expected) {
        surplus.push_back(*found++);
      } else {
        ++expected;
        ++found;
      }
    }
    expected_ = std::move(lacking);
    found_ = std::move(surplus);
  }

  void say() {
    std::vector<Found> unexpected;
    auto instead = found_.cbegin();  // both are sorted, first of all by what they are about
    for (const Taking& taking : expected_) {
      for (; instead != found_.cend() && about(instead->taking) < about(taking); ++instead)
        unexpected.push_back(*instead);
      if (instead == found_.cend() || about(instead->taking) != about(taking)) {
        fault(status_of(taking.order) + " and lacks its movement " + in_words(taking));
      } else {
        fault(status_of(taking.order) + " and has movement " + std::to_string(instead->movement) + ", " +
              in_words(instead->taking) + ", where its line makes it " + in_words(taking));
        ++instead;
      }
    }
    unexpected.insert(unexpected.end(), instead, found_.cend());
    for (const Found& found : unexpected) {
      const std::string movement =
          "movement " + std::to_string(found.movement) + ", " + in_words(found.taking) + ", ";
      const bool is_there = statuses_.contains(found.taking.order);
      fault(is_there
                ? status_of(found.taking.order) + " and has " + movement + "which none of its lines makes"
                : movement + "names order " + std::to_string(found.taking.order) + ", which is not there");
    }
    if (wanted_.more > 0) {
      fault("orders and movements differ in further groups of 256 orders, " + std::to_string(wanted_.more) +
            " of them, which were not looked at one by one");
    }
  }

  std::string status_of(std::int64_t order) const {
    return "order " + std::to_string(order) + " is " + std::string(statuses_.at(order));
  }

  void fault(std::string detail) { inspection_.findings.fault(Check::taking, std::move(detail)); }

  const Inspection& inspection_;
  const TakingBalance& balance_;
  const Wanted wanted_;
  std::map<std::int64_t, std::string_view> statuses_;
  std::vector<Taking> expected_;
  std::vector<Found> found_;
};

}  // namespace

void check_takings(const Inspection& inspection, const TakingBalance& balance) {
  Wanted wanted = unbalanced(balance, inspection.limits.accounts);
  if (wanted.count + wanted.more > 0) Reconciliation(inspection, balance, std::move(wanted)).run();
}

}  // namespace aforro::verify
