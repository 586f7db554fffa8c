// A shop of the schema's fourth version, which had no synonyms, opened by this program.
#include "shop/schema_5.h"

#include <doctest/doctest.h>

#include "base/problem.h"
#include "shop/schema.h"
#include "shop/synonyms.h"
#include "support/lively_shop.h"
#include "support/older_schema.h"
#include "support/refusal.h"

namespace {

using namespace aforro;  // NOLINT: parts of all kinds come together
using test::LivelyShop;

TEST_CASE("an older shop has no synonyms, may have some from then on, and is otherwise as it was") {
  LivelyShop shop;
  test::take_back_to_version_4(shop.location);

  const auto again = shop.open_again();

  shop::Synonyms synonyms(*again);
  CHECK(synonyms.list().empty());
  synonyms.add(shop::parse_synonym("mug", "cup"), shop::Ways::both);
  CHECK(synonyms.list().size() == 1);
  CHECK(test::in_lines(test::faults_of(test::verified(shop))) == "");
}

TEST_CASE("a program of version 4 may go on behind the step, and this one reads no older shop") {
  const sql::Schema& schema = shop::schema();
  const sql::SchemaMark after = sql::mark_after_upgrade(schema, {.version = 4, .oldest_program = 4});
  CHECK((after == sql::SchemaMark{.version = 5, .oldest_program = 4}));
  sql::Schema before = schema;
  before.version = 4;
  CHECK(sql::may_use(before, after));
  CHECK(test::problem_of(
      [&] { sql::require_usable(schema, {.version = 4, .oldest_program = 4}, sql::Access::read_only); }));
}

}  // namespace
