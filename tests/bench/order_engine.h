// The order engine by itself: how fast it takes orders, how evenly, beside what, and whether that stays so
// when the file has grown.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>

#include "bench/compare.h"

namespace aforro::bench {

struct EnginePlan {
  std::filesystem::path folder;  // on a real disk; what is made there is left to whoever made the folder
  std::optional<Peer> peer;
  std::size_t rounds = 3;
  std::chrono::milliseconds duration{3000};  // of one measurement in one round
  std::size_t connections = 64;
  std::size_t grown_orders = 0;  // of the file that has grown; 0: none
};

// Prints two tables. True if every answer was right, however slow.
bool measure_order_engine(const EnginePlan& plan);

}  // namespace aforro::bench
