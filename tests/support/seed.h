// The seed of a test that goes by chance: AFORRO_SEED in the environment, or a fresh one. Whoever uses it
// prints it.
#pragma once

#include <cstdint>

namespace aforro::test {

std::uint64_t seed_of_run();

}  // namespace aforro::test
