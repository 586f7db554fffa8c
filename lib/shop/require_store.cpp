#include "shop/require_store.h"

#include "base/problem.h"

namespace aforro::shop {

void require_store(sql::Connection& connection, StoreId store) {
  if (!connection.maybe_integer("SELECT 1 FROM stores WHERE id = $1", {store.value()})) {
    throw Problem::not_found("There is no store " + std::to_string(store.value()) + ".");
  }
}

}  // namespace aforro::shop
