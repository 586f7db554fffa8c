// What reading an input costs beside the input itself, in memory and in how the time grows with its size: for
// the worst that a parser can be given. Time is the processor's, so that a busy machine makes no difference,
// and compared with nothing but itself.
#pragma once

#include <cstddef>
#include <string>

#include "base/function_ref.h"

namespace aforro::test {

struct Cost {
  double memory = 0;  // bytes held at most, for each byte of the input; 0 where that can't be counted
  double growth = 0;  // how many times as long it takes for kSizes times the bytes
};

// From the small input to the large one. What is linear grows by that much, what is quadratic by its square.
inline constexpr std::size_t kSizes = 16;

// Half of the square, and far above what noise, caches and fresh pages make of linear time.
inline constexpr double kMaxGrowth = kSizes * kSizes / 2.0;

// `make` gives an input of about so many bytes; `read` may throw Problem, which is then a part
// of the reading.
Cost cost_of(std::size_t bytes, FunctionRef<std::string(std::size_t bytes)> make,
             FunctionRef<void(const std::string&)> read);

// `piece` as often as it fits between the two others.
std::string repeated(std::size_t bytes, std::string_view piece, std::string_view before = {},
                     std::string_view after = {});

}  // namespace aforro::test
