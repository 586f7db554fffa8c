// What a step may have changed in the real shop, read without going through all of it, and the same of the
// model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sql/connection.h"
#include "support/shop_model.h"

namespace aforro::test {

// What the real shop has that the model does not know of yet.
struct News {
  std::vector<std::int64_t> orders;
  std::vector<std::int64_t> products;
  std::vector<std::int64_t> expired;  // of those that the model holds to be due
  std::vector<ModelMovement> movements;
};

News read_news(sql::Connection& connection, const ShopModel& model);

// The highest id of a map by ids.
std::int64_t last_id(const auto& rows) { return rows.empty() ? 0 : rows.rbegin()->first; }

// Every quantity.
std::string shelves_of(sql::Connection& connection);
std::string shelves_of(const ShopModel& model);

// How many orders, lines, keys and jobs there are.
std::string counts_of(sql::Connection& connection);
std::string counts_of(const ShopModel& model);

}  // namespace aforro::test
