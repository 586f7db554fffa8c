// A client against a real Redis in each of its troubles, and against what only looks like one.
#include "redis/client.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/failing_heap.h"
#include "support/fake_redis.h"
#include "support/on_threads.h"
#include "support/redis_client.h"
#include "support/redis_server.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

namespace {

using namespace aforro::redis;  // NOLINT: all of it is under test
using namespace std::chrono_literals;
using aforro::test::FakeRedis;
using aforro::test::RedisServer;
using aforro::test::wait_until;

// Looks more often than it would in earnest, and is well sooner; and waits longer, as the machine may be
// busy.
constexpr ClientOptions kQuick{.patience = 200ms, .look_every = 100ms, .well_after = 250ms};

struct Asked {
  explicit Asked(const Address& address, const ClientOptions& options = kQuick)
      : descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)),
        client(address, "probe", log, options) {}
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  ~Asked() { ::close(descriptor); }

  // How often the log says so.
  int logged(std::string_view event) const {
    const std::string text = aforro::test::read_file(file);
    int count = 0;
    for (std::size_t at = text.find(event); at != std::string::npos; at = text.find(event, at + 1)) ++count;
    return count;
  }
  bool works() { return client.ask({"PING"}).has_value(); }
  bool comes_back() {
    return wait_until([this] { return works(); }) &&
           wait_until([this] { return logged("\"redis_back\"") > 0; });
  }
  // How long a question takes.
  std::chrono::milliseconds time_of_question() {
    const auto begun = std::chrono::steady_clock::now();
    client.ask({"GET", "x"});
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  }

  aforro::test::TemporaryFolder folder;
  std::filesystem::path file = folder / "log";
  int descriptor;
  aforro::SystemClock clock;
  aforro::Log log{descriptor, aforro::Log::Level::info, clock};
  Client client;
};

TEST_CASE("what is asked is answered, from many threads over few connections") {
  RedisServer server;
  Asked asked(server.address(), {.patience = 20s, .max_links = 4});
  aforro::test::on_threads(16, [&](int thread) {
    for (int i = 0; i < 200; ++i) {
      const std::string key = std::to_string(thread) + ":" + std::to_string(i);
      const auto set = asked.client.ask({"SET", key, key});
      const auto got = asked.client.ask({"GET", key});
      if (!set || !got || got->text != key) throw std::runtime_error("another answer");
    }
  });
  CHECK(asked.client.counters().failed == 0);
  CHECK(asked.client.counters().asked == 16 * 200 * 2);
  CHECK(asked.client.counters().links <= 5);  // and its own
  CHECK(asked.logged("redis") == 0);
}

TEST_CASE("an error about one command is an answer, and Redis is still there") {
  RedisServer server;
  Asked asked(server.address());
  server.ask({"LPUSH", "list", "x"});
  const auto wrong = asked.client.ask({"GET", "list"});
  REQUIRE(wrong);
  CHECK(wrong->is_error("WRONGTYPE"));
  CHECK(asked.works());
}

TEST_CASE("the password, the user and the database of the address are used") {
  RedisServer server({"--requirepass", "sesame"});
  server.ask({"ACL", "SETUSER", "ann", "on", ">tulip", "~*", "+@all"}, "sesame");
  Address address = server.address();
  address.database = 3;
  address.password = "sesame";
  Asked by_password(address);
  CHECK(by_password.client.ask({"SET", "a", "1"}).has_value());
  address.user = "ann";
  address.password = "tulip";
  Asked by_user(address);
  const auto found = by_user.client.ask({"GET", "a"});
  REQUIRE(found);
  CHECK(found->text == "1");
  address.database = 0;
  Asked elsewhere(address);
  const auto missing = elsewhere.client.ask({"GET", "a"});
  REQUIRE(missing);
  CHECK(missing->kind == Reply::Kind::nothing);
}

// A trouble: how it begins, and how it is over.
struct Trouble {
  std::string name;
  std::function<void(RedisServer&)> begin;
  std::function<void(RedisServer&)> end;
};

TEST_CASE("in each trouble nobody waits long, the log is told once, and it is back by itself") {
  const std::vector<Trouble> troubles{
      {"killed", [](RedisServer& server) { server.kill(); }, [](RedisServer& server) { server.start(); }},
      {"frozen", [](RedisServer& server) { server.signal(SIGSTOP); },
       [](RedisServer& server) { server.signal(SIGCONT); }},
      {"full",
       [](RedisServer& server) {
         server.ask({"CONFIG", "SET", "maxmemory", "1"});
       },
       [](RedisServer& server) {
         server.ask({"CONFIG", "SET", "maxmemory", "0"});
       }},
      {"a replica",
       [](RedisServer& server) {
         server.ask({"REPLICAOF", "127.0.0.1", "1"});
       },
       [](RedisServer& server) {
         server.ask({"REPLICAOF", "NO", "ONE"});
       }},
      {"another one with a password",
       [](RedisServer& server) {
         server.kill();
         server.start({"--requirepass", "sesame"});
       },
       [](RedisServer& server) {
         server.kill();
         server.start();
       }},
  };
  for (const Trouble& trouble : troubles) {
    CAPTURE(trouble.name);
    RedisServer server;
    Asked asked(server.address());
    REQUIRE(asked.works());
    trouble.begin(server);
    // Also where no request finds out: the client looks by itself.
    CHECK(wait_until([&] {
      asked.client.ask({"SET", "x", "y"});
      return !asked.client.is_there();
    }));
    CHECK(asked.client.fault().has_value());
    const auto asked_before = asked.client.counters().asked.load();
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 1'000; ++i) CHECK(!asked.client.ask({"SET", "x", "y"}));
    CHECK(std::chrono::steady_clock::now() - begun < 5s);  // a thousand attempts of 200 ms would take 200 s
    CHECK(asked.client.counters().asked - asked_before <= 1);
    CHECK(asked.client.counters().passed_by >= 999);
    trouble.end(server);
    CHECK(asked.comes_back());
    CHECK(!asked.client.fault());
    CHECK(asked.logged("\"redis_away\"") == 1);
    CHECK(asked.logged("\"redis_back\"") == 1);
  }
}

TEST_CASE("a frozen Redis is waited for no longer than the patience, once") {
  RedisServer server;
  Asked asked(server.address(), {.patience = 20ms, .look_every = 1h});
  REQUIRE(asked.works());
  server.signal(SIGSTOP);
  const auto first = asked.time_of_question();
  CHECK(first >= 15ms);
  CHECK(first < 500ms);  // 20 of them by its own doing
  auto all = std::chrono::milliseconds(0);
  for (int i = 0; i < 100; ++i) all += asked.time_of_question();
  CHECK(all < 500ms);  // to wait each time would take two seconds
  server.signal(SIGCONT);
}

TEST_CASE("a Redis that was started anew between two questions is not missed") {
  RedisServer server;
  Asked asked(server.address(), {.patience = 20s, .look_every = 1h});
  REQUIRE(asked.works());
  server.kill();
  server.start();
  CHECK(asked.works());
  CHECK(asked.client.is_there());
  CHECK(asked.logged("redis") == 0);
}

TEST_CASE("an emptied Redis has nothing, and is there") {
  RedisServer server;
  Asked asked(server.address());
  asked.client.ask({"SET", "x", "y"});
  server.ask({"FLUSHALL"});
  const auto found = asked.client.ask({"GET", "x"});
  REQUIRE(found);
  CHECK(found->kind == Reply::Kind::nothing);
  CHECK(asked.client.is_there());
}

TEST_CASE("a Redis that is not there at the start is found when it comes") {
  RedisServer server;
  server.kill();
  Asked asked(server.address());
  CHECK(!asked.client.is_there());
  CHECK(asked.logged("\"redis_away\"") == 1);
  server.start();
  CHECK(asked.comes_back());
}

TEST_CASE("a machine that no name leads to is away, and so is one that takes no connection") {
  Asked asked({.host = "no-such-machine.invalid"});
  CHECK(wait_until([&] { return asked.logged("\"redis_away\"") == 1; }));
  CHECK(!asked.works());
}

// Whose thread asks it has no memory from then on, for a hundred times.
class ClockThatTakesMemory final : public aforro::Clock {
 public:
  aforro::Time now() const override {
    if (!has_taken_.exchange(true)) aforro::test::FailingHeap::fail(1, 100);
    return clock_.now();
  }
  std::chrono::steady_clock::time_point steady() const override { return clock_.steady(); }

 private:
  const aforro::SystemClock clock_{};
  mutable std::atomic<bool> has_taken_ = false;
};

TEST_CASE("a client whose own thread has no memory looks again later, and finds Redis") {
  RedisServer server;
  server.kill();
  const ClockThatTakesMemory clock;  // when it is told that Redis is away, by that thread
  aforro::Log log(-1, aforro::Log::Level::info, clock);
  Client client(server.address(), "probe", log, {.patience = 200ms, .look_every = 10ms});
  CHECK(wait_until([&] { return client.fault() == "out of memory"; }));
  server.start();
  CHECK(wait_until([&] { return client.is_there(); }));
}

TEST_CASE("a question that finds no memory costs the pool no place") {
  RedisServer server;
  int shortages = 0;
  for (std::uint64_t nth = 1; nth <= 12; ++nth) {
    CAPTURE(nth);
    Asked asked(server.address(), {.patience = 1s, .look_every = 100ms, .max_links = 1});
    REQUIRE(asked.client.is_there());
    try {
      const aforro::test::FailingHeap heap(nth);
      asked.client.ask({"ECHO", "a text that is too long to be kept without memory of its own"});
    } catch (const std::bad_alloc&) {
      ++shortages;
    }
    CHECK(wait_until([&] { return asked.works(); }));
  }
  CHECK(shortages >= 3);
}

TEST_CASE("the password stands in no line of the log") {
  RedisServer server({"--requirepass", "sesame"});
  Address address = server.address();
  address.password = "tulip";
  Asked asked(address);
  CHECK(asked.logged("\"redis_away\"") == 1);
  CHECK(asked.logged("WRONGPASS") == 1);
  CHECK(asked.logged("tulip") == 0);
}

TEST_CASE("nor does one that the Redis sends back, whichever command it answers") {
  for (const std::string answer :
       {"-ERR unknown command 'AUTH', with args beginning with: 'TopSecret77' \r\n",
        "-ERR unknown command 'AUTH', with args beginning with: 'TopSec\r\n", "-TopSecret77\r\n"}) {
    CAPTURE(answer);
    FakeRedis fake(answer);
    Address address = fake.address();
    address.password = "TopSecret77";
    Asked asked(address);
    CHECK(asked.logged("does not take the password") == 1);
    CHECK(asked.logged("TopSec") == 0);
    CHECK(asked.client.fault().value_or("TopSec").find("TopSec") == std::string::npos);
  }
  RedisServer server({"--requirepass", "sesame"});
  Address address = server.address();
  address.password = "sesame";
  Asked asked(address, {.patience = 20s, .look_every = 1h});
  CHECK(!asked.client.ask({"NONSENSE", "sesame", "again sesame"}));
  CHECK(asked.logged("NONSENSE") == 1);
  CHECK(asked.logged("sesame") == 0);
  CHECK(asked.client.fault().value_or("sesame").find("sesame") == std::string::npos);
}

TEST_CASE("what only looks like a Redis is away, whatever it sends") {
  const std::vector<std::string> answers{"",
                                         "HTTP/1.1 400 Bad Request\r\n\r\n",
                                         std::string(3'000, '\0'),
                                         "+O",
                                         "$5\r\nab",
                                         "$2000000000\r\n" + std::string(100'000, 'x'),
                                         "*2000000000\r\n",
                                         "*2\r\n+OK\r\n",
                                         ":1\r\n",
                                         "-ERR no\r\n",
                                         "$-1\r\n"};
  for (const std::string& answer : answers) {
    for (const FakeRedis::Then then : {FakeRedis::Then::stays, FakeRedis::Then::closes}) {
      CAPTURE(answer.substr(0, 40));
      FakeRedis fake(answer, then);
      Asked asked(fake.address());
      CHECK(!asked.client.is_there());
      CHECK(!asked.works());
      CHECK(asked.logged("\"redis_away\"") == 1);
    }
  }
}

TEST_CASE("a Redis that drips its answer is not waited for longer than one that is silent") {
  FakeRedis fake("$100000\r\n" + std::string(10, 'x'));
  Asked asked(fake.address(), {.look_every = 1h});
  CHECK(!asked.client.is_there());
  CHECK(asked.client.fault().value_or("").find("in time") != std::string::npos);
}

}  // namespace
