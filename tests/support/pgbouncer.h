// A PgBouncer of the tests' own in front of a PostgreSQL server of theirs: on a free port of 127.0.0.1, gone
// with this object and at the latest with the thread that made it. Lets everybody in as the user aforro.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "support/postgres_cluster.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace aforro::test {

class PgBouncer {
 public:
  // True if there is one to be started.
  static bool is_installed();

  // `settings` are lines of its file: "pool_mode = session\n". The cluster must outlive it.
  PgBouncer(const PostgresCluster& cluster, const std::string& settings);
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;
  ~PgBouncer();

  std::string url(std::string_view name) const;

  // Has it read other settings while it runs; returns when they count.
  void reload(const std::string& settings);

 private:
  void configure(const std::string& settings) const;
  bool try_to_start();

  const PostgresCluster& cluster_;
  TemporaryFolder folder_;
  int port_ = 0;
  std::unique_ptr<Process> server_;
};

}  // namespace aforro::test
