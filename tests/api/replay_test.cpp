#include "support/replay.h"

#include <doctest/doctest.h>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/invoices.h"
#include "support/temporary_folder.h"

namespace {

using aforro::test::Location;
using aforro::test::online_retail_folder;
using aforro::test::Replay;
using aforro::test::TemporaryFolder;

// A sanitizer makes it twenty times slower, and finds what it finds among the first of them. PostgreSQL is
// four times slower; `bench replay` takes all of them there too.
std::int64_t replayed() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return 1'500;
#else
  return aforro::test::engine() == aforro::test::Engine::postgres ? 4'000 : 20'483;
#endif
}

TEST_CASE("a year of invoices has 20,483 with positive lines of known products") {
  const auto data = online_retail_folder();
  if (!data) {
    MESSAGE("skipped: AFORRO_DATA does not name the folder of the data");
    return;
  }
  const auto invoices = aforro::test::read_invoices(*data);

  CHECK(invoices.invoices.size() == 20'483);
  CHECK(invoices.skus.size() == 3'877);
}

TEST_CASE("real invoices sent by 16 clients leave every shelf as what was put there less what was sold") {
  const auto data = online_retail_folder();
  if (!data) {
    MESSAGE("skipped: AFORRO_DATA does not name the folder of the data");
    return;
  }
  const TemporaryFolder folder;
  const Location database = aforro::test::free_location(folder);
  const std::int64_t all = replayed();

  const Replay replay = aforro::test::replay_invoices(
      *data, database, {.max_invoices = static_cast<std::size_t>(all), .rejected_share = 0.02});

  CHECK(replay.confirmed + replay.rejected == all);
  CHECK(replay.rejected > all / 100);  // who comes first differs
  CHECK(replay.rejected < all * 4 / 100);
  for (const std::string& fault : replay.faults) FAIL_CHECK(fault);
  aforro::test::check_ledger(database);
  aforro::test::check_verified(database);
}

}  // namespace
