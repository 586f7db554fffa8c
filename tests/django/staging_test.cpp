// What is held of the rows while they are put aside.
#include "django/staging.h"

#include <doctest/doctest.h>

#include <string>

#include "support/peak_memory.h"

using namespace aforro;          // NOLINT: of several parts
using namespace aforro::django;  // NOLINT
using aforro::test::PeakMemory;

TEST_CASE("large rows are put aside before many of them are held") {
  constexpr std::int64_t kRows = 300;
  const auto staging = open_staging();
  const std::string text(std::size_t{1} << 20, 'x');
  const PeakMemory memory;
  RowBuffer rows(*staging, "INSERT INTO staged_categories (key, name) VALUES ($1, $2)");
  for (std::int64_t i = 0; i < kRows; ++i) rows.add({i, text});
  rows.flush();
  CHECK(staging->maybe_integer("SELECT count(*) FROM staged_categories WHERE length(name) = $1",
                               {static_cast<std::int64_t>(text.size())}) == kRows);
  // Most of it is the cache of the database, 64 MiB.
  if (PeakMemory::kCounts) CHECK(memory.bytes() < std::size_t{100} << 20);
}
