#include <libpq-fe.h>

#include <cassert>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/problem.h"
#include "sql/pool.h"
#include "sql/postgres.h"
#include "sql/postgres_connection.h"

namespace aforro::sql {
namespace {

constexpr int kMaxAttempts = 10;                          // of one transaction
constexpr std::chrono::milliseconds kAwayFor{200};        // after a failure to connect, before the next try
constexpr std::chrono::milliseconds kOpenDeadline{5000};  // to connect at the start of the program

// The url taken apart by libpq; nothing if it can't be read. libpq's own words are not passed on: they quote
// the url with its password.
using UrlParts = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;
UrlParts parse(const std::string& url) {
  char* complaint = nullptr;
  UrlParts parts(PQconninfoParse(url.c_str(), &complaint), &PQconninfoFree);
  PQfreemem(complaint);
  return parts;
}

std::string part(const UrlParts& parts, std::string_view keyword) {
  for (const PQconninfoOption* option = parts.get(); option != nullptr && option->keyword != nullptr;
       ++option) {
    if (option->keyword == keyword) return option->val == nullptr ? "" : option->val;
  }
  return "";
}

// Begins, runs and ends a transaction; whatever is thrown rolls it back.
template <class End>
void transaction(PostgresConnection& connection, Text begin, FunctionRef<void(Connection&)> piece, End end) {
  try {
    connection.begin(begin);
    piece(connection);
    end();
  } catch (...) {
    connection.roll_back();
    throw;
  }
}

// In one snapshot.
void read_once(PostgresConnection& connection, FunctionRef<void(Connection&)> piece) {
  transaction(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", piece,
              [&] { connection.end_reading(); });
}

void write_once(PostgresConnection& connection, FunctionRef<void(Connection&)> piece) {
  transaction(connection, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", piece,
              [&] { connection.commit(); });
}

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

// Says while it lives that this thread is in a transaction. With a second one it could wait for itself.
class Inside {
 public:
  Inside() {
    assert(!is_inside_ && "a transaction inside a transaction");
    is_inside_ = true;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { is_inside_ = false; }

 private:
  static inline thread_local bool is_inside_ = false;
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
    with_connection([&](PostgresConnection& connection) { read_once(connection, piece); });
  }

  void do_write(FunctionRef<void(Connection&)> piece) override {
    const auto until = std::chrono::steady_clock::now() + *timeouts_.statement;
    for (int attempt = 1;; ++attempt) {
      try {
        with_connection([&](PostgresConnection& connection) { write_once(connection, piece); });
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

// What is done to a database before it is used: looked at, made, brought to the schema's version.
class Opening {
 public:
  Opening(PostgresConnection& connection, std::string name, const Schema& schema)
      : connection_(connection), name_(std::move(name)), schema_(schema) {}

  void run(Missing missing) {
    int found = 0;
    read_once(connection_, [&](Connection&) {
      require_unicode();
      found = version();
    });
    refuse_newer(schema_, found);
    if (found == 0 && missing == Missing::refuse) {
      throw Problem::not_found(
          "there is no shop in " + name_ +
          "; make one with `aforro seed` or `aforro migrate`, or name another database with "
          "--database");
    }
    if (found == schema_.version) return;
    write_once(connection_, [&](Connection&) {
      // Until the end of this transaction, and for as long as another process takes to do the same.
      connection_.run("SELECT pg_advisory_xact_lock($1)", {schema_.application_id});
      const int now = version();
      if (now == 0)
        connection_.script(
            "CREATE TABLE schema_version (application_id BIGINT NOT NULL, version BIGINT NOT NULL)");
      upgrade(connection_, schema_, now, &Script::postgres);
      connection_.run("DELETE FROM schema_version");
      connection_.run("INSERT INTO schema_version (application_id, version) VALUES ($1, $2)",
                      {schema_.application_id, schema_.version});
    });
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Problem(Problem::Kind::conflict, "the database " + name_ + ' ' + why);
  }

 private:
  void require_unicode() {
    if (!connection_.maybe_integer("SELECT 1 WHERE current_setting('server_encoding') = 'UTF8'")) {
      refuse("does not keep its texts in UTF-8; make one with ENCODING 'UTF8'");
    }
  }

  // Of our schema; 0 if there is nothing yet.
  int version() {
    const bool has_table =
        connection_
            .maybe_integer(
                "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('schema_version') AND attname = "
                "'application_id'")
            .has_value();
    const auto found =
        has_table ? connection_.maybe_integer("SELECT version FROM schema_version WHERE application_id = $1",
                                              {schema_.application_id})
                  : std::nullopt;
    if (found) return static_cast<int>(*found);
    const auto others = connection_.maybe_integer(
        "SELECT count(*) FROM pg_class c WHERE c.relnamespace = CAST(current_schema() AS regnamespace)"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')");
    if (others != 0) refuse("belongs to another program; name another with --database");
    return 0;
  }

  PostgresConnection& connection_;
  const std::string name_;
  const Schema& schema_;
};

}  // namespace

std::unique_ptr<Database> open_postgres(const std::string& url, const Schema& schema,
                                        const PostgresOptions& options) {
  if (!parse(url)) {
    throw Problem(
        Problem::Kind::invalid,
        "the address of the database can't be read; it is like postgres://user:password@host:port/name, "
        "with special characters as %XX");
  }
  const std::string name = shown_url(url);
  try {
    PostgresCounters counters;
    PostgresConnection connection(
        url, {.connect = kOpenDeadline, .lock = std::nullopt, .statement = std::nullopt}, counters);
    Opening opening(connection, name, schema);
    try {
      opening.run(options.missing);
    } catch (const Unavailable&) {
      throw;
    } catch (const std::runtime_error& fault) {
      opening.refuse(std::string("can't be set up: ") + fault.what());
    }
  } catch (const Unavailable& fault) {
    throw Problem::unavailable("the database " + name + " can't be reached: " + fault.what());
  }
  return std::make_unique<PostgresDatabase>(url, options);
}

std::string shown_url(const std::string& url) {
  const UrlParts parts = parse(url);
  const auto after = [](const char* mark, const std::string& text) {
    return text.empty() ? "" : mark + text;
  };
  const std::string user = part(parts, "user");
  return "postgres://" + (user.empty() ? "" : user + "@") + part(parts, "host") +
         after(":", part(parts, "port")) + after("/", part(parts, "dbname"));
}

}  // namespace aforro::sql
