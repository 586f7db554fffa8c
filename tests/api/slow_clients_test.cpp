// A thousand clients that send or take little, and what others notice of them. What becomes of the slow ones
// themselves: tests/http/slow_clients_test.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/expect.h"
#include "support/json.h"
#include "support/many_descriptors.h"
#include "support/shop.h"
#include "support/slow_client.h"

using namespace aforro::test;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr int kSlow = 1'024;
constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kBoundMiB = 32;
constexpr int kShelves = 400;

// A store whose listing is large, for its long titles: 400 KiB.
std::unique_ptr<Shop> large_shop(std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"--max-buffered", std::to_string(kBoundMiB), "--cache-size", "4",
                                     "--max-connections", std::to_string(2 * kSlow)});
  auto shop = std::make_unique<Shop>(Goods::corner, arguments);
  std::string products = "sku,title,description,price,category\n";
  std::string shelves = "store,sku,quantity\n";
  std::string title;
  for (int i = 0; i < 240; ++i) title += "棚";
  for (int i = 0; i < kShelves; ++i) {
    const std::string sku = "L" + std::to_string(i);
    products += sku + "," + title + " " + std::to_string(i) + ",x,1,Things\n";
    shelves += "West," + sku + ",1000000\n";
  }
  import_products(shop->database(), products);
  import_inventory(shop->database(), shelves);
  return shop;
}

// What a process took of the memory at most.
std::size_t most_resident_bytes(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

// Beyond what clients may hold: what the server takes anyway, the cache, and what is being made for some.
void check_memory(Shop& shop) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  (void)shop;  // which keep what was freed
#else
  CHECK(most_resident_bytes(shop.server().pid()) < (kBoundMiB + 128) * kMiB);
#endif
}

// A client that behaves. To be made before there is a crowd.
class Customer {
 public:
  explicit Customer(Shop& shop)
      : client_(shop.connect()),
        listing_(shop.inventory_path("West")),
        order_(order_body(shop.store("North"), {{shop.product("CAT"), 1}})),
        usual_wait_(median_wait()) {}

  // While what a crowd has asked for is still being made, others wait in the same queue, and are served.
  void ask_in_the_crowd() { ask_for_everything(); }

  // When all of that is made and held, nobody notices it.
  void check_served_as_ever() {
    ask_for_everything();  // behind the last of them
    CHECK(median_wait() < 5 * usual_wait_ + milliseconds(100));
  }

 private:
  milliseconds median_wait() {
    std::array<milliseconds, 9> waits{};
    for (milliseconds& wait : waits) wait = ask_for_everything();
    std::nth_element(waits.begin(), waits.begin() + waits.size() / 2, waits.end());
    return waits[waits.size() / 2];
  }

  // The longest that it had to wait.
  milliseconds ask_for_everything() {
    const auto begin = steady_clock::now();
    CHECK(client_.get("/livez").status == 200);
    const auto after_livez = steady_clock::now();
    CHECK(client_.post("/orders/", order_).status == 201);
    const auto after_order = steady_clock::now();
    const HttpResponse listing = client_.get(listing_);
    CHECK(listing.status == 200);
    CHECK(parse(listing).size() == kShelves + 1);
    CHECK(client_.connections() == 1);
    return std::chrono::duration_cast<milliseconds>(
        std::max({after_livez - begin, after_order - after_livez, steady_clock::now() - after_order}));
  }

  HttpClient client_;
  const std::string listing_;
  const std::string order_;
  const milliseconds usual_wait_;
};

std::string ask_for(const std::string& target, const std::string& headers = {}) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

}  // namespace

TEST_CASE(
    "1,024 clients that take nothing of a page of their own each hold on, and others are served as ever") {
  allow_many_descriptors();
  const auto shop = large_shop();
  const std::string listing = shop->inventory_path("West");
  Customer customer(*shop);
  std::vector<SlowClient> slow;
  slow.reserve(kSlow);
  for (int i = 0; i < kSlow; ++i) {
    // Each has its own key in the cache, so the server makes it anew: 400 MiB in all.
    slow.emplace_back(shop->server().port(),
                      ask_for(listing + "?max_quantity=" + std::to_string(1'000'000 + i)));
    if (i % 64 == 63) customer.ask_in_the_crowd();
  }
  customer.check_served_as_ever();
  check_memory(*shop);
  const auto closed =
      std::count_if(slow.begin(), slow.end(), [](const SlowClient& one) { return one.was_closed(); });
  CHECK(closed > kSlow / 2);
  CHECK(closed < kSlow);
}

TEST_CASE("1,024 clients that take nothing of the same listing hold it once, and none is cut off") {
  allow_many_descriptors();
  const auto shop = large_shop();
  const std::string listing = shop->inventory_path("West");
  Customer customer(*shop);
  for (const std::string headers : {"", "Accept-Encoding: gzip\r\n"}) {
    std::vector<SlowClient> slow;
    slow.reserve(kSlow);
    for (int i = 0; i < kSlow; ++i) {
      slow.emplace_back(shop->server().port(), ask_for(listing, headers));
    }
    customer.check_served_as_ever();
    CHECK(std::none_of(slow.begin(), slow.end(), [](const SlowClient& one) { return one.was_closed(); }));
  }
  check_memory(*shop);
}

TEST_CASE("1,024 clients that trickle a body of 1 MiB each hold on, and others are served as ever") {
  allow_many_descriptors();
  const auto shop = large_shop();
  Customer customer(*shop);
  const std::string begin =
      "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
      "1048576\r\n\r\n" +
      std::string(200'000, ' ');
  std::vector<HttpClient> slow;
  slow.reserve(kSlow);
  for (int i = 0; i < kSlow; ++i) {
    slow.emplace_back(shop->server().port());
    slow.back().send(begin);
    if (i % 128 == 127) customer.ask_in_the_crowd();
  }
  for (HttpClient& client : slow) client.send(" ");
  customer.check_served_as_ever();
  check_memory(*shop);
  check_problem(slow.front().receive(), 503);
}

TEST_CASE(
    "answers of 1,000 requests that were sent along and not read, and thousands of headers, are bounded") {
  allow_many_descriptors();
  const auto shop = large_shop();
  const std::string listing = shop->inventory_path("West");
  Customer customer(*shop);
  std::string many_asks;
  for (int i = 0; i < 1'000; ++i) {
    many_asks += ask_for(listing + "?max_quantity=" + std::to_string(1'000'000 + i));
  }
  std::string many_headers;
  for (int i = 0; i < 2'000; ++i) many_headers += "a:\r\n";
  std::vector<SlowClient> slow;
  for (int i = 0; i < 300; ++i) {
    slow.emplace_back(shop->server().port(), many_asks);
    slow.emplace_back(shop->server().port(),
                      "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n" + many_headers + "\r\n1");
  }
  customer.check_served_as_ever();
  check_memory(*shop);
}
