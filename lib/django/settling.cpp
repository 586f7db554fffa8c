// The ledger. Nothing there says how the stock came about, so it is written backwards from what is on the
// shelf now: before each movement there was what is there now, less all that changed since. What was there
// before the first one is the opening movement, which therefore covers everything that orders took.
//
// An order that was cancelled took its stock and gave it back at once, in a shop that may have had less of it
// then (there it held none). Such a shelf opens with as much more as it lacked, and ends with a correction by
// as much less.
//
// All of it is SQL over tables on disk, which sorts outside memory, but for the lines of one order at a time.
#include "django/settling.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/shorten.h"
#include "base/text.h"
#include "django/names.h"
#include "django/order_lines.h"
#include "django/staging.h"
#include "django/values.h"

namespace aforro::django {
namespace {

constexpr std::int64_t kOrdersBetweenLooks = 1'000;
constexpr std::size_t kMaxNoteBytes = 200;  // of what is told of an item, as an order may have many

// A table whose rows get ids.
struct Numbered {
  std::string_view name;
  std::string_view one;
  sql::Text keep;    // keys that are ids
  sql::Text number;  // the others, in order
  sql::Text index;
  sql::Text renumbered;
};

// $1: the highest id that is kept.
constexpr std::array kNumbered{
    Numbered{"categories", "category",
             "UPDATE staged_categories SET id = key WHERE typeof(key) = 'integer' AND key BETWEEN 1 AND $1",
             "UPDATE staged_categories SET id = n.id FROM (SELECT rowid AS place, (SELECT coalesce(max(id), "
             "0) FROM"
             " staged_categories) + row_number() OVER (ORDER BY key) AS id FROM staged_categories WHERE id "
             "IS NULL) n"
             " WHERE staged_categories.rowid = n.place",
             "CREATE UNIQUE INDEX categories_by_id ON staged_categories (id)",
             "SELECT CAST(key AS TEXT), id FROM staged_categories WHERE typeof(key) <> 'integer' OR key <> "
             "id ORDER "
             "BY id"},
    Numbered{
        "products", "product",
        "UPDATE staged_products SET id = key WHERE typeof(key) = 'integer' AND key BETWEEN 1 AND $1",
        "UPDATE staged_products SET id = n.id FROM (SELECT rowid AS place, (SELECT coalesce(max(id), 0) FROM"
        " staged_products) + row_number() OVER (ORDER BY created_at, key) AS id FROM staged_products WHERE "
        "id IS NULL) n"
        " WHERE staged_products.rowid = n.place",
        "CREATE UNIQUE INDEX products_by_id ON staged_products (id)",
        "SELECT CAST(key AS TEXT), id FROM staged_products WHERE typeof(key) <> 'integer' OR key <> id ORDER "
        "BY id"},
    Numbered{"stores", "store",
             "UPDATE staged_stores SET id = key WHERE typeof(key) = 'integer' AND key BETWEEN 1 AND $1",
             "UPDATE staged_stores SET id = n.id FROM (SELECT rowid AS place, (SELECT coalesce(max(id), 0) "
             "FROM staged_stores)"
             " + row_number() OVER (ORDER BY key) AS id FROM staged_stores WHERE id IS NULL) n"
             " WHERE staged_stores.rowid = n.place",
             "CREATE UNIQUE INDEX stores_by_id ON staged_stores (id)",
             "SELECT CAST(key AS TEXT), id FROM staged_stores WHERE typeof(key) <> 'integer' OR key <> id "
             "ORDER BY id"},
    Numbered{"orders", "order",
             "UPDATE staged_orders SET id = key WHERE typeof(key) = 'integer' AND key BETWEEN 1 AND $1",
             "UPDATE staged_orders SET id = n.id FROM (SELECT rowid AS place, (SELECT coalesce(max(id), 0) "
             "FROM staged_orders)"
             " + row_number() OVER (ORDER BY created_at, key) AS id FROM staged_orders WHERE id IS NULL) n"
             " WHERE staged_orders.rowid = n.place",
             "CREATE UNIQUE INDEX orders_by_id ON staged_orders (id)",
             "SELECT CAST(key AS TEXT), id FROM staged_orders WHERE typeof(key) <> 'integer' OR key <> id "
             "ORDER BY id"},
    Numbered{"users", "user",
             "UPDATE staged_users SET id = key WHERE typeof(key) = 'integer' AND key BETWEEN 1 AND $1",
             "UPDATE staged_users SET id = n.id FROM (SELECT rowid AS place, (SELECT coalesce(max(id), 0) "
             "FROM staged_users)"
             " + row_number() OVER (ORDER BY created_at, key) AS id FROM staged_users WHERE id IS NULL) n"
             " WHERE staged_users.rowid = n.place",
             "CREATE UNIQUE INDEX users_by_id ON staged_users (id)",
             "SELECT CAST(key AS TEXT), id FROM staged_users WHERE typeof(key) <> 'integer' OR key <> id "
             "ORDER BY id"},
};

void give_ids(sql::Connection& staging, Report& report) {
  for (const Numbered& table : kNumbered) {
    staging.run(table.keep, {kMaxKeptId});
    staging.run(table.number);
    staging.run(table.index);
    staging.query(table.renumbered, {}, [&](const sql::Row& row) {
      report.add(Note::renumbered, std::string(table.one) + ' ' + std::string(row.text(0)) + " is " +
                                       std::to_string(row.integer(1)));
    });
  }
}

// A note on each row of a query, which puts the words together.
void note_rows(sql::Connection& staging, Report& report, Note note, sql::Text query) {
  staging.query(query, {}, [&](const sql::Row& row) { report.add(note, row.text(0)); });
}

void find_categories(sql::Connection& staging, Report& report) {
  staging.run(
      "UPDATE staged_products SET category_id = (SELECT c.id FROM staged_categories c WHERE c.key = "
      "staged_products.category_key)");
  note_rows(staging, report, Note::category_missing,
            "SELECT 'product ' || key || coalesce(': category ' || category_key, '') FROM staged_products"
            " WHERE category_id IS NULL ORDER BY id");
  if (!staging.maybe_integer("SELECT 1 FROM staged_products WHERE category_id IS NULL LIMIT 1")) return;
  constexpr std::string_view kName = "Uncategorized";
  const std::string key = fold(kName);
  if (!staging.maybe_integer("SELECT id FROM staged_categories WHERE name_key = $1", {key})) {
    staging.run(
        "INSERT INTO staged_categories (id, name, name_key)"
        " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM staged_categories), $1, $2)",
        {kName, key});
  }
  staging.run(
      "UPDATE staged_products SET category_id = (SELECT id FROM staged_categories WHERE name_key = $1)"
      " WHERE category_id IS NULL",
      {key});
}

void find_stores_of_orders(sql::Connection& staging, Report& report) {
  staging.run(
      "UPDATE staged_orders SET store_id = (SELECT s.id FROM staged_stores s WHERE s.key = "
      "staged_orders.store_key)");
  note_rows(staging, report, Note::order_orphan,
            "SELECT 'order ' || key || coalesce(': store ' || store_key, '') FROM staged_orders"
            " WHERE store_id IS NULL AND became <> 'none' ORDER BY id");
  staging.run("CREATE INDEX items_by_order ON staged_items (order_key, key)");
  note_rows(
      staging, report, Note::item_orphan,
      "SELECT 'order ' || coalesce(order_key, '(none)') || ', product ' || coalesce(product_key, '(none)')"
      " FROM staged_items WHERE NOT EXISTS (SELECT 1 FROM staged_orders o WHERE o.key = "
      "staged_items.order_key)"
      " ORDER BY order_key");
}

// Goes through orders with their items, and keeps what can be kept.
class OrderKeeper {
 public:
  OrderKeeper(sql::Connection& staging, Report& report, FunctionRef<void(std::int64_t)> progress)
      : staging_(staging),
        report_(report),
        progress_(progress),
        orders_(staging,
                "INSERT INTO kept_orders (id, key, store_id, status, created_at, expires_at, total_items,"
                " total_quantity, total_price) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"),
        lines_(staging,
               "INSERT INTO kept_lines (order_id, position, product_id, quantity, price)"
               " VALUES ($1, $2, $3, $4, $5)") {}

  void run() {
    staging_.query(
        "SELECT o.id, CAST(o.key AS TEXT), o.store_id, o.became, o.created_at, p.id, i.quantity,"
        " coalesce(i.price, p.price), CAST(i.product_key AS TEXT), i.rowid, i.note, i.noted"
        " FROM staged_orders o LEFT JOIN staged_items i ON i.order_key = o.key LEFT JOIN staged_products p "
        "ON p.key = "
        "i.product_key"
        " WHERE o.store_id IS NOT NULL AND o.became <> 'none' ORDER BY o.id, i.key, i.rowid",
        {}, [&](const sql::Row& row) { take(row); });
    keep();
    orders_.flush();
    lines_.flush();
  }

 private:
  // What is told of an item's price if its order is taken.
  struct PriceNote {
    Note note;
    std::string noted;
  };

  void take(const sql::Row& row) {
    if (row.integer(0) != id_) {
      keep();
      id_ = row.integer(0);
      key_ = row.text(1);
      store_ = row.integer(2);
      became_ = row.text(3);
      created_at_ = row.integer(4);
    }
    if (row.is_null(9)) return;  // it has no items
    if (row.is_null(5)) {
      report_.add(Note::item_product_gone,
                  "order " + key_ + ", product " + (row.is_null(8) ? "(none)" : std::string(row.text(8))));
    } else if (items_.size() <= kMaxItems) {
      items_.push_back({row.integer(5), row.integer(6), row.integer(7)});
      if (!row.is_null(10)) {
        notes_.push_back(
            {static_cast<Note>(row.integer(10)),
             shortened(for_terminal(", product " + std::string(row.text(8)) + std::string(row.text(11))),
                       kMaxNoteBytes)});
      }
    }
  }

  void keep() {
    if (id_ == 0) return;
    if (++done_ % kOrdersBetweenLooks == 0) progress_(done_);
    const SettledOrder order = settle_order(items_);
    items_.clear();
    const std::vector<PriceNote> notes = std::exchange(notes_, {});
    const std::string name = "order " + key_;
    if (order.left_out) {
      report_.add(*order.left_out, name);
      return;
    }
    for (const PriceNote& note : notes) report_.add(note.note, name + note.noted);
    if (order.is_added_up) report_.add(Note::line_added_up, name);
    if (order.is_averaged) report_.add(Note::price_averaged, name);
    const bool is_held = became_ == "pending";
    if (is_held) report_.add(Note::pending_cancelled, name);
    if (became_ == "rejected") report_.add(Note::availability_unknown, name);
    orders_.add({id_, key_, store_, status(), created_at_, is_held ? sql::Value(created_at_) : sql::Value(),
                 static_cast<std::int64_t>(order.lines.size()), order.total_quantity, order.total_price});
    std::int64_t position = 0;
    for (const OrderItem& line : order.lines)
      lines_.add({id_, position++, line.product, line.quantity, line.price});
  }

  std::string status() const {
    if (became_ == "confirmed") return "CONFIRMED";
    return became_ == "rejected" ? "REJECTED" : "CANCELLED";
  }

  sql::Connection& staging_;
  Report& report_;
  const FunctionRef<void(std::int64_t)> progress_;
  std::int64_t done_ = 0;
  RowBuffer orders_;
  RowBuffer lines_;
  std::int64_t id_ = 0;
  std::string key_;
  std::int64_t store_ = 0;
  std::string became_;
  std::int64_t created_at_ = 0;
  std::vector<OrderItem> items_;
  std::vector<PriceNote> notes_;  // of these items
};

void keep_shelves(sql::Connection& staging, Report& report) {
  note_rows(staging, report, Note::inventory_orphan,
            "SELECT 'store ' || coalesce(i.store_key, '(none)') || ', product ' || coalesce(i.product_key,"
            " '(none)') FROM staged_inventory i WHERE NOT EXISTS (SELECT 1 FROM staged_stores s WHERE s.key "
            "= i.store_key)"
            " OR NOT EXISTS (SELECT 1 FROM staged_products p WHERE p.key = i.product_key) ORDER BY i.rowid");
  // Sums of so many are exact as floating point numbers, and don't overflow.
  staging.run(
      "INSERT INTO kept_shelves (store_id, product_id, quantity, source_rows, is_cut)"
      " SELECT s.id, p.id, CAST(min(total(i.quantity), 1000000000000) AS INTEGER), count(*),"
      " total(i.quantity) > 1000000000000 FROM staged_inventory i JOIN staged_stores s ON s.key = i.store_key"
      " JOIN staged_products p ON p.key = i.product_key GROUP BY s.id, p.id");
  note_rows(
      staging, report, Note::shelf_added_up,
      "SELECT 'store ' || store_id || ', product ' || product_id || ': ' || source_rows || ' rows make '"
      " || quantity FROM kept_shelves WHERE source_rows > 1");
  note_rows(staging, report, Note::quantity_out_of_range,
            "SELECT 'store ' || store_id || ', product ' || product_id FROM kept_shelves WHERE is_cut <> 0"
            " AND source_rows > 1");
  staging.run(
      "INSERT INTO kept_shelves (store_id, product_id, quantity, source_rows, is_cut)"
      " SELECT DISTINCT o.store_id, l.product_id, 0, 0, 0 FROM kept_lines l JOIN kept_orders o"
      " ON o.id = l.order_id WHERE o.status <> 'REJECTED' ON CONFLICT DO NOTHING");
  note_rows(
      staging, report, Note::shelf_made,
      "SELECT 'store ' || store_id || ', product ' || product_id FROM kept_shelves WHERE source_rows = 0");
}

void keep_movements(sql::Connection& staging, Report& report) {
  staging.run(
      "INSERT INTO kept_movements (store_id, product_id, reason, change, quantity_after, order_id, "
      "created_at)"
      " SELECT m.store_id, m.product_id, m.reason, m.change, s.quantity - m.later, m.order_id, m.created_at"
      " FROM (SELECT *, coalesce(sum(change) OVER (PARTITION BY store_id, product_id ORDER BY created_at "
      "DESC,"
      " order_id DESC, step DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later FROM ("
      "SELECT o.store_id, l.product_id, CASE WHEN o.expires_at IS NULL THEN 'order' ELSE 'reserve' END AS "
      "reason,"
      " -l.quantity AS change, o.id AS order_id, o.created_at, l.position, 0 AS step"
      " FROM kept_orders o JOIN kept_lines l ON l.order_id = o.id WHERE o.status <> 'REJECTED'"
      " UNION ALL "
      "SELECT o.store_id, l.product_id, 'cancel', l.quantity, o.id, o.created_at, l.position, 1"
      " FROM kept_orders o JOIN kept_lines l ON l.order_id = o.id WHERE o.status = 'CANCELLED')) m"
      " JOIN kept_shelves s ON s.store_id = m.store_id AND s.product_id = m.product_id"
      " ORDER BY m.created_at, m.order_id, m.step, m.position");
  staging.run("UPDATE kept_shelves SET opening = quantity");
  staging.run(
      "UPDATE kept_shelves SET opening = quantity - m.change + m.lack, lack = m.lack"
      " FROM (SELECT store_id, product_id, sum(change) AS change, max(0, -min(quantity_after)) AS lack"
      " FROM kept_movements GROUP BY store_id, product_id) m"
      " WHERE m.store_id = kept_shelves.store_id AND m.product_id = kept_shelves.product_id");
  note_rows(staging, report, Note::stock_evened,
            "SELECT 'store ' || store_id || ', product ' || product_id || ': ' || lack FROM kept_shelves"
            " WHERE lack > 0");
  if (report.count(Note::stock_evened) == 0) return;
  staging.run(
      "UPDATE kept_movements SET quantity_after = quantity_after + s.lack FROM kept_shelves s"
      " WHERE s.lack > 0 AND s.store_id = kept_movements.store_id AND s.product_id = "
      "kept_movements.product_id");
}

Settled count(sql::Connection& staging) {
  const auto number = [&](sql::Text query) { return staging.maybe_integer(query).value(); };
  return {.categories = number("SELECT count(*) FROM staged_categories"),
          .products = number("SELECT count(*) FROM staged_products"),
          .stores = number("SELECT count(*) FROM staged_stores"),
          .inventory = number("SELECT count(*) FROM kept_shelves"),
          .orders = number("SELECT count(*) FROM kept_orders"),
          .order_lines = number("SELECT count(*) FROM kept_lines"),
          .movements = number("SELECT (SELECT count(*) FROM kept_movements) + (SELECT count(*) FROM"
                              " kept_shelves WHERE opening > 0) + (SELECT count(*) FROM kept_shelves"
                              " WHERE lack > 0)"),
          .users = number("SELECT count(*) FROM staged_users")};
}

}  // namespace

Settled settle(sql::Connection& staging, Report& report, FunctionRef<void(std::int64_t done)> progress) {
  give_ids(staging, report);
  tell_names_apart(staging, report);
  find_categories(staging, report);
  find_stores_of_orders(staging, report);
  OrderKeeper(staging, report, progress).run();
  keep_shelves(staging, report);
  keep_movements(staging, report);
  return count(staging);
}

void for_each_new_id(sql::Connection& staging,
                     FunctionRef<void(std::string_view table, std::string_view key, std::int64_t id)> visit) {
  for (const Numbered& table : kNumbered) {
    staging.query(table.renumbered, {}, [&](const sql::Row& row) {
      if (!row.is_null(0)) visit(table.name, row.text(0), row.integer(1));
    });
  }
}

}  // namespace aforro::django
