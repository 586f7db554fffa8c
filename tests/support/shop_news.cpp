#include "support/shop_news.h"

namespace aforro::test {

News read_news(sql::Connection& connection, const ShopModel& model) {
  News news;
  const auto ids_into = [](std::vector<std::int64_t>& ids) {
    return [&ids](const sql::Row& row) { ids.push_back(row.integer(0)); };
  };
  connection.query("SELECT id FROM orders WHERE id > $1 ORDER BY id", {last_id(model.orders)},
                   ids_into(news.orders));
  connection.query("SELECT id FROM products WHERE id > $1 ORDER BY id", {last_id(model.products)},
                   ids_into(news.products));
  sql::ParamRows due;
  const std::vector<std::int64_t> due_ids = model.due();
  for (const std::int64_t id : due_ids) due.add({id});
  connection.for_each("SELECT id FROM orders WHERE id = $1 AND status = 'EXPIRED'", due,
                      [&](std::size_t, const sql::Row& row) { news.expired.push_back(row.integer(0)); });
  connection.query(
      "SELECT id, store_id, product_id, reason, change, order_id, created_at, quantity_after FROM movements"
      " WHERE id > $1 ORDER BY id",
      {model.movements.empty() ? 0 : model.movements.back().id}, [&](const sql::Row& row) {
        news.movements.push_back({.id = row.integer(0),
                                  .store = row.integer(1),
                                  .product = row.integer(2),
                                  .reason = std::string(row.text(3)),
                                  .change = row.integer(4),
                                  .order = row.maybe_integer(5),
                                  .created_at = Time::from_micros(row.integer(6)),
                                  .quantity_after = row.integer(7)});
      });
  return news;
}

std::string shelves_of(const ShopModel& model) {
  std::string text;
  for (const auto& [shelf, quantity] : model.shelves) {
    text += std::to_string(shelf.first) + '/' + std::to_string(shelf.second) + ':' +
            std::to_string(quantity) + ' ';
  }
  return text;
}

std::string counts_of(const ShopModel& model) {
  std::size_t lines = 0;
  for (const auto& [id, kept] : model.orders) lines += kept.order.lines.size();
  return std::to_string(model.orders.size()) + " orders, " + std::to_string(lines) + " lines, " +
         std::to_string(model.keys.size()) + " keys, " + std::to_string(model.jobs.size()) + " jobs";
}

std::string shelves_of(sql::Connection& connection) {
  std::string text;
  connection.query("SELECT store_id, product_id, quantity FROM inventory ORDER BY store_id, product_id", {},
                   [&](const sql::Row& row) {
                     text += std::to_string(row.integer(0)) + '/' + std::to_string(row.integer(1)) + ':' +
                             std::to_string(row.integer(2)) + ' ';
                   });
  return text;
}

std::string counts_of(sql::Connection& connection) {
  std::string text;
  connection.query(
      "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_lines),"
      " (SELECT count(*) FROM idempotency_keys), (SELECT count(*) FROM jobs)",
      {}, [&](const sql::Row& row) {
        text = std::to_string(row.integer(0)) + " orders, " + std::to_string(row.integer(1)) + " lines, " +
               std::to_string(row.integer(2)) + " keys, " + std::to_string(row.integer(3)) + " jobs";
      });
  return text;
}

}  // namespace aforro::test
