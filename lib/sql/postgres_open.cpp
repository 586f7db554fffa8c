// How the schema is changed while servers use it. A step that adds a column wants a table for itself, if only
// for a moment. PostgreSQL hands out locks in the order in which they are asked for: while that wish waits
// for a transaction that reads for long (a verification, a dump), every order waits behind the wish. So a
// wish is given up after kQueueFor, the whole step is undone, orders pass, and it is tried again. That is
// also less than deadlock_timeout (one second), after which PostgreSQL would end one of those that wait for
// each other, and might pick an order.
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/problem.h"
#include "sql/foreign.h"
#include "sql/postgres.h"
#include "sql/postgres_connection.h"
#include "sql/postgres_database.h"
#include "sql/postgres_pooler.h"
#include "sql/postgres_schema.h"
#include "sql/postgres_servers.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kDeadline{5000};            // to connect at the start of the program
constexpr std::chrono::milliseconds kPatienceWithOthers{5000};  // which a new schema shuts out
constexpr std::chrono::milliseconds kQueueFor{250};             // for a lock that orders wait behind
constexpr std::chrono::milliseconds kLetPass{500};              // before the next attempt

// What is done to a database before it is used: looked at, made, brought to the schema's version.
class Opening {
 public:
  Opening(PostgresConnection& connection, std::string name, const Schema& schema)
      : connection_(connection), name_(std::move(name)), schema_(schema) {}

  // What the database says of our schema; a version of 0 if there is nothing yet.
  SchemaMark look(Access access) {
    SchemaMark found;
    connection_.read([&](Connection&) {
      require_unicode();
      found = mark();
    });
    require_usable(schema_, found, access);
    return found;
  }

  void prepare(const PostgresOptions& options) {
    const SchemaMark found = look(options.access);
    if (found.version == 0 && options.missing == Missing::refuse) {
      throw Problem::not_found(
          "there is no shop in " + name_ +
          "; make one with `aforro seed` or `aforro migrate`, or name another database with "
          "--database");
    }
    if (options.access == Access::read_only || found.version >= schema_.version) return;
    lock_migrations(connection_, schema_.application_id);
    migrate(options);
    unlock_all(connection_);
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

  // With the lock of lock_migrations().
  void migrate(const PostgresOptions& options) {
    const SchemaMark found = look(Access::read_write);  // another process may have been faster
    if (found.version >= schema_.version) return;
    const SchemaMark wanted = mark_after_upgrade(schema_, found);
    const bool shuts_out = found.version > 0 && wanted.oldest_program > found.oldest_program;
    if (shuts_out) be_alone(connection_, schema_.application_id, kPatienceWithOthers);
    const std::string queue_for = std::to_string(kQueueFor.count()) + "ms";
    const auto step = [&](Connection& session) {
      session.run("SELECT set_config('lock_timeout', $1, true)", {queue_for});
      upgrade(session, schema_, found, &Script::postgres, options.migrating);
      store_mark(session, schema_.application_id, wanted);
    };
    const auto until = std::chrono::steady_clock::now() + options.lock_timeout;
    while (!is_done_without_waiting(step)) {
      if (std::chrono::steady_clock::now() >= until) {
        throw Problem::unavailable(
            "the database " + name_ +
            " can't be brought to the present schema: another session has been using one of its tables for "
            "too long, such as a verification or a dump; try again when it has ended");
      }
      std::this_thread::sleep_for(kLetPass);
    }
  }

  // False, with nothing done, if others have what it needs.
  bool is_done_without_waiting(FunctionRef<void(Connection&)> step) {
    try {
      connection_.write(step);
      return true;
    } catch (const LockTimeout&) {
      return false;
    } catch (const TransactionConflict&) {
      return false;
    }
  }

  SchemaMark mark() {
    const SchemaMark found = read_mark(connection_, schema_.application_id);
    if (found.version > 0) return found;
    const auto others = connection_.maybe_integer(
        "SELECT count(*) FROM pg_class c WHERE c.relnamespace = CAST(current_schema() AS regnamespace)"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')");
    if (others != 0) refuse("belongs to another program; name another with --database");
    return found;
  }

  PostgresConnection& connection_;
  const std::string name_;
  const Schema& schema_;
};

// Connects for a look at the database, and says what is wrong with it in the words of a Problem.
template <class F>
auto looking_at(const std::string& url, const Schema& schema, F use) {
  PostgresServers servers(url);
  const std::string name = shown_url(url);
  try {
    PostgresCounters counters;
    const PostgresLink::Timeouts timeouts{
        .connect = kDeadline, .lock = std::nullopt, .statement = std::nullopt, .probe = std::nullopt};
    PostgresConnection connection(servers, timeouts, counters);
    if (connection.is_behind_pooler()) require_own_session(connection, servers);
    Opening opening(connection, name, schema);
    return use(opening);
  } catch (const SessionShared& fault) {  // which does not pass by itself
    throw Problem(Problem::Kind::conflict, "the database " + name + " can't be used: " + fault.what());
  } catch (const Unavailable& fault) {
    throw Problem::unavailable("the database " + name + " can't be reached: " + fault.what());
  } catch (const std::runtime_error& fault) {
    throw Problem(Problem::Kind::conflict, "the database " + name + " can't be used: " + fault.what());
  }
}

}  // namespace

std::unique_ptr<Database> open_postgres(const std::string& url, const Schema& schema,
                                        const PostgresOptions& options) {
  looking_at(url, schema, [&](Opening& opening) { opening.prepare(options); });
  return make_postgres_database(url, schema, options);
}

bool postgres_exists(const std::string& url, const Schema& schema) {
  return looking_at(url, schema,
                    [](Opening& opening) { return opening.look(Access::read_write).version > 0; });
}

void read_foreign_postgres(const std::string& url, std::chrono::milliseconds patience,
                           FunctionRef<void(Connection&)> read) {
  PostgresServers servers(url);
  PostgresCounters counters;
  const auto connect = [&] {
    try {
      return std::make_unique<PostgresConnection>(servers,
                                                  PostgresLink::Timeouts{.connect = patience,
                                                                         .lock = patience,
                                                                         .statement = std::nullopt,
                                                                         .probe = std::nullopt,
                                                                         .least_version = 100'000},
                                                  counters);
    } catch (const Unavailable& fault) {
      throw Problem::unavailable("the database " + shown_url(url) + " can't be reached: " + fault.what());
    } catch (const std::runtime_error& fault) {
      throw Problem(Problem::Kind::conflict,
                    "the database " + shown_url(url) + " can't be used: " + fault.what());
    }
  };
  connect()->read_for_long(read);
}

}  // namespace aforro::sql
