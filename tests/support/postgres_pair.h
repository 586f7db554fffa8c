// A primary and its standby, which each COMMIT waits for, both of the test's own; and what a promotion makes
// of them.
#pragma once

#include <optional>
#include <string>

#include "support/postgres_cluster.h"
#include "support/wait_until.h"

namespace aforro::test {

class PostgresPair {
 public:
  PostgresPair() : standby_(primary_, "second") {
    primary_.query("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'second'");
    primary_.query("postgres", "SELECT pg_reload_conf()");
    wait_until([this] {
      return !primary_.query("postgres", "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
                  .empty();
    });
  }

  PostgresCluster& primary() { return primary_; }
  PostgresCluster& standby() { return standby_; }

  // Of a database of the primary, with both as its servers.
  std::string url(const std::string& name) const {
    const std::string one = primary_.url(name);
    return one.substr(0, one.rfind('/')) + ",127.0.0.1:" + std::to_string(standby_.port()) + '/' + name;
  }

 private:
  PostgresCluster primary_{PostgresCluster::Writes::to_disk};
  PostgresCluster standby_;
};

}  // namespace aforro::test
