#include "support/latencies.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace aforro::test {

void Latencies::add(std::chrono::nanoseconds latency) {
  const std::int64_t micros = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();  // more than an hour
  micros_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(micros, 0, kMost)));
}

void Latencies::add(const Latencies& more) {
  micros_.insert(micros_.end(), more.micros_.begin(), more.micros_.end());
}

std::chrono::microseconds Latencies::quantile(double share) const {
  assert(share > 0 && share <= 1);
  if (micros_.empty()) return {};
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(micros_.size())));
  std::vector<std::uint32_t> sorted = micros_;
  const auto place = sorted.begin() + std::max<std::ptrdiff_t>(rank, 1) - 1;
  std::nth_element(sorted.begin(), place, sorted.end());
  return std::chrono::microseconds(*place);
}

}  // namespace aforro::test
