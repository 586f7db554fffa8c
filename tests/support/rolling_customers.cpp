#include "support/rolling_customers.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "support/json.h"

namespace aforro::test {
namespace {

constexpr int kServersTried = 20;  // by one request
constexpr std::chrono::seconds kPatience{60};

}  // namespace

RollingCustomers::RollingCustomers(Shop& shop, int customers)
    : order_(order_body(shop.store("North"), {{shop.product("CAT"), 1}})),
      targets_{shop.inventory_path("North"), "/api/search/products?q=mug", shop.orders_path("North")},
      ports_{shop.server().port()} {
  threads_.reserve(static_cast<std::size_t>(customers));
  for (int number = 0; number < customers; ++number) {
    threads_.emplace_back([this, number] { shop_around(number); });
  }
}

void RollingCustomers::go_to(std::vector<int> ports) {
  const Lock lock(mutex_);
  ports_ = std::move(ports);
}

void RollingCustomers::wait_for_orders(int count_of_each) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  Lock lock(mutex_);
  const std::map<int, int> before = orders_of_;
  const auto is_enough = [&](int port) REQUIRES(mutex_) {
    const auto had = before.find(port);
    const auto has = orders_of_.find(port);
    return has != orders_of_.end() && has->second - (had == before.end() ? 0 : had->second) >= count_of_each;
  };
  const std::vector<int> open = ports_;
  for (const int port : open) {
    while (!is_enough(port)) {
      if (!ordered_.wait_until(mutex_, until)) throw std::runtime_error("the orders don't come");
    }
  }
}

void RollingCustomers::end() {
  {
    const Lock lock(mutex_);
    is_over_ = true;
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::set<std::int64_t> RollingCustomers::acknowledged() const {
  const Lock lock(mutex_);
  return acknowledged_;
}

std::int64_t RollingCustomers::answered() const {
  const Lock lock(mutex_);
  return answered_;
}

int RollingCustomers::sent_again() const {
  const Lock lock(mutex_);
  return sent_again_;
}

std::vector<std::string> RollingCustomers::failed() const {
  const Lock lock(mutex_);
  return failed_;
}

bool RollingCustomers::is_over() const {
  const Lock lock(mutex_);
  return is_over_;
}

int RollingCustomers::next_port() {
  const Lock lock(mutex_);
  return ports_[asked_++ % ports_.size()];
}

void RollingCustomers::shop_around(int number) {
  Clients clients;
  for (int turn = 0; !is_over(); ++turn) {
    const std::string key = std::to_string(number) + '-' + std::to_string(turn);
    const HttpResponse response = ask(clients, "/orders/", order_, key);
    if (response.status != 201) continue;
    const std::int64_t order = parse(response)["id"].get<std::int64_t>();
    {
      const Lock lock(mutex_);
      acknowledged_.insert(order);
    }
    ask(clients, "/orders/" + std::to_string(order) + '/', "", "");
    ask(clients, targets_[static_cast<std::size_t>(turn) % targets_.size()], "", "");
  }
}

HttpResponse RollingCustomers::ask(Clients& clients, const std::string& target, const std::string& body,
                                   const std::string& key) {
  std::string last_fault;
  for (int attempt = 0; attempt < kServersTried; ++attempt) {
    const int port = next_port();
    HttpClient& client = clients.try_emplace(port, port).first->second;
    try {
      HttpResponse response =
          body.empty() ? client.get(target) : client.post(target, body, {{"Idempotency-Key", key}});
      const Lock lock(mutex_);
      ++answered_;
      if (response.status >= 300) {
        failed_.push_back(target + ": " + std::to_string(response.status) + ' ' + response.body);
      } else if (!body.empty()) {
        ++orders_of_[port];
        ordered_.notify_all();
      }
      return response;
    } catch (const HttpFault& fault) {
      last_fault = fault.what();
      client.disconnect();
      const Lock lock(mutex_);
      ++sent_again_;
      if (ports_.size() > 1) std::erase(ports_, port);
    }
  }
  const Lock lock(mutex_);
  failed_.push_back(target + ": " + last_fault);
  return {};
}

}  // namespace aforro::test
