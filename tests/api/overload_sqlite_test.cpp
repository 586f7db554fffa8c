// Overload that only the engine in a file knows: a disk that takes long to say that something is on it, as
// one does that others keep busy, and reads that take the processor.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "support/crowd.h"
#include "support/database_file.h"
#include "support/http_client.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/slowdown.h"
#include "support/wait_until.h"

using namespace aforro::test;
using std::chrono::milliseconds;

TEST_CASE("while the disk is slow, orders beyond the bound are refused and all else goes on") {
  constexpr std::size_t kOrders = 700;
  const char* const shim = std::getenv("AFORRO_SLOW_DISK");
  REQUIRE(shim != nullptr);
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  const std::filesystem::path is_slow = folder / "is_slow";
  Server server(database, {},
                {.environment = {{"LD_PRELOAD", shim},
                                 {"SLOW_DISK", is_slow.string()},
                                 {"SLOW_DISK_MS", std::to_string(400 * kSlowdown)},
                                 {"ASAN_OPTIONS", "verify_asan_link_order=0"}}});
  const auto id = [&](const char* sql) { return query_number(database, sql); };
  const std::int64_t store = id("SELECT id FROM stores WHERE name = 'North'");
  const std::string order = order_body(store, {{id("SELECT id FROM products WHERE sku = 'CAT'"), 1}});
  const std::string listing = "/stores/" + std::to_string(store) + "/inventory/";
  gets_per_second(server.port(), listing);
  const double listings_before = gets_per_second(server.port(), listing);

  folder.write("is_slow", "");
  const auto begun = std::chrono::steady_clock::now();
  CHECK(HttpClient(server.port()).post("/orders/", order).status == 201);
  CHECK(std::chrono::steady_clock::now() - begun > milliseconds(350));  // or the shim does nothing
  Crowd crowd(server.port(), order, kOrders);
  CHECK(crowd.has_refused_soon(100));
  check_livez(server.port());
  CHECK(serves_per_second(server.port(), listing, listings_before * 0.4));
  std::filesystem::remove(is_slow);
  crowd.wait();

  CHECK(crowd.others() == 0);
  CHECK(crowd.confirmed() + crowd.refused() == kOrders);
  CHECK(static_cast<std::size_t>(id("SELECT count(*) FROM orders")) == crowd.confirmed() + 1);
  CHECK(server.stop() == 0);
  CHECK(logged_refusals(server.log()).refused == crowd.refused());
}

TEST_CASE("while many wait for listings that take long, whoever wants little does not wait behind them") {
  constexpr int kListings = 32;
  Shop shop(Goods::none);
  const ProgramResult seeded =
      shop.command({"seed", "--products", "6000", "--stores", "1", "--rows-per-store", "6000"});
  REQUIRE(seeded.exit_status == 0);
  std::atomic<int> done = 0;
  std::atomic<int> others = 0;
  std::vector<std::thread> threads;
  threads.reserve(kListings);
  for (int i = 0; i < kListings; ++i) {
    threads.emplace_back([&, i] {  // each its own, so that none comes out of the cache
      const int status =
          shop.connect().get("/stores/1/inventory/?max_quantity=" + std::to_string(100'000 + i)).status;
      if (status != 200 && status != 503) ++others;
      ++done;
    });
  }
  int answered = 0;
  while (done < kListings) {
    if (shop.client().get("/livez").status == 200) ++answered;
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(others == 0);
  CHECK(answered > kListings);  // a few, if they stood in one row
}
