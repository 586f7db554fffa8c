// Servers of one shop on PostgreSQL that share nothing else.
#include <doctest/doctest.h>

#include <chrono>

#include "support/pair.h"

using namespace aforro::test;
using namespace std::chrono_literals;

namespace {

TEST_CASE("a confirmation starts at once where another server took the order, told by PostgreSQL") {
  ServerPair pair({"--redis", "off"}, {"--no-jobs"});
  CHECK(pair.median_time_to_confirmation() < 50ms);
}

}  // namespace
