// Customers of a shop that several servers serve, as they are behind a proxy: each request goes to the next
// of the servers that are open just now. One that a server closed its connection on goes to another server,
// and nothing more to that one. Every order has a key, so that this is safe.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "support/http_client.h"
#include "support/shop.h"

namespace aforro::test {

class RollingCustomers {
 public:
  // They order, look at the order, at the listing and for products, without a pause, until end().
  RollingCustomers(Shop& shop, int customers);
  RollingCustomers(const RollingCustomers&) = delete;
  RollingCustomers& operator=(const RollingCustomers&) = delete;
  ~RollingCustomers() { end(); }

  // From now on; each must be open.
  void go_to(std::vector<int> ports);
  // Returns once so many more orders were acknowledged by each server that is open. Throws if they are not.
  void wait_for_orders(int count_of_each);
  void end();

  // What became of all requests so far.
  std::set<std::int64_t> acknowledged() const;  // orders, by id
  std::int64_t answered() const;                // of whatever kind
  int sent_again() const;                       // to another server
  std::vector<std::string> failed() const;      // the first words of each

 private:
  using Clients = std::map<int, HttpClient>;

  void shop_around(int number);
  HttpResponse ask(Clients& clients, const std::string& target, const std::string& body,
                   const std::string& key);
  int next_port();
  bool is_over() const;

  const std::string order_;
  const std::vector<std::string> targets_;
  mutable Mutex mutex_;
  CondVar ordered_;
  std::vector<int> ports_ GUARDED_BY(mutex_);
  std::size_t asked_ GUARDED_BY(mutex_) = 0;
  bool is_over_ GUARDED_BY(mutex_) = false;
  std::map<int, int> orders_of_ GUARDED_BY(mutex_);  // acknowledged, by the port that did
  std::set<std::int64_t> acknowledged_ GUARDED_BY(mutex_);
  std::int64_t answered_ GUARDED_BY(mutex_) = 0;
  int sent_again_ GUARDED_BY(mutex_) = 0;
  std::vector<std::string> failed_ GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace aforro::test
