// Why libpq is used without blocking. PQexec() returns when the server answers, and a server that is frozen
// (SIGSTOP, a hanging disk) never does: its kernel goes on acknowledging packets, so TCP finds no fault. So
// every wait is a poll(2) of ours with a deadline.
//
// That deadline can't be short, since a statement may rightly be silent while it waits for a lock. Instead,
// after half a second of silence the server is asked by another connection whether it answers at all
// (postgres_pulse.h). If it does, the wait goes on; if not, the session is given up.
//
// Sending must not block either: with a long pipeline the server stops reading until its answers are taken,
// so bytes are read while others are still to be sent.
//
// With TLS poll(2) does not tell all: a record may hold more than libpq had room for, and the rest of it has
// left the socket already. So what is deciphered and not taken yet is looked for first.
#include "sql/postgres_link.h"

#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <exception>
#include <sstream>
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
// A standby has no log of its own to name a position in.
constexpr const char* kWhichOfSeveral =
    " (SELECT system_identifier FROM pg_control_system()), ' ', CASE WHEN pg_is_in_recovery() THEN '0'"
    " ELSE substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) END, ' ',";

std::string in_milliseconds(PostgresLink::Timeout timeout) {
  return "'" + std::to_string(timeout.value_or(std::chrono::milliseconds(0)).count()) + "ms'";
}

}  // namespace

PostgresLink::Owned PostgresLink::start(const std::string& url, const PostgresHost& host) {
  // What stands behind another counts, unless it is empty: first what may be set otherwise, then the url,
  // then which of its servers is meant. The kernel notices a peer that is gone without a word: by what was
  // sent to it within a second, by its silence within four.
  constexpr std::size_t kCount = 13;
  const std::array<const char*, kCount> keywords{"fallback_application_name",
                                                 "client_encoding",
                                                 "tcp_user_timeout",
                                                 "keepalives_idle",
                                                 "keepalives_interval",
                                                 "keepalives_count",
                                                 "gssencmode",
                                                 "dbname",
                                                 "host",
                                                 "hostaddr",
                                                 "port",
                                                 "target_session_attrs",
                                                 nullptr};
  const std::array<const char*, kCount> values{"aforro",
                                               "UTF8",
                                               "1000",
                                               "2",
                                               "1",
                                               "2",
                                               "disable",
                                               url.c_str(),
                                               host.name.c_str(),
                                               host.address.c_str(),
                                               host.port.c_str(),
                                               host.target.c_str(),
                                               nullptr};
  Owned connection(PQconnectStartParams(keywords.data(), values.data(), /*expand_dbname=*/1));
  if (!connection) throw Shortage(kOutOfMemory);
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);  // for throw_refusal()
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

bool PostgresLink::probe(const std::string& url, const PostgresHost& host,
                         std::chrono::milliseconds deadline) {
  const Owned connection = start(url, host);
  return connect(connection.get(), deadline) != Connecting::timed_out;
}

PostgresLink::PostgresLink(const std::string& url, const PostgresHost& host, const Timeouts& timeouts,
                           PostgresPulse& pulse)
    : connection_(start(url, host)), probe_(timeouts.probe) {
  switch (connect(get(), timeouts.connect)) {
    case Connecting::succeeded:
      break;
    case Connecting::failed:
      throw_refusal(get());
    case Connecting::timed_out:
      pulse.was_silent();
      throw Unavailable(kSilent);
  }
  PQsetErrorVerbosity(get(), PQERRORS_DEFAULT);
  if (PQserverVersion(get()) < timeouts.least_version) {
    throw std::runtime_error("the server is older than PostgreSQL " +
                             std::to_string(timeouts.least_version / 10'000));
  }
  require(PQsetnonblocking(get(), 1) == 0);
  PQsetNoticeReceiver(
      get(),
      [](void* self, const PGresult* notice) {
        auto& link = *static_cast<PostgresLink*>(self);
        if (ends_session(notice)) link.is_lost_ = true;
        if (is_of_unconfirmed_commit(notice)) link.is_commit_unconfirmed_ = true;
      },
      this);
  silence_ = timeouts.connect;
  greeting_ = greet(host, timeouts);
  silence_ = timeouts.statement;
  if (silence_) *silence_ += std::chrono::seconds(1);  // the server's own timeout comes first
  if (probe_) pulse_ = &pulse;
}

// synchronous_commit, as an acknowledgement means: on disk. Warnings, as one of them says that a COMMIT has
// not come to its standby. The idle timeout, as a process that is stopped must not hold its locks for long.
// The server's life, as it gives out numbers of transactions again after a crash: then what it counts begins
// anew, even if its first process has outlived the crash.
PostgresLink::Greeting PostgresLink::greet(const PostgresHost& host, const Timeouts& timeouts) {
  std::istringstream said(
      execute("SET lock_timeout = " + in_milliseconds(timeouts.lock) +
              "; SET statement_timeout = " + in_milliseconds(timeouts.statement) +
              "; SET idle_in_transaction_session_timeout = " + in_milliseconds(kMaxIdle) +
              "; SELECT set_config('synchronous_commit', 'on', false)"
              " WHERE current_setting('synchronous_commit') = 'off'"
              "; SELECT set_config('client_min_messages', 'warning', false)"
              " WHERE current_setting('client_min_messages') = 'error'"
              "; SELECT concat(pg_backend_pid(), ' '," +
              (host.is_one_of_several ? kWhichOfSeveral : "") +
              " extract(epoch FROM pg_postmaster_start_time()), ' ', extract(epoch FROM stats_reset))"
              " FROM pg_stat_bgwriter"));
  Greeting greeting;
  said >> greeting.process;
  if (host.is_one_of_several) said >> greeting.system >> std::hex >> greeting.timeline;
  std::getline(said >> std::ws, greeting.life);
  return greeting;
}

// See the top. Only OpenSSL can be asked; of another library libpq knows no more than we do.
bool PostgresLink::has_deciphered(PGconn* connection) {
  if (PQsslInUse(connection) == 0) return false;
  const auto* const tls = static_cast<const SSL*>(PQsslStruct(connection, "OpenSSL"));
  return tls != nullptr && SSL_pending(tls) > 0;
}

// False if nothing came (or could be written) in time. If the wait itself fails that counts as come: the call
// that follows tells what is wrong.
bool PostgresLink::wait(PGconn* connection, Awaits awaits, Timeout timeout) {
  if (has_deciphered(connection)) return true;
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
  if (!succeeded) lose(words_of(get()));
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
    if (wait(get(), awaits, pulse_ != nullptr ? kPatience : silence_)) {
      require(PQconsumeInput(get()) == 1);
      heard_at = std::chrono::steady_clock::now();
      if (pulse_ != nullptr) pulse_->heard();
      continue;
    }
    // A statement may take its time, or wait for a lock; a server that is gone without a word may not.
    const bool is_too_long =
        !is_unhurried_ && silence_ && std::chrono::steady_clock::now() - heard_at >= *silence_;
    if (is_too_long || (pulse_ != nullptr && !pulse_->is_answered(is_unhurried_ ? kUnhurriedProbe : *probe_)))
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
  if (is_superseded()) is_lost_ = true;
  while (!is_lost_ && (has_deciphered(get()) || ::poll(&descriptor, 1, 0) > 0))
    is_lost_ = PQconsumeInput(get()) == 0;
  // A server says its last word some time before it closes the connection. libpq takes that word for a
  // notice, and looks for notices only in a call like this one.
  if (!is_lost_) PQisBusy(get());
  return !is_lost_ && PQstatus(get()) == CONNECTION_OK;
}

}  // namespace aforro::sql
