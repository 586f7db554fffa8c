// Customers that order without a pause, each order with an Idempotency-Key of its own, which is sent again
// until it is acknowledged: so a test can say what must be there, and that it is there once. Safe from any
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/http_client.h"

namespace aforro::test {

class KeyedCustomers {
 public:
  // So many, who order that from a server on that port.
  KeyedCustomers(int port, const std::string& body, int clients);
  KeyedCustomers(const KeyedCustomers&) = delete;
  KeyedCustomers& operator=(const KeyedCustomers&) = delete;
  ~KeyedCustomers() { stop(); }

  // Half a minute at most, after which a check fails.
  void wait_for_more_orders(std::size_t count);
  void wait_for_more_refusals(int count);
  void stop();

  // Once they have stopped.
  const std::map<std::string, std::int64_t>& orders() const { return orders_; }  // by key
  const std::set<int>& statuses() const { return statuses_; }
  std::chrono::milliseconds longest() const { return longest_; }

 private:
  bool order(HttpClient& client, const std::string& body, const std::string& key);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::int64_t> orders_;
  std::set<int> statuses_;
  int refusals_ = 0;
  std::chrono::milliseconds longest_{0};
  std::atomic<bool> is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace aforro::test
