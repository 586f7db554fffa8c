// Stands in where libpq was not there when the tests were built: there is no server to be started.
#include <stdexcept>

#include "support/postgres_cluster.h"

namespace aforro::test {

bool PostgresCluster::is_installed() { return false; }

PostgresCluster& PostgresCluster::shared() { throw std::logic_error("built without libpq"); }

std::string PostgresCluster::socket_folder() const { return {}; }
std::string PostgresCluster::url(std::string_view /*name*/) const { return {}; }
std::string PostgresCluster::create_database(std::string_view /*copy_of*/) { return {}; }
void PostgresCluster::drop_database(const std::string& /*name*/) {}

class PostgresSession::Connection {};
PostgresSession::PostgresSession(const std::string& /*target*/) {
  throw std::logic_error("built without libpq");
}
PostgresSession::~PostgresSession() = default;
PostgresSession::Rows PostgresSession::query(const std::string& /*sql*/) { return {}; }

}  // namespace aforro::test
