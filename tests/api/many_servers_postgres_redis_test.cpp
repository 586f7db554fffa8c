// Four servers on one PostgreSQL and one Redis, with customers at all of them, while one part after another
// fails: a server, PostgreSQL and its sessions, Redis, the network between them, at last the primary for
// good. What must hold whatever happens: no acknowledged order and no confirmation is lost, nothing is sold
// twice, no listing is older than an acknowledgement, no client sees more than a refusal. How long it takes
// until all servers answer again is printed.
//
// AFORRO_FAULTS=all: each fault, not only those that take no time. AFORRO_LISTINGS=100000: goes on until so
// many were compared.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/confirmations.h"
#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/market.h"
#include "support/postgres_pair.h"
#include "support/redis_server.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/tcp_relay.h"
#include "support/wait_until.h"

using namespace aforro::test;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kServers = 4;
constexpr std::int64_t kStorm = 300;  // of the product that all want: it runs out
constexpr std::int64_t kOwn = 1'000'000;
const std::vector<std::string> kOwnProducts{"MUG-RED", "MUG-BLUE", "CUPS", "KNIFE", "SLICER", "HOSE"};

// Listings that are to be compared after the faults.
std::int64_t listings_wanted() {
  const char* const wanted = std::getenv("AFORRO_LISTINGS");
  return wanted == nullptr ? 0 : std::atoll(wanted);
}

bool are_all_asked_for() {
  const char* const faults = std::getenv("AFORRO_FAULTS");
  return faults != nullptr && std::string_view(faults) == "all";
}

struct Place {
  PostgresPair postgres;
  RedisServer redis;
  TcpRelay to_primary{postgres.primary().port()};
  TcpRelay to_standby{postgres.standby().port()};
  TcpRelay to_redis{redis.address().port};
  std::string name = postgres.primary().create_database();
  Location database = url();
  std::vector<std::unique_ptr<Server>> servers;
  std::optional<Market> market;
  bool is_promoted = false;

  Place() {
    fill_database(Goods::corner, direct());
    std::string counts = "store,sku,quantity\nNorth,CAT," + std::to_string(kStorm) + '\n';
    for (const std::string& sku : kOwnProducts) counts += "North," + sku + ',' + std::to_string(kOwn) + '\n';
    import_inventory(direct(), counts);
    for (std::size_t i = 0; i < kServers; ++i) servers.push_back(start());
    const auto product = [&](const std::string& sku) {
      return query_number(direct(), "SELECT id FROM products WHERE sku = '" + sku + "'");
    };
    Market::Goods goods{.store = query_number(direct(), "SELECT id FROM stores WHERE name = 'North'"),
                        .wanted = product("CAT"),
                        .own = {},
                        .own_stock = kOwn};
    for (const std::string& sku : kOwnProducts) goods.own.push_back(product(sku));
    std::vector<int> ports;
    for (const auto& server : servers) ports.push_back(server->port());
    market.emplace(goods, ports, 5ms);
  }

  // Both servers of the database, through the relays.
  Location url() {
    const std::string direct = postgres.primary().url(name);
    return direct.substr(0, direct.rfind(':') + 1) + std::to_string(to_primary.port()) +
           ",127.0.0.1:" + std::to_string(to_standby.port()) + '/' + name;
  }
  // The one that takes writes, as a test looks at it.
  Location direct() { return (is_promoted ? postgres.standby() : postgres.primary()).url(name); }

  std::unique_ptr<Server> start() const {
    return std::make_unique<Server>(
        database,
        std::vector<std::string>{"--redis", "redis://127.0.0.1:" + std::to_string(to_redis.port())});
  }

  void restart_server(std::size_t which) {
    auto fresh = start();
    market->replace(servers[which]->port(), fresh->port());
    servers[which] = std::move(fresh);
  }
};

struct Fault {
  const char* name;
  bool is_quick;                       // also without AFORRO_FAULTS=all
  std::function<void(Place&)> happen;  // with what it takes to mend it
};

const std::vector<Fault>& faults() {
  static const std::vector<Fault> kFaults{
      {"a server is killed (-9), and another one takes its place", true,
       [](Place& place) {
         place.servers[1]->kill();
         std::this_thread::sleep_for(300ms);
         place.restart_server(1);
       }},
      {"all sessions with PostgreSQL are ended", true,
       [](Place& place) {
         place.postgres.primary().query("postgres",
                                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname"
                                        " = '" +
                                            place.name + "'");
       }},
      {"Redis is killed (-9), and is back, empty, after 1 s", true,
       [](Place& place) {
         place.redis.kill();
         std::this_thread::sleep_for(1s);
         place.redis.start();
       }},
      {"PostgreSQL is restarted", false,
       [](Place& place) {
         place.postgres.primary().stop();
         place.postgres.primary().start();
       }},
      {"PostgreSQL is killed (-9) and started again", false,
       [](Place& place) {
         place.postgres.primary().kill();
         place.postgres.primary().start();
       }},
      {"PostgreSQL stands still (SIGSTOP) for 2 s", false,
       [](Place& place) {
         place.postgres.primary().signal(SIGSTOP);
         std::this_thread::sleep_for(2s);
         place.postgres.primary().signal(SIGCONT);
       }},
      {"Redis stands still (SIGSTOP) for 2 s", false,
       [](Place& place) {
         place.redis.signal(SIGSTOP);
         std::this_thread::sleep_for(2s);
         place.redis.signal(SIGCONT);
       }},
      {"Redis is emptied, its script forgotten, and it has no room for 1 s", false,
       [](Place& place) {
         place.redis.ask({"FLUSHALL"});
         place.redis.ask({"SCRIPT", "FLUSH"});
         place.redis.ask({"CONFIG", "SET", "maxmemory", "1"});
         std::this_thread::sleep_for(1s);
         place.redis.ask({"CONFIG", "SET", "maxmemory", "0"});
       }},
      {"the network to PostgreSQL is cut for 2 s", false,
       [](Place& place) {
         place.to_primary.hold();
         std::this_thread::sleep_for(2s);
         place.to_primary.mend();
       }},
      {"the same, only from PostgreSQL to the servers", false,
       [](Place& place) {
         place.to_primary.hold_to_client();
         std::this_thread::sleep_for(2s);
         place.to_primary.mend();
       }},
      {"each piece between servers and PostgreSQL takes 200 ms for 4 s", false,
       [](Place& place) {
         place.to_primary.delay(200ms);
         std::this_thread::sleep_for(4s);
         place.to_primary.delay(0ms);
       }},
      {"the network to Redis is cut for 2 s", false,
       [](Place& place) {
         place.to_redis.hold();
         std::this_thread::sleep_for(2s);
         place.to_redis.mend();
       }},
      {"each piece between servers and Redis takes 200 ms for 2 s", false,
       [](Place& place) {
         place.to_redis.delay(200ms);
         std::this_thread::sleep_for(2s);
         place.to_redis.delay(0ms);
       }},
      {"the primary is killed (-9), its synchronous standby promoted", false,
       [](Place& place) {
         place.postgres.primary().kill();
         place.postgres.standby().promote();
         place.is_promoted = true;
       }},
  };
  return kFaults;
}

TEST_CASE("four servers keep their word whatever fails around them") {
  Place place;
  Market& market = *place.market;
  market.time_until_all_answer();
  market.take_worst();
  for (const Fault& fault : faults()) {
    if (!fault.is_quick && !are_all_asked_for()) continue;
    fault.happen(place);
    const milliseconds mended = market.time_until_all_answer();
    const Market::Worst worst = market.take_worst();
    std::printf(
        "%s: all servers answer %lld ms after it was mended; longest without an order %lld ms, longest"
        " answer %lld ms, %lld refusals\n",
        fault.name, static_cast<long long>(mended.count()), static_cast<long long>(worst.silence.count()),
        static_cast<long long>(worst.answer.count()), static_cast<long long>(worst.refusals));
    CHECK_MESSAGE(mended < 15s, fault.name);
  }
  market.time_until_all_answer();
  CHECK(wait_until([&] { return market.listings() >= listings_wanted(); }, 30min));
  market.stop();

  CHECK(market.wrong() == std::vector<std::string>{});
  CHECK(market.listings() > 0);
  CHECK(market.stale() == 0);
  const std::set<std::int64_t> confirmed = market.confirmed();
  std::printf(
      "%zu orders confirmed, %zu rejected, %lld refusals, %lld listings compared, %lld of them stale\n",
      confirmed.size(), market.rejected().size(), static_cast<long long>(market.refusals()),
      static_cast<long long>(market.listings()), static_cast<long long>(market.stale()));

  const Location database = place.direct();
  // Nothing is lost …
  const auto stored = query_numbers(database, "SELECT id FROM orders WHERE status = 'CONFIRMED' ORDER BY id");
  CHECK(std::includes(stored.begin(), stored.end(), confirmed.begin(), confirmed.end()));
  // … nor there twice: beyond what was acknowledged there can be one for each customer, who gave up on it.
  CHECK(stored.size() <= confirmed.size() + kOwnProducts.size());
  CHECK(query_number(database, "SELECT count(*) - count(DISTINCT order_id) FROM idempotency_keys") == 0);
  const std::int64_t sold = query_number(
      database,
      "SELECT CAST(coalesce(sum(l.quantity), 0) AS BIGINT) FROM order_lines l JOIN orders o ON o.id ="
      " l.order_id JOIN products p ON p.id = l.product_id WHERE p.sku = 'CAT' AND o.status ="
      " 'CONFIRMED'");
  const std::int64_t left =
      query_number(database,
                   "SELECT quantity FROM inventory i JOIN products p ON p.id = i.product_id WHERE p.sku ="
                   " 'CAT'");
  CHECK(sold + left == kStorm);
  CHECK(left >= 0);
  if (!market.rejected().empty()) CHECK(left == 0);

  // Leases of a server that was killed end by themselves; the jobs of the others are done soon.
  CHECK(wait_until([&] { return jobs_left(database) == 0; }, 60s));
  const auto told = confirmations_in(place.servers.front()->log());
  std::int64_t untold = 0;
  for (const std::int64_t order : confirmed) untold += told.count(order) == 0 ? 1 : 0;
  CHECK(untold == 0);
  check_ledger(database);
  check_verified(database);
  for (const auto& server : place.servers) CHECK(server->stop() == 0);
}

TEST_CASE("the limit of a client holds over four servers together") {
  PostgresPair postgres;
  const RedisServer redis;
  const Location database = postgres.primary().url(postgres.primary().create_database());
  fill_database(Goods::corner, database);
  std::vector<std::unique_ptr<Server>> servers;
  servers.reserve(kServers);
  for (std::size_t i = 0; i < kServers; ++i) {
    // They wait longer for Redis than in earnest, since the machine may be busy.
    servers.push_back(std::make_unique<Server>(
        database, std::vector<std::string>{"--redis", redis.url(), "--redis-patience", "5000", "--limit",
                                           "stores=30/hour"}));
  }
  for (const auto& server : servers) {
    HttpClient client(server->port());
    REQUIRE(wait_until([&] { return has(client.get("/readyz").body, "\"ready\""); }));
  }
  int allowed = 0;
  for (int round = 0; round < 20; ++round) {
    for (const auto& server : servers) {
      allowed += HttpClient(server->port()).get("/api/stores/").status == 200 ? 1 : 0;
    }
  }
  CHECK(allowed == 30);
}

}  // namespace
