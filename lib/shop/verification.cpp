#include "shop/verification.h"

#include <algorithm>

#include "shop/inspection.h"

namespace aforro::shop {
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

Findings verify(sql::Database& database, FurtherCheck further, VerifyProgress progress,
                const VerifyLimits& limits) {
  Findings findings;
  sql::StorageReport storage = database.check_storage();
  for (std::string& fault : storage.faults) findings.fault(Check::storage, std::move(fault));
  for (std::string& what : storage.left_out) findings.left_out(std::move(what));
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
    const Known known = verify_catalogue(inspection);
    verify_ledger(inspection, known, balance);
    verify_orders(inspection, known, balance);
    verify_takings(inspection, balance);
    verify_keys(inspection);
    further(connection, findings);
  });
  return findings;
}

}  // namespace aforro::shop
