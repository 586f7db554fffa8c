#include "support/seed.h"

#include <cstdlib>
#include <random>
#include <string>

namespace aforro::test {

std::uint64_t seed_of_run() {
  if (const char* const seed = std::getenv("AFORRO_SEED")) return std::stoull(seed);
  return std::random_device()();
}

}  // namespace aforro::test
