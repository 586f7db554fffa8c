// Everything a shop has stored that its model knows of, one row in a line of text, in an order that both
// share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/connection.h"
#include "support/shop_model.h"

namespace aforro::test {

std::vector<std::string> rows_of(sql::Connection& connection);
std::vector<std::string> rows_of(const ShopModel& model);

// The first row in which they differ; empty if there is none.
std::string first_difference(const std::vector<std::string>& real, const std::vector<std::string>& model);

}  // namespace aforro::test
