#include "django/carrying.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/users.h"
#include "base/problem.h"
#include "base/text.h"
#include "shop/catalogue_rows.h"
#include "shop/inventory_posting.h"
#include "shop/new_shop.h"
#include "shop/order_rows.h"
#include "shop/vocabulary.h"
#include "sql/value.h"

namespace aforro::django {
namespace {

using Rows = std::vector<std::vector<sql::Value>>;

// Rows of the staging in the order of a key, page by page, as a table of the shop takes them.
struct Carried {
  std::string_view types;   // of the columns, see sql::value_of()
  std::size_t key_columns;  // the first so many are whole numbers, by which pages are in order
  sql::Text page;           // the next behind the key $1, $2; $3 and $4 are numbers of the caller's
  void (*write)(sql::Connection& shop, const Rows& rows);
};

// The words that are searched are made on the way: they take more room than the texts.
void write_products(sql::Connection& shop, const Rows& rows) {
  Rows made;
  made.reserve(rows.size());
  shop::VocabularyChanges words;
  for (const auto& row : rows) {
    const auto& title = std::get<std::string>(row[2]);
    const auto& description = std::get<std::string>(row[3]);
    const auto* const sku = std::get_if<std::string>(&row[1]);
    made.push_back({row[0], row[1], title, fold(title), description, row[4], row[5], row[6],
                    join_words(title), join_words(std::get<std::string>(row[7])), join_words(description),
                    sku == nullptr ? std::string() : join_words(*sku), join_pairs(title)});
  }
  for (const auto& row : made) {
    words.add(std::get<std::string>(row[8]), std::get<std::string>(row[9]), std::get<std::string>(row[10]));
  }
  shop::restore_products(shop, sql::params_of(made));
  words.write(shop);
}

template <void (*kRestore)(sql::Connection&, const sql::ParamRows&)>
void write_as_they_are(sql::Connection& shop, const Rows& rows) {
  kRestore(shop, sql::params_of(rows));
}

constexpr Carried kUsers{
    "itttii", 1,
    "SELECT id, name, name_key, email, is_superuser, created_at FROM staged_users WHERE id > $1"
    " ORDER BY id LIMIT 1000",
    write_as_they_are<accounts::restore_disabled_users>};
constexpr Carried kCategories{
    "itt", 1, "SELECT id, name, name_key FROM staged_categories WHERE id > $1 ORDER BY id LIMIT 1000",
    write_as_they_are<shop::restore_categories>};
constexpr Carried kProducts{
    "itttiiit", 1,
    "SELECT p.id, p.sku, p.title, p.description, p.price, p.category_id, p.created_at, c.name FROM "
    "staged_products p"
    " JOIN staged_categories c ON c.id = p.category_id WHERE p.id > $1 ORDER BY p.id LIMIT 100",
    write_products};
constexpr Carried kStores{
    "ittt", 1, "SELECT id, name, name_key, location FROM staged_stores WHERE id > $1 ORDER BY id LIMIT 1000",
    write_as_they_are<shop::restore_stores>};
constexpr Carried kShelves{
    "iiii", 2,
    "SELECT store_id, product_id, quantity, 1 FROM kept_shelves"
    " WHERE (store_id, product_id) > ($1, $2) ORDER BY store_id, product_id LIMIT 1000",
    write_as_they_are<shop::restore_shelves>};
constexpr Carried kOrders{
    "iitiitiii", 1,
    "SELECT id, store_id, status, created_at, expires_at, NULL, total_items,"
    " total_quantity, total_price FROM kept_orders WHERE id > $1 ORDER BY id LIMIT 1000",
    write_as_they_are<shop::restore_orders>};
constexpr Carried kLines{
    "iiitiii", 2,
    "SELECT l.order_id, l.position, l.product_id, p.title, l.quantity, l.price, NULL FROM kept_lines l"
    " JOIN staged_products p ON p.id = l.product_id WHERE (l.order_id, l.position) > ($1, $2)"
    " ORDER BY l.order_id, l.position LIMIT 1000",
    write_as_they_are<shop::restore_order_lines>};

// Of the ledger the first ids go to the shelves as they opened, the last to those that are corrected.
struct Shelf {
  std::int64_t store = 0;
  std::int64_t product = 0;
};

class Carrier {
 public:
  Carrier(sql::Connection& staging, sql::Connection& shop, Time now, FunctionRef<void(std::int64_t)> progress)
      : staging_(staging), shop_(shop), now_(now), progress_(progress) {}

  void run() {
    carry(kUsers);
    carry(kCategories);
    carry(kProducts);
    carry(kStores);
    carry(kShelves);
    carry(kOrders);
    carry(kLines);
    carry_ledger();
    give_ids("users", "SELECT coalesce(max(id), 0) FROM staged_users");
    give_ids("categories", "SELECT coalesce(max(id), 0) FROM staged_categories");
    give_ids("products", "SELECT coalesce(max(id), 0) FROM staged_products");
    give_ids("stores", "SELECT coalesce(max(id), 0) FROM staged_stores");
    give_ids("orders", "SELECT coalesce(max(id), 0) FROM staged_orders");
    shop_.give_ids_above("movements", movement_);
    shop::raise_catalogue_version(shop_);
  }

 private:
  void carry(const Carried& table) {
    std::array<std::int64_t, 2> key{0, -1};  // ids begin at 1, positions at 0
    Rows rows;
    do {
      rows.clear();
      staging_.query(table.page, {key[0], key[1]}, [&](const sql::Row& row) {
        std::vector<sql::Value>& values = rows.emplace_back();
        values.reserve(table.types.size());
        for (std::size_t i = 0; i < table.types.size(); ++i)
          values.push_back(sql::value_of(row, static_cast<int>(i), table.types[i]));
        for (std::size_t i = 0; i < table.key_columns; ++i) key.at(i) = row.integer(static_cast<int>(i));
      });
      table.write(shop_, rows);
      done_ += static_cast<std::int64_t>(rows.size());
      progress_(done_);
    } while (!rows.empty());
  }

  void carry_ledger() {
    const std::int64_t opened_at =
        staging_.maybe_integer("SELECT coalesce(min(created_at), $1) FROM kept_orders", {now_.micros()})
            .value();
    carry_shelf_movements(
        "SELECT store_id, product_id, opening, opening FROM kept_shelves WHERE (store_id, product_id) > ($1, "
        "$2)"
        " AND opening > 0 ORDER BY store_id, product_id LIMIT 1000",
        shop::Reason::receive, Time::from_micros(opened_at));
    carry_order_movements();
    carry_shelf_movements(
        "SELECT store_id, product_id, -lack, quantity FROM kept_shelves WHERE (store_id, product_id) > ($1, "
        "$2)"
        " AND lack > 0 ORDER BY store_id, product_id LIMIT 1000",
        shop::Reason::adjust, now_);
  }

  // The page has store, product, the change and what is there after it.
  void carry_shelf_movements(sql::Text page, shop::Reason reason, Time at) {
    Shelf last;
    Rows rows;
    do {
      rows.clear();
      staging_.query(page, {last.store, last.product}, [&](const sql::Row& row) {
        last = {row.integer(0), row.integer(1)};
        rows.push_back({++movement_, last.store, last.product, std::string(to_string(reason)), row.integer(2),
                        row.integer(3), sql::Value(), at.micros()});
      });
      write_movements(rows);
    } while (!rows.empty());
  }

  void carry_order_movements() {
    std::int64_t last = 0;
    Rows rows;
    do {
      rows.clear();
      staging_.query(
          "SELECT id, store_id, product_id, reason, change, quantity_after, order_id, created_at"
          " FROM kept_movements WHERE id > $1 ORDER BY id LIMIT 1000",
          {last}, [&](const sql::Row& row) {
            last = row.integer(0);
            rows.push_back({++movement_, row.integer(1), row.integer(2), std::string(row.text(3)),
                            row.integer(4), row.integer(5), row.integer(6), row.integer(7)});
          });
      write_movements(rows);
    } while (!rows.empty());
  }

  void write_movements(const Rows& rows) {
    shop::restore_movements(shop_, sql::params_of(rows));
    done_ += static_cast<std::int64_t>(rows.size());
    progress_(done_);
  }

  void give_ids(sql::Text table, sql::Text highest) {
    shop_.give_ids_above(table, staging_.maybe_integer(highest).value());
  }

  sql::Connection& staging_;
  sql::Connection& shop_;
  const Time now_;
  const FunctionRef<void(std::int64_t)> progress_;
  std::int64_t done_ = 0;
  std::int64_t movement_ = 0;
};

}  // namespace

void require_empty(sql::Connection& shop) {
  if (const std::string_view has = shop::what_shop_has(shop); !has.empty()) {
    throw Problem(Problem::Kind::conflict, "the shop has " + std::string(has) +
                                               " already; another service's is imported into an empty one"
                                               " alone, so name a new database with --database");
  }
}

void carry(sql::Connection& staging, sql::Database& shop, Time now,
           FunctionRef<void(std::int64_t done)> progress) {
  shop.write_for_long([&](sql::Connection& connection) {
    shop::lock_catalogue(connection);
    require_empty(connection);
    shop::fill_at_once(connection, [&] { Carrier(staging, connection, now, progress).run(); });
  });
}

}  // namespace aforro::django
