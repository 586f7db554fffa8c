// A thousand customers at once want the same thing.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/known_orders.h"
#include "support/on_threads.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr std::int64_t kReceived = 10'000;
constexpr int kThreads = 8;
constexpr int kClients = 1'000;
constexpr int kClientsOfThread = kClients / kThreads;
constexpr int kRequests = 4;  // of each client

void allow_many_descriptors() {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur > kClients + 100);
}

struct Wanted {
  std::int64_t store;
  std::int64_t product;
  std::int64_t other;
};

// The product twice, before, behind or around the other one; a third of them held, most of those for long.
std::string wish(const Wanted& wanted, std::minstd_rand& random) {
  const auto some = [&] { return 1 + static_cast<std::int64_t>(random() % 12); };
  std::vector<Line> lines{{wanted.product, some()}, {wanted.other, 1}, {wanted.product, some()}};
  std::rotate(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(random() % 3), lines.end());
  json body = parse(order_body(wanted.store, lines));
  if (random() % 3 == 0) body["reserve_for"] = random() % 4 == 0 ? 1 : 600;
  return body.dump();
}

std::int64_t sold_held_and_left(const Shop& shop, std::int64_t product) {
  const std::string is_it = "product_id = " + std::to_string(product);
  // One statement: one moment.
  return query_number(
      shop.database(),
      "SELECT CAST(coalesce((SELECT sum(l.quantity) FROM order_lines l JOIN orders o ON o.id = l.order_id"
      " WHERE l." +
          is_it +
          " AND o.status IN ('PENDING', 'CONFIRMED')), 0) AS BIGINT)"
          " + (SELECT sum(quantity) FROM inventory WHERE " +
          is_it + ")");
}

}  // namespace

TEST_CASE("a thousand clients on one product never make more or less of it than there was") {
  allow_many_descriptors();
  Shop shop(Goods::corner, {"--max-connections", "2000"});
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT," + std::to_string(kReceived) + "\n");
  const Wanted wanted{shop.store("North"), shop.product("CAT"), shop.product("LAMP")};
  KnownOrders known;
  std::atomic<int> unexpected{0};
  std::atomic<int> answered{0};
  std::atomic<int> working{kThreads};
  std::atomic<int> looked{0};
  std::atomic<int> wrong{0};
  std::vector<std::vector<std::unique_ptr<HttpClient>>> clients(kThreads);

  on_threads(kThreads + 1, [&](int thread) {
    if (thread == kThreads) {
      while (working > 0) {
        wrong += sold_held_and_left(shop, wanted.product) == kReceived ? 0 : 1;
        ++looked;
      }
      return;
    }
    struct Done {
      std::atomic<int>& working;
      ~Done() { --working; }
    } const done{working};
    std::minstd_rand random(static_cast<unsigned>(thread) + 1);
    auto& own = clients[static_cast<std::size_t>(thread)];
    for (int i = 0; i < kClientsOfThread; ++i) own.push_back(std::make_unique<HttpClient>(shop.connect()));
    for (int request = 0; request < kRequests; ++request) {
      for (const auto& client : own) {  // all of them stay connected
        const bool orders = request % 2 == 0;
        const auto change = [&] {
          return "/orders/" + std::to_string(known.any(random())) +
                 (random() % 2 == 0 ? "/confirm/" : "/cancel/");
        };
        const HttpResponse response =
            orders ? client->post("/orders/", wish(wanted, random)) : client->request("POST", change());
        ++answered;
        if (orders && response.status == 201) {
          known.add(parse(response)["id"].get<std::int64_t>());
        } else if (orders || (response.status != 200 && response.status != 409)) {
          ++unexpected;
        }
      }
    }
  });

  CHECK(answered == kClients * kRequests);
  CHECK(unexpected == 0);
  CHECK(looked > 2);
  CHECK(wrong == 0);
  CHECK(wait_until([&] {
    return query_number(shop.database(),
                        "SELECT count(*) FROM orders WHERE status = 'PENDING' AND expires_at < created_at + "
                        "2000000") == 0;
  }));
  for (const char* status : {"PENDING", "CONFIRMED", "CANCELLED", "EXPIRED", "REJECTED"}) {
    CAPTURE(status);
    CHECK(query_number(shop.database(),
                       "SELECT count(*) FROM orders WHERE status = '" + std::string(status) + "'") > 0);
  }
  CHECK(sold_held_and_left(shop, wanted.product) == kReceived);
  CHECK(shop.quantity("North", "CAT") >= 0);
  check_ledger(shop.database());
  check_verified(shop.database());
}
