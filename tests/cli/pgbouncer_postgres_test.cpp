// What the commands say of a PgBouncer that they can't be used with.
#include "support/pgbouncer.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/expect_program.h"
#include "support/postgres_cluster.h"
#include "support/program.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

TEST_CASE("behind a pooler in transaction mode each command is refused in one line that says what to do") {
  PostgresCluster& cluster = PostgresCluster::shared();
  const std::string name = cluster.create_database();
  const PgBouncer pooler(cluster, "pool_mode = transaction\n");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"migrate"},
        {"seed"},
        {"serve", "--listen", "127.0.0.1:0", "--wait-for-database", "60"},
        {"work"},
        {"orders", "1"}}) {
    CAPTURE(command.front());
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--database", pooler.url(name)});
    const ProgramResult refused = run_program(arguments);
    INFO("it wrote: ", refused.err);
    CHECK(refused.exit_status == 1);
    CHECK(has(refused.err, "pool_mode = session"));
    CHECK(std::count(refused.err.begin(), refused.err.end(), '\n') == 1);
  }
  cluster.drop_database(name);
}

TEST_CASE("a server behind a pooler in session mode starts, and is ready") {
  PostgresCluster& cluster = PostgresCluster::shared();
  const std::string name = cluster.create_database();
  {
    const PgBouncer pooler(cluster, "pool_mode = session\n");
    Program server({"serve", "--listen", "127.0.0.1:0", "--database", pooler.url(name)});
    CHECK(wait_until([&] { return has(server.out(), "listening on ") || !server.is_running(); }));
    server.signal(SIGTERM);
    const ProgramResult ended = server.finish();
    INFO("it wrote: ", ended.err);
    CHECK(ended.exit_status == 0);
  }
  cluster.drop_database(name);
}

}  // namespace
