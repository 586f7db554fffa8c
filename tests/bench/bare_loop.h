// What SQLite alone can do: orders of three lines, the statements of lib/shop/order_book.cpp and nothing
// around them (no HTTP, no checks, no threads, no savepoints), so many orders in one transaction. For one
// thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <random>

#include "bench/workloads.h"

namespace aforro::bench {

class BareLoop {
 public:
  enum class Durability { full, none };

  // The file is one of `aforro seed --uniform` that nobody else writes to.
  BareLoop(const std::filesystem::path& file, const Goods& goods, Durability durability);
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;
  ~BareLoop();

  // One transaction of so many confirmed orders, each with its job. What they want is drawn, the same in
  // every process.
  void place(std::size_t orders);

  // As many of them as fit into the time. Returns orders/s.
  double run(std::chrono::milliseconds duration, std::size_t orders_together);

  // Takes away the jobs of its orders, which would be run by the next server.
  void discard_jobs();

 private:
  struct Statements;

  const Goods goods_;
  std::unique_ptr<Statements> statements_;
  std::mt19937_64 random_;
};

}  // namespace aforro::bench
