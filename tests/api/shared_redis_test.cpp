// Servers of one shop that share a Redis: one rate limit, one cache, confirmations at once; and what their
// clients notice of a Redis that goes, which is nothing.
#include <doctest/doctest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/json.h"
#include "support/on_threads.h"
#include "support/pair.h"
#include "support/redis_server.h"
#include "support/wait_until.h"

using namespace aforro::test;
using namespace std::chrono_literals;

namespace {

struct Sharing {
  // They wait longer than in earnest, since the machine may be busy.
  explicit Sharing(std::vector<std::string> arguments = {}, std::vector<std::string> of_first = {},
                   const std::string& patience_ms = "5000")
      : pair(with_redis(std::move(arguments), patience_ms), std::move(of_first)) {
    // The first look may not have ended, where the machine is busy.
    REQUIRE(wait_until([this] { return both_say("ready"); }));
  }

  HttpClient other_client() const { return HttpClient(pair.other.port()); }
  bool both_say(std::string_view status) {
    HttpClient other = other_client();
    for (HttpClient* const client : {&pair.shop.client(), &other}) {
      const HttpResponse response = client->get("/readyz");
      if (response.status != 200 || parse(response)["status"] != status) return false;
    }
    return true;
  }
  int logged(std::string_view event) {
    const std::string text = pair.shop.server().log();
    int count = 0;
    for (std::size_t at = text.find(event); at != std::string::npos; at = text.find(event, at + 1)) ++count;
    return count;
  }

  RedisServer redis;
  ServerPair pair;

 private:
  std::vector<std::string> with_redis(std::vector<std::string> arguments,
                                      const std::string& patience_ms) const {
    arguments.insert(arguments.end(), {"--redis", redis.url(), "--redis-patience", patience_ms});
    return arguments;
  }
};

TEST_CASE("a client has one burst at all servers together") {
  Sharing sharing({"--limit", "stores=10/hour"});
  HttpClient other = sharing.other_client();
  int allowed = 0;
  for (int i = 0; i < 10; ++i) {
    allowed += sharing.pair.shop.client().get("/api/stores/").status == 200 ? 1 : 0;
    allowed += other.get("/api/stores/").status == 200 ? 1 : 0;
  }
  CHECK(allowed == 10);
  const HttpResponse refused = other.get("/api/stores/");
  CHECK(refused.status == 429);
  CHECK(refused.header("RateLimit") == sharing.pair.shop.client().get("/api/stores/").header("RateLimit"));
}

// Nothing tells whether a file is still the one that another process has rendered from.
TEST_CASE("a listing on a file that one server has rendered is no hit at the other, and the same") {
  Sharing sharing;
  if (sharing.pair.shop.database().is_postgres()) return;
  const std::string path = sharing.pair.shop.inventory_path("North");
  const HttpResponse first = sharing.pair.shop.client().get(path);
  const HttpResponse second = sharing.other_client().get(path);
  CHECK(second.header("X-Cache") == "miss");
  CHECK(second.body == first.body);
}

TEST_CASE("a listing that one server has rendered is a hit at the other, byte for byte, packed too") {
  Sharing sharing;
  if (!sharing.pair.shop.database().is_postgres()) return;
  const std::string path = sharing.pair.shop.inventory_path("North");
  const HttpResponse first = sharing.pair.shop.client().get(path, {{"Accept-Encoding", "gzip"}});
  CHECK(first.header("X-Cache") == "miss");
  HttpClient other = sharing.other_client();
  const HttpResponse second = other.get(path, {{"Accept-Encoding", "gzip"}});
  CHECK(second.header("X-Cache") == "hit");
  CHECK(second.body == first.body);
  CHECK(second.header("ETag") == first.header("ETag"));
  CHECK(second.header("X-Total-Count") == first.header("X-Total-Count"));
  const HttpResponse page = sharing.pair.shop.client().get(path + "?limit=2");
  const HttpResponse same_page = other.get(path + "?limit=2");
  CHECK(same_page.header("X-Cache") == "hit");
  CHECK(same_page.body == page.body);
  CHECK(same_page.header("Link").has_value());
}

TEST_CASE("a listing is never stale, whichever server wrote, with a near cache or without") {
  for (const char* const mib : {"0", "32"}) {
    CAPTURE(mib);
    Sharing sharing({"--cache-size", mib});
    Shop& shop = sharing.pair.shop;
    HttpClient other = sharing.other_client();
    const std::string path = shop.inventory_path("North");
    const std::string body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
    const auto left_at = [&](HttpClient& client) {
      for (const auto& row : parse(client.get(path))) {
        if (row["product_id"] == shop.product("CAT")) return row["quantity"].get<std::int64_t>();
      }
      return std::int64_t{-1};
    };
    for (int sold = 1; sold <= 40; ++sold) {
      REQUIRE((sold % 2 == 0 ? other : shop.client()).post("/orders/", body).status == 201);
      REQUIRE(left_at(shop.client()) == 1'000 - sold);
      REQUIRE(left_at(other) == 1'000 - sold);
    }
  }
}

TEST_CASE("two shops on one Redis see nothing of each other") {
  Sharing sharing({"--limit", "stores=3/hour"});
  Shop elsewhere(Goods::corner,
                 {"--limit", "stores=3/hour", "--redis", sharing.redis.url(), "--redis-patience", "5000"});
  const std::string path = sharing.pair.shop.inventory_path("North");
  sharing.pair.shop.client().get(path);
  CHECK(elsewhere.client().get(path).header("X-Cache") == "miss");
  for (int i = 0; i < 3; ++i) CHECK(sharing.pair.shop.client().get("/api/stores/").status == 200);
  CHECK(sharing.pair.shop.client().get("/api/stores/").status == 429);
  CHECK(elsewhere.client().get("/api/stores/").status == 200);
}

TEST_CASE("a confirmation starts at once where another server took the order") {
  Sharing sharing({}, {"--no-jobs"});
  CHECK(sharing.pair.median_time_to_confirmation() < 50ms);
}

TEST_CASE("whatever becomes of Redis, clients are answered as ever, and only /readyz and the log say so") {
  struct Trouble {
    std::string name;
    std::function<void(RedisServer&)> begin;
    std::function<void(RedisServer&)> end;
  };
  const std::vector<Trouble> troubles{
      {"killed", [](RedisServer& redis) { redis.kill(); }, [](RedisServer& redis) { redis.start(); }},
      {"frozen", [](RedisServer& redis) { redis.signal(SIGSTOP); },
       [](RedisServer& redis) { redis.signal(SIGCONT); }},
      {"full",
       [](RedisServer& redis) {
         redis.ask({"CONFIG", "SET", "maxmemory", "1"});
       },
       [](RedisServer& redis) {
         redis.ask({"CONFIG", "SET", "maxmemory", "0"});
       }},
      {"a replica",
       [](RedisServer& redis) {
         redis.ask({"REPLICAOF", "127.0.0.1", "1"});
       },
       [](RedisServer& redis) {
         redis.ask({"REPLICAOF", "NO", "ONE"});
       }},
      {"another one with a password",
       [](RedisServer& redis) {
         redis.kill();
         redis.start({"--requirepass", "sesame"});
       },
       [](RedisServer& redis) {
         redis.kill();
         redis.start();
       }},
  };
  Sharing sharing({"--limit", "orders=1000000/hour", "--cache-size", "0"}, {}, "20");
  Shop& shop = sharing.pair.shop;
  HttpClient other = sharing.other_client();
  const std::string path = shop.inventory_path("North");
  const std::string body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  std::int64_t sold = 0;
  int told = 0;
  for (const Trouble& trouble : troubles) {
    CAPTURE(trouble.name);
    trouble.begin(sharing.redis);
    auto slowest = std::chrono::steady_clock::duration::zero();
    for (int i = 0; i < 20; ++i) {
      for (HttpClient* const client : {&shop.client(), &other}) {
        const auto begun = std::chrono::steady_clock::now();
        const HttpResponse order = client->post("/orders/", body);
        const HttpResponse listing = client->get(path);
        slowest = std::max(slowest, std::chrono::steady_clock::now() - begun);
        REQUIRE(order.status == 201);
        CHECK(order.has("RateLimit"));
        ++sold;
        REQUIRE(listing.status == 200);
        CHECK(listing.body.find("\"quantity\":" + std::to_string(1'000 - sold)) != std::string::npos);
      }
    }
    CHECK(slowest < 1s);  // 20 ms by Redis; the rest is what a busy machine may take
    CHECK(wait_until([&] { return sharing.both_say("degraded"); }));
    trouble.end(sharing.redis);
    CHECK(wait_until([&] { return sharing.both_say("ready"); }));
    // By both; more often only where the machine kept Redis from answering in 20 ms.
    told += 2;
    CHECK(wait_until([&] { return sharing.logged("\"redis_back\"") >= told; }));
    CHECK(sharing.logged("\"redis_away\"") >= told);
    CHECK(sharing.logged("\"redis_away\"") < told + 20);
  }
}

TEST_CASE("a Redis whose scripts or keys are gone is used as before") {
  Sharing sharing({"--limit", "stores=5/hour"});
  CHECK(sharing.pair.shop.client().get("/api/stores/").header("RateLimit") == "\"stores\";r=4;t=720");
  sharing.redis.ask({"SCRIPT", "FLUSH"});
  HttpClient other = sharing.other_client();
  CHECK(other.get("/api/stores/").header("RateLimit").value_or("").starts_with("\"stores\";r=3"));
  sharing.redis.ask({"FLUSHALL"});
  CHECK(other.get("/api/stores/").header("RateLimit") == "\"stores\";r=4;t=720");
  CHECK(sharing.both_say("ready"));
  CHECK(sharing.logged("redis") == 0);
}

TEST_CASE("a miss that many have at once is rendered once by each server at most, and mostly once by both") {
  Sharing sharing;
  Shop& shop = sharing.pair.shop;
  const std::string path = shop.inventory_path("North");
  std::atomic<int> misses = 0;
  on_threads(16, [&](int thread) {
    HttpClient client = thread % 2 == 0 ? shop.connect() : sharing.other_client();
    const HttpResponse response = client.get(path);
    if (response.status != 200) throw std::runtime_error("no listing");
    if (response.header("X-Cache") == "miss") ++misses;
  });
  CHECK(misses >= 1);
  CHECK(misses <= 2);
}

}  // namespace
