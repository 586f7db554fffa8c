#include "sql/postgres_database.h"

#include <algorithm>
#include <cassert>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/problem.h"
#include "sql/pool.h"
#include "sql/postgres_connection.h"

namespace aforro::sql {
namespace {

constexpr int kMaxAttempts = 10;                    // of one transaction
constexpr std::chrono::milliseconds kAwayFor{200};  // after a failure to connect, before the next try

// Keeps threads from piling up in front of a server that is away: after a failure only one at a time tries to
// connect, now and then, and the others are refused at once.
class Door {
 public:
  std::unique_ptr<PostgresConnection> connect(FunctionRef<std::unique_ptr<PostgresConnection>()> attempt) {
    {
      const std::lock_guard lock(mutex_);
      if (failed_at_) {
        if (is_tried_ || std::chrono::steady_clock::now() < *failed_at_ + kAwayFor) throw Unavailable(why_);
        is_tried_ = true;
      }
    }
    try {
      auto connection = attempt();
      const std::lock_guard lock(mutex_);
      failed_at_.reset();
      is_tried_ = false;
      return connection;
    } catch (const std::exception& fault) {
      const std::lock_guard lock(mutex_);
      failed_at_ = std::chrono::steady_clock::now();
      is_tried_ = false;
      why_ = fault.what();
      throw;
    }
  }

 private:
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> failed_at_;  // none: the last attempt succeeded
  std::string why_;
  bool is_tried_ = false;  // by some thread, just now
};

thread_local bool is_inside = false;  // this thread, a transaction

// Says while it lives that this thread is in a transaction. With a second one it could wait for itself.
class Inside {
 public:
  Inside() {
    assert(!is_inside && "a transaction inside a transaction");
    is_inside = true;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { is_inside = false; }
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string url, const PostgresOptions& options)
      : url_(std::move(url)),
        timeouts_{.connect = options.connect_deadline,
                  .lock = options.lock_timeout,
                  .statement = options.statement_timeout},
        counters_(options.counters == nullptr ? own_counters_ : *options.counters),
        pool_(options.max_connections, options.pool_deadline, [this] { return connect(); }) {}

  // Every mark that PostgreSQL could give costs a round trip, as the versions themselves do.
  std::optional<std::uint64_t> change_mark() override { return std::nullopt; }

 protected:
  void do_read(FunctionRef<void(Connection&)> piece) override {
    with_connection([&](PostgresConnection& connection) { connection.read(piece); });
  }

  void do_write(FunctionRef<void(Connection&)> piece) override {
    const auto until = std::chrono::steady_clock::now() + *timeouts_.statement;
    for (int attempt = 1;; ++attempt) {
      try {
        with_connection([&](PostgresConnection& connection) { connection.write(piece); });
        return;
      } catch (const TransactionConflict&) {
        if (attempt == kMaxAttempts || std::chrono::steady_clock::now() > until) throw;
      }
      ++counters_.retries;
      // Those who met are not to meet again.
      thread_local std::minstd_rand random(std::random_device{}());
      std::this_thread::sleep_for(
          std::chrono::microseconds(std::uniform_int_distribution(0, 1000 << std::min(attempt, 6))(random)));
    }
  }

 private:
  void with_connection(FunctionRef<void(PostgresConnection&)> use) {
    const Inside inside;
    pool_.with(use);
  }

  std::unique_ptr<PostgresConnection> connect() {
    return door_.connect([&] { return std::make_unique<PostgresConnection>(url_, timeouts_, counters_); });
  }

  const std::string url_;
  const PostgresLink::Timeouts timeouts_;
  PostgresCounters own_counters_;
  PostgresCounters& counters_;
  Door door_;
  Pool<PostgresConnection> pool_;
};

}  // namespace

std::unique_ptr<Database> make_postgres_database(const std::string& url, const PostgresOptions& options) {
  return std::make_unique<PostgresDatabase>(url, options);
}

}  // namespace aforro::sql
