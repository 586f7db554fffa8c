// A believable shop to try things with: the same one for the same random seed.
#pragma once

#include <cstdint>

#include "base/function_ref.h"
#include "base/time.h"
#include "sql/database.h"

namespace aforro::seed {

enum class Shape {
  believable,  // brands, variants, prices that fit the category, some shelves empty
  uniform,     // products 1 to rows_per_store in every store, 100,000,000 of each: for measuring
};

struct Plan {
  std::int64_t categories = 12;
  std::int64_t products = 1200;
  std::int64_t stores = 24;
  std::int64_t rows_per_store = 400;
  std::uint64_t random_seed = 1;
  Shape shape = Shape::believable;
};

enum class Seeded { done, already_has_data };

// Throws Problem (invalid) for a plan that cannot be: numbers below 1 or too large, or more rows per store
// than products.
void require_possible(const Plan& plan);

// Fills an empty database in one transaction; one with products or stores is left as it is. `progress` is
// told rows written and rows in all. Throws as require_possible() does.
Seeded fill(sql::Database& database, const Plan& plan, const Clock& clock,
            FunctionRef<void(std::int64_t done, std::int64_t all)> progress);

}  // namespace aforro::seed
