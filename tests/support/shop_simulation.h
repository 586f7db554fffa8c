// A real shop and a plain model of it, put to the same operations by chance, with failures, one step after
// the other: what they answer and what they leave behind must be the same. The same seed goes the same way,
// on the engine that this run is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "support/failing_database.h"

namespace aforro::test {

struct SimulationReport {
  std::string difference;  // and what led to it; empty if there is none
  std::string trace;       // a hash of all that was asked and answered
  std::size_t operations = 0;
  std::map<std::string, std::size_t> counts;  // of what came of them, by a few words
};

// Ends at the first difference, or after that many operations or a few more. With `always`, that goes wrong
// in each operation.
SimulationReport simulate(std::uint64_t seed, std::size_t operations,
                          const std::optional<Injection>& always = std::nullopt);

}  // namespace aforro::test
