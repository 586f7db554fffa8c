// Many connections, and slow ones.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/many_descriptors.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr const char* kAsk = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("1,000 connections are kept at once, and all are served") {
  allow_many_descriptors();
  Shop shop;
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 1'000; ++i) {
    clients.push_back(std::make_unique<HttpClient>(shop.server().port()));
    REQUIRE(clients.back()->get("/livez").status == 200);
  }
  // The database has to be reached from all of them too. At once that may be more than it gets done in the
  // time that a request may wait: who is turned away asks again.
  std::vector<HttpClient*> waiting;
  waiting.reserve(clients.size());
  for (const auto& client : clients) waiting.push_back(client.get());
  for (int round = 0; !waiting.empty() && round < 20; ++round) {
    for (HttpClient* const client : waiting) client->send("GET /api/stores/ HTTP/1.1\r\nHost: x\r\n\r\n");
    std::vector<HttpClient*> turned_away;
    for (HttpClient* const client : waiting) {
      const HttpResponse response = client->receive();
      if (response.status == 503 && response.has("Retry-After")) {
        turned_away.push_back(client);
      } else {
        CHECK(response.status == 200);
      }
    }
    CHECK(turned_away.size() < waiting.size());
    waiting = std::move(turned_away);
  }
  CHECK(waiting.empty());
  for (const auto& client : clients) CHECK(client->connections() == 1);
  CHECK(shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}})).status ==
        201);
}

TEST_CASE("one connection more than allowed is told so at once, and served when another has gone") {
  constexpr int kAllowed = 20;
  Shop shop(Goods::corner, {"--max-connections", std::to_string(kAllowed)});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < kAllowed; ++i) {
    clients.push_back(std::make_unique<HttpClient>(shop.server().port()));
    REQUIRE(clients.back()->get("/livez").status == 200);
  }
  for (int i = 0; i < 10; ++i) {
    HttpClient one_more = shop.connect();
    const auto begin = steady_clock::now();
    one_more.send("");
    const HttpResponse refused = one_more.receive();
    check_problem(refused, 503);
    CHECK(refused.has("Retry-After"));
    CHECK(steady_clock::now() - begin < milliseconds(1'000));
  }
  for (int i = 0; i < 10; ++i) {  // the same for one that speaks first
    const HttpResponse refused = shop.connect().raw(kAsk);
    check_problem(refused, 503);
  }
  for (const auto& client : clients) CHECK(client->get("/livez").status == 200);
  clients.pop_back();
  CHECK(wait_until([&] { return shop.connect().raw(kAsk).status == 200; }));
}

TEST_CASE("1,100 connections do not bring the server down, and the first ones stay served") {
  allow_many_descriptors();
  Shop shop;
  std::vector<std::unique_ptr<HttpClient>> clients;
  int served = 0;
  int refused = 0;
  for (int i = 0; i < 1'100; ++i) {
    clients.push_back(std::make_unique<HttpClient>(shop.server().port()));
    clients.back()->send(kAsk);
    const HttpResponse response = clients.back()->receive();
    ++(response.status == 200 ? served : refused);
    if (response.status != 200) check_problem(response, 503);
  }
  CHECK(served >= 1'000);
  CHECK(served + refused == 1'100);
  CHECK(clients.front()->get("/api/stores/").status == 200);
  CHECK(
      clients.front()->post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}})).status ==
      201);
  clients.clear();
  HttpResponse response;
  for (int i = 0; i < 200 && response.status != 200; ++i) response = shop.connect().raw(kAsk);
  CHECK(response.status == 200);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which take their memory in advance
TEST_CASE("where there is no memory for another thread, more connections are served by those there are") {
  Shop shop;
  CHECK(shop.client().get("/api/stores/").status == 200);
  std::ifstream status("/proc/" + std::to_string(shop.server().pid()) + "/statm");
  std::uint64_t pages = 0;
  status >> pages;
  const auto used = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  shop.server().limit({RLIMIT_AS, used + 4 * 1024 * 1024});  // less than the stack of one
  std::vector<std::unique_ptr<HttpClient>> clients;
  clients.reserve(60);
  for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<HttpClient>(shop.server().port()));
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  for (const auto& client : clients) {
    client->send("POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
                 std::to_string(order.size()) + "\r\n\r\n" + order);
  }
  int served = 0;
  for (const auto& client : clients) served += client->receive().status == 201 ? 1 : 0;
  CHECK(served == 60);
}
#endif

TEST_CASE("connections that come and go leave nothing behind") {
  Shop shop;
  const auto descriptors = [&] {
    const auto folder =
        std::filesystem::directory_iterator("/proc/" + std::to_string(shop.server().pid()) + "/fd");
    return std::distance(folder, std::filesystem::directory_iterator());
  };
  for (int i = 0; i < 50; ++i) CHECK(shop.connect().get("/api/stores/").status == 200);
  const auto before = descriptors();
  for (int i = 0; i < 500; ++i) {
    HttpClient client = shop.connect();
    switch (i % 5) {
      case 0:
        client.send("");  // and gone without a word
        break;
      case 1:
        client.send("GET /api/sto");
        break;
      case 2:
        client.send("POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
        break;
      case 3:
        client.send("GET /stores/1/inventory/ HTTP/1.1\r\nHost: x\r\n\r\n");  // and gone before the answer
        break;
      default:
        CHECK(client.get("/api/stores/").status == 200);
    }
  }
  const auto patience = steady_clock::now() + std::chrono::seconds(20);
  while (descriptors() > before + 5 && steady_clock::now() < patience)
    std::this_thread::sleep_for(milliseconds(20));
  CHECK(descriptors() <= before + 5);
  CHECK(shop.client().get("/livez").status == 200);
}

TEST_CASE(
    "a client that sends a byte now and then is given up when its time is over, others are served "
    "meanwhile") {
  Shop shop(Goods::corner, {"--request-timeout", "2"});
  struct Slow {
    std::string name;
    std::string begins_with;
    std::string goes_on_with;
  };
  const std::vector<Slow> all{
      {"headers without end", "GET /livez HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"},
      {"a request line without end", "GET /", "x"},
      {"a body that was announced and never comes",
       "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n",
       ""},
      {"a body that trickles in",
       "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
       "100000\r\n\r\n",
       " "},
      {"chunks that trickle in",
       "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
       "chunked\r\n\r\n",
       "1\r\n \r\n"},
  };
  std::vector<std::thread> threads;
  std::vector<HttpResponse> answers(all.size());
  std::vector<double> seconds(all.size());
  std::atomic<bool> is_over = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto begin = steady_clock::now();
      HttpClient client(shop.server().port(), "127.0.0.1", milliseconds(100));
      client.send(all[i].begins_with);
      while (answers[i].status == 0 && steady_clock::now() - begin < std::chrono::seconds(20)) {
        try {
          answers[i] = client.receive();
        } catch (const HttpFault&) {  // not yet
          client.send(all[i].goes_on_with);
        }
      }
      seconds[i] = std::chrono::duration<double>(steady_clock::now() - begin).count();
    });
  }
  HttpClient idle = shop.connect();
  idle.send("");
  std::thread others([&] {
    while (!is_over) {
      CHECK(shop.connect().get("/livez").status == 200);
      std::this_thread::sleep_for(milliseconds(200));
    }
  });
  for (std::thread& thread : threads) thread.join();
  is_over = true;
  others.join();
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(all[i].name);
    CAPTURE(answers[i].body);
    check_problem(answers[i], 408);
    CHECK(seconds[i] > 1.9);
    CHECK(seconds[i] < 10.0);
  }
  idle.send(kAsk);
  CHECK(idle.receive().status == 200);
  CHECK(idle.connections() == 1);
}

TEST_CASE("a client that never reads its answers costs no one else anything") {
  Shop shop(Goods::uniform);
  std::vector<std::unique_ptr<HttpClient>> deaf;
  std::vector<std::thread> threads;
  std::string asks;
  for (int i = 0; i < 500; ++i) asks += "GET /stores/1/inventory/ HTTP/1.1\r\nHost: x\r\n\r\n";
  for (int i = 0; i < 10; ++i) {
    deaf.push_back(std::make_unique<HttpClient>(shop.server().port(), "127.0.0.1", std::chrono::seconds(1)));
    threads.emplace_back([&asks, client = deaf.back().get()] { client->send(asks); });
  }
  for (int i = 0; i < 20; ++i) {
    const auto begin = steady_clock::now();
    CHECK(shop.connect().get("/stores/1/inventory/").status == 200);
    CHECK(steady_clock::now() - begin < std::chrono::seconds(5));
  }
  for (std::thread& thread : threads) thread.join();
  deaf.clear();
}
