// A session of ours keeps what a pooler in transaction mode loses: prepared statements, timeouts, and the
// lock that keeps a newer schema away (postgres_schema.cpp). So how a pooler works is found out at the start.
// It can't be asked. But the server tells which of its processes answers, and in session mode that stays the
// same for a client and is no other client's, whatever happens. So one client asks, and falls idle; another
// one asks within a transaction, which it leaves open; then the first asks again. In transaction mode the
// second gets the process that the first had, or the first gets another one than before. Under way other
// clients may take and return processes in a way that hides it: hence several rounds.
//
// Without a pooler none of this happens: the number that libpq was told to cancel by is the process's own.
#include "sql/postgres_pooler.h"

#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace aforro::sql {
namespace {

constexpr int kRounds = 5;
constexpr std::chrono::milliseconds kPatience{1000};
constexpr const char* kWhich = "SELECT pg_backend_pid()";

// Nothing if the pooler has no further session for us now. That says nothing against it.
std::unique_ptr<PostgresLink> open_another(PostgresServers& servers) {
  try {
    return servers.connect(
        {.connect = kPatience, .lock = std::nullopt, .statement = kPatience, .probe = std::nullopt});
  } catch (const Unavailable&) {
    return nullptr;
  }
}

// A pooler in statement mode takes no BEGIN, and closes the connection.
std::string begin(PostgresLink& link) {
  try {
    return link.execute(std::string("BEGIN; ") + kWhich);
  } catch (const std::runtime_error& fault) {
    throw SessionShared(std::string(kSessionIsShared) + ": " + fault.what());
  }
}

}  // namespace

void require_own_session(PostgresConnection& connection, PostgresServers& servers) {
  const std::string own = connection.ask(kWhich);
  std::unique_ptr<PostgresLink> other;
  for (int round = 0; round < kRounds; ++round) {
    if (connection.ask(kWhich) != own) throw SessionShared(kSessionIsShared);
    if (other == nullptr) other = open_another(servers);
    if (other == nullptr) return;
    if (begin(*other) == own || connection.ask(kWhich) != own) throw SessionShared(kSessionIsShared);
    other->execute("ROLLBACK");
  }
}

}  // namespace aforro::sql
