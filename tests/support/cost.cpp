#include "support/cost.h"

#include <algorithm>
#include <ctime>

#include "base/problem.h"
#include "support/peak_memory.h"

namespace aforro::test {
namespace {

void read_or_be_refused(FunctionRef<void(const std::string&)> read, const std::string& input) {
  try {
    read(input);
  } catch (const Problem&) {
  }
}

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_of(FunctionRef<void(const std::string&)> read, const std::string& input) {
  double least = 1e9;
  for (int i = 0; i < 3; ++i) {
    const double begin = processor_seconds();
    read_or_be_refused(read, input);
    least = std::min(least, processor_seconds() - begin);
  }
  return least;
}

double memory_of(FunctionRef<void(const std::string&)> read, const std::string& input) {
  const PeakMemory peak;
  read_or_be_refused(read, input);
  return PeakMemory::kCounts ? static_cast<double>(peak.bytes()) / static_cast<double>(input.size()) : 0;
}

}  // namespace

Cost cost_of(std::size_t bytes, FunctionRef<std::string(std::size_t bytes)> make,
             FunctionRef<void(const std::string&)> read) {
  constexpr double kTooShortToTell = 250e-6;
  const std::string small = make(bytes / kSizes);
  const std::string large = make(bytes);
  const double short_time = std::max(kTooShortToTell, seconds_of(read, small));
  return {.memory = memory_of(read, large), .growth = seconds_of(read, large) / short_time};
}

std::string repeated(std::size_t bytes, std::string_view piece, std::string_view before,
                     std::string_view after) {
  std::string text(before);
  text.reserve(bytes);
  while (text.size() + piece.size() + after.size() <= bytes) text += piece;
  return text += after;
}

}  // namespace aforro::test
