// Answers that are produced as their clients take them, over a real connection.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/dispatcher.h"
#include "http/held_bytes.h"
#include "http/transport.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/routes.h"
#include "support/slow_client.h"
#include "support/wait_until.h"

namespace {

using namespace std::chrono_literals;
using aforro::http::BodyStream;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::http::Router;
using aforro::http::stream_response;
using aforro::test::add_get;
using aforro::test::HttpClient;
using aforro::test::HttpFault;
using aforro::test::HttpResponse;
using aforro::test::LocalServer;
using aforro::test::SlowClient;
using aforro::test::wait_until;
using std::chrono::steady_clock;

constexpr std::size_t kPiece = 16 * 1024;
constexpr const char* kAskEndless = "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n";

// What the streams of a server have done.
struct Tally {
  std::atomic<int> open = 0;
  std::atomic<std::size_t> pieces = 0;
};

// So many pieces, each of one letter; then the end, or a fault.
class Letters final : public BodyStream {
 public:
  Letters(Tally& tally, std::size_t pieces, bool fails) : tally_(tally), left_(pieces), fails_(fails) {
    ++tally_.open;
  }
  Letters(const Letters&) = delete;
  Letters& operator=(const Letters&) = delete;
  ~Letters() override { --tally_.open; }

  Piece next() override {
    if (left_ == 0 && fails_) throw std::runtime_error("the table is gone");
    if (left_ == 0) return {.bytes = {}, .is_last = true};
    --left_;
    ++tally_.pieces;
    return {.bytes = std::string(kPiece, static_cast<char>('a' + left_ % 26))};
  }

 private:
  Tally& tally_;
  std::size_t left_;
  const bool fails_;
};

void add_routes(Router& router, Tally& tally) {
  const auto add = [&](std::string_view pattern, std::size_t pieces, bool fails) {
    add_get(router, pattern, [&tally, pieces, fails](const Request&) {
      return stream_response("text/csv", std::make_shared<Letters>(tally, pieces, fails));
    });
  };
  add("/none", 0, false);
  add("/three", 3, false);
  add("/many", 1'000, false);
  add("/failing", 3, true);
  add("/endless", 1'000'000'000, false);
  add_get(router, "/here", [](const Request&) { return json_response(200, "\"here\""); });
}

struct Served {
  Tally tally;
  LocalServer server;
  explicit Served(const aforro::http::TransportOptions& options = {})
      : server([this](Router& router) { add_routes(router, tally); }, options) {}
  HttpClient connect() const { return HttpClient(server.port()); }
  bool is_all_closed() const {
    return wait_until([&] { return tally.open == 0; });
  }
};

const std::string kThree = std::string(kPiece, 'c') + std::string(kPiece, 'b') + std::string(kPiece, 'a');

TEST_CASE("a stream is sent in chunks, and the connection goes on behind it") {
  const Served served;
  HttpClient client = served.connect();
  for (int i = 0; i < 3; ++i) {
    const HttpResponse response = client.get("/three");
    CHECK(response.status == 200);
    CHECK(response.header("Content-Type") == "text/csv");
    CHECK(response.header("Transfer-Encoding") == "chunked");
    CHECK(!response.has("Content-Length"));
    CHECK((response.body == kThree));
    CHECK(client.get("/none").body.empty());
    CHECK(client.get("/many").body.size() == 1'000 * kPiece);
  }
  CHECK(client.connections() == 1);
  CHECK(served.is_all_closed());
}

TEST_CASE("HEAD of a stream produces none of it") {
  const Served served;
  HttpClient client = served.connect();
  const HttpResponse response = client.head("/endless");
  CHECK(response.status == 200);
  CHECK(!response.has("Content-Length"));
  CHECK(client.get("/here").status == 200);
  CHECK(client.connections() == 1);
  CHECK(served.tally.pieces == 0);
  CHECK(served.is_all_closed());
}

TEST_CASE("a client of HTTP/1.0 gets a stream without chunks, which ends with its connection") {
  const Served served;
  HttpClient client = served.connect();
  client.send("GET /three HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const HttpResponse response = client.receive();
  CHECK(response.header("Connection") == "close");
  CHECK(!response.has("Transfer-Encoding"));
  CHECK((response.body == kThree));
}

TEST_CASE("a stream that fails in the middle is cut, so that nobody takes a part for the whole") {
  const Served served;
  for (const char* version : {"1.0", "1.1"}) {
    CAPTURE(version);
    HttpClient client = served.connect();
    client.send("GET /failing HTTP/" + std::string(version) + "\r\nHost: x\r\n\r\n");
    CHECK_THROWS_AS(client.receive(), HttpFault);
  }
  CHECK(served.is_all_closed());
  CHECK(served.connect().get("/here").status == 200);
}

TEST_CASE("a stream is produced as its client takes it, and no further") {
  const Served served;
  SlowClient client(served.server.port(), kAskEndless);
  REQUIRE(client.read(1'000));
  // What the systems of both ends have room for.
  constexpr std::size_t kAhead = 16 * 1024 * 1024;
  for (int i = 0; i < 200; ++i) {
    CHECK(served.tally.pieces * kPiece < client.received() + kAhead);
    REQUIRE(client.read(64 * 1024));
  }
  CHECK(served.tally.pieces * kPiece >= client.received() - kPiece);
}

TEST_CASE("a client that stops taking a stream is cut off, and one that leaves ends it") {
  const Served served({.send_pace = {.stall_timeout = 100ms}});
  SlowClient stopped(served.server.port(), kAskEndless);
  CHECK(wait_until([&] { return stopped.was_closed(); }));
  CHECK(served.is_all_closed());
  {
    const SlowClient leaving(served.server.port(), kAskEndless);
    CHECK(wait_until([&] { return served.tally.open == 1; }));
  }
  CHECK(served.is_all_closed());
}

// A stream whose client has taken each piece before the next is asked for, so that no socket is ever full.
class TakenAtOnce final : public BodyStream {
 public:
  explicit TakenAtOnce(int client) : client_(client) {}
  Piece next() override {
    std::array<char, 65'536> buffer{};
    while (::recv(client_, buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
    }
    return {.bytes = std::string(kPiece, 'x')};
  }

 private:
  const int client_;
};

TEST_CASE("a client that takes a stream as fast as it comes leaves the thread to others in between") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const aforro::SystemClock clock;
  aforro::Log log(2, aforro::Log::Level::error, clock);
  Router router;
  add_get(router, "/", [&](const Request&) {
    return stream_response("text/plain", std::make_shared<TakenAtOnce>(ends[0]));
  });
  const aforro::http::Dispatcher dispatcher(router, log, {}, aforro::test::kNoLimits);
  const aforro::http::TransportOptions options;
  const std::atomic<bool> stopping = false;
  aforro::http::HeldBytes held(options.max_held_bytes);
  {
    aforro::http::Connection connection(aforro::Descriptor(ends[1]), dispatcher, options, held, stopping);
    const std::string ask = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    REQUIRE(::send(ends[0], ask.data(), ask.size(), 0) == static_cast<ssize_t>(ask.size()));
    std::array<char, 1'024> buffer{};
    for (int turn = 0; turn < 5; ++turn) {  // each would last for ever
      CHECK(connection.advance(buffer) == aforro::http::Connection::Next::write);
    }
  }
  ::close(ends[0]);
}

TEST_CASE("streams count by the piece that their clients are late to take, and go for want of room") {
  Served served({.max_held_bytes = 40 * kPiece});
  std::vector<SlowClient> takers;
  takers.reserve(100);
  for (int i = 0; i < 100; ++i) takers.emplace_back(served.server.port(), kAskEndless);
  CHECK(wait_until([&] { return served.tally.open <= 40; }));
  CHECK(served.connect().get("/here").status == 200);
}

TEST_CASE("a server that stops does not wait for a stream without an end") {
  Served served({.drain_timeout = 200ms});
  SlowClient client(served.server.port(), kAskEndless);
  REQUIRE(client.read(1'000));
  const auto begun = steady_clock::now();
  served.server.stop();
  CHECK(steady_clock::now() - begun < 10s);
  CHECK(served.tally.open == 0);
}

}  // namespace
