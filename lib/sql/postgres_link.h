// A session with a PostgreSQL server, by libpq and without blocking: opened within a deadline, and never
// waited for without one. Speaks of commands and results; what a transaction is, its user knows. Part of the
// driver.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sql/connection.h"
#include "sql/postgres_breaker.h"

namespace aforro::sql {

// The server gave up this transaction in favour of another one, or what was prepared on this session does not
// fit its tables any more: run again, on another session, it may well succeed.
class TransactionConflict : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

class PostgresLink {
 public:
  using Timeout = std::optional<std::chrono::milliseconds>;  // nothing: none

  struct Timeouts {
    std::chrono::milliseconds connect;
    Timeout lock;
    Timeout statement;
    std::chrono::milliseconds probe;  // for a server that is asked whether it is there
    PostgresBreaker* breaker;         // told of answers, and asked when one takes long; may be null
    int least_version = 150'000;      // of the server, as libpq says it
  };

  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  // Opens a session in pipeline mode. Throws Unavailable with libpq's words, which name no password.
  PostgresLink(const std::string& url, const Timeouts& timeouts);
  PostgresLink(const PostgresLink&) = delete;
  PostgresLink& operator=(const PostgresLink&) = delete;

  // Tries to connect, to learn whether the server is there: false if it says nothing at all within the
  // deadline. A refusal counts as an answer.
  static bool probe(const std::string& url, std::chrono::milliseconds deadline);

  PGconn* get() const { return connection_.get(); }

  // The next result of the pipeline, null after the last of each command. Throws Unavailable if the session
  // is lost, or silent for longer than a statement may take.
  Result next_result();

  // As long as it lives, the answer to a statement may take as long as it needs, and a server that is asked
  // whether it is there gets 5 s to say so: it may be busy with this very statement. And it may leave what is
  // sent to it lie for a minute: under load it may not read for longer than a second.
  class Unhurried {
   public:
    explicit Unhurried(PostgresLink& link);
    Unhurried(const Unhurried&) = delete;
    Unhurried& operator=(const Unhurried&) = delete;
    ~Unhurried();

   private:
    PostgresLink& link_;
    const int peer_timeout_ms_;  // before
  };

  // Sends what is waiting to be sent, as far as that goes without waiting.
  void push();

  // Runs statements without parameters outside the pipeline, which must be empty. Returns the first column of
  // the last row of all.
  std::string execute(std::string_view statements);

  // Tells one life of the server from another: the same for two sessions between which it has neither crashed
  // nor been started again, nor another server has taken its place.
  const std::string& server_life() const { return server_life_; }

  // False once the session is lost. Looks at what has come from the server meanwhile, and knows its last word
  // if all results before it were taken.
  bool is_alive() noexcept;

  // True if next_result() needs no waiting.
  bool has_result() noexcept { return PQisBusy(get()) == 0; }

  // Throws Unavailable for a call of libpq that returned false.
  void require(bool succeeded);

  // True if the result is the server's last word in this session.
  static bool ends_session(const PGresult* result);
  static bool is_of_outdated_plan(const PGresult* result);

  // The fault that a failed result stands for, told by its SQLSTATE.
  static std::exception_ptr fault_of(const PGresult* result);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using Owned = std::unique_ptr<PGconn, Finish>;
  enum class Connecting { succeeded, failed, timed_out };
  enum class Awaits { reading, writing };

  [[noreturn]] void lose(const std::string& why);

  static Owned start(const std::string& url);
  static Connecting connect(PGconn* connection, std::chrono::milliseconds timeout);
  static bool wait(PGconn* connection, Awaits awaits, Timeout timeout);
  void wait_for_input();

  Owned connection_;
  const std::chrono::milliseconds probe_;
  Timeout silence_;
  PostgresBreaker* breaker_ = nullptr;
  std::string server_life_;
  bool is_unhurried_ = false;
  bool is_lost_ = false;
};

}  // namespace aforro::sql
