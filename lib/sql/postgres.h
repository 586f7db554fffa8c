// PostgreSQL (15 or later, by libpq) behind sql::Database: a pool of connections, statements pipelined within
// a transaction, a deadline on all that is waited for. A server that was away is found again by the next use.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bell.h"
#include "sql/database.h"
#include "sql/schema.h"

namespace aforro::sql {

// What happened since it was made, for tests and metrics.
struct PostgresCounters {
  std::atomic<std::uint64_t> round_trips{0};  // waits for an answer
  std::atomic<std::uint64_t> retries{0};      // of a transaction, after a serialization failure or deadlock
  std::atomic<std::uint64_t> connections{0};  // opened
};

struct PostgresOptions {
  Missing missing = Missing::refuse;
  Access access = Access::read_write;
  std::size_t max_connections = 16;  // and one more, from the first time that an answer to COMMIT was lost
  std::size_t max_writing = 12;      // of these, by writes, which may be long in waiting for locks
  std::chrono::milliseconds idle_deadline{60'000};  // for a connection that nobody uses: closed at the next
                                                    // use of another
  std::size_t max_reads = 384;                      // as in SqliteOptions
  std::size_t max_writes = 512;
  std::chrono::milliseconds pool_deadline{5000};      // for a free connection
  std::chrono::milliseconds connect_deadline{800};    // for a new one
  std::chrono::milliseconds silence_deadline{400};    // for a server that is asked whether it is there
  std::chrono::milliseconds lock_timeout{5000};       // for what another transaction holds
  std::chrono::milliseconds statement_timeout{8000};  // for one statement, locks included
  PostgresCounters* counters = nullptr;               // must outlive the database
  // Told how far an older database has been brought; see MigrationProgress.
  std::function<void(std::int64_t done, std::int64_t all)> migrating = [](std::int64_t, std::int64_t) {};
};

// Opens the database at `url` (postgres://user:password@host:port/name, as libpq reads it) and brings it to
// the schema; ten processes may do so at once. A database without any tables counts as missing. Whether one
// is ours is looked at before anything is changed. Access::read_only needs the right to SELECT alone.
//
// A step of the schema that older programs must not live to see ends their sessions, and waits for that: see
// sql/postgres_open.cpp.
//
// Throws Problem: invalid if the url can't be read, unavailable if the server can't be reached, not_found if
// the shop is missing, conflict if the database belongs to another program, can't be used, or is newer than
// this program, or if libpq was not there when this program was built; each says what to do.
std::unique_ptr<Database> open_postgres(const std::string& url, const Schema& schema,
                                        const PostgresOptions& options);

// True if the shop is there; nothing is changed. Throws as open_postgres() does.
bool postgres_exists(const std::string& url, const Schema& schema);

// A bell that all processes with that database hear, by LISTEN and NOTIFY on a session of its own. `heard` is
// called by a thread of the bell's own when another session rings, and each time that it begins to listen,
// since it may have missed something before; it must not throw. An empty one listens to nothing.
std::unique_ptr<Bell> make_postgres_bell(const std::string& url, std::function<void()> heard);

// Rings that bell once, for a process that ends soon: returns when all are told, or could not be.
void ring_postgres_bell(const std::string& url) noexcept;

// The url as it may be shown: without the password, and without what the url says beyond user, host, port and
// name.
std::string shown_url(const std::string& url);

// What the url says in the words that PostgreSQL's own tools take as --dbname, "user=ann dbname=shop
// host=db", but for passwords. Throws Problem (invalid) if it can't be read.
std::string connection_words(const std::string& url);

}  // namespace aforro::sql
