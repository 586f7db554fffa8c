#include "support/market.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "support/json.h"
#include "support/shop.h"

namespace aforro::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{60'000};

milliseconds since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - then);
}

}  // namespace

Market::Market(const Goods& goods, std::vector<int> ports, milliseconds pause)
    : goods_(goods), pause_(pause), ports_(std::move(ports)) {
  threads_.reserve(goods_.own.size());
  for (std::size_t number = 0; number < goods_.own.size(); ++number) {
    threads_.emplace_back([this, number] { shop_around(number); });
  }
}

void Market::replace(int port, int by) {
  const std::lock_guard lock(mutex_);
  std::replace(ports_.begin(), ports_.end(), port, by);
}

milliseconds Market::time_until_all_answer() {
  const auto begun = Clock::now();
  std::unique_lock lock(mutex_);
  const auto all_have = [&] {
    return std::all_of(ports_.begin(), ports_.end(), [&](int port) {
      const auto sent = sent_.find(port);
      return sent != sent_.end() && sent->second > begun;
    });
  };
  CHECK(changed_.wait_for(lock, kPatience, all_have));
  return since(begun);
}

void Market::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::set<std::int64_t> Market::confirmed() const {
  const std::lock_guard lock(mutex_);
  return confirmed_;
}

std::set<std::int64_t> Market::rejected() const {
  const std::lock_guard lock(mutex_);
  return rejected_;
}

std::vector<std::string> Market::wrong() const {
  const std::lock_guard lock(mutex_);
  return wrong_;
}

Market::Worst Market::take_worst() {
  const std::lock_guard lock(mutex_);
  return std::exchange(worst_, {});
}

void Market::shop_around(std::size_t number) {
  Clients clients;
  const std::int64_t own = goods_.own[number];
  const std::string own_order = order_body(goods_.store, {{own, 1}});
  const std::string wanted_order = order_body(goods_.store, {{goods_.wanted, 1}});
  std::int64_t left = goods_.own_stock;
  for (int turn = 0;; ++turn) {
    const std::string key = std::to_string(number) + '-' + std::to_string(turn);
    const bool is_own = turn % 2 == 0;
    while (!order(clients, is_own ? own_order : wanted_order, key)) {
      pause();
      const std::lock_guard lock(mutex_);
      if (is_over_) return;
    }
    if (is_own) {
      --left;
      if (const std::int64_t seen = left_of(clients, own); seen >= 0) {
        ++listings_;
        if (seen != left) ++stale_;
      }
    }
    pause();
    const std::lock_guard lock(mutex_);
    if (is_over_) return;
  }
}

// True once it was acknowledged.
bool Market::order(Clients& clients, const std::string& body, const std::string& key) {
  const auto begun = Clock::now();
  int port = 0;
  const HttpResponse response = ask(
      clients,
      [&](HttpClient& client) {
        return client.post("/orders/", body, {{"Idempotency-Key", key}});
      },
      port);
  const std::lock_guard lock(mutex_);
  worst_.answer = std::max(worst_.answer, since(begun));
  if (response.status != 201) {
    ++refusals_;
    ++worst_.refusals;
    // 0: no answer. A server that can't says so; anything else is a fault.
    if (response.status != 0 && response.status != 503) {
      wrong_.push_back(std::to_string(response.status) + ' ' + response.body.substr(0, 200));
    }
    return false;
  }
  const nlohmann::json stored = parse(response);
  (stored["status"] == "CONFIRMED" ? confirmed_ : rejected_).insert(stored["id"].get<std::int64_t>());
  worst_.silence = std::max(worst_.silence, since(std::exchange(acknowledged_at_, Clock::now())));
  sent_[port] = begun;
  changed_.notify_all();
  return true;
}

std::int64_t Market::left_of(Clients& clients, std::int64_t product) {
  int port = 0;
  const HttpResponse response = ask(
      clients,
      [&](HttpClient& client) {
        return client.get("/stores/" + std::to_string(goods_.store) + "/inventory/");
      },
      port);
  if (response.status != 200) return -1;
  for (const nlohmann::json& row : parse(response)) {
    if (row["product_id"] == product) return row["quantity"].get<std::int64_t>();
  }
  return -1;
}

HttpResponse Market::ask(Clients& clients, const std::function<HttpResponse(HttpClient&)>& request,
                         int& port) {
  port = next_port();
  HttpClient& client = clients.try_emplace(port, port, "127.0.0.1", milliseconds(20'000)).first->second;
  try {
    return request(client);
  } catch (const HttpFault&) {
    client.disconnect();
    return {};
  }
}

int Market::next_port() {
  const std::lock_guard lock(mutex_);
  return ports_[asked_++ % ports_.size()];
}

void Market::pause() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, pause_, [this] { return is_over_; });
}

}  // namespace aforro::test
