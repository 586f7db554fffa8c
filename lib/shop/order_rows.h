// An order as it stands in its tables.
#pragma once

#include <optional>

#include "shop/types.h"
#include "sql/connection.h"

namespace aforro::shop {

// In two statements, with the status that is kept, which a reservation past its time has outlived (see
// status_at()). `lock` follows the first.
std::optional<Order> read_order(sql::Connection& connection, OrderId id, sql::Text lock);

}  // namespace aforro::shop
