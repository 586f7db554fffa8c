#include "sql/postgres_faults.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "base/shortage.h"
#include "sql/connection.h"

namespace aforro::sql {

const char* const kSessionIsShared =
    "the pooler in front of the database gives one session to several clients in turn; it must be in session "
    "mode (PgBouncer: pool_mode = session)";

namespace {

std::string without_line_breaks(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string_view field_of(const PGresult* result, int field) {
  const char* const text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

ConstraintViolation::Kind constraint_kind(std::string_view state) {
  if (state == "23505") return ConstraintViolation::Kind::unique;
  if (state == "23503") return ConstraintViolation::Kind::foreign_key;
  if (state == "23514") return ConstraintViolation::Kind::check;
  return ConstraintViolation::Kind::other;
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
bool is_unavailable(std::string_view state) {
  return state.empty() ||             // the session itself is lost
         state.starts_with("08") ||   // connection
         state.starts_with("53") ||   // memory, disk, number of connections
         state.starts_with("57P") ||  // shut down, terminated, starting up
         state.starts_with("58") ||   // the server's system
         state == "57014" ||          // statement_timeout
         state == "25P03" ||          // idle_in_transaction_session_timeout
         state == "25006";            // a standby, which takes no writes
}

constexpr std::string_view kNoSessionLeft = "53300";

// Takes "53300: " out of "FATAL:  53300: sorry, too many clients already" and returns the code.
std::string take_state(std::string& words) {
  constexpr std::size_t kDigits = 5;
  for (std::size_t at = words.find(":  "); at != std::string::npos; at = words.find(":  ", at + 1)) {
    const std::string state = words.substr(at + 3, kDigits);
    const bool is_state = state.size() == kDigits && std::all_of(state.begin(), state.end(), [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                          });
    if (!is_state || words.compare(at + 3 + kDigits, 2, ": ") != 0) continue;
    words.erase(at + 3, kDigits + 2);
    return state;
  }
  return {};
}

// Where in the server's own source it stands, which libpq says along with the code.
std::string without_places(const std::string& words) {
  std::string kept;
  std::istringstream lines(words);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("LOCATION:")) kept += line + '\n';
  }
  return kept;
}

}  // namespace

std::string words_of(PGconn* connection) { return without_line_breaks(PQerrorMessage(connection)); }

void throw_refusal(PGconn* connection) {
  if (const std::string_view what = shortage_of_descriptors(); !what.empty()) throw Shortage(what);
  std::string words = without_places(PQerrorMessage(connection));
  const std::string state = take_state(words);
  words = without_line_breaks(words);
  if (state == kNoSessionLeft) {
    throw NoSessionLeft(
        words + "; let it have more (max_connections), or this program fewer (--database-connections)");
  }
  throw Unavailable(words);
}

bool ends_session(const PGresult* result) {
  const std::string_view severity = field_of(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC";
}

bool is_of_outdated_plan(const PGresult* result) {
  return field_of(result, PG_DIAG_SQLSTATE) == "0A000" &&
         field_of(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

bool is_of_shared_session(const PGresult* result) {
  const std::string_view state = field_of(result, PG_DIAG_SQLSTATE);
  return state == "26000" || state == "42P05";
}

bool is_of_unconfirmed_commit(const PGresult* notice) {
  return field_of(notice, PG_DIAG_SOURCE_FUNCTION) == "SyncRepWaitForLSN";
}

std::exception_ptr fault_of(const PGresult* result) {
  const std::string_view state = field_of(result, PG_DIAG_SQLSTATE);
  const std::string message = without_line_breaks(PQresultErrorMessage(result));
  if (state == "40001" || state == "40P01" || is_of_outdated_plan(result))
    return std::make_exception_ptr(TransactionConflict(message));
  if (state == "55P03") return std::make_exception_ptr(LockTimeout(message));
  if (state.starts_with("23")) {
    return std::make_exception_ptr(ConstraintViolation(constraint_kind(state), message.c_str()));
  }
  if (is_of_shared_session(result))
    return std::make_exception_ptr(SessionShared(message + "; " + kSessionIsShared));
  if (is_unavailable(state)) return std::make_exception_ptr(Unavailable(message));
  return std::make_exception_ptr(std::runtime_error(message));
}

}  // namespace aforro::sql
