// Poolers between the program and a PostgreSQL server: one that gives a session to a client for as long as it
// stays is as good as none, any other is refused. Part of the driver.
#pragma once

#include "sql/postgres_connection.h"
#include "sql/postgres_servers.h"

namespace aforro::sql {

// For a session behind a pooler, with nothing under way. Throws SessionShared if the pooler gives the session
// of the server to another client while this one has it.
void require_own_session(PostgresConnection& connection, PostgresServers& servers);

}  // namespace aforro::sql
