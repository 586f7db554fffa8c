#include "shop/schema.h"

#include <string_view>

namespace aforro::shop {

// The pages schema.sql and schema.postgres.sql, embedded by the build.
extern const std::string_view kSqliteSchema;
extern const std::string_view kPostgresSchema;

const sql::Schema& schema() {
  static const sql::Schema kSchema{
      .application_id = 0x61666F72,  // "afor"
      .version = 1,
      .script = {.sqlite = kSqliteSchema, .postgres = kPostgresSchema},
      .steps = {},
  };
  return kSchema;
}

}  // namespace aforro::shop
