// How the server ends when it is asked to (SIGTERM, Ctrl-C), and what it does in the background until then.
// When it is not asked (kill -9): kill_test.cpp and job_kill_test.cpp.
#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
namespace fs = std::filesystem;

namespace {

// Clients that order without a pause until their server is gone.
class Customers {
 public:
  Customers(const Shop& shop, int clients) {
    const std::string body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back([this, &shop, body] {
        HttpClient client = shop.connect();
        try {
          for (;;) {
            const HttpResponse response = client.post("/orders/", body);
            const std::lock_guard lock(mutex_);
            if (response.status != 201) {
              ++others_;
            } else {
              acknowledged_.insert(parse(response)["id"].get<std::int64_t>());
            }
            enough_.notify_all();
          }
        } catch (const HttpFault& fault) {
          const std::lock_guard lock(mutex_);
          faults_.emplace_back(fault.what());
        }
      });
    }
  }
  ~Customers() { wait(); }

  void wait_for_orders(std::size_t count) {
    std::unique_lock lock(mutex_);
    enough_.wait_for(lock, std::chrono::seconds(60), [&] { return acknowledged_.size() >= count; });
  }
  void wait() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  const std::set<std::int64_t>& acknowledged() const { return acknowledged_; }
  const std::vector<std::string>& faults() const { return faults_; }
  int others() const { return others_; }

 private:
  std::mutex mutex_;
  std::condition_variable enough_;
  std::set<std::int64_t> acknowledged_;
  int others_ = 0;
  std::vector<std::string> faults_;
  std::vector<std::thread> threads_;
};

std::int64_t count(const Shop& shop, const std::string& what) {
  return query_number(shop.database(), "SELECT count(*) FROM " + what);
}

// Nothing is left for the next one to mend: all is in the file itself, where there is one.
void check_closed_clean(const Shop& shop) {
  if (shop.database().is_postgres()) return;
  const fs::path log = shop.database().file().string() + "-wal";
  CHECK((!fs::exists(log) || fs::file_size(log) == 0));
}

std::string sent_line(std::int64_t order) { return "\"order-" + std::to_string(order) + "-confirmed\""; }

}  // namespace

TEST_CASE("SIGTERM and Ctrl-C end an idle server at once, with exit status 0 and the file whole") {
  for (const int signal : {SIGTERM, SIGINT}) {
    CAPTURE(signal);
    Shop shop;
    CHECK(shop.client().get("/livez").status == 200);  // and the connection stays open
    const HttpClient never_asked = shop.connect();
    const auto begin = steady_clock::now();
    ::kill(shop.server().pid(), signal);
    CHECK(shop.server().stop() == 0);
    CHECK(steady_clock::now() - begin < milliseconds(3'000));
    check_closed_clean(shop);
    CHECK_THROWS_AS(shop.connect().get("/livez"), HttpFault);
  }
}

TEST_CASE("what is in flight at SIGTERM is finished, and what was acknowledged is there") {
  Shop shop;
  import_inventory(shop.database(), "store,sku,quantity\nNorth,CAT,1000000\n");
  Customers customers(shop, 8);
  customers.wait_for_orders(100);
  CHECK(shop.server().stop() == 0);
  customers.wait();
  CHECK(customers.others() == 0);
  check_closed_clean(shop);
  const auto stored = query_numbers(shop.database(), "SELECT id FROM orders");
  // Each order in flight was answered, so that there is none that nobody knows of.
  CHECK(std::set<std::int64_t>(stored.begin(), stored.end()) == customers.acknowledged());
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE(
    "clients that the system has let in before SIGTERM are answered, though the server never saw them") {
  Shop shop;
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  ::kill(shop.server().pid(), SIGSTOP);
  std::vector<HttpResponse> answers(4);
  std::vector<std::thread> customers;
  customers.reserve(answers.size());
  for (HttpResponse& answer : answers) {
    customers.emplace_back([&shop, &order, &answer] {
      try {
        answer = shop.connect().post("/orders/", order);
      } catch (const HttpFault&) {  // leaves it without a status
      }
    });
  }
  std::this_thread::sleep_for(milliseconds(300));  // for them to have sent it
  ::kill(shop.server().pid(), SIGTERM);
  ::kill(shop.server().pid(), SIGCONT);
  for (std::thread& customer : customers) customer.join();
  CHECK(shop.server().stop() == 0);
  for (const HttpResponse& answer : answers) CHECK(answer.status == 201);
  CHECK(count(shop, "orders") == 4);
}

TEST_CASE("a request that waits for the database at SIGTERM gets its answer") {
  Shop shop;
  HttpResponse answer;
  std::thread customer;
  {
    const WriteLock lock(shop.database());
    customer = std::thread([&] {
      answer = shop.connect().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}}));
    });
    std::this_thread::sleep_for(milliseconds(300));  // for it to be waiting
    ::kill(shop.server().pid(), SIGTERM);
    std::this_thread::sleep_for(milliseconds(300));
    CHECK(shop.server().is_running());
  }
  customer.join();
  CHECK(shop.server().stop() == 0);
  CHECK(answer.status == 201);
  CHECK(count(shop, "orders") == 1);
}

TEST_CASE(
    "a client that is in the middle of its request does not keep the server longer than a request may take") {
  Shop shop(Goods::corner, {"--request-timeout", "2"});
  HttpClient slow = shop.connect();
  slow.send(
      "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  HttpClient slower = shop.connect();
  slower.send("GET /livez HTTP/1.1\r\nHo");
  CHECK(shop.client().get("/livez").status == 200);
  const auto begin = steady_clock::now();
  CHECK(shop.server().stop() == 0);
  CHECK(steady_clock::now() - begin < std::chrono::seconds(8));
}

TEST_CASE("a terminal that is closed is no end") {
  Shop shop;
  ::kill(shop.server().pid(), SIGHUP);
  CHECK(shop.connect().get("/livez").status == 200);
  CHECK(shop.server().stop() == 0);
}

TEST_CASE("whoever does not want to wait presses Ctrl-C once more") {
  for (const int first : {SIGINT, SIGTERM}) {
    CAPTURE(first);
    Shop shop(Goods::corner, {"--request-timeout", "60"});
    HttpClient slow = shop.connect();
    slow.send(
        "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
        "Expect: 100-continue\r\n\r\n");
    CHECK(slow.receive_line() == "HTTP/1.1 100 Continue");  // its request has begun
    ::kill(shop.server().pid(), first);
    std::this_thread::sleep_for(milliseconds(300));
    CHECK(shop.server().is_running());
    ::kill(shop.server().pid(), SIGINT);
    const auto begin = steady_clock::now();
    CHECK(shop.server().wait() == -SIGINT);
    CHECK(steady_clock::now() - begin < milliseconds(3'000));
    check_verified(shop.database());
  }
}

TEST_CASE("SIGTERM again and again does no harm") {
  Shop shop;
  Customers customers(shop, 4);
  customers.wait_for_orders(20);
  for (int i = 0; i < 3; ++i) ::kill(shop.server().pid(), SIGTERM);
  CHECK(shop.server().stop() == 0);
  customers.wait();
  check_closed_clean(shop);
  check_ledger(shop.database());
  check_verified(shop.database());
}

TEST_CASE("the confirmation of an order is sent within a second, whether a client or a command ordered") {
  Shop shop;
  const auto north = shop.store("North");
  const auto cat = shop.product("CAT");
  const auto is_sent_soon = [&](std::int64_t order) {
    return wait_until([&] { return shop.server().log().find(sent_line(order)) != std::string::npos; },
                      milliseconds(1'000));
  };
  const json by_client = parse(shop.client().post("/orders/", order_body(north, {{cat, 1}})));
  CHECK(is_sent_soon(by_client["id"]));
  const ProgramResult command = shop.command(
      {"order", "--store", std::to_string(north), "--item", std::to_string(cat) + ":1", "--json"});
  REQUIRE(command.exit_status == 0);
  CHECK(is_sent_soon(parse(command.out)["id"]));
  CHECK(wait_until([&] { return count(shop, "jobs WHERE period IS NULL") == 0; }));

  const std::string log = shop.server().log();
  const std::size_t at = log.find("order_confirmation_sent");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = log.rfind('\n', at) + 1;
  const json line = parse(log.substr(begin, log.find('\n', at) - begin));
  CHECK(line["event"] == "order_confirmation_sent");
  CHECK(line["order_id"] == by_client["id"]);
  CHECK(line["level"] == "info");
  // None for an order that took nothing.
  const json rejected = parse(shop.client().post("/orders/", order_body(north, {{cat, 1'000'000}})));
  CHECK(rejected["status"] == "REJECTED");
  CHECK(!is_sent_soon(rejected["id"]));
}

TEST_CASE("an order that was cancelled before its confirmation was sent gets none, and the log says so") {
  Shop shop;
  const std::string north = std::to_string(shop.store("North"));
  const std::string item = std::to_string(shop.product("CAT")) + ":1";
  CHECK(shop.server().stop() == 0);
  const json cancelled = parse(shop.command({"order", "--store", north, "--item", item, "--json"}).out);
  const json kept = parse(shop.command({"order", "--store", north, "--item", item, "--json"}).out);
  CHECK(shop.command({"cancel", cancelled["id"].dump()}).exit_status == 0);

  shop.restart();

  CHECK(wait_until([&] { return count(shop, "jobs WHERE period IS NULL") == 0; }));
  const std::string log = shop.server().log();
  CHECK(log.find(sent_line(kept["id"])) != std::string::npos);
  CHECK(log.find(sent_line(cancelled["id"])) == std::string::npos);
  const std::size_t at = log.find("order_confirmation_skipped");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = log.rfind('\n', at) + 1;
  const json line = parse(log.substr(begin, log.find('\n', at) - begin));
  CHECK(line["order_id"] == cancelled["id"]);
  CHECK(line["status"] == "CANCELLED");
}

TEST_CASE(
    "a job that fails, or that another version has to do, is kept and keeps nothing else from its turn") {
  Shop shop;
  shop.server().kill();
  query_numbers(shop.database(),
                "INSERT INTO jobs (kind, payload, state, run_at, created_at) VALUES ('no_such_kind', 'x', "
                "'waiting', 0, 0), ('send_order_confirmation', 'nonsense', 'waiting', 0, 0) RETURNING id");
  shop.restart();
  CHECK(shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}})).status ==
        201);
  CHECK(wait_until([&] { return shop.server().log().find(sent_line(1)) != std::string::npos; }));
  CHECK(wait_until([&] { return count(shop, "jobs WHERE last_error IS NOT NULL") == 1; }));
  CHECK(count(shop, "jobs WHERE payload = 'nonsense' AND state = 'waiting' AND attempts >= 1") == 1);
  CHECK(shop.server().log().find("job_failed") != std::string::npos);
  CHECK(count(shop, "jobs WHERE kind = 'no_such_kind' AND state = 'waiting' AND attempts = 0") == 1);
  const ProgramResult listed = shop.command({"jobs"});
  CHECK_MESSAGE(listed.out.find("no_such_kind") != std::string::npos, listed.out);
}
