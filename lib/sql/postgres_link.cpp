// Why libpq is used without blocking. PQexec() returns when the server answers, and a server that is frozen
// (SIGSTOP, a hanging disk) never does: its kernel goes on acknowledging packets, so TCP finds no fault. So
// every wait is a poll(2) of ours with a deadline.
//
// That deadline can't be short, since a statement may rightly be silent while it waits for a lock. Instead,
// after half a second of silence the server is asked by another connection whether it answers at all
// (postgres_breaker.h). If it does, the wait goes on; if not, the session is given up.
//
// Sending must not block either: with a long pipeline the server stops reading until its answers are taken,
// so bytes are read while others are still to be sent.
#include "sql/postgres_link.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <exception>
#include <stdexcept>

#include "base/blocking.h"
#include "base/shortage.h"
#include "base/system.h"

namespace aforro::sql {
namespace {

constexpr PostgresLink::Timeout kPatience = std::chrono::milliseconds(500);
constexpr std::chrono::milliseconds kUnhurriedProbe{5000};
constexpr int kUnhurriedPeerMs = 60'000;
constexpr PostgresLink::Timeout kMaxIdle = std::chrono::seconds(8);  // within a transaction
constexpr const char* kSilent = "the database server does not answer";

std::string without_line_breaks(const char* message) {
  std::string text(message);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string in_milliseconds(PostgresLink::Timeout timeout) {
  return "'" + std::to_string(timeout.value_or(std::chrono::milliseconds(0)).count()) + "ms'";
}

ConstraintViolation::Kind constraint_kind(std::string_view state) {
  if (state == "23505") return ConstraintViolation::Kind::unique;
  if (state == "23503") return ConstraintViolation::Kind::foreign_key;
  if (state == "23514") return ConstraintViolation::Kind::check;
  return ConstraintViolation::Kind::other;
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
bool is_unavailable(std::string_view state) {
  return state.empty() ||             // the session itself is lost
         state.starts_with("08") ||   // connection
         state.starts_with("53") ||   // memory, disk, number of connections
         state.starts_with("57P") ||  // shut down, terminated, starting up
         state.starts_with("58") ||   // the server's system
         state == "57014" ||          // statement_timeout
         state == "25P03" ||          // idle_in_transaction_session_timeout
         state == "25006";            // a standby, which takes no writes
}

}  // namespace

bool PostgresLink::ends_session(const PGresult* result) {
  const char* const field = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string_view severity = field == nullptr ? "" : field;
  return severity == "FATAL" || severity == "PANIC";
}

// "cached plan must not change result type", in whatever language: the type of a column was changed beneath a
// prepared statement, which never succeeds again.
bool PostgresLink::is_of_outdated_plan(const PGresult* result) {
  const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
  return state != nullptr && state == std::string_view("0A000") && function != nullptr &&
         function == std::string_view("RevalidateCachedQuery");
}

std::exception_ptr PostgresLink::fault_of(const PGresult* result) {
  const char* const field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = field == nullptr ? "" : field;
  const std::string message = without_line_breaks(PQresultErrorMessage(result));
  if (state == "40001" || state == "40P01" || is_of_outdated_plan(result))
    return std::make_exception_ptr(TransactionConflict(message));
  if (state == "55P03") return std::make_exception_ptr(LockTimeout(message));
  if (state.starts_with("23")) {
    return std::make_exception_ptr(ConstraintViolation(constraint_kind(state), message.c_str()));
  }
  if (is_unavailable(state)) return std::make_exception_ptr(Unavailable(message));
  return std::make_exception_ptr(std::runtime_error(message));
}

PostgresLink::Owned PostgresLink::start(const std::string& url) {
  // What the url says comes last, and counts. The kernel notices a peer that is gone without a word: by what
  // was sent to it within a second, by its silence within four.
  const std::array<const char*, 9> keywords{"fallback_application_name",
                                            "client_encoding",
                                            "tcp_user_timeout",
                                            "keepalives_idle",
                                            "keepalives_interval",
                                            "keepalives_count",
                                            "gssencmode",
                                            "dbname",
                                            nullptr};
  const std::array<const char*, 9> values{"aforro", "UTF8",    "1000",      "2",    "1",
                                          "2",      "disable", url.c_str(), nullptr};
  Owned connection(PQconnectStartParams(keywords.data(), values.data(), /*expand_dbname=*/1));
  if (!connection) throw Shortage(kOutOfMemory);
  return connection;
}

PostgresLink::Connecting PostgresLink::connect(PGconn* connection, std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  auto next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (PQstatus(connection) == CONNECTION_BAD || next == PGRES_POLLING_FAILED) return Connecting::failed;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const Awaits awaits = next == PGRES_POLLING_READING ? Awaits::reading : Awaits::writing;
    if (left.count() <= 0 || !wait(connection, awaits, left)) return Connecting::timed_out;
    next = PQconnectPoll(connection);
  }
  return Connecting::succeeded;
}

bool PostgresLink::probe(const std::string& url, std::chrono::milliseconds deadline) {
  const Owned connection = start(url);
  return connect(connection.get(), deadline) != Connecting::timed_out;
}

PostgresLink::PostgresLink(const std::string& url, const Timeouts& timeouts)
    : connection_(start(url)), probe_(timeouts.probe) {
  switch (connect(get(), timeouts.connect)) {
    case Connecting::succeeded:
      break;
    case Connecting::failed:
      if (const std::string_view what = shortage_of_descriptors(); !what.empty()) throw Shortage(what);
      throw Unavailable(without_line_breaks(PQerrorMessage(get())));
    case Connecting::timed_out:
      throw Unavailable(kSilent);
  }
  if (PQserverVersion(get()) < timeouts.least_version) {
    throw std::runtime_error("the server is older than PostgreSQL " +
                             std::to_string(timeouts.least_version / 10'000));
  }
  require(PQsetnonblocking(get(), 1) == 0);
  PQsetNoticeReceiver(
      get(),
      [](void* link, const PGresult* notice) {
        if (ends_session(notice)) static_cast<PostgresLink*>(link)->is_lost_ = true;
      },
      this);
  silence_ = timeouts.connect;
  // synchronous_commit, as an acknowledgement means: on disk. The idle timeout, as a process that is stopped
  // must not hold its locks for long. The server's life, as it gives out numbers of transactions again after
  // a crash: then what it counts begins anew, even if its first process has outlived the crash.
  server_life_ = execute(
      "SET lock_timeout = " + in_milliseconds(timeouts.lock) +
      "; SET statement_timeout = " + in_milliseconds(timeouts.statement) +
      "; SET idle_in_transaction_session_timeout = " + in_milliseconds(kMaxIdle) +
      "; SELECT set_config('synchronous_commit', 'on', false)"
      " WHERE current_setting('synchronous_commit') = 'off'"
      "; SELECT concat(extract(epoch FROM pg_postmaster_start_time()), ' ', extract(epoch FROM stats_reset))"
      " FROM pg_stat_bgwriter");
  silence_ = timeouts.statement;
  if (silence_) *silence_ += std::chrono::seconds(1);  // the server's own timeout comes first
  breaker_ = timeouts.breaker;
}

// False if nothing came (or could be written) in time. If the wait itself fails that counts as come: the call
// that follows tells what is wrong.
bool PostgresLink::wait(PGconn* connection, Awaits awaits, Timeout timeout) {
  pollfd descriptor{.fd = PQsocket(connection),
                    .events = static_cast<short>(awaits == Awaits::reading ? POLLIN : POLLIN | POLLOUT),
                    .revents = 0};
  about_to_block();
  return ::poll(&descriptor, 1, timeout ? static_cast<int>(timeout->count()) : -1) != 0;
}

void PostgresLink::lose(const std::string& why) {
  is_lost_ = true;
  throw Unavailable(why);
}

void PostgresLink::require(bool succeeded) {
  if (!succeeded) lose(without_line_breaks(PQerrorMessage(get())));
}

void PostgresLink::push() { require(PQflush(get()) >= 0); }

PostgresLink::Unhurried::Unhurried(PostgresLink& link)
    : link_(link), peer_timeout_ms_(exchange_peer_timeout(PQsocket(link.get()), kUnhurriedPeerMs)) {
  link_.is_unhurried_ = true;
}

PostgresLink::Unhurried::~Unhurried() {
  exchange_peer_timeout(PQsocket(link_.get()), peer_timeout_ms_);
  link_.is_unhurried_ = false;
}

// Sends and reads at once: the server takes nothing more while it waits for its answers to be taken.
void PostgresLink::wait_for_input() {
  auto heard_at = std::chrono::steady_clock::now();
  while (PQisBusy(get()) != 0) {
    const int unsent = PQflush(get());
    require(unsent >= 0);
    const Awaits awaits = unsent > 0 ? Awaits::writing : Awaits::reading;
    if (wait(get(), awaits, breaker_ != nullptr ? kPatience : silence_)) {
      require(PQconsumeInput(get()) == 1);
      heard_at = std::chrono::steady_clock::now();
      if (breaker_ != nullptr) breaker_->heard();
      continue;
    }
    // A statement may take its time, or wait for a lock; a server that is gone without a word may not.
    const bool is_too_long =
        !is_unhurried_ && silence_ && std::chrono::steady_clock::now() - heard_at >= *silence_;
    if (is_too_long ||
        (breaker_ != nullptr && !breaker_->is_answered(is_unhurried_ ? kUnhurriedProbe : probe_)))
      lose(kSilent);
  }
}

PostgresLink::Result PostgresLink::next_result() {
  wait_for_input();
  return Result(PQgetResult(get()));
}

std::string PostgresLink::execute(std::string_view statements) {
  const bool was_pipeline = PQpipelineStatus(get()) != PQ_PIPELINE_OFF;
  if (was_pipeline) require(PQexitPipelineMode(get()) == 1);
  require(PQsendQuery(get(), std::string(statements).c_str()) == 1);
  std::exception_ptr fault;
  std::string last;
  while (const Result result = next_result()) {
    // All results are taken before a fault is thrown, or the next call would find the rest of them.
    if (!fault && PQresultStatus(result.get()) == PGRES_FATAL_ERROR) fault = fault_of(result.get());
    if (const int rows = PQntuples(result.get()); rows > 0) last = PQgetvalue(result.get(), rows - 1, 0);
  }
  require(PQenterPipelineMode(get()) == 1);
  if (fault) std::rethrow_exception(fault);
  return last;
}

bool PostgresLink::is_alive() noexcept {
  pollfd descriptor{.fd = PQsocket(get()), .events = POLLIN, .revents = 0};
  while (!is_lost_ && ::poll(&descriptor, 1, 0) > 0) is_lost_ = PQconsumeInput(get()) == 0;
  // A server says its last word some time before it closes the connection. libpq takes that word for a
  // notice, and looks for notices only in a call like this one.
  if (!is_lost_) PQisBusy(get());
  return !is_lost_ && PQstatus(get()) == CONNECTION_OK;
}

}  // namespace aforro::sql
