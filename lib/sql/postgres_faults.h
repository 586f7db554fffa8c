// What PostgreSQL and libpq say of a failure, as the program's own faults. Pure functions. Part of the
// driver.
#pragma once

#include <libpq-fe.h>

#include <exception>
#include <string>

#include "base/problem.h"

namespace aforro::sql {

// The server gave up this transaction in favour of another one, or what was prepared on this session does not
// fit its tables any more: run again, on another session, it may well succeed.
class TransactionConflict : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// The server has given out all the sessions that it, this database or this user may have.
class NoSessionLeft : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// A pooler hands one session of the server to several clients in turn.
class SessionShared : public Unavailable {
 public:
  using Unavailable::Unavailable;
};

// What SessionShared says, and what to do.
extern const char* const kSessionIsShared;

// libpq's words for what failed on the connection last, on one line. They name no password.
std::string words_of(PGconn* connection);

// Throws what a failure to connect stands for. The connection must have been told PQERRORS_VERBOSE before:
// only so does libpq say the SQLSTATE.
[[noreturn]] void throw_refusal(PGconn* connection);

// The fault that a failed result stands for, told by its SQLSTATE.
std::exception_ptr fault_of(const PGresult* result);

// True if the result is the server's last word in this session.
bool ends_session(const PGresult* result);

// "cached plan must not change result type", in whatever language: the type of a column was changed beneath a
// prepared statement, which never succeeds again.
bool is_of_outdated_plan(const PGresult* result);

// What this session has prepared is not there, or something else is.
bool is_of_shared_session(const PGresult* result);

// A notice that a COMMIT, which is said to be done, has been waited for no longer by its standby's word: an
// administrator cancelled it. If the standby takes over it may be gone.
bool is_of_unconfirmed_commit(const PGresult* notice);

}  // namespace aforro::sql
