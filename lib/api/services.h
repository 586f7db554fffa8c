// The parts that the routes call on. `serve` builds and owns them; all must outlive the router.
#pragma once

#include <functional>
#include <string_view>

#include "base/log.h"
#include "base/time.h"
#include "cache/cache.h"
#include "cache/flights.h"
#include "cache/shared_cache.h"
#include "search/product_search.h"
#include "shop/catalogue.h"
#include "shop/inventory.h"
#include "shop/ledger.h"
#include "shop/order_book.h"
#include "sql/database.h"

namespace aforro::api {

struct Services {
  sql::Database& database;
  shop::OrderBook& orders;
  shop::Inventory& inventory;
  shop::Ledger& ledger;
  shop::Catalogue& catalogue;
  search::ProductSearch& search;
  cache::Cache& cache;
  cache::Flights& flights;
  cache::SharedCache* shared_cache = nullptr;  // with other servers; null: none
  // Whether what it shares with other servers is out of reach, so that it does without.
  std::function<bool()> is_degraded = [] { return false; };
  std::string_view version = {};  // of the program, for people
};

}  // namespace aforro::api
