// `aforro work` beside servers that leave jobs alone.
#include <doctest/doctest.h>
#include <signal.h>

#include <string>
#include <thread>

#include "support/expect_program.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

std::string jobs_of(const Shop& shop) { return shop.command({"jobs"}).out; }

}  // namespace

TEST_CASE("what a server leaves to be done is done by a worker, and reservations end") {
  Shop shop(Goods::corner, {"--no-jobs"});
  const auto cat = shop.product("CAT");
  const auto north = shop.store("North");
  REQUIRE(shop.client().post("/orders/", order_body(north, {{cat, 1}})).status == 201);
  const std::string reservation = "{\"store_id\": " + std::to_string(north) +
                                  ", \"items\": [{\"product_id\": " + std::to_string(cat) +
                                  ", \"quantity_requested\": 10}], \"reserve_for\": 1}";
  REQUIRE(shop.client().post("/orders/", reservation).status == 201);
  // Long enough for a server that had jobs to do them.
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  CHECK(has(jobs_of(shop), "confirm"));
  CHECK(shop.quantity("North", "CAT") == 989);

  Program worker({"work", "--database", shop.database().string()});
  wait_for_output(worker, "working on the jobs of ");
  CHECK(wait_until([&] { return !has(jobs_of(shop), "confirm"); }));
  CHECK(wait_until([&] { return shop.quantity("North", "CAT") == 999; }));
  worker.signal(SIGTERM);
  const ProgramResult ended = worker.finish();
  CHECK(ended.exit_status == 0);
  CHECK(has(ended.err, "confirmation"));
}

TEST_CASE("a worker without a shop says so, and one without work ends when it is told to") {
  const TemporaryFolder folder;
  check_refused(run_program({"work", "--database", (folder / "none.db").string()}), "none.db");
  const Location database = make_database(Goods::none, folder);
  Program worker({"work", "--database", database.string()});
  wait_for_output(worker, "working on the jobs of ");
  worker.signal(SIGINT);
  CHECK(worker.finish().exit_status == 0);
}
