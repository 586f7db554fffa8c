// The main function of every test program.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "support/engine.h"
#include "support/pgbouncer.h"
#include "support/postgres_cluster.h"
#include "support/redis_server.h"

int main(int argc, char** argv) {
  using namespace aforro::test;
  constexpr int kSkipped = 77;  // as CMakeLists.txt tells ctest
  if (engine() == Engine::postgres && !PostgresCluster::is_installed()) {
    std::puts("skipped: PostgreSQL (Debian's packages postgresql and libpq-dev) is not installed");
    return kSkipped;
  }
  if (std::getenv("AFORRO_TEST_NEEDS_REDIS") != nullptr && !RedisServer::is_installed()) {
    std::puts("skipped: Redis (Debian's packages redis-tools and libhiredis-dev) is not installed");
    return kSkipped;
  }
  if (std::getenv("AFORRO_TEST_NEEDS_PGBOUNCER") != nullptr && !PgBouncer::is_installed()) {
    std::puts("skipped: PgBouncer (Debian's package pgbouncer) is not installed");
    return kSkipped;
  }
  return doctest::Context(argc, argv).run();
}
