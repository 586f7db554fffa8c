#include "redis/bell.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <string>

#include "support/redis_client.h"
#include "support/redis_server.h"
#include "support/wait_until.h"

namespace {

using namespace std::chrono_literals;
using aforro::test::RedisServer;
using aforro::test::wait_until;

struct Process {
  explicit Process(const RedisServer& server, const std::string& channel = "jobs")
      : client(server.address(), "probe", log, {.patience = 20s, .look_every = 100ms}),
        bell(aforro::redis::make_bell(client, channel, [this] { ++heard; })) {}

  aforro::SystemClock clock;
  aforro::Log log{2, aforro::Log::Level::error, clock};
  aforro::redis::Client client;
  std::atomic<int> heard = 0;
  std::unique_ptr<aforro::Bell> bell;
};

TEST_CASE("a bell is heard by the other processes of the channel, and not by its own") {
  RedisServer server;
  Process one(server);
  Process two(server);
  Process three(server);
  Process elsewhere(server, "other jobs");
  for (Process* const each : {&one, &two, &three, &elsewhere})
    CHECK(wait_until([&] { return each->heard == 1; }));
  one.bell->ring();
  CHECK(wait_until([&] { return two.heard == 2 && three.heard == 2; }));
  two.bell->ring();
  CHECK(wait_until([&] { return one.heard == 2 && three.heard == 3; }));
  CHECK(two.heard == 2);
  CHECK(elsewhere.heard == 1);
}

TEST_CASE("many rings at once are heard as few") {
  RedisServer server;
  Process one(server);
  Process two(server);
  CHECK(wait_until([&] { return two.heard == 1; }));
  for (int i = 0; i < 10'000; ++i) one.bell->ring();
  CHECK(wait_until([&] { return two.heard >= 2; }));
  const auto published = one.client.counters().asked.load();
  CHECK(published < 1'000);
}

TEST_CASE("one that has lost Redis listens again when it is back, and looks at once what it has missed") {
  RedisServer server;
  Process one(server);
  Process two(server);
  CHECK(wait_until([&] { return two.heard == 1; }));
  server.kill();
  one.bell->ring();
  server.start();
  CHECK(wait_until([&] { return two.heard >= 2; }));
  CHECK(wait_until([&] { return one.client.is_there(); }));
  const int before = two.heard;
  one.bell->ring();
  CHECK(wait_until([&] { return two.heard > before; }));
}

TEST_CASE("a bell whose thread has no memory listens again later") {
  RedisServer server;
  Process other(server);
  std::atomic<int> heard = 0;
  const auto bell = aforro::redis::make_bell(other.client, "jobs", [&] {
    if (++heard == 1) throw std::bad_alloc();
  });
  CHECK(wait_until([&] { return heard >= 2; }));
  other.bell->ring();
  CHECK(wait_until([&] { return heard >= 3; }));
}

TEST_CASE("what is no message of ours on the channel does no harm") {
  RedisServer server;
  Process one(server);
  CHECK(wait_until([&] { return one.heard == 1; }));
  server.ask({"PUBLISH", "jobs", std::string(100'000, 'x')});
  CHECK(wait_until([&] { return one.heard == 2; }));
  Process two(server);
  two.bell->ring();
  CHECK(wait_until([&] { return one.heard == 3; }));
}

}  // namespace
