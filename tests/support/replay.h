// The real invoices sent as orders to a running program by many clients at once, and what must be true of
// the shop afterwards. Used by a test and by the benchmark.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/invoices.h"
#include "support/load.h"
#include "support/location.h"

namespace aforro::test {

struct ReplayPlan {
  std::size_t clients = 16;
  std::size_t max_invoices = SIZE_MAX;  // the first so many of the file
  double rejected_share = 0.02;         // about: what comes first differs from run to run
};

struct Replay {
  std::size_t invoices = 0;
  std::size_t lines = 0;
  std::int64_t products = 0;
  std::int64_t confirmed = 0;
  std::int64_t rejected = 0;
  std::int64_t largest_quantity = 0;  // of one product in one invoice, lines added up
  std::size_t most_lines = 0;
  LoadReport load;
  std::vector<std::string> faults;  // what is not as it must be; empty if all is well
};

// Imports products and stock by the program's own commands into a database that is not there yet, serves it,
// sends every invoice once, and compares answers, shelves, movements and stored orders with each other.
//
// Throws std::runtime_error if an invoice does not fit an order's bounds (2,000 lines, 1,000,000 of a
// product), or a command fails: none is cut to fit, none is left out.
Replay replay_invoices(const std::filesystem::path& online_retail, const Location& database,
                       const ReplayPlan& plan = {});

}  // namespace aforro::test
