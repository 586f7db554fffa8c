#include "support/postgres_session.h"

#include <libpq-fe.h>

#include <stdexcept>

namespace aforro::test {

class PostgresSession::Connection {
 public:
  explicit Connection(const std::string& target) : connection_(PQconnectdb(target.c_str()), &PQfinish) {
    PQsetNoticeProcessor(
        get(), [](void*, const char*) {}, nullptr);
    if (PQstatus(get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(get()));
  }
  PGconn* get() const { return connection_.get(); }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

PostgresSession::PostgresSession(const std::string& target)
    : connection_(std::make_unique<Connection>(target)) {}
PostgresSession::~PostgresSession() = default;

PostgresSession::Rows PostgresSession::query(const std::string& sql) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection_->get(), sql.c_str()),
                                                             &PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error(PQerrorMessage(connection_->get()));
  }
  Rows rows(static_cast<std::size_t>(PQntuples(result.get())));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (int column = 0; column < PQnfields(result.get()); ++column) {
      rows[row].emplace_back(PQgetvalue(result.get(), static_cast<int>(row), column));
    }
  }
  return rows;
}

}  // namespace aforro::test
