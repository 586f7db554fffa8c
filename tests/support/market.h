// Customers of a shop that several servers serve, as they are behind a load balancer: each request goes to
// the next server. Each order has an Idempotency-Key and is sent again, to the next one, until it is
// acknowledged. All of them want one product, and each has another to himself, of which he therefore knows
// how many must be left: after each order he looks at the listing of some server. Safe from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/http_client.h"

namespace aforro::test {

class Market {
 public:
  struct Goods {
    std::int64_t store;
    std::int64_t wanted;            // by all
    std::vector<std::int64_t> own;  // of each customer
    std::int64_t own_stock;         // of each of these
  };

  // They begin at once, each with a pause after what he did.
  Market(const Goods& goods, std::vector<int> ports, std::chrono::milliseconds pause);
  Market(const Market&) = delete;
  Market& operator=(const Market&) = delete;
  ~Market() { stop(); }

  // A server that has come in place of another one.
  void replace(int port, int by);
  // How long it took until each of the servers had acknowledged an order that was sent after this call began;
  // a minute at most, after which a check fails.
  std::chrono::milliseconds time_until_all_answer();
  void stop();

  std::set<std::int64_t> confirmed() const;  // orders that were acknowledged, by id
  std::set<std::int64_t> rejected() const;
  std::int64_t listings() const { return listings_; }  // that were compared
  std::int64_t stale() const { return stale_; }        // of these
  std::int64_t refusals() const { return refusals_; }
  // Since the last call: the longest that a request took, and the longest time without an acknowledgement.
  struct Worst {
    std::chrono::milliseconds answer{0};
    std::chrono::milliseconds silence{0};
    std::int64_t refusals = 0;
  };
  Worst take_worst();
  // What no client may be told, the first words of each.
  std::vector<std::string> wrong() const;

 private:
  using Clock = std::chrono::steady_clock;
  using Clients = std::map<int, HttpClient>;

  void shop_around(std::size_t number);
  bool order(Clients& clients, const std::string& body, const std::string& key);
  std::int64_t left_of(Clients& clients, std::int64_t product);  // -1: nobody says
  HttpResponse ask(Clients& clients, const std::function<HttpResponse(HttpClient&)>& request, int& port);
  int next_port();
  void pause();

  const Goods goods_;
  const std::chrono::milliseconds pause_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> ports_;
  std::size_t asked_ = 0;
  std::map<int, Clock::time_point> sent_;  // by port: when the last order was sent that it acknowledged
  Clock::time_point acknowledged_at_ = Clock::now();
  Worst worst_;
  std::set<std::int64_t> confirmed_;
  std::set<std::int64_t> rejected_;
  std::vector<std::string> wrong_;
  std::atomic<std::int64_t> listings_{0};
  std::atomic<std::int64_t> stale_{0};
  std::atomic<std::int64_t> refusals_{0};
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace aforro::test
