#include "support/lively_shop.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>

#include <array>

#include "accounts/users.h"
#include "shop/stock_operations.h"
#include "shop/synonyms.h"
#include "support/postgres_cluster.h"

namespace aforro::test {

using namespace std::chrono_literals;
using namespace aforro::shop;    // NOLINT: the shop is all that this file speaks of
using namespace aforro::verify;  // NOLINT: and what is found in it

Findings verified(LocalShop& shop, const Limits& limits) {
  const auto search = shop.database.make_search();
  return check_shop(
      *shop.database, *search, [](std::int64_t, std::int64_t) {}, limits);
}

std::string in_lines(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

Lines faults_of(const Findings& findings) {
  Lines lines;
  for (const Check check : kChecks) {
    for (const std::string& detail : findings.named(check)) {
      lines.push_back(std::string(to_string(check)) + ": " + detail);
    }
  }
  return lines;
}

LivelyShop::LivelyShop() {
  shelve(north, mug, 10);
  shelve(north, lamp, 5);
  shelve(south, mug, 4);
  StockOperations operations(*database, clock);
  operations.receive(north, std::array{Goods{mug, 5}});
  operations.transfer(north, south, std::array{Goods{mug, 2}});
  place({{mug, 2}, {lamp, 1}});
  place({{mug, 1000}});
  place({{mug, 1}}, 86'400s);
  orders.confirm(place({{lamp, 1}}, 60s));
  orders.cancel(place({{mug, 1}}));
  place({{lamp, 1}}, 60s);
  clock.advance(120s);
  orders.expire_due(10);
  const auto render = [](const Order&) { return std::string("{}"); };
  orders.place(north, Basket::of(std::vector<BasketLine>{{mug, 1}}), std::nullopt,
               {"key-7", "the same", render});
  Synonyms(*database).add(parse_synonym("Mug", "Tea Cup"), Ways::both);
  accounts::Users(*database, clock).create_superuser("Ada", std::nullopt, "12345678");
}

OrderId LivelyShop::place(const std::vector<BasketLine>& lines, std::optional<std::chrono::seconds> hold) {
  return orders.place(north, Basket::of(lines), std::nullopt, hold).id;
}

void LivelyShop::damage(const std::string& sql) const {
  if (location.is_postgres()) {
    PostgresCluster::shared().query(location.name(), "SET session_replication_role = replica; " + sql);
    return;
  }
  SQLite::Database file(location.string(), SQLite::OPEN_READWRITE, 20'000);
  file.exec(sql);
}

void check_each(const std::vector<Damage>& damages) {
  for (const Damage& damage : damages) {
    CAPTURE(damage.done);
    LivelyShop shop;
    shop.damage(damage.done);

    const Findings findings = verified(shop);

    CHECK(in_lines(faults_of(findings)) == in_lines(damage.faults));
    CHECK(findings.fault_count() == static_cast<std::int64_t>(damage.faults.size()));
  }
}

}  // namespace aforro::test
