// A believable shop to try things with: the same one for the same random seed.
#pragma once

#include <cstdint>

#include "base/function_ref.h"
#include "base/time.h"
#include "sql/database.h"

namespace aforro::shop {

enum class SeedShape {
  believable,  // brands, variants, prices that fit the category, some shelves empty
  uniform,     // products 1 to rows_per_store in every store, 100,000,000 of each: for measuring
};

struct SeedPlan {
  std::int64_t categories = 12;
  std::int64_t products = 1200;
  std::int64_t stores = 24;
  std::int64_t rows_per_store = 400;
  std::uint64_t random_seed = 1;
  SeedShape shape = SeedShape::believable;
};

enum class Seeded { done, already_has_data };

// Throws Problem (invalid) for a plan that cannot be: numbers below 1 or too large, or more rows per store
// than products.
void require_possible(const SeedPlan& plan);

// Fills an empty database in one transaction; one with products or stores is left as it is. `progress` is
// told rows written and rows in all. Throws as require_possible() does.
Seeded seed(sql::Database& database, const SeedPlan& plan, const Clock& clock,
            FunctionRef<void(std::int64_t done, std::int64_t all)> progress);

}  // namespace aforro::shop
