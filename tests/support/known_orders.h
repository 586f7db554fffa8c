// The orders that clients were told of, for those who then want any one of them. Ids are not without gaps.
// Safe from any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace aforro::test {

class KnownOrders {
 public:
  void add(std::int64_t order) {
    const std::lock_guard lock(mutex_);
    orders_.push_back(order);
  }

  // The one that this number, however large, falls upon. There must be one.
  std::int64_t any(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    return orders_.at(number % std::max<std::size_t>(orders_.size(), 1));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> orders_;
};

}  // namespace aforro::test
