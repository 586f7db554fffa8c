// Puts the staged rows in relation: ids, names that are told apart, what refers to what, orders with their
// lines, and a ledger whose sums are the quantities. Afterwards the tables `kept_…` of the staging, and its
// categories, products, stores and users, are what the shop will have.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/function_ref.h"
#include "django/report.h"
#include "sql/connection.h"

namespace aforro::django {

// What there will be.
struct Settled {
  std::int64_t categories = 0;
  std::int64_t products = 0;
  std::int64_t stores = 0;
  std::int64_t inventory = 0;
  std::int64_t orders = 0;
  std::int64_t order_lines = 0;
  std::int64_t movements = 0;
  std::int64_t users = 0;
};

// `progress` is told orders done.
Settled settle(sql::Connection& staging, Report& report, FunctionRef<void(std::int64_t done)> progress);

// The rows that were numbered anew, table by table: the key there and the id here.
void for_each_new_id(sql::Connection& staging,
                     FunctionRef<void(std::string_view table, std::string_view key, std::int64_t id)> visit);

}  // namespace aforro::django
