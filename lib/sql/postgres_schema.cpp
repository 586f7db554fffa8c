// How a server notices that its schema was changed under it. It can't ask in every transaction: that is a
// statement more for each order. So every session holds a shared advisory lock from its first moment on,
// which belongs to no table and costs nothing while it is held. A program that brings the database to a
// schema which others must not use wants that lock for itself. It ends the sessions that have the lock and
// waits for it; a session that begins meanwhile waits behind, then finds the new schema, and refuses. A step
// that only adds leaves all sessions alone.
//
// Considered instead: to have each transaction compare a version (2 to 3 % of the orders' time), to listen
// for a notification (which arrives after the transaction that it should have kept from being).
#include "sql/postgres_schema.h"

#include <sstream>
#include <stdexcept>
#include <string>

#include "base/problem.h"

namespace aforro::sql {
namespace {

constexpr std::chrono::milliseconds kQueueFor{
    300};                     // before it is looked whether the others have become idle
constexpr int kPolitely = 2;  // attempts that end idle sessions alone

// The lock of a program that migrates has the application's id for its number; the lock that sessions share
// has this class above the id.
constexpr std::int64_t kClass = 1;
std::int64_t lock_of(std::uint32_t application_id) { return kClass << 32 | std::int64_t{application_id}; }

// Sessions are picked first, then ended: SQL does not say in which order it evaluates conditions.
void end_sessions(PostgresConnection& connection, std::uint32_t application_id, bool with_busy_ones) {
  connection.write([&](Connection& session) {
    session.query(
        "WITH others AS MATERIALIZED (SELECT l.pid FROM pg_locks l"
        " LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND CAST(l.classid AS BIGINT) = $1 AND CAST(l.objid AS BIGINT) = $2"
        " AND l.objsubid = 1 AND l.mode = 'ShareLock' AND l.granted AND l.pid <> pg_backend_pid()"
        " AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"
        " AND (CAST($3 AS BIGINT) = 1 OR a.state = 'idle'))"
        " SELECT count(*) FROM others WHERE pg_terminate_backend(pid)",
        {kClass, std::int64_t{application_id}, with_busy_ones ? 1 : 0}, [](const Row&) {});
  });
}

// In one round trip, since every session begins with it. The mark is read by a transaction of its own: the
// one that waits for the lock may see what was there when it began to wait.
SchemaMark join_and_read_mark(PostgresConnection& connection, std::uint32_t application_id, Access access) {
  std::string statements =
      access == Access::read_only
          ? "SET default_transaction_read_only = on"
          : "BEGIN; SELECT pg_advisory_lock_shared(" + std::to_string(lock_of(application_id)) + "); COMMIT";
  statements +=
      "; SELECT concat(version, ' ', to_jsonb(v) ->> 'oldest_program') FROM schema_version v"
      " WHERE application_id = " +
      std::to_string(application_id);
  SchemaMark mark;
  try {
    std::istringstream answer(connection.ask(statements));
    answer >> mark.version;
    if (!(answer >> mark.oldest_program)) mark.oldest_program = mark.version;
  } catch (const Unavailable&) {
    throw;
  } catch (const std::runtime_error&) {  // as of a database without that table, or one of earlier
    connection.read([&](Connection& session) { mark = read_mark(session, application_id); });
  }
  return mark;
}

}  // namespace

SchemaMark read_mark(Connection& connection, std::uint32_t application_id) {
  SchemaMark mark;
  const bool has_table =
      connection
          .maybe_integer(
              "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('schema_version') AND attname = "
              "'application_id'")
          .has_value();
  if (!has_table) return mark;
  // `oldest_program` is NULL where it is the version itself, and a database that an earlier program made has
  // no such column: to_jsonb() gives NULL for both.
  connection.query(
      "SELECT version, coalesce(CAST(to_jsonb(v) ->> 'oldest_program' AS BIGINT), version)"
      " FROM schema_version v WHERE application_id = $1",
      {application_id}, [&](const Row& row) {
        mark = {.version = static_cast<int>(row.integer(0)),
                .oldest_program = static_cast<int>(row.integer(1))};
      });
  return mark;
}

void store_mark(Connection& connection, std::uint32_t application_id, const SchemaMark& mark) {
  connection.script(
      "CREATE TABLE IF NOT EXISTS schema_version (application_id BIGINT NOT NULL, version BIGINT NOT NULL);"
      "ALTER TABLE schema_version ADD COLUMN IF NOT EXISTS oldest_program BIGINT");
  connection.run("DELETE FROM schema_version");
  connection.run("INSERT INTO schema_version (application_id, version, oldest_program) VALUES ($1, $2, $3)",
                 {application_id, mark.version,
                  mark.oldest_program == mark.version ? Param(nullptr) : Param(mark.oldest_program)});
}

void join(PostgresConnection& connection, const Schema& schema, Access access) {
  require_still_usable(schema.version, join_and_read_mark(connection, schema.application_id, access));
}

void lock_migrations(PostgresConnection& connection, std::uint32_t application_id) {
  connection.write(
      [&](Connection& session) { session.run("SELECT pg_advisory_lock($1)", {application_id}); });
}

void unlock_all(PostgresConnection& connection) {
  connection.write([](Connection& session) { session.run("SELECT pg_advisory_unlock_all()"); });
}

void be_alone(PostgresConnection& connection, std::uint32_t application_id,
              std::chrono::milliseconds patience) {
  static constexpr const char* kInUse =
      "the database is in use by an older version of this program, which must not see the new schema; stop "
      "it "
      "and try again";
  const std::string queue_for = std::to_string(kQueueFor.count()) + "ms";
  const auto until = std::chrono::steady_clock::now() + patience;
  for (int attempt = 0;; ++attempt) {
    try {
      end_sessions(connection, application_id, attempt >= kPolitely);
      connection.write([&](Connection& session) {
        session.run("SELECT set_config('lock_timeout', $1, true)", {queue_for});
        session.run("SELECT pg_advisory_lock($1)", {lock_of(application_id)});
      });
      return;
    } catch (const LockTimeout&) {
      if (std::chrono::steady_clock::now() >= until) throw Problem(Problem::Kind::conflict, kInUse);
    } catch (const Unavailable&) {
      throw;
    } catch (const std::runtime_error& fault) {  // sessions of another user
      throw Problem(Problem::Kind::conflict, std::string(kInUse) + " (" + fault.what() + ')');
    }
  }
}

}  // namespace aforro::sql
