// The most memory that was asked for at a time, by whatever part of the process (malloc and all that is built
// on it), while this lives. One at a time, and what other threads do meanwhile counts too.
#pragma once

#include <cstddef>

namespace aforro::test {

class PeakMemory {
 public:
  // The sanitizers have a memory of their own: under them nothing is counted.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr bool kCounts = false;
#else
  static constexpr bool kCounts = true;
#endif

  PeakMemory();
  PeakMemory(const PeakMemory&) = delete;
  PeakMemory& operator=(const PeakMemory&) = delete;
  ~PeakMemory();

  // Beyond what was held when this was made.
  std::size_t bytes() const;
};

}  // namespace aforro::test
