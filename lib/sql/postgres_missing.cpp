// Stands in where libpq was not there when the program was built.
#include "base/problem.h"
#include "sql/foreign.h"
#include "sql/postgres.h"

namespace aforro::sql {
namespace {

[[noreturn]] void refuse() {
  throw Problem(
      Problem::Kind::conflict,
      "this program was built without PostgreSQL; build it again with libpq-dev installed, or name a "
      "file with --database");
}

}  // namespace

std::unique_ptr<Database> open_postgres(const std::string& /*url*/, const Schema& /*schema*/,
                                        const PostgresOptions& /*options*/) {
  refuse();
}

bool postgres_exists(const std::string& /*url*/, const Schema& /*schema*/) { refuse(); }

std::unique_ptr<Bell> make_postgres_bell(const std::string& /*url*/, std::function<void()> /*heard*/) {
  refuse();
}

void ring_postgres_bell(const std::string& /*url*/) noexcept {}

void read_foreign_postgres(const std::string& /*url*/, std::chrono::milliseconds /*patience*/,
                           FunctionRef<void(Connection&)> /*read*/) {
  refuse();
}

std::string shown_url(const std::string& /*url*/) { return "postgres://…"; }

std::string connection_words(const std::string& /*url*/) { refuse(); }

}  // namespace aforro::sql
