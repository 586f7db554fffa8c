#include "support/shop_rows.h"

#include <algorithm>
#include <utility>

namespace aforro::test {
namespace {

class RowText {
 public:
  explicit RowText(const char* table) : text_(table) {}
  RowText& operator<<(std::int64_t number) { return *this << std::to_string(number); }
  RowText& operator<<(std::optional<std::int64_t> number) {
    return number ? *this << *number : *this << std::string_view("-");
  }
  RowText& operator<<(std::string_view words) {
    text_.append(" ").append(words);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::optional<std::int64_t> micros(std::optional<Time> time) {
  return time ? std::optional(time->micros()) : std::nullopt;
}

}  // namespace

std::vector<std::string> rows_of(sql::Connection& connection) {
  std::vector<std::string> rows;
  const auto read = [&](const char* table, sql::Text query, int columns, int texts_from) {
    connection.query(query, {}, [&](const sql::Row& row) {
      RowText text(table);
      for (int i = 0; i < columns; ++i) {
        if (i < texts_from) {
          text << row.maybe_integer(i);
        } else {
          text << (row.is_null(i) ? "-" : row.text(i));
        }
      }
      rows.push_back(text.take());
    });
  };
  read("product",
       "SELECT p.id, p.price_minor, p.sku, p.title, c.name FROM products p JOIN categories c ON"
       " c.id = p.category_id ORDER BY p.id",
       5, 2);
  read("shelf", "SELECT store_id, product_id, quantity FROM inventory ORDER BY store_id, product_id", 3, 3);
  read("order",
       "SELECT id, store_id, created_at, expires_at, total_items, total_quantity, total_price_minor, status,"
       " customer_email FROM orders ORDER BY id",
       9, 7);
  read("line",
       "SELECT order_id, position, product_id, quantity, unit_price_minor, available, product_title"
       " FROM order_lines ORDER BY order_id, position",
       7, 6);
  read("movement",
       "SELECT id, store_id, product_id, change, quantity_after, order_id, created_at, reason FROM movements"
       " ORDER BY id",
       8, 7);
  read("key", "SELECT order_id, created_at, key, answer FROM idempotency_keys ORDER BY order_id, key", 4, 2);
  read("job",
       "SELECT run_at, created_at, attempts, period, kind, payload, state FROM jobs ORDER BY run_at,"
       " id",
       7, 4);
  return rows;
}

std::vector<std::string> rows_of(const ShopModel& model) {
  std::vector<std::string> rows;
  const auto add = [&](RowText& text) { rows.push_back(text.take()); };
  for (const auto& [id, product] : model.products) {
    add(RowText("product") << id << product.price_minor << product.sku << product.title << product.category);
  }
  for (const auto& [shelf, quantity] : model.shelves) {
    add(RowText("shelf") << shelf.first << shelf.second << quantity);
  }
  for (const auto& [id, kept] : model.orders) {
    const shop::Order& order = kept.order;
    add(RowText("order") << id << order.store.value() << order.created_at.micros() << micros(order.expires_at)
                         << std::ssize(order.lines) << order.total_quantity << order.total_price.minor_units()
                         << to_string(order.status) << kept.email.value_or("-"));
  }
  for (const auto& [id, kept] : model.orders) {
    std::int64_t position = 0;
    for (const auto& line : kept.order.lines) {
      add(RowText("line") << id << position++ << line.product.value() << line.quantity
                          << line.unit_price.minor_units() << line.available << line.product_title);
    }
  }
  for (const ModelMovement& movement : model.movements) {
    add(RowText("movement") << movement.id << movement.store << movement.product << movement.change
                            << movement.quantity_after << movement.order << movement.created_at.micros()
                            << movement.reason);
  }
  std::vector<std::pair<std::string, ModelKey>> keys(model.keys.begin(), model.keys.end());
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.order, a.first) < std::pair(b.second.order, b.first);
  });
  for (const auto& [name, key] : keys) {
    add(RowText("key") << key.order << key.created_at.micros() << name << key.answer);
  }
  for (const ModelJob& job : model.jobs) {
    add(RowText("job") << job.created_at.micros() << job.created_at.micros() << std::int64_t{0}
                       << std::nullopt << "send_order_confirmation" << std::to_string(job.order)
                       << "waiting");
  }
  return rows;
}

std::string first_difference(const std::vector<std::string>& real, const std::vector<std::string>& model) {
  const auto [in_real, in_model] = std::mismatch(real.begin(), real.end(), model.begin(), model.end());
  if (in_real == real.end() && in_model == model.end()) return "";
  return "the shop has  " + (in_real == real.end() ? "no more rows" : *in_real) + "\nthe model has " +
         (in_model == model.end() ? "no more rows" : *in_model);
}

}  // namespace aforro::test
