// A shop that has nothing yet, and what is put into it at once from elsewhere, row by row and with its ids: a
// copy of another shop, or what another program kept. Orders, quantities and movements go by their own doors
// (order_rows.h, inventory_posting.h). Runs inside the caller's transaction.
#pragma once

#include <string_view>

#include "base/function_ref.h"
#include "sql/connection.h"

namespace aforro::shop {

// The first of its tables that has a row, "orders"; empty if none has. Jobs are passed over, since a server
// that has run there has left those that come again and again.
std::string_view what_shop_has(sql::Connection& connection);

// Runs `fill`, which writes many products in this transaction, while the indexes of their words put off what
// would keep others from waiting: nobody waits for an empty shop.
void fill_at_once(sql::Connection& connection, FunctionRef<void()> fill);

// (id, name, name_key)
void restore_categories(sql::Connection& connection, const sql::ParamRows& rows);

// (id, sku, title, title_key, description, price_minor, category_id, created_at, title_words, category_words,
// description_words, sku_words, title_pairs)
void restore_products(sql::Connection& connection, const sql::ParamRows& rows);

// (id, name, name_key, location)
void restore_stores(sql::Connection& connection, const sql::ParamRows& rows);

}  // namespace aforro::shop
