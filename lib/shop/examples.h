// What there is, by way of example: for a page that shows how to ask, and leads nowhere in vain.
#pragma once

#include <optional>
#include <string>

#include "shop/types.h"
#include "sql/database.h"

namespace aforro::shop {

struct Examples {
  struct Stocked {
    StoreId store;
    ProductId product;
  };
  std::optional<StoreId> store;
  std::optional<ProductId> product;
  std::optional<OrderId> order;
  std::optional<Stocked> in_stock;   // at least two pieces; looked for on the first 200 shelves
  std::optional<std::string> title;  // of the product
};

// Finds them in one read, which takes no longer in a larger shop.
Examples find_examples(sql::Database& database);

}  // namespace aforro::shop
