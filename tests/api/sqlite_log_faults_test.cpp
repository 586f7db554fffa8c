// What happens when somebody moves, cuts off or overwrites the files of a shop while it is served, or leaves
// half of them behind: orders are refused within a second, and what was acknowledged is not lost with them.
#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/program.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds kInTime{3};  // a second, and some more for a machine that is busy

std::string good_order(const Shop& shop) {
  return order_body(shop.store("North"), {{shop.product("CAT"), 1}});
}

void place_orders(Shop& shop, int count) {
  for (int i = 0; i < count; ++i) CHECK(shop.client().post("/orders/", good_order(shop)).status == 201);
}

fs::path log_of(const Shop& shop) { return shop.database().file().string() + "-wal"; }

bool becomes_unready(Shop& shop, std::string_view why) {
  return wait_until(
      [&] {
        const HttpResponse response = shop.client().get("/readyz");
        return response.status == 503 && response.body.find(why) != std::string::npos;
      },
      kInTime);
}

// As another program of its own.
void run(const fs::path& file, const char* statement) {
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE, 20'000).exec(statement);
}

// Writes over what is there, as `cp` does.
void overwrite(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace

TEST_CASE("a log that is taken away under a server takes no order with it") {
  const std::vector<std::function<void(const fs::path&)>> ways{
      [](const fs::path& log) { fs::remove(log); },
      [](const fs::path& log) { fs::rename(log, log.string() + ".kept"); },
      [](const fs::path& log) {
        fs::copy_file(log, log.string() + ".copy");
        fs::rename(log.string() + ".copy", log);
      },
      [](const fs::path& log) {
        fs::remove(log);
        fs::create_directory(log);
      }};
  for (std::size_t way = 0; way < ways.size(); ++way) {
    CAPTURE(way);
    Shop shop;
    place_orders(shop, 3);
    const std::string body = good_order(shop);

    ways[way](log_of(shop));

    check_unavailable(shop.client().post("/orders/", body));
    CHECK(becomes_unready(shop, "the log beside the database file was moved, replaced or removed"));
    CHECK(shop.client().get("/livez").status == 200);
    for (int i = 0; i < 8; ++i) check_unavailable(shop.connect().post("/orders/", body));
    shop.server().kill();
    fs::remove_all(log_of(shop));
    CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 3);
    check_ledger(shop.database());
    check_verified(shop.database());
  }
}

TEST_CASE("a log that is put back where it was is gone on with") {
  Shop shop;
  place_orders(shop, 3);
  const fs::path log = log_of(shop);
  fs::rename(log, log.string() + ".kept");
  CHECK(becomes_unready(shop, "moved, replaced or removed"));
  fs::rename(log.string() + ".kept", log);
  CHECK(wait_until([&] { return shop.client().get("/readyz").status == 200; }, kInTime));
  place_orders(shop, 3);
  shop.server().kill();
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 6);
  check_verified(shop.database());
}

TEST_CASE("a log that is cut off or overwritten under a server is noticed, and nothing is stored in it") {
  const std::vector<std::function<void(const fs::path&)>> ways{
      [](const fs::path& log) { fs::resize_file(log, 0); },
      [](const fs::path& log) { fs::resize_file(log, 32); },
      [](const fs::path& log) { fs::resize_file(log, fs::file_size(log) - 1); },
      [](const fs::path& log) { overwrite(log, std::string(fs::file_size(log), '\0')); },
      [](const fs::path& log) { overwrite(log, std::string(fs::file_size(log), 'x')); }};
  for (std::size_t way = 0; way < ways.size(); ++way) {
    CAPTURE(way);
    Shop shop;
    place_orders(shop, 3);
    const std::string body = good_order(shop);
    const std::string orders = shop.orders_path("North");

    ways[way](log_of(shop));

    CHECK(becomes_unready(shop, "the log beside the database file was cut off or overwritten"));
    check_unavailable(shop.client().post("/orders/", body));
    check_unavailable(shop.client().get(orders));
    CHECK(shop.server().stop() == 0);
    check_verified(shop.database());
  }
}

TEST_CASE("a file that is cut off under a server is noticed, and nothing is stored in it") {
  for (const bool is_emptied : {false, true}) {
    CAPTURE(is_emptied);
    Shop shop;
    place_orders(shop, 3);
    const fs::path file = shop.database().file();
    const std::string body = good_order(shop);
    const std::string orders = shop.orders_path("North");

    fs::resize_file(file, is_emptied ? 0 : fs::file_size(file) / 2);

    CHECK(becomes_unready(shop, "the database file was cut off"));
    check_unavailable(shop.client().post("/orders/", body));
    check_unavailable(shop.client().get(orders));
    CHECK(shop.server().stop() == 0);
  }
}

TEST_CASE("a file that grows, is made small by another program, and has its log emptied is no fault") {
  Shop shop;
  const fs::path file = shop.database().file();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < until) {
    place_orders(shop, 1);
    run(file, "PRAGMA wal_checkpoint(TRUNCATE)");
    place_orders(shop, 1);
    run(file, "VACUUM");
    CHECK(shop.client().get("/readyz").status == 200);
  }
  CHECK(shop.server().stop() == 0);
  check_verified(shop.database());
}

TEST_CASE("no reader takes another shop for this one, while it lies in its place or afterwards") {
  Shop shop;
  Shop other(Goods::none);
  CHECK(other.server().stop() == 0);
  const fs::path file = shop.database().file();
  const fs::path kept = shop.folder() / "kept.db";
  const std::string stores = shop.client().get("/api/stores/").body;
  const auto look = [&](bool is_in_place) {
    std::vector<std::thread> clients;
    clients.reserve(16);
    std::atomic<int> wrong = 0;
    for (int i = 0; i < 16; ++i) {
      clients.emplace_back([&] {
        HttpClient client = shop.connect();
        for (int n = 0; n < 10; ++n) {
          const HttpResponse response = client.get("/api/stores/");
          const bool is_right =
              response.status == 200 ? response.body == stores : !is_in_place && response.status == 503;
          if (!is_right) ++wrong;
        }
      });
    }
    for (std::thread& client : clients) client.join();
    return wrong.load();
  };

  fs::rename(file, kept);
  fs::copy_file(other.database().file(), file);
  CHECK(look(false) == 0);
  fs::remove(file);
  fs::rename(kept, file);
  CHECK(wait_until([&] { return shop.client().get("/readyz").status == 200; }, kInTime));
  CHECK(look(true) == 0);
  place_orders(shop, 1);
}

TEST_CASE("a log whose file is missing or empty is not thrown away by whoever begins a shop there") {
  for (const bool is_missing : {true, false}) {
    CAPTURE(is_missing);
    Shop shop;
    place_orders(shop, 3);
    shop.server().kill();
    const fs::path file = shop.database().file();
    const std::string log = read_file(log_of(shop));
    const std::string content = read_file(file);
    is_missing ? static_cast<void>(fs::remove(file)) : fs::resize_file(file, 0);

    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"serve", "--listen", "127.0.0.1:0", "--seed-if-empty"},
          {"migrate"},
          {"seed"},
          {"orders", "1"}}) {
      CAPTURE(command.front());
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--database", file.string()});
      check_refused(run_program(arguments, {.timeout = std::chrono::seconds(20)}),
                    "has what was stored last");
      CHECK(read_file(log_of(shop)) == log);
      CHECK(fs::exists(file) == !is_missing);
    }
    overwrite(file, content);
    CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 3);
  }
}
