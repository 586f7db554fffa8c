// A session with a PostgreSQL server that waits for each answer: how tests look at a database from beside the
// program, and hold on to what is in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace aforro::test {

class PostgresSession {
 public:
  using Rows = std::vector<std::vector<std::string>>;

  // By a url, or by libpq's keywords. Throws with the server's words if that fails, as query() does.
  explicit PostgresSession(const std::string& target);
  ~PostgresSession();

  // The last statement's rows; nulls are empty.
  Rows query(const std::string& sql);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace aforro::test
