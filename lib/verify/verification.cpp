// The engine looks at its own storage first. If rows of the file may be anything, recomputing from them would
// report a thousand faults that are one, or run into an assertion of the driver; so the rest is left out, and
// that is said. All else is one snapshot, so that orders which come meanwhile can't make two tables disagree.
#include "verify/verification.h"

#include <algorithm>
#include <string>

#include "shop/schema.h"
#include "verify/inspection.h"

namespace aforro::verify {
namespace {

// About how many rows will be looked at. The highest ids cost nothing to find, a count reads everything.
std::int64_t estimate(sql::Connection& connection) {
  return connection
      .maybe_integer(
          "SELECT coalesce((SELECT max(id) FROM products), 0) + coalesce((SELECT max(id) FROM orders), 0)"
          " + coalesce((SELECT max(id) FROM movements), 0)")
      .value();
}

}  // namespace

Findings check_shop(sql::Database& database, const search::ProductSearch& search, Progress progress,
                    const Limits& limits) {
  Findings findings;
  sql::StorageReport storage = database.check_storage();
  for (std::string& fault : storage.faults) findings.fault(Check::storage, std::move(fault));
  for (std::string& what : storage.left_out) findings.left_out(std::move(what));
  const int version = database.schema().version;
  if (const int known = shop::schema().version; version > known) {
    findings.left_out("what schema " + std::to_string(version) + " has more than schema " +
                      std::to_string(known) +
                      ", the last that this program knows; the newer version verifies all of it");
  }
  if (!storage.are_rows_sound) {
    findings.left_out("all other checks: the rows of a damaged database say nothing");
    return findings;
  }
  database.read_for_long([&](sql::Connection& connection) {
    const std::int64_t all = estimate(connection);
    std::int64_t done = 0;
    const auto looked_at = [&](std::int64_t rows) {
      done += rows;
      progress(std::min(done, all), all);
    };
    const Inspection inspection{connection, findings, looked_at, limits};
    TakingBalance balance;
    const Known known = check_catalogue(inspection);
    check_synonyms(inspection);
    check_ledger(inspection, known, balance);
    check_orders(inspection, known, balance);
    check_takings(inspection, balance);
    check_keys(inspection);
    search.check_index(connection,
                       [&](std::string fault) { findings.fault(Check::search, std::move(fault)); });
  });
  return findings;
}

}  // namespace aforro::verify
