// What the checks of shop/verification.h share: each reads pages of one snapshot by a key, so that no result
// is larger than a page.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/function_ref.h"
#include "shop/findings.h"
#include "shop/takings.h"
#include "shop/verification.h"
#include "sql/connection.h"
#include "sql/pages.h"

namespace aforro::shop {

inline constexpr std::int64_t kRowsOfPage = 2000;
inline constexpr std::int64_t kBeforeAll = sql::kBeforeAllIds;

struct Inspection {
  sql::Connection& connection;
  Findings& findings;
  FunctionRef<void(std::int64_t rows)> looked_at;  // progress
  VerifyLimits limits;
};

// Ids that others may name.
struct Known {
  std::unordered_set<std::int64_t> stores;
  std::unordered_set<std::int64_t> products;
};

// Categories, stores, products and users: their folded texts, and the categories that products name.
Known verify_catalogue(const Inspection& inspection);

// Shelves and the ledger, each movement once; what it says of orders goes into the balance.
void verify_ledger(const Inspection& inspection, const Known& known, TakingBalance& balance);

// Orders and their lines; what they must have taken goes into the balance.
void verify_orders(const Inspection& inspection, const Known& known, TakingBalance& balance);

// Names what does not balance. Reads orders and ledger once more, but only if something does not.
void verify_takings(const Inspection& inspection, const TakingBalance& balance);

void verify_keys(const Inspection& inspection);

// a + b, where damaged numbers may be as large as they like.
inline std::int64_t wrapped_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapped_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t wrapped_product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
}

}  // namespace aforro::shop
