// Clients that take their time, over TCP and over a Unix socket, with the time that they have for it made
// short.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/transport.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/routes.h"
#include "support/slow_client.h"
#include "support/wait_until.h"
#include "support/ways.h"

namespace {

using namespace std::chrono_literals;
using aforro::http::json_response;
using aforro::http::kMaxBodyBytes;
using aforro::http::Request;
using aforro::http::Response;
using aforro::http::Router;
using aforro::test::HttpClient;
using aforro::test::HttpFault;
using aforro::test::HttpResponse;
using aforro::test::LocalServer;
using aforro::test::SlowClient;
using aforro::test::Tcp;
using aforro::test::Unix;
using aforro::test::wait_until;
using std::chrono::steady_clock;

constexpr std::size_t kLarge = 1'000'000;
constexpr std::string_view kAskLarge = "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
constexpr std::string_view kAskShared = "GET /shared HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

std::string announce(std::size_t body_bytes) {
  return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n";
}

// What the server answers with: something small, something large for each anew or for all the same, and how
// large a body was.
void add_routes(Router& router) {
  aforro::test::add_get(router, "/", [](const Request&) { return json_response(200, "\"here\""); });
  aforro::test::add_get(router, "/large",
                        [](const Request&) { return json_response(200, std::string(kLarge, 'x')); });
  const auto shared = std::make_shared<const std::string>(std::string(kLarge, 'x'));
  aforro::test::add_get(router, "/shared", [shared](const Request&) {
    Response response;
    response.content_type = "text/plain";
    response.body = shared;
    return response;
  });
  aforro::test::add_post(router, "/echo", [](const Request& request) {
    return json_response(201, std::to_string(request.body.size()));
  });
}

bool answers(const LocalServer& server) { return server.client().get("/").status == 200; }

TEST_CASE_TEMPLATE(
    "a client that takes its answer slowly but steadily gets all of it, however long that takes", Way, Tcp,
    Unix) {
  const Way way;
  const LocalServer server(
      add_routes, way.with({.send_pace = {.stall_timeout = 600ms, .window = 800ms, .least_rate = 100'000}}));
  SlowClient client = server.slow_client(kAskLarge);
  const auto begin = steady_clock::now();
  while (client.read(16 * 1024)) std::this_thread::sleep_for(30ms);
  CHECK(client.received() > kLarge);
  CHECK(steady_clock::now() - begin > 1'500ms);
}

TEST_CASE_TEMPLATE("a client is seen to take its answer however little of it at a time", Way, Tcp, Unix) {
  const Way way;
  const LocalServer server(
      add_routes, way.with({.send_pace = {.stall_timeout = 1'500ms, .window = 60s, .least_rate = 1}}));
  SlowClient client = server.slow_client(kAskLarge);
  const auto begin = steady_clock::now();
  while (steady_clock::now() - begin < 5s) {
    REQUIRE(client.read(400));
    std::this_thread::sleep_for(20ms);  // so 16 KiB in a bit less than a second
  }
  CHECK(!client.was_closed());
  CHECK(client.read_all() > kLarge);
}

TEST_CASE_TEMPLATE("a client that takes nothing of its answer is cut off when its time is over", Way, Tcp,
                   Unix) {
  const Way way;
  const LocalServer server(add_routes, way.with({.send_pace = {.stall_timeout = 100ms}}));
  SlowClient client = server.slow_client(kAskLarge);
  CHECK(wait_until([&] { return client.was_closed(); }));
  CHECK(client.read_all() < kLarge);
  CHECK(answers(server));
}

TEST_CASE_TEMPLATE("a client that takes a little now and then is cut off all the same", Way, Tcp, Unix) {
  const Way way;
  const LocalServer server(
      add_routes, way.with({.send_pace = {.stall_timeout = 60s, .window = 500ms, .least_rate = 1'000'000}}));
  SlowClient client = server.slow_client(kAskLarge);
  const auto begin = steady_clock::now();
  while (!client.was_closed() && client.read(1'000)) std::this_thread::sleep_for(20ms);
  CHECK(client.was_closed());
  CHECK(client.received() < kLarge);
  CHECK(steady_clock::now() - begin < 30s);
}

TEST_CASE_TEMPLATE("a body may come slowly for as long as it comes at the least rate", Way, Tcp, Unix) {
  const Way way;
  const LocalServer server(add_routes, way.with({.request_timeout = 400ms, .least_body_rate = 32 * 1024}));
  HttpClient client = server.client();
  client.send(announce(100 * 1024));
  const auto begin = steady_clock::now();
  for (int i = 0; i < 100; ++i) {
    client.send(std::string(1024, 'x'));
    std::this_thread::sleep_for(10ms);
  }
  CHECK(client.receive().body == std::to_string(100 * 1024));
  CHECK(steady_clock::now() - begin > 800ms);
}

TEST_CASE_TEMPLATE("a body that comes at less than the least rate is given up, in chunks too", Way, Tcp,
                   Unix) {
  const Way way;
  const LocalServer server(add_routes, way.with({.request_timeout = 200ms, .least_body_rate = 1024 * 1024}));
  for (const bool is_chunked : {false, true}) {
    CAPTURE(is_chunked);
    HttpClient client = server.client(20ms);
    client.send(is_chunked ? "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                           : announce(kMaxBodyBytes));
    HttpResponse response;
    for (int i = 0; i < 1'000 && response.status == 0; ++i) {
      client.send(is_chunked ? "5;ext=of-no-use-and-long\r\nabcde\r\n" : "abcde");
      try {
        response = client.receive();
      } catch (const HttpFault&) {  // not yet
      }
    }
    CHECK(response.status == 408);
  }
}

TEST_CASE_TEMPLATE("over the bound those go that have held most for longest, and the others are served", Way,
                   Tcp, Unix) {
  const Way way;
  const LocalServer server(add_routes, way.with({.max_held_bytes = 8 * kLarge}));
  std::vector<std::unique_ptr<SlowClient>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<SlowClient>(server.slow_client(kAskLarge)));
    REQUIRE(slow.back()->read(1));  // the server is at it
  }
  CHECK(answers(server));
  HttpClient quick = server.client();
  CHECK(quick.get("/large").body.size() == kLarge);
  for (int i = 0; i < 30; ++i) {
    CAPTURE(i);
    CHECK(wait_until([&] { return slow[static_cast<std::size_t>(i)]->was_closed(); }));
  }
  CHECK(slow.back()->read_all() > kLarge);
}

TEST_CASE_TEMPLATE("those who all take the same answer hold it once, and none of them goes", Way, Tcp, Unix) {
  const Way way;
  const LocalServer server(add_routes, way.with({.max_held_bytes = 2 * kLarge}));
  std::vector<std::unique_ptr<SlowClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<SlowClient>(server.slow_client(kAskShared)));
    REQUIRE(slow.back()->read(1));
  }
  for (const auto& client : slow) CHECK(client->read_all() > kLarge);
}

TEST_CASE_TEMPLATE("bodies that never end give way to those that come whole", Way, Tcp, Unix) {
  const Way way;
  const LocalServer server(add_routes, way.with({.max_held_bytes = 8 * kMaxBodyBytes}));
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 30; ++i) {
    slow.push_back(std::make_unique<HttpClient>(server.client()));
    slow.back()->send(announce(kMaxBodyBytes) + std::string(kMaxBodyBytes - 1, 'x'));
  }
  HttpClient quick = server.client();
  for (int i = 0; i < 10; ++i) {
    CHECK(quick.request("POST", "/echo", {}, std::string(kMaxBodyBytes, 'x')).body ==
          std::to_string(kMaxBodyBytes));
  }
  // The first are told so.
  const HttpResponse told = slow.front()->receive();
  CHECK(told.status == 503);
  CHECK(told.header("Retry-After") == "1");
  CHECK(told.header("Connection") == "close");
}

TEST_CASE_TEMPLATE(
    "what is sent along behind an answer that nobody takes counts too, however little each has of it", Way,
    Tcp, Unix) {
  const Way way;
  const LocalServer server(add_routes,
                           way.with({.max_connections = 500, .max_held_bytes = kLarge + 64 * 1024}));
  std::string asks;
  for (int i = 0; i < 1'000; ++i) asks += "GET /shared HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<SlowClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<SlowClient>(server.slow_client(asks)));
    REQUIRE(slow.back()->read(1));
  }
  CHECK(wait_until([&] {
    int closed = 0;
    for (const auto& client : slow) closed += client->was_closed() ? 1 : 0;
    return closed >= 90;
  }));
  CHECK(answers(server));
}

TEST_CASE_TEMPLATE(
    "where all is held by requests at work a large one is refused, and small ones are answered", Way, Tcp,
    Unix) {
  const Way way;
  std::atomic<int> at_work = 0;
  std::atomic<bool> is_open = false;
  const LocalServer server(
      [&](Router& router) {
        add_routes(router);
        aforro::test::add_post(router, "/gate", [&](const Request&) {
          ++at_work;
          while (!is_open) std::this_thread::sleep_for(1ms);
          return json_response(201, "1");
        });
      },
      way.with({.max_held_bytes = kMaxBodyBytes * 5 / 2}));
  std::vector<std::unique_ptr<HttpClient>> working;
  for (int i = 0; i < 2; ++i) {
    working.push_back(std::make_unique<HttpClient>(server.client()));
    working.back()->send("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                         std::to_string(kMaxBodyBytes) + "\r\n\r\n" + std::string(kMaxBodyBytes, 'x'));
  }
  CHECK(wait_until([&] { return at_work == 2; }));
  HttpClient another = server.client();
  const HttpResponse refused = another.request("POST", "/echo", {}, std::string(kMaxBodyBytes, 'x'));
  const bool small_ones_are_answered = answers(server);
  is_open = true;

  CHECK(refused.status == 503);
  CHECK(refused.header("Retry-After") == "1");
  CHECK(small_ones_are_answered);
  for (const auto& client : working) CHECK(client->receive().status == 201);
  CHECK(another.request("POST", "/echo", {}, std::string(kMaxBodyBytes, 'x')).status == 201);
}

TEST_CASE_TEMPLATE(
    "who takes or sends too little for long makes room for another where there are no places left", Way, Tcp,
    Unix) {
  const Way way;
  for (const std::string& request :
       {std::string(kAskLarge), announce(1'000) + "x", std::string("GET / HT")}) {
    CAPTURE(request);
    const LocalServer server(add_routes, way.with({.max_connections = 1, .evictable_after = 200ms}));
    const SlowClient slow = server.slow_client(request);
    CHECK(wait_until([&] { return server.client().raw("GET / HTTP/1.0\r\n\r\n").status == 200; }));
    CHECK(wait_until([&] { return slow.was_closed(); }));
  }
}

TEST_CASE_TEMPLATE("a client that takes its answer well keeps its place, though others want one", Way, Tcp,
                   Unix) {
  const Way way;
  const LocalServer server(
      add_routes, way.with({.max_connections = 1, .evictable_after = 50ms, .least_body_rate = 50'000}));
  SlowClient client = server.slow_client(kAskLarge);
  while (client.read(16 * 1024)) {
    if (client.received() < kLarge / 2) CHECK(server.client().raw("GET / HTTP/1.0\r\n\r\n").status == 503);
    std::this_thread::sleep_for(5ms);
  }
  CHECK(client.received() > kLarge);
}

TEST_CASE_TEMPLATE("a server that stops while clients hold all that they may does so when its time is over",
                   Way, Tcp, Unix) {
  const Way way;
  auto server = std::make_unique<LocalServer>(
      add_routes, way.with({.drain_timeout = 200ms, .max_held_bytes = 4 * kLarge}));
  std::vector<std::unique_ptr<SlowClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<SlowClient>(server->slow_client(kAskLarge)));
    REQUIRE(slow.back()->read(1));
  }
  const auto begin = steady_clock::now();
  server->stop();
  CHECK(steady_clock::now() - begin < 10s);
  for (const auto& client : slow) CHECK(wait_until([&] { return client->was_closed(); }));
}

}  // namespace
