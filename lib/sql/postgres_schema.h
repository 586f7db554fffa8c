// What a PostgreSQL database says of its schema, and how sessions of programs that must not use it are kept
// out. Part of the driver.
#pragma once

#include <chrono>
#include <cstdint>

#include "sql/postgres_connection.h"
#include "sql/schema.h"

namespace aforro::sql {

// Within a transaction. A version of 0 if the application's schema is not there.
SchemaMark read_mark(Connection& connection, std::uint32_t application_id);
void store_mark(Connection& connection, std::uint32_t application_id, const SchemaMark& mark);

// Makes a new session one of a program that knows `schema`, until it ends. Throws SchemaTooNew if the
// database has one that such a program must not use. With Access::read_only the session can't write, and is
// not kept from going on while another program brings the database to another schema.
void join(PostgresConnection& connection, const Schema& schema, Access access);

// Waits until no other session changes the schema, and lets none begin to until unlock_all() or the end of
// the session.
void lock_migrations(PostgresConnection& connection, std::uint32_t application_id);

// Ends all sessions that have joined, and lets none join until unlock_all() or the end of this one; those
// that are in the middle of a transaction get a moment. Throws Problem (conflict) if they don't go.
void be_alone(PostgresConnection& connection, std::uint32_t application_id,
              std::chrono::milliseconds patience);

void unlock_all(PostgresConnection& connection);

}  // namespace aforro::sql
