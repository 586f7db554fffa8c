// Two servers on one shop, and what they say of it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/confirmations.h"
#include "support/json.h"
#include "support/server.h"
#include "support/shop.h"

namespace aforro::test {

struct ServerPair {
  // The arguments of both, and of the first one besides.
  explicit ServerPair(const std::vector<std::string>& arguments, std::vector<std::string> of_first = {},
                      Goods goods = Goods::corner)
      : shop(goods, with(std::move(of_first), arguments)), other(shop.database(), arguments) {}

  // Orders at the first one, again and again, and how long after each answer its confirmation stands in the
  // log of either; the median.
  std::chrono::milliseconds median_time_to_confirmation() {
    const std::string body = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
    std::vector<std::chrono::steady_clock::duration> times;
    for (int i = 0; i < 15; ++i) {
      const auto order = parse(shop.client().post("/orders/", body))["id"].get<std::int64_t>();
      const auto answered = std::chrono::steady_clock::now();
      while (confirmations_in(shop.server().log()).count(order) == 0 &&
             std::chrono::steady_clock::now() - answered < std::chrono::seconds(10)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      times.push_back(std::chrono::steady_clock::now() - answered);
    }
    std::sort(times.begin(), times.end());
    return std::chrono::duration_cast<std::chrono::milliseconds>(times[times.size() / 2]);
  }

  Shop shop;
  Server other;

 private:
  static std::vector<std::string> with(std::vector<std::string> first, const std::vector<std::string>& more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
  }
};

}  // namespace aforro::test
