#include "shop/new_shop.h"

#include <array>

namespace aforro::shop {

std::string_view what_shop_has(sql::Connection& connection) {
  struct Table {
    std::string_view name;
    sql::Text any_row;
  };
  static constexpr std::array<Table, 10> kTables{{
      {"users", "SELECT 1 FROM users LIMIT 1"},
      {"categories", "SELECT 1 FROM categories LIMIT 1"},
      {"products", "SELECT 1 FROM products LIMIT 1"},
      {"synonyms", "SELECT 1 FROM synonyms LIMIT 1"},
      {"stores", "SELECT 1 FROM stores LIMIT 1"},
      {"inventory", "SELECT 1 FROM inventory LIMIT 1"},
      {"orders", "SELECT 1 FROM orders LIMIT 1"},
      {"order_lines", "SELECT 1 FROM order_lines LIMIT 1"},
      {"movements", "SELECT 1 FROM movements LIMIT 1"},
      {"idempotency_keys", "SELECT 1 FROM idempotency_keys LIMIT 1"},
  }};
  for (const Table& table : kTables) {
    bool has_row = false;
    connection.query(table.any_row, {}, [&](const sql::Row&) { has_row = true; });
    if (has_row) return table.name;
  }
  return {};
}

// A `fill` that throws ends the transaction, and the indexes are as they were.
void fill_at_once(sql::Connection& connection, FunctionRef<void()> fill) {
  const auto merge = [&](sql::Merging merging) {
    connection.merge_text_index("product_words", merging);
    connection.merge_text_index("title_trigrams", merging);
    connection.merge_text_index("paired_titles", merging);
  };
  merge(sql::Merging::seldom);
  fill();
  merge(sql::Merging::bit_by_bit);
}

void restore_categories(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each("INSERT INTO categories (id, name, name_key) VALUES ($1, $2, $3)", rows);
}

void restore_products(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO products (id, sku, title, title_key, description, price_minor, category_id, created_at, "
      "title_words, category_words, description_words, sku_words, title_pairs) VALUES ($1, $2, $3, $4, $5, "
      "$6, $7, $8, $9, $10, $11, $12, $13)",
      rows);
}

void restore_stores(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each("INSERT INTO stores (id, name, name_key, location) VALUES ($1, $2, $3, $4)", rows);
}

}  // namespace aforro::shop
