#include "shop/schema.h"

#include <string_view>

namespace aforro::shop {

extern const std::string_view kSqliteSchema;  // schema.sql, embedded by the build

const sql::Schema& schema() {
  static const sql::Schema kSchema{
      .application_id = 0x61666F72,  // "afor"
      .version = 1,
      .script = kSqliteSchema,
      .steps = {},
  };
  return kSchema;
}

}  // namespace aforro::shop
