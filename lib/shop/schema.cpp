#include "shop/schema.h"

#include <array>
#include <string_view>

namespace aforro::shop {

// The pages schema.sql and schema.postgres.sql, embedded by the build.
extern const std::string_view kSqliteSchema;
extern const std::string_view kPostgresSchema;

namespace {

// Both engines say this alike.
constexpr std::string_view kJobsDueByKind =
    "DROP INDEX jobs_due;"
    "CREATE INDEX jobs_due ON jobs (kind, run_at, id) WHERE state = 'waiting';";

constexpr std::array kSteps{
    sql::Migration{.to_version = 2,
                   .script = {.sqlite = kJobsDueByKind, .postgres = kJobsDueByKind},
                   .oldest_program = 1},
};

}  // namespace

const sql::Schema& schema() {
  static const sql::Schema kSchema{
      .application_id = 0x61666F72,  // "afor"
      .version = 2,
      .script = {.sqlite = kSqliteSchema, .postgres = kPostgresSchema},
      .steps = kSteps,
      .oldest_readable = 1,
  };
  return kSchema;
}

}  // namespace aforro::shop
