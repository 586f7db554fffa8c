// The ledger as it reads: every change of a quantity in a store, newest first. Safe to call from any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

class Ledger {
 public:
  explicit Ledger(sql::Database& database) : database_(database) {}

  // Those before `before`, by the id of a movement, or the newest. Throws Problem (not_found) if there is no
  // such store.
  Page<Movement, std::int64_t> list(StoreId store, std::optional<std::int64_t> before, std::int64_t limit);

 private:
  sql::Database& database_;
};

}  // namespace aforro::shop
