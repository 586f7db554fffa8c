// The confirmations of orders as their receiver sees them: lines in the log of a server; and the jobs that
// still have to send theirs.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "support/location.h"

namespace aforro::test {

// How often the confirmation of each order stands there. Of a line that was torn by the end of its writer
// only whole message ids count.
std::map<std::int64_t, int> confirmations_in(std::string_view log);

// One-shot jobs that are not done, dead ones among them.
std::int64_t jobs_left(const Location& database);

// Every job that is leased, or waits for its next attempt, is due now: as if that time had passed. Returns
// how many. Only where nobody is left who could hold a lease.
std::int64_t let_leases_end(const Location& database);

}  // namespace aforro::test
