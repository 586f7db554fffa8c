#include "support/keyed_customers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/json.h"

namespace aforro::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

KeyedCustomers::KeyedCustomers(int port, const std::string& body, int clients) {
  for (int i = 0; i < clients; ++i) {
    threads_.emplace_back([this, port, body, i] {
      HttpClient client(port);
      for (int number = 0; !is_over_; ++number) {
        const std::string key = std::to_string(i) + "-" + std::to_string(number);
        while (!order(client, body, key)) {
        }
      }
    });
  }
}

void KeyedCustomers::wait_for_more_orders(std::size_t count) {
  std::unique_lock lock(mutex_);
  const std::size_t enough = orders_.size() + count;
  CHECK(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return orders_.size() >= enough; }));
}

void KeyedCustomers::wait_for_more_refusals(int count) {
  std::unique_lock lock(mutex_);
  const int enough = refusals_ + count;
  CHECK(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return refusals_ >= enough; }));
}

void KeyedCustomers::stop() {
  is_over_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool KeyedCustomers::order(HttpClient& client, const std::string& body, const std::string& key) {
  const auto begun = steady_clock::now();
  const HttpResponse response = client.post("/orders/", body, {{"Idempotency-Key", key}});
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
  const std::lock_guard lock(mutex_);
  longest_ = std::max(longest_, took);
  statuses_.insert(response.status);
  if (response.status == 201) orders_[key] = parse(response)["id"].get<std::int64_t>();
  if (response.status != 201) ++refusals_;
  changed_.notify_all();
  return response.status == 201 || is_over_;
}

}  // namespace aforro::test
