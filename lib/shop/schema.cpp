#include "shop/schema.h"

#include <string_view>
#include <vector>

#include "shop/schema_3.h"
#include "shop/schema_4.h"
#include "shop/schema_5.h"

namespace aforro::shop {

// The pages schema.sql and schema.postgres.sql, embedded by the build.
extern const std::string_view kSqliteSchema;
extern const std::string_view kPostgresSchema;

namespace {

// Both engines say this alike.
constexpr std::string_view kJobsDueByKind =
    "DROP INDEX jobs_due;"
    "CREATE INDEX jobs_due ON jobs (kind, run_at, id) WHERE state = 'waiting';";

std::vector<sql::Migration> all_steps() {
  std::vector<sql::Migration> steps{{.to_version = 2,
                                     .script = {.sqlite = kJobsDueByKind, .postgres = kJobsDueByKind},
                                     .oldest_program = 1}};
  for (const auto& more : {steps_to_version_3(), steps_to_version_4(), steps_to_version_5()}) {
    steps.insert(steps.end(), more.begin(), more.end());
  }
  return steps;
}

}  // namespace

const sql::Schema& released_schema() {
  static const std::vector<sql::Migration> kSteps = all_steps();
  static const sql::Schema kSchema{
      .application_id = 0x61666F72,  // "afor"
      .version = 5,
      .script = {.sqlite = kSqliteSchema, .postgres = kPostgresSchema},
      .steps = kSteps,
      .oldest_readable = 5,
  };
  return kSchema;
}

}  // namespace aforro::shop
