#include "redis/cache.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "support/redis_client.h"
#include "support/redis_server.h"

namespace {

using namespace std::chrono_literals;
using aforro::redis::CacheOptions;
using aforro::redis::Client;
using aforro::test::RedisServer;

// One of the processes that share it.
struct Sharing {
  explicit Sharing(const CacheOptions& options = {},
                   const aforro::redis::ClientOptions& client_options = {.patience = 500ms})
      : client(server.address(), "probe", log, client_options),
        cache(aforro::redis::make_cache(client, "shop:", options)) {}

  RedisServer server;
  aforro::SystemClock clock;
  aforro::Log log{2, aforro::Log::Level::error, clock};
  Client client;
  std::unique_ptr<aforro::cache::SharedCache> cache;
};

TEST_CASE("what one process has put another one gets, byte for byte") {
  Sharing sharing({}, aforro::test::kPatientRedis);
  const auto other = aforro::redis::make_cache(sharing.client, "shop:");
  const std::string bytes = std::string(100'000, 'x') + std::string("\0\r\n", 3);
  CHECK(!sharing.cache->get_or_lease("a"));
  sharing.cache->put("a", bytes);
  CHECK(other->get_or_lease("a") == bytes);
  CHECK(sharing.cache->counters().misses == 1);
  CHECK(sharing.cache->counters().put == 1);
  CHECK(sharing.cache->counters().put_bytes == bytes.size());
  CHECK(other->counters().hits == 1);
  const auto elsewhere = aforro::redis::make_cache(sharing.client, "another shop:");
  CHECK(!elsewhere->get_or_lease("a"));
}

TEST_CASE("a second who misses waits for the first, and gets nothing if that takes too long") {
  Sharing sharing;
  CHECK(!sharing.cache->get_or_lease("a"));
  const auto begun = std::chrono::steady_clock::now();
  CHECK(!sharing.cache->get_or_lease("a"));
  const auto waited = std::chrono::steady_clock::now() - begun;
  CHECK(waited >= 10ms);
  CHECK(waited < 5s);
  CHECK(sharing.client.is_there());
}

TEST_CASE("a lease that nobody comes back to ends by itself") {
  Sharing sharing({.lease = 50ms}, {.patience = 2s});
  CHECK(!sharing.cache->get_or_lease("a"));
  const auto ttl = sharing.server.ask({"PTTL", "shop:a:lease"});
  CHECK(ttl.number > 0);
  CHECK(ttl.number <= 50);
}

TEST_CASE("what somebody else has put there is a miss, and is replaced") {
  Sharing sharing({}, {.patience = 500ms});
  sharing.cache->put("a", "ours");
  const std::string sealed = sharing.server.ask({"GET", "shop:a"}).text;
  const std::string longer = sealed + "x";
  const std::string shorter = sealed.substr(0, 20);
  for (const std::string_view theirs :
       {std::string_view("{}"), std::string_view(""), std::string_view(longer), std::string_view(shorter)}) {
    CAPTURE(theirs);
    sharing.server.ask({"SET", "shop:a", theirs});
    sharing.server.ask({"DEL", "shop:a:lease"});
    CHECK(!sharing.cache->get_or_lease("a"));
    sharing.cache->put("a", "ours");
    CHECK(sharing.cache->get_or_lease("a") == "ours");
  }
  CHECK(sharing.cache->counters().damaged == 4);
  // An entry under another one's key, and a key of another type.
  sharing.server.ask({"SET", "shop:b", sealed});
  CHECK(!sharing.cache->get_or_lease("b"));
  sharing.server.ask({"LPUSH", "shop:c", "x"});
  CHECK(!sharing.cache->get_or_lease("c"));
  sharing.cache->put("c", "ours");
  CHECK(sharing.cache->get_or_lease("c") == "ours");
  CHECK(sharing.client.is_there());
}

TEST_CASE("an entry is kept for its time, and one that is too large not at all") {
  Sharing sharing({.time_to_live = 60s, .max_entry_bytes = 100}, aforro::test::kPatientRedis);
  sharing.cache->put("a", std::string(100, 'x'));
  const auto ttl = sharing.server.ask({"PTTL", "shop:a"});
  CHECK(ttl.number > 0);
  CHECK(ttl.number <= 60'000);
  sharing.cache->put("b", std::string(101, 'x'));
  CHECK(sharing.server.ask({"EXISTS", "shop:b"}).number == 0);
}

TEST_CASE("while Redis is away all is missed at once, and nothing is put") {
  Sharing sharing;
  sharing.cache->put("a", "x");
  sharing.server.kill();
  sharing.client.ask({"PING"});
  REQUIRE(!sharing.client.is_there());
  for (int i = 0; i < 1'000; ++i) {
    CHECK(!sharing.cache->get_or_lease("a"));
    sharing.cache->put("a", "x");
  }
  CHECK(sharing.cache->counters().misses == 1'000);
  CHECK(sharing.cache->counters().put == 1);
}

}  // namespace
