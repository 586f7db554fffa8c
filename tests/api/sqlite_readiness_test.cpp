// What /readyz says while an order could not be stored in the file of SQLite, and when it could again.
#include <SQLiteCpp/Database.h>
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "support/expect.h"
#include "support/shop.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

namespace fs = std::filesystem;

// As late as it may be, and some more for a machine that is busy.
constexpr std::chrono::seconds kInTime{3};

bool becomes_unready(Shop& shop, std::string_view why) {
  return wait_until(
      [&] {
        const HttpResponse response = shop.client().get("/readyz");
        return response.status == 503 && response.has("Retry-After") &&
               response.body.find(why) != std::string::npos;
      },
      kInTime);
}

bool becomes_ready(Shop& shop) {
  return wait_until([&] { return shop.client().get("/readyz").status == 200; }, kInTime);
}

}  // namespace

TEST_CASE("a shop that takes orders is ready, and writes nothing to know it") {
  Shop shop;
  CHECK(becomes_ready(shop));
  const auto bytes = [&] { return read_file(shop.database().file()); };
  const auto log_bytes = [&] { return read_file(shop.database().file().string() + "-wal"); };
  // What a server does in the background at its start, and once a minute, is a change of its own.
  const bool stayed = wait_until([&] {
    const std::string before = bytes() + log_bytes();
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'500);
    while (std::chrono::steady_clock::now() < until) CHECK(shop.client().get("/readyz").status == 200);
    return bytes() + log_bytes() == before;
  });
  CHECK(stayed);
}

TEST_CASE("a shop whose write lock another process holds is not ready until it is released") {
  Shop shop;
  CHECK(becomes_ready(shop));
  SQLite::Database other(shop.database().file().string(), SQLite::OPEN_READWRITE);
  other.setBusyTimeout(10'000);
  other.exec("BEGIN IMMEDIATE");
  CHECK(becomes_unready(shop, "another process holds the write lock"));
  CHECK(shop.client().get("/livez").status == 200);
  other.exec("ROLLBACK");
  CHECK(becomes_ready(shop));
}

TEST_CASE("whoever asks for the first time hears that the lock has been held") {
  Shop shop;
  for (int i = 0; i < 3; ++i) {
    CAPTURE(i);
    SQLite::Database other(shop.database().file().string(), SQLite::OPEN_READWRITE);
    other.setBusyTimeout(10'000);
    other.exec("BEGIN IMMEDIATE");
    std::this_thread::sleep_for(std::chrono::seconds(1));  // as late as the answer may be
    check_unavailable(shop.client().get("/readyz"));
    other.exec("ROLLBACK");
    CHECK(becomes_ready(shop));
  }
}

TEST_CASE("a shop whose file was moved or replaced is not ready until it is back") {
  Shop shop;
  const fs::path file = shop.database().file();
  const fs::path kept = shop.folder() / "kept.db";
  fs::rename(file, kept);
  CHECK(becomes_unready(shop, "moved, replaced or removed"));
  fs::copy_file(kept, file);
  CHECK(becomes_unready(shop, "moved, replaced or removed"));
  fs::rename(kept, file);
  CHECK(becomes_ready(shop));
}

TEST_CASE("a shop whose files may not grow is not ready until they may") {
  Shop shop;
  shop.server().limit({RLIMIT_FSIZE, 0});
  check_unavailable(
      shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}})));
  CHECK(becomes_unready(shop, "No order can be stored now"));
  shop.server().limit({RLIMIT_FSIZE, RLIM_INFINITY});
  CHECK(becomes_ready(shop));
}

TEST_CASE("what /readyz says of a fault names no file") {
  Shop shop;
  fs::remove(shop.database().file());
  CHECK(becomes_unready(shop, "moved, replaced or removed"));
  CHECK(shop.client().get("/readyz").body.find("aforro.db") == std::string::npos);
}
