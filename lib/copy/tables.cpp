// Written out, as all SQL of the program is: the compiler takes no statement that is put together from names.
#include "copy/tables.h"

#include <array>

#include "shop/inventory_posting.h"
#include "shop/new_shop.h"
#include "shop/order_rows.h"
#include "shop/synonyms.h"
#include "shop/vocabulary.h"

namespace aforro::copy {
namespace {

// The one row is there in every shop.
void set_catalogue(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each("UPDATE catalogue SET version = $2 WHERE id = $1", rows);
}

void add_users(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO users (id, username, username_key, email, password_hash, is_superuser, created_at) VALUES "
      "($1, $2, $3, $4, $5, $6, $7)",
      rows);
}

void add_idempotency_keys(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO idempotency_keys (key, fingerprint, order_id, answer, created_at) VALUES ($1, $2, $3, $4, "
      "$5)",
      rows);
}

void add_jobs(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each(
      "INSERT INTO jobs (id, kind, payload, state, run_at, attempts, last_error, created_at, period) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      rows);
}

constexpr std::array kTables{
    Table{.name = "catalogue",
          .types = "ii",
          .key_columns = 1,
          .page = "SELECT id, version FROM catalogue WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM catalogue",
          .insert = set_catalogue,
          .ids = ""},
    Table{.name = "users",
          .types = "ittttii",
          .key_columns = 1,
          .page = "SELECT id, username, username_key, email, password_hash, is_superuser, created_at FROM "
                  "users WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM users",
          .insert = add_users,
          .ids = "users"},
    Table{.name = "categories",
          .types = "itt",
          .key_columns = 1,
          .page = "SELECT id, name, name_key FROM categories WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM categories",
          .insert = shop::restore_categories,
          .ids = "categories"},
    Table{.name = "products",
          .types = "ittttiiittttt",
          .key_columns = 1,
          .page = "SELECT id, sku, title, title_key, description, price_minor, category_id, created_at, "
                  "title_words, category_words, description_words, sku_words, title_pairs FROM products "
                  "WHERE id > $1 ORDER BY id LIMIT 100",
          .count = "SELECT count(*) FROM products",
          .insert = shop::restore_products,
          .ids = "products"},
    Table{.name = "vocabulary",
          .types = "iti",
          .key_columns = 1,
          .page = "SELECT id, word, products FROM vocabulary WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM vocabulary",
          .insert = shop::restore_vocabulary,
          .ids = "vocabulary"},
    Table{.name = "synonyms",
          .types = "tttt",
          .key_columns = 2,
          .page = "SELECT term_words, also_words, term, also FROM synonyms WHERE (term_words, also_words) > "
                  "($1, $2) ORDER BY term_words, also_words LIMIT 1000",
          .count = "SELECT count(*) FROM synonyms",
          .insert = shop::restore_synonyms,
          .ids = ""},
    Table{.name = "stores",
          .types = "ittt",
          .key_columns = 1,
          .page = "SELECT id, name, name_key, location FROM stores WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM stores",
          .insert = shop::restore_stores,
          .ids = "stores"},
    Table{.name = "inventory",
          .types = "iiii",
          .key_columns = 2,
          .page = "SELECT store_id, product_id, quantity, version FROM inventory WHERE (store_id, "
                  "product_id) > ($1, $2) ORDER BY store_id, product_id LIMIT 1000",
          .count = "SELECT count(*) FROM inventory",
          .insert = shop::restore_shelves,
          .ids = ""},
    Table{.name = "orders",
          .types = "iitiitiii",
          .key_columns = 1,
          .page = "SELECT id, store_id, status, created_at, expires_at, customer_email, total_items, "
                  "total_quantity, total_price_minor FROM orders WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM orders",
          .insert = shop::restore_orders,
          .ids = "orders"},
    Table{.name = "order_lines",
          .types = "iiitiii",
          .key_columns = 2,
          .page =
              "SELECT order_id, position, product_id, product_title, quantity, unit_price_minor, available "
              "FROM order_lines WHERE (order_id, position) > ($1, $2) ORDER BY order_id, position LIMIT 1000",
          .count = "SELECT count(*) FROM order_lines",
          .insert = shop::restore_order_lines,
          .ids = ""},
    Table{.name = "movements",
          .types = "iiitiiii",
          .key_columns = 1,
          .page = "SELECT id, store_id, product_id, reason, change, quantity_after, order_id, created_at "
                  "FROM movements WHERE id > $1 ORDER BY id LIMIT 1000",
          .count = "SELECT count(*) FROM movements",
          .insert = shop::restore_movements,
          .ids = "movements"},
    Table{.name = "idempotency_keys",
          .types = "ttiti",
          .key_columns = 1,
          .page = "SELECT key, fingerprint, order_id, answer, created_at FROM idempotency_keys WHERE key > "
                  "$1 ORDER BY key LIMIT 20",
          .count = "SELECT count(*) FROM idempotency_keys",
          .insert = add_idempotency_keys,
          .ids = ""},
    Table{.name = "jobs",
          .types = "itttiitii",
          .key_columns = 1,
          .page = "SELECT id, kind, payload, state, run_at, attempts, last_error, created_at, period FROM "
                  "jobs WHERE id > $1 ORDER BY id LIMIT 100",
          .count = "SELECT count(*) FROM jobs",
          .insert = add_jobs,
          .ids = "jobs"},
};

}  // namespace

std::span<const Table> tables() { return kTables; }

}  // namespace aforro::copy
