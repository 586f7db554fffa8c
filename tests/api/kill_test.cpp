// The server is killed at random moments and started again: what it had answered is there, once; what it had
// not happened whole or not at all. AFORRO_KILLS says how often; the seed of the choices is printed, and
// AFORRO_SEED gives it.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "support/database_file.h"
#include "support/kill_trial.h"
#include "support/seed.h"

namespace {

using namespace aforro::test;  // NOLINT

constexpr int kFew = 8;  // kills, unless AFORRO_KILLS says otherwise

int kills_wanted() {
  const char* const kills = std::getenv("AFORRO_KILLS");
  return kills == nullptr ? kFew : std::stoi(kills);
}

TEST_CASE(
    "a server killed at any moment has kept all that it acknowledged, once, and is ready within a second") {
  const std::uint64_t seed = seed_of_run();
  const int wanted = kills_wanted();
  const std::int64_t rounds_between = std::max(20, wanted / 20);
  KillTrial trial(seed);

  std::int64_t rounds = 0;
  while (trial.kills() < wanted && trial.faults().empty()) {
    trial.go_round();
    if (++rounds % rounds_between == 0) trial.compare_all();
  }
  trial.compare_confirmations();
  trial.compare_all();

  std::printf("kill -9: %s; seed %llu\n", trial.summary().c_str(), static_cast<unsigned long long>(seed));
  CHECK(trial.faults() == "");
  CHECK(trial.acknowledged() > wanted);
  // The longest is only printed: another process of a busy machine may hold one of them up.
  CHECK(trial.ready_after().quantile(0.5) < std::chrono::seconds(1));
}

// The clerk's commands lock shelves meanwhile: of two that wait for each other PostgreSQL picks one.
void change(const Location& database, const std::string& sql) {
  for (int attempts_left = 20;; --attempts_left) {
    try {
      query_texts(database, sql);
      return;
    } catch (const std::exception& fault) {
      if (attempts_left == 0 || std::string_view(fault.what()).find("deadlock") == std::string_view::npos)
        throw;
    }
  }
}

TEST_CASE("were something acknowledged lost, changed or doubled by a kill, it would be noticed") {
  struct Damage {
    std::string name;
    std::vector<std::string> statements;
    const char* noticed;
  };
  const std::vector<Damage> damages{
      {"orders are lost", {"DELETE FROM order_lines", "DELETE FROM orders"}, " is gone: "},
      {"a cancelled order is confirmed again",
       {"UPDATE orders SET status = 'CONFIRMED' WHERE status = 'CANCELLED'"},
       " was CANCELLED"},
      {"an order is changed", {"UPDATE orders SET total_quantity = total_quantity + 1"}, ", is now "},
      {"an order is doubled",
       {"INSERT INTO orders (store_id, status, created_at, customer_email, total_items, total_quantity,"
        " total_price_minor) SELECT store_id, 'CONFIRMED', created_at, customer_email, total_items,"
        " total_quantity, total_price_minor FROM orders WHERE id = (SELECT max(id) FROM orders)"},
       " is stored twice"},
      {"keys are forgotten", {"DELETE FROM idempotency_keys"}, "a key that was answered "},
      {"goods appear", {"UPDATE inventory SET quantity = quantity + 1"}, "sold, held and left are "},
  };
  for (const Damage& damage : damages) {
    CAPTURE(damage.name);
    KillTrial trial(1);
    const auto is_noticed = [&] { return trial.faults().find(damage.noticed) != std::string::npos; };
    // Not each round has something to be damaged, or that its customer knew of.
    for (int round = 0; round < 10 && !is_noticed(); ++round) {
      trial.go_round([&] {
        for (const std::string& sql : damage.statements) change(trial.shop().database(), sql);
      });
      trial.compare_all();
    }
    const std::string faults = trial.faults();
    CAPTURE(faults);
    CHECK(is_noticed());
  }
}

}  // namespace
