// More orders at once than can wait, while somebody else has the database to himself: those beyond the bound
// are turned away at once, and whatever needs no writer goes on.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "support/crowd.h"
#include "support/database_file.h"
#include "support/http_client.h"
#include "support/load.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/slowdown.h"
#include "support/wait_until.h"

using namespace aforro::test;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kOrders = 700;

std::string good_order(const Shop& shop) {
  return order_body(shop.store("North"), {{shop.product("CAT"), 1}});
}

}  // namespace

TEST_CASE(
    "while orders pile up behind a held lock, those beyond the bound are refused and all else goes on") {
  Shop shop;
  const int port = shop.server().port();
  const std::string listing = shop.inventory_path("North");
  const std::string order = good_order(shop);
  CHECK(shop.client().post("/orders/", order).status == 201);
  gets_per_second(port, listing);
  const double listings_before = gets_per_second(port, listing);

  auto lock = std::make_unique<WriteLock>(shop.database());
  Crowd crowd(port, order, kOrders);
  CHECK(crowd.has_refused_soon(100));
  check_livez(port);
  CHECK(serves_per_second(port, listing, listings_before * 0.4));
  lock.reset();
  crowd.wait();

  CHECK(crowd.others() == 0);
  CHECK(crowd.confirmed() + crowd.refused() + crowd.unavailable() == kOrders);
  CHECK(static_cast<std::size_t>(query_number(shop.database(), "SELECT count(*) FROM orders")) ==
        crowd.confirmed() + 1);
  CHECK(shop.client().post("/orders/", order).status == 201);
  CHECK(wait_until([&] {
    shop.client().get("/livez");
    return logged_refusals(shop.server().log()).refused == crowd.refused();
  }));
  CHECK(logged_refusals(shop.server().log()).lines < 20);
  check_ledger(shop.database());
}

TEST_CASE("clients that order again at once, however often they are refused, do not drown the others") {
  Shop shop;
  const int port = shop.server().port();
  const std::string order = good_order(shop);
  auto lock = std::make_unique<WriteLock>(shop.database());
  Crowd crowd(port, order, kOrders);
  CHECK(crowd.has_refused_soon(100));
  std::thread asking([&] { check_livez(port); });
  const LoadReport again =
      run_load({.port = port,
                .connections = 100,
                .duration = milliseconds(500),
                .request = [&](std::size_t, std::string& to) { append_post(to, "/orders/", order); },
                .judge =
                    [](std::size_t, const Answer& answer) {
                      return answer.status == 503 ? Verdict::counted : Verdict::wrong;
                    }});
  asking.join();
  lock.reset();

  CHECK_MESSAGE(again.wrong == 0, again.first_wrong);
  CHECK(again.per_second() > 1'000 / kSlowdown);
}

TEST_CASE("a server whose log nobody reads any more goes on answering") {
  // Each answer has its line at this level, and a pipe holds some hundred of them.
  Shop shop;
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  int out[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  Process process({program_path().string(), "serve", "--database", shop.database().string(), "--listen",
                   "127.0.0.1:0", "--log-level", "debug"},
                  {}, nothing, out[1], ends[1]);
  std::string greeting(1'000, '\0');
  const ssize_t got = ::read(out[0], greeting.data(), greeting.size());
  REQUIRE(got > 0);
  const int port = std::stoi(greeting.substr(greeting.find("127.0.0.1:") + 10));

  const std::string listing = shop.inventory_path("North");
  gets_per_second(port, listing);  // fills the pipe
  CHECK(gets_per_second(port, listing) > 100);
  check_livez(port);
  process.signal(SIGTERM);
  CHECK(process.wait(std::chrono::seconds(20)) == 0);
  for (const int file : {ends[0], ends[1], nothing, out[0], out[1]}) ::close(file);
}
