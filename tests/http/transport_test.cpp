#include "http/transport.h"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/admission.h"
#include "base/blocking.h"
#include "base/problem.h"
#include "sql/postgres.h"
#include "sql/sqlite.h"
#include "support/child.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/many_descriptors.h"
#include "support/routes.h"
#include "support/wait_until.h"
#include "support/ways.h"

namespace {

using namespace std::chrono_literals;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::http::Router;
using aforro::http::TcpAddress;
using aforro::test::aborts;
using aforro::test::allow_many_descriptors;
using aforro::test::HttpClient;
using aforro::test::HttpFault;
using aforro::test::LocalServer;
using aforro::test::Tcp;
using aforro::test::Unix;
using aforro::test::wait_until;

constexpr const char* kAsk = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr const char* kAskGate = "GET /gate HTTP/1.1\r\nHost: x\r\n\r\n";

// Handlers that keep their thread until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  void wait_for(int waiting) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= waiting; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool is_open_ = false;
};

void add_routes(Router& router, Gate& gate) {
  aforro::test::add_get(router, "/", [](const Request&) { return json_response(200, "\"here\""); });
  aforro::test::add_get(router, "/gate", [&](const Request&) {
    gate.pass();
    return json_response(200, "\"passed\"");
  });
}

// False if the server has closed it.
bool is_open(HttpClient& client) {
  try {
    client.send(kAsk);
    return client.receive().status == 200 && client.connections() == 1;
  } catch (const HttpFault&) {
    return false;
  }
}

TEST_CASE("requests that take their time, however many, keep no other from being answered") {
  Gate gate;
  LocalServer server([&](Router& router) { add_routes(router, gate); });
  std::vector<std::unique_ptr<HttpClient>> slow;
  constexpr int kSlow = 40;  // more than there are turns
  for (int i = 0; i < kSlow; ++i) {
    slow.push_back(std::make_unique<HttpClient>(server.port()));
    slow.back()->send(kAskGate);
  }
  gate.wait_for(8);

  CHECK(HttpClient(server.port()).get("/").status == 200);

  gate.wait_for(kSlow);
  gate.open();
  for (const auto& client : slow) CHECK(client->receive().body == "\"passed\"");
}

TEST_CASE("bounds under which requests that wait could take every thread run into an assertion") {
  const auto begin_with = [](std::size_t threads, std::size_t waiting) {
    const LocalServer server([](Router&) {}, {.max_threads = threads, .max_waiting = waiting});
  };
  const std::size_t free = aforro::http::kReservedThreads;
  CHECK(aborts([&] { begin_with(500, 500); }));
  CHECK(aborts([&] { begin_with(500, 500 - free + 1); }));
  CHECK_FALSE(aborts([&] { begin_with(500, 500 - free); }));
  CHECK(aborts([&] { begin_with(free - 1, 0); }));
}

TEST_CASE("the bounds of either engine fit into the threads of a server") {
  const aforro::http::TransportOptions transport;
  const aforro::sql::SqliteOptions sqlite;
  const aforro::sql::PostgresOptions postgres;
  const std::size_t waiting = transport.max_threads - aforro::http::kReservedThreads;
  CHECK(sqlite.max_reads + sqlite.max_writes <= waiting);
  CHECK(postgres.max_reads + postgres.max_writes <= waiting);
  CHECK(postgres.max_writing < postgres.max_connections);  // whatever writes wait for, reads find one
}

TEST_CASE("requests that wait are refused before they take the last threads, and all others are answered") {
  constexpr std::size_t kThreads = aforro::http::kReservedThreads + 20;
  constexpr int kRequests = 100;
  Gate gate;
  aforro::Admission everything(1'000, "never said");  // a bound that does not fit
  LocalServer server(
      [&](Router& router) {
        add_routes(router, gate);
        aforro::test::add_get(router, "/commit", [&](const Request&) {
          const aforro::Admission::Pass pass(everything);
          aforro::about_to_block();
          gate.pass();
          return json_response(200, "\"done\"");
        });
      },
      {.max_threads = kThreads});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < kRequests; ++i) {
    clients.push_back(std::make_unique<HttpClient>(server.port()));
    clients.back()->send("GET /commit HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  gate.wait_for(20);

  for (int i = 0; i < 20; ++i) CHECK(HttpClient(server.port()).get("/").status == 200);

  gate.open();
  int done = 0;
  int refused = 0;
  for (const auto& client : clients) {
    const auto response = client->receive();
    if (response.status == 503 && response.header("Retry-After") == "1") ++refused;
    if (response.status == 200) ++done;
  }
  CHECK(done >= 20);
  CHECK(refused > 0);
  CHECK(done + refused == kRequests);
}

TEST_CASE_TEMPLATE("a connection that has long been idle makes room for another", Way, Tcp, Unix) {
  const Way way;
  Gate gate;
  LocalServer server([&](Router& router) { add_routes(router, gate); },
                     way.with({.max_connections = 3, .evictable_after = 1ms}));
  std::array<HttpClient, 3> clients{server.client(), server.client(), server.client()};
  clients[0].send(kAskGate);  // at work, so it stays
  gate.wait_for(1);
  CHECK(clients[1].get("/").status == 200);
  std::this_thread::sleep_for(100ms);  // it counts as idle some time after its answer has come
  CHECK(clients[2].get("/").status == 200);
  std::this_thread::sleep_for(20ms);

  HttpClient another = server.client();
  CHECK(another.get("/").status == 200);

  // What it asks for before the server comes to close it is still answered.
  CHECK(wait_until([&] { return !is_open(clients[1]); }));
  CHECK(is_open(clients[2]));
  gate.open();
  CHECK(clients[0].receive().status == 200);
}

TEST_CASE_TEMPLATE("a connection on which nothing is asked for is closed when its time is over", Way, Tcp,
                   Unix) {
  const Way way;
  Gate gate;
  LocalServer server([&](Router& router) { add_routes(router, gate); }, way.with({.idle_timeout = 50ms}));
  HttpClient client = server.client();
  CHECK(client.get("/").status == 200);
  CHECK(client.connections() == 1);

  CHECK_THROWS_AS(client.receive(), HttpFault);
}

TEST_CASE_TEMPLATE(
    "a server that stops answers what is in flight, says that it was the last, and takes no more", Way, Tcp,
    Unix) {
  const Way way;
  Gate gate;
  auto server = std::make_unique<LocalServer>([&](Router& router) { add_routes(router, gate); }, way.with());
  HttpClient late = server->client();
  HttpClient busy = server->client();
  busy.send(kAskGate);
  gate.wait_for(1);
  HttpClient idle = server->client();
  CHECK(idle.get("/").status == 200);

  std::thread stopping([&] { server->stop(); });
  CHECK_THROWS_AS(idle.receive(), HttpFault);  // is closed
  gate.open();
  const auto last = busy.receive();
  stopping.join();

  CHECK(last.status == 200);
  CHECK(last.header("Connection") == "close");
  CHECK_THROWS_AS(late.get("/"), HttpFault);
}

TEST_CASE_TEMPLATE("requests sent one behind the other are answered in their order", Way, Tcp, Unix) {
  const Way way;
  const LocalServer server(
      [](Router& router) {
        aforro::test::add_get(router, "/{id}",
                              [](const Request& request) { return json_response(200, request.path); });
      },
      way.with());
  HttpClient client = server.client();
  std::string asks;
  for (int i = 1; i <= 500; ++i) asks += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  client.send(asks);
  for (int i = 1; i <= 500; ++i) CHECK(client.receive().body == "/" + std::to_string(i));
}

TEST_CASE_TEMPLATE("a thousand connections are held, answered, and ended when the server stops", Way, Tcp,
                   Unix) {
  allow_many_descriptors();
  constexpr int kConnections = 1'000;
  const Way way;
  Gate gate;
  auto server = std::make_unique<LocalServer>([&](Router& router) { add_routes(router, gate); }, way.with());
  std::vector<HttpClient> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(server->client());
    clients.back().send(kAsk);
  }
  for (HttpClient& client : clients) CHECK(client.receive().status == 200);
  for (HttpClient& client : clients) CHECK(is_open(client));

  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  for (HttpClient& client : clients) CHECK_THROWS_AS(client.receive(), HttpFault);
}

TEST_CASE("a server that is stopped before it runs returns at once") {
  const aforro::SystemClock clock;
  aforro::Log log(2, aforro::Log::Level::error, clock);
  const Router router;
  const aforro::http::Dispatcher dispatcher(router, log, {}, aforro::test::kNoLimits);
  const auto transport = aforro::http::make_transport(dispatcher, {.address = TcpAddress{.port = 0}});
  transport->stop();
  transport->run();
  CHECK(std::get<TcpAddress>(transport->address()).port > 0);
}

TEST_CASE("a port that is taken, and a host that is none, are refused") {
  Gate gate;
  const LocalServer server([&](Router& router) { add_routes(router, gate); });
  const aforro::SystemClock clock;
  aforro::Log log(2, aforro::Log::Level::error, clock);
  const Router router;
  const aforro::http::Dispatcher dispatcher(router, log, {}, aforro::test::kNoLimits);
  CHECK_THROWS_AS(aforro::http::make_transport(dispatcher, {.address = TcpAddress{.port = server.port()}}),
                  aforro::Problem);
  CHECK_THROWS_AS(aforro::http::make_transport(
                      dispatcher, {.address = TcpAddress{.host = "no.such.host.invalid", .port = 0}}),
                  aforro::Problem);
}

}  // namespace
