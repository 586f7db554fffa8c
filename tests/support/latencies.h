// How long each of many requests took, to the microsecond. A value; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace aforro::test {

class Latencies {
 public:
  void add(std::chrono::nanoseconds latency);
  void add(const Latencies& more);

  std::size_t count() const { return micros_.size(); }

  // What this share of the requests (above 0, up to 1) did not exceed, by the nearest rank; 1 is the longest.
  // Zero if there are none.
  std::chrono::microseconds quantile(double share) const;

 private:
  std::vector<std::uint32_t> micros_;
};

}  // namespace aforro::test
