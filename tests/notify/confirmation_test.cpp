#include "notify/confirmation.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "shop/order_book.h"
#include "support/database_file.h"
#include "support/local_shop.h"
#include "support/temporary_folder.h"

namespace {

using namespace aforro;  // NOLINT
using namespace std::chrono_literals;
using test::LocalShop;

// What customers were told.
class Letters final : public notify::Channel {
 public:
  void order_confirmed(std::int64_t order_id, std::string_view message_id) override {
    told.push_back(std::to_string(order_id) + ' ' + std::string(message_id));
  }
  std::vector<std::string> told;
};

struct Orders : LocalShop {
  Orders() : log_descriptor(::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    shelve(store, product, 100);
  }
  Orders(const Orders&) = delete;
  Orders& operator=(const Orders&) = delete;
  ~Orders() { ::close(log_descriptor); }

  shop::OrderId place() {
    return orders.place(store, shop::Basket::of(std::array{shop::BasketLine{product, 1}}), std::nullopt).id;
  }
  std::vector<jobs::Job> claimed() { return queue.claim(shop::kConfirmationJob, 100); }
  bool has_skipped(std::int64_t order, const std::string& status) const {
    return test::read_file(log_file).find(
               "\"order_confirmation_skipped\",\"order_id\":" + std::to_string(order) + ",\"status\":\"" +
               status + '"') != std::string::npos;
  }

  test::TemporaryFolder folder;
  std::filesystem::path log_file = folder / "log";
  int log_descriptor;
  Log log{log_descriptor, Log::Level::debug, clock};
  shop::StoreId store = add_store("North");
  shop::ProductId product = add({.title = "Mug"});
  shop::OrderBook orders{*database, clock, [] {}};
  jobs::Queue queue{*database, clock};
  Letters letters;
};

using Told = std::vector<std::string>;

TEST_CASE("customers are told of their orders; one that was cancelled is passed over, and the log says so") {
  Orders shop;
  for (int i = 0; i < 3; ++i) shop.place();
  shop.orders.cancel(shop::OrderId(2));
  const std::vector<jobs::Job> batch = shop.claimed();

  const auto handler = notify::confirmations(*shop.database, shop.letters, shop.clock, shop.log)(batch);
  for (const jobs::Job& job : batch) handler(job);

  CHECK(shop.letters.told == Told{"1 order-1-confirmed", "3 order-3-confirmed"});
  CHECK(shop.has_skipped(2, "CANCELLED"));
}

TEST_CASE("an order that is cancelled while those before it take their time is passed over, too") {
  Orders shop;
  for (int i = 0; i < 2; ++i) shop.place();
  const std::vector<jobs::Job> batch = shop.claimed();
  const auto handler = notify::confirmations(*shop.database, shop.letters, shop.clock, shop.log)(batch);
  handler(batch.at(0));
  shop.clock.advance(11ms);
  shop.orders.cancel(shop::OrderId(2));

  handler(batch.at(1));

  CHECK(shop.letters.told == Told{"1 order-1-confirmed"});
  CHECK(shop.has_skipped(2, "CANCELLED"));
}

TEST_CASE("a job for an order that there is not tells nobody, and one without an order fails") {
  Orders shop;
  shop.database->write([&](sql::Connection& connection) {
    for (const char* payload : {"99", "nonsense"}) {
      jobs::enqueue(connection, shop::kConfirmationJob, payload, shop.clock.now());
    }
  });
  const std::vector<jobs::Job> batch = shop.claimed();
  const auto handler = notify::confirmations(*shop.database, shop.letters, shop.clock, shop.log)(batch);

  handler(batch.at(0));
  CHECK_THROWS_AS(handler(batch.at(1)), std::runtime_error);

  CHECK(shop.letters.told.empty());
  CHECK(shop.has_skipped(99, "none"));
}

}  // namespace
