// A session with a PostgreSQL server, by libpq and without blocking: opened within a deadline, and never
// waited for without one. Speaks of commands and results; what a transaction is, its user knows. Part of the
// driver.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sql/postgres_address.h"
#include "sql/postgres_faults.h"
#include "sql/postgres_pulse.h"

namespace aforro::sql {

class PostgresLink {
 public:
  using Timeout = std::optional<std::chrono::milliseconds>;  // nothing: none

  struct Timeouts {
    std::chrono::milliseconds connect;
    Timeout lock;
    Timeout statement;
    Timeout probe;                // for a server that is asked whether it is there; nothing: never asked
    int least_version = 150'000;  // of the server, as libpq says it
  };

  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  // What the server says of itself when a session begins.
  struct Greeting {
    std::int64_t process = 0;   // behind this session
    std::string life = {};      // another one after each start and each crash, and of each server
    std::string system = {};    // the same for a primary and its standbys; known where there are several
    std::int64_t timeline = 0;  // on which it writes; likewise, and 0 for a standby
  };

  // Opens a session in pipeline mode with one of the servers of the url. Throws Unavailable with libpq's
  // words, which name no password. The pulse must outlive it.
  PostgresLink(const std::string& url, const PostgresHost& host, const Timeouts& timeouts,
               PostgresPulse& pulse);
  PostgresLink(const PostgresLink&) = delete;
  PostgresLink& operator=(const PostgresLink&) = delete;

  // Tries to connect, to learn whether the server is there: false if it says nothing at all within the
  // deadline. A refusal counts as an answer.
  static bool probe(const std::string& url, const PostgresHost& host, std::chrono::milliseconds deadline);

  // From now on it counts as lost as soon as that number is another one. It must outlive this.
  void belong_to(const std::atomic<std::uint64_t>& era) {
    era_ = &era;
    own_era_ = era;
  }

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

  // True once it is another one.
  bool is_superseded() const { return era_ != nullptr && *era_ != own_era_; }

  const Greeting& greeting() const { return greeting_; }

  // True behind a pooler: the number that a client gets from it for cancelling is its own and not the one of
  // the server's process.
  bool is_behind_pooler() const { return greeting_.process != PQbackendPID(get()); }

  // True once after a COMMIT that its standby has not confirmed; see is_of_unconfirmed_commit().
  bool take_unconfirmed_commit() { return std::exchange(is_commit_unconfirmed_, false); }

  // False once the session is lost. Looks at what has come from the server meanwhile, and knows its last word
  // if all results before it were taken.
  bool is_alive() noexcept;

  // True if next_result() needs no waiting.
  bool has_result() noexcept { return PQisBusy(get()) == 0; }

  // Throws Unavailable for a call of libpq that returned false.
  void require(bool succeeded);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  using Owned = std::unique_ptr<PGconn, Finish>;
  enum class Connecting { succeeded, failed, timed_out };
  enum class Awaits { reading, writing };

  [[noreturn]] void lose(const std::string& why);

  static Owned start(const std::string& url, const PostgresHost& host);
  static Connecting connect(PGconn* connection, std::chrono::milliseconds timeout);
  static bool has_deciphered(PGconn* connection);
  static bool wait(PGconn* connection, Awaits awaits, Timeout timeout);
  void wait_for_input();
  Greeting greet(const PostgresHost& host, const Timeouts& timeouts);

  Owned connection_;
  const Timeout probe_;
  Timeout silence_;
  PostgresPulse* pulse_ = nullptr;  // asked when an answer takes long, and told of each
  Greeting greeting_;
  const std::atomic<std::uint64_t>* era_ = nullptr;
  std::uint64_t own_era_ = 0;
  bool is_unhurried_ = false;
  bool is_commit_unconfirmed_ = false;
  bool is_lost_ = false;
};

}  // namespace aforro::sql
