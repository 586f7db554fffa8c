#include "support/location.h"

#include <stdexcept>

#include "support/postgres_cluster.h"

namespace aforro::test {

std::filesystem::path Location::file() const {
  if (is_postgres()) throw std::logic_error("a database of PostgreSQL is no file");
  return text_;
}

Location free_location(const TemporaryFolder& folder, Engine engine) {
  if (engine == Engine::sqlite) return folder / "aforro.db";
  PostgresCluster& cluster = PostgresCluster::shared();
  return cluster.url(cluster.create_database());
}

void drop_database(const Location& location) {
  if (location.is_postgres()) PostgresCluster::shared().drop_database(location.name());
}

}  // namespace aforro::test
