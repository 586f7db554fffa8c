// What the checks of verify/verification.h share: each reads pages of one snapshot by a key, so that no
// result is larger than a page.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/function_ref.h"
#include "shop/vocabulary.h"
#include "sql/connection.h"
#include "sql/pages.h"
#include "verify/findings.h"
#include "verify/takings.h"
#include "verify/verification.h"

namespace aforro::verify {

inline constexpr std::int64_t kRowsOfPage = 2000;
inline constexpr std::int64_t kBeforeAll = sql::kBeforeAllIds;

struct Inspection {
  sql::Connection& connection;
  Findings& findings;
  FunctionRef<void(std::int64_t rows)> looked_at;  // progress
  Limits limits;
};

// Ids that others may name.
struct Known {
  std::unordered_set<std::int64_t> stores;
  std::unordered_set<std::int64_t> products;
};

// Categories, stores, products and users: their folded texts, the categories that products name, and the
// vocabulary.
Known check_catalogue(const Inspection& inspection);

// Whether the table says what was counted in all products.
void check_vocabulary(const Inspection& inspection, const shop::VocabularyChanges& counted);

// The folded words of synonyms.
void check_synonyms(const Inspection& inspection);

// Shelves and the ledger, each movement once; what it says of orders goes into the balance.
void check_ledger(const Inspection& inspection, const Known& known, TakingBalance& balance);

// Orders and their lines; what they must have taken goes into the balance.
void check_orders(const Inspection& inspection, const Known& known, TakingBalance& balance);

// Names what does not balance. Reads orders and ledger once more, but only if something does not.
void check_takings(const Inspection& inspection, const TakingBalance& balance);

void check_keys(const Inspection& inspection);

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

}  // namespace aforro::verify
