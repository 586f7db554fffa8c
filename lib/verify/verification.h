// Looks at everything that a shop's database says, and recomputes what follows from something else. It only
// reads, in one snapshot and by pages, so memory does not grow with the ledger; servers may write meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/function_ref.h"
#include "search/product_search.h"
#include "sql/database.h"
#include "verify/findings.h"

namespace aforro::verify {

// Told now and then how many rows of about how many are done.
using Progress = FunctionRef<void(std::int64_t done, std::int64_t all)>;

// How much is held in memory at a time; with less, a large shop's ledger is read more often.
struct Limits {
  std::size_t shelves = 500'000;  // some 50 bytes each; and all of one store's
  std::size_t accounts = 1024;    // of 256 orders that don't agree with the ledger, to be named one by one
};

// The engine's own check comes first, in a transaction of its own. If it finds that rows can't be read as
// they were written, nothing else is looked at.
//
// Throws what Database::read throws.
Findings check_shop(sql::Database& database, const search::ProductSearch& search, Progress progress,
                    const Limits& limits = {});

}  // namespace aforro::verify
