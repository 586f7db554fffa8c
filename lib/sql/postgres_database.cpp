// What is repeated, and what must not be. A transaction that the server gave up in favour of another (a
// deadlock, a serialization failure) was undone, so it is run again, up to ten times, after a random pause
// that grows: without chance the same transactions would meet again. A lost answer to COMMIT is another
// matter: the order may be stored, and to run it again could store it twice. So the server is asked what
// became of the transaction (pg_xact_status), by a session beside the pool, whose own may all be lost. All
// callers in that position share the one session. If the server can't tell, or does not within kFindOut, the
// outcome is called unknown.
//
// Writes get a part of the connections only. They may wait long for locks of each other, and with all
// connections gone to that, reads would wait for orders.
//
// A transaction inside a transaction of the same thread would take a second connection, and could wait for
// the first for ever; it is asserted against.
#include "sql/postgres_database.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/admission.h"
#include "base/blocking.h"
#include "base/mutex.h"
#include "base/problem.h"
#include "sql/pool.h"
#include "sql/postgres_breaker.h"
#include "sql/postgres_connection.h"
#include "sql/postgres_mark.h"
#include "sql/postgres_schema.h"
#include "sql/postgres_servers.h"
#include "sql/postgres_storage.h"
#include "sql/turnstile.h"

namespace aforro::sql {
namespace {

constexpr int kMaxAttempts = 10;           // of one transaction
constexpr std::chrono::seconds kDoubt{5};  // after a change that could not be stored, or a shared session

// For finding out what became of a transaction, and between two looks at it.
constexpr std::chrono::milliseconds kFindOut{400};
constexpr std::chrono::milliseconds kLookAgain{10};

class PostgresDatabase;
thread_local const PostgresDatabase* inside_of = nullptr;  // this thread, a transaction

// Marks this thread as inside a transaction of the database while it lives.
class Inside {
 public:
  explicit Inside(const PostgresDatabase& database) : before_(inside_of) {
    assert(inside_of != &database && "a transaction inside a transaction");
    inside_of = &database;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { inside_of = before_; }

 private:
  const PostgresDatabase* const before_;
};

// 0 if a change could be stored.
std::int64_t state_for_writing(Connection& connection) {
  return connection
      .maybe_integer(
          "SELECT CASE WHEN pg_is_in_recovery() THEN 1"
          " WHEN current_setting('default_transaction_read_only') = 'on' THEN 2 ELSE 0 END")
      .value();
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const std::string& url, const Schema& schema, const PostgresOptions& options)
      : schema_(schema),
        access_(options.access),
        servers_(url, &breaker_),
        timeouts_{.connect = options.connect_deadline,
                  .lock = options.lock_timeout,
                  .statement = options.statement_timeout,
                  .probe = options.silence_deadline},
        counters_(options.counters == nullptr ? own_counters_ : *options.counters),
        reads_(options.max_reads, "too many reads are waiting"),
        writes_(options.max_writes, "too many writes are waiting"),
        pool_deadline_(options.pool_deadline),
        writing_(options.max_writing),
        pool_(
            options.max_connections, options.pool_deadline, [this] { return connect(); },
            options.idle_deadline) {}

  std::optional<std::uint64_t> change_mark() override {
    const Admission::Pass pass(reads_);  // also for those who wait for another thread's answer
    return mark_.get([this] {
      std::optional<std::string> committed;
      with_connection([&](PostgresConnection& connection) { committed = connection.committed(); });
      return committed;
    });
  }
  bool is_mark_at_hand() const override { return false; }

  // A database made anew has another oid; a table that pg_restore, TRUNCATE or a standby's promotion has
  // replaced, another file or timeline; and what a snapshot of the disk has brought back was started anew.
  Identity identity(Text table) override {
    Composed text(
        "SELECT concat((SELECT system_identifier FROM pg_control_system()), ' ', oid), concat(' ',"
        " (SELECT timeline_id FROM pg_control_checkpoint()), ' ',"
        " extract(epoch FROM pg_postmaster_start_time()), ' ', pg_relation_filenode('");
    text += table;
    text += "')) FROM pg_database WHERE datname = current_database()";
    Identity identity;
    read([&](Connection& connection) {
      connection.query(text, {}, [&](const Row& row) {
        identity.database = row.text(0);
        identity.life = identity.database + std::string(row.text(1));
      });
    });
    return identity;
  }

  StorageReport check_storage() override { return check_postgres_storage(*this); }

  SchemaMark schema() override {
    return read([this](Connection& connection) { return read_mark(connection, schema_.application_id); });
  }

  // That no session can begin any more explains whatever else is found.
  std::optional<std::string> write_obstacle() override {
    const std::optional<std::string> obstacle = find_obstacle();
    if (!obstacle) return std::nullopt;
    const Lock lock(shutting_out_);
    return shut_out_ ? shut_out_ : obstacle;
  }

 protected:
  void do_read(FunctionRef<void(Connection&)> piece, ReadTime time) override {
    const Admission::Pass pass(reads_);
    with_connection([&](PostgresConnection& connection) {
      time == ReadTime::unbounded ? connection.read_for_long(piece) : connection.read(piece);
    });
  }

  void do_write(FunctionRef<void(Connection&)> piece) override {
    write_by([&](PostgresConnection& connection) { connection.write(piece); });
  }

  void do_write_for_long(FunctionRef<void(Connection&)> piece) override {
    write_by([&](PostgresConnection& connection) { connection.write_for_long(piece); });
  }

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Writes on some connection, once more where that was undone for another transaction's sake.
  void write_by(FunctionRef<void(PostgresConnection&)> write) {
    if (access_ == Access::read_only) {
      throw std::logic_error("a database that was opened to be read is written to");
    }
    const Admission::Pass pass(writes_);
    const auto until = std::chrono::steady_clock::now() + *timeouts_.statement;
    for (int attempt = 1;; ++attempt) {
      try {
        const Turnstile::Inside inside(writing_, std::chrono::steady_clock::now() + pool_deadline_,
                                       "no connection came free for writing");
        with_connection(write);
        if (doubted_until_.load() != TimePoint()) doubted_until_ = TimePoint();
        return;
      } catch (const CommitLost& lost) {
        doubted_until_ = std::chrono::steady_clock::now() + kDoubt;
        require_committed(lost);
        doubted_until_ = TimePoint();
        return;
      } catch (const TransactionConflict&) {
        if (attempt == kMaxAttempts || std::chrono::steady_clock::now() > until) throw;
      } catch (const LockTimeout&) {
        throw;
      } catch (const Unavailable&) {
        doubted_until_ = std::chrono::steady_clock::now() + kDoubt;
        throw;
      }
      ++counters_.retries;
      // By chance, so that the transactions that met do not meet again.
      thread_local std::minstd_rand random(std::random_device{}());
      about_to_block();
      std::this_thread::sleep_for(
          std::chrono::microseconds(std::uniform_int_distribution(0, 1000 << std::min(attempt, 6))(random)));
    }
  }

  std::optional<std::string> find_obstacle() {
    const auto now = std::chrono::steady_clock::now();
    if (now < shared_until_.load()) return kSessionIsShared;
    if (now < doubted_until_.load()) return "the last change could not be stored";
    if (writes_.is_full()) return "too many changes are waiting";
    try {
      switch (read(state_for_writing)) {
        case 0:
          return std::nullopt;
        case 1:
          return "the database server is a standby";
        default:
          return "the database can only be read";
      }
    } catch (const Overloaded&) {
      throw;
    } catch (const Unavailable&) {
      return "the database server does not answer";
    }
  }

  void with_connection(FunctionRef<void(PostgresConnection&)> use) {
    const Inside inside(*this);
    try {
      pool_.with(use);
    } catch (const SessionShared&) {
      shared_until_ = std::chrono::steady_clock::now() + kDoubt;
      throw;
    }
  }

  // Asks the server, as soon as it can be asked again, what became of a transaction. Throws Unavailable if it
  // was not committed, and OutcomeUnknown if that can't be found out soon.
  void require_committed(const CommitLost& lost) {
    using Fate = PostgresConnection::Fate;
    if (lost.transaction().empty()) throw OutcomeUnknown(lost.what());
    const auto until = std::chrono::steady_clock::now() + kFindOut;
    about_to_block();
    const Lock finding(finding_);  // threads that lost their answers at once share one session
    while (std::chrono::steady_clock::now() < until) {
      switch (try_to_find(lost)) {
        case Fate::committed:
          return;
        case Fate::undone:
          throw Unavailable(lost.what());
        case Fate::unknown:
          throw OutcomeUnknown(lost.what());
        case Fate::open:
          std::this_thread::sleep_for(kLookAgain);
      }
    }
    throw OutcomeUnknown(lost.what());
  }

  PostgresConnection::Fate try_to_find(const CommitLost& lost) REQUIRES(finding_) {
    try {
      if (finder_ == nullptr || !finder_->is_usable()) finder_ = connect();
      return finder_->fate_of(lost);
    } catch (const std::runtime_error&) {
      return PostgresConnection::Fate::open;  // the server does not answer yet
    }
  }

  std::unique_ptr<PostgresConnection> connect() {
    breaker_.enter();
    try {
      auto connection = std::make_unique<PostgresConnection>(servers_, timeouts_, counters_);
      join(*connection, schema_, access_);
      breaker_.succeeded();
      set_shut_out(std::nullopt);
      return connection;
    } catch (const SchemaTooNew& newer) {
      breaker_.failed(newer.what());
      set_shut_out(newer.what());
      throw;
    } catch (const NoSessionLeft& full) {
      breaker_.failed(full.what(), PostgresBreaker::Until::later);
      set_shut_out("the database server has no connection left for this one");
      throw;
    } catch (const std::exception& fault) {
      breaker_.failed(fault.what());
      set_shut_out(std::nullopt);
      throw;
    }
  }

  void set_shut_out(std::optional<std::string> why) {
    const Lock lock(shutting_out_);
    shut_out_ = std::move(why);
  }

  const Schema schema_;
  const Access access_;
  PostgresBreaker breaker_;
  PostgresServers servers_;
  const PostgresLink::Timeouts timeouts_;
  PostgresCounters own_counters_;
  PostgresCounters& counters_;
  std::atomic<TimePoint> doubted_until_ = TimePoint();
  std::atomic<TimePoint> shared_until_ = TimePoint();  // sessions, after one was found to be so
  Admission reads_;
  Admission writes_;
  const std::chrono::milliseconds pool_deadline_;
  Turnstile writing_;  // keeps the other connections for reads, however long writes wait
  Pool<PostgresConnection> pool_;
  PostgresMark mark_;
  Mutex shutting_out_;
  std::optional<std::string> shut_out_ GUARDED_BY(shutting_out_);  // why the last new session was refused
  Mutex finding_;
  std::unique_ptr<PostgresConnection> finder_ GUARDED_BY(finding_);  // a session beside the pool
};

}  // namespace

std::unique_ptr<Database> make_postgres_database(const std::string& url, const Schema& schema,
                                                 const PostgresOptions& options) {
  return std::make_unique<PostgresDatabase>(url, schema, options);
}

}  // namespace aforro::sql
