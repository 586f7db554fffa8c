// A shop in this process, on a database of its own, with a clock held in the hand: what tests of the parts
// below HTTP start from, on either engine. Starts empty.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shop/catalogue.h"
#include "shop/inventory.h"
#include "support/held_clock.h"
#include "support/location.h"
#include "support/test_database.h"

namespace aforro::test {

// What a test leaves out is the same for all products.
struct NewProduct {
  std::string title;
  std::int64_t price_minor = 100;
  std::string category = "Things";
  std::string description = {};
  std::optional<std::string> sku = {};
};

struct LocalShop {
  LocalShop();

  shop::ProductId add(const NewProduct& product);
  shop::StoreId add_store(std::string_view name);
  void shelve(shop::StoreId store, shop::ProductId product, std::int64_t quantity);

  // -1 where the store does not carry the product.
  std::int64_t quantity(shop::StoreId store, shop::ProductId product);
  // The first column of the first row.
  std::int64_t number(sql::Text query);

  // The same database opened once more, as another process would have it.
  std::unique_ptr<sql::Database> open_again() const { return database.open_again(); }

  HeldClock clock;
  TestDatabase database;
  const Location& location = database.location();
  shop::Catalogue catalogue;
  shop::Inventory inventory;
};

}  // namespace aforro::test
