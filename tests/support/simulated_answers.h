// The operations of a simulation put to either side: the shop as the program has it, and the model. Both
// answer in the same words, and refuse by throwing a Problem.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "shop/inventory.h"
#include "sql/database.h"
#include "support/shop_model.h"
#include "support/shop_operations.h"

namespace aforro::test {

// The last whole listing of each store, with the version that it proves itself true by.
using Listings = std::map<std::int64_t, std::pair<shop::InventoryVersion, std::string>>;

struct RealShop {
  sql::Database& database;
  const Clock& clock;
  Listings& listings;
  int told = 0;  // that an order is confirmed
};

struct ModelShop {
  ShopModel& model;
  std::int64_t id;                           // of what the operation makes
  const std::vector<std::int64_t>& expired;  // the orders that the real shop has expired meanwhile
};

std::string answer(RealShop& shop, const Operation& operation);
std::string answer(const ModelShop& shop, const Operation& operation);

}  // namespace aforro::test
