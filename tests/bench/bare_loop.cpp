#include "bench/bare_loop.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace aforro::bench {
namespace {

constexpr std::int64_t kQuantity = 1;

std::int64_t now_micros() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

// Binds the values to $1, $2, … and runs a statement that answers with no row.
template <class... Values>
void execute(SQLite::Statement& statement, const Values&... values) {
  statement.reset();
  int index = 0;
  (statement.bind(++index, values), ...);
  statement.exec();
}

}  // namespace

struct BareLoop::Statements {
  explicit Statements(const std::filesystem::path& file)
      : database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX) {}

  SQLite::Database database;
  SQLite::Statement offer{
      database,
      "SELECT p.title, p.price_minor, (SELECT i.quantity FROM inventory i WHERE i.store_id = ?1 AND"
      " i.product_id = p.id) FROM products p WHERE p.id = ?2"};
  SQLite::Statement order{database,
                          "INSERT INTO orders (store_id, status, created_at, total_items, total_quantity,"
                          " total_price_minor) VALUES (?1, 'CONFIRMED', ?2, ?3, ?4, ?5)"};
  SQLite::Statement line{database,
                         "INSERT INTO order_lines (order_id, position, product_id, product_title, quantity,"
                         " unit_price_minor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"};
  SQLite::Statement shelf{database,
                          "UPDATE inventory SET quantity = ?3, version = version + 1 WHERE store_id = ?1 AND"
                          " product_id = ?2"};
  SQLite::Statement movement{
      database,
      "INSERT INTO movements (store_id, product_id, reason, change, quantity_after, order_id, created_at)"
      " VALUES (?1, ?2, 'order', ?3, ?4, ?5, ?6)"};
  SQLite::Statement job{database,
                        "INSERT INTO jobs (kind, payload, state, run_at, created_at) VALUES ('measured', ?1,"
                        " 'dead', ?2, ?2)"};
};

BareLoop::BareLoop(const std::filesystem::path& file, const Goods& goods, Durability durability)
    : goods_(goods), statements_(std::make_unique<Statements>(file)) {
  SQLite::Database& database = statements_->database;
  database.exec("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;");
  if (durability == Durability::full) {
    database.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;");
  } else {
    database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -524288;");
  }
}

BareLoop::~BareLoop() = default;

void BareLoop::place(std::size_t orders) {
  Statements& use = *statements_;
  use.database.exec("BEGIN IMMEDIATE");
  for (std::size_t i = 0; i < orders; ++i) {
    const auto store = 1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(goods_.stores));
    const auto first = 1 + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(goods_.products));
    // Three that lie apart, in the order of their ids, as lib/shop goes through them.
    std::array<std::int64_t, 3> products{first, 1 + (first + 131) % goods_.products,
                                         1 + (first + 262) % goods_.products};
    std::sort(products.begin(), products.end());
    std::array<std::string, 3> titles;
    std::array<std::int64_t, 3> prices{};
    std::array<std::int64_t, 3> left{};
    for (std::size_t at = 0; at < products.size(); ++at) {
      use.offer.reset();
      use.offer.bind(1, store);
      use.offer.bind(2, products[at]);
      if (!use.offer.executeStep()) throw std::runtime_error("a product is missing");
      titles[at] = use.offer.getColumn(0).getString();
      prices[at] = use.offer.getColumn(1).getInt64();
      left[at] = use.offer.getColumn(2).getInt64() - kQuantity;
      use.offer.reset();
    }
    const std::int64_t now = now_micros();
    execute(use.order, store, now, static_cast<std::int64_t>(products.size()),
            kQuantity * static_cast<std::int64_t>(products.size()),
            kQuantity * (prices[0] + prices[1] + prices[2]));
    const std::int64_t order = use.database.getLastInsertRowid();
    for (std::size_t at = 0; at < products.size(); ++at)
      execute(use.line, order, static_cast<std::int64_t>(at), products[at], titles[at], kQuantity,
              prices[at]);
    for (std::size_t at = 0; at < products.size(); ++at) execute(use.shelf, store, products[at], left[at]);
    for (std::size_t at = 0; at < products.size(); ++at)
      execute(use.movement, store, products[at], -kQuantity, left[at], order, now);
    execute(use.job, std::to_string(order), now);
  }
  use.database.exec("COMMIT");
}

double BareLoop::run(std::chrono::milliseconds duration, std::size_t orders_together) {
  const auto begin = std::chrono::steady_clock::now();
  std::size_t orders = 0;
  std::chrono::duration<double> passed{0};
  while (passed < duration) {
    place(orders_together);
    orders += orders_together;
    passed = std::chrono::steady_clock::now() - begin;
  }
  return static_cast<double>(orders) / passed.count();
}

void BareLoop::discard_jobs() { statements_->database.exec("DELETE FROM jobs WHERE kind = 'measured'"); }

}  // namespace aforro::bench
