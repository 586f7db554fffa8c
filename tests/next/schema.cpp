// The schema of versions that are still to come, in the place of lib/shop/schema_in_use.cpp. The program that
// is built with it, aforro_next, is what the tests of upgrades upgrade to
// (tests/api/rolling_upgrade_test.cpp). Its first step only adds, so programs that the released schema takes
// go on beside it.
// NEXT_SCHEMA=breaking in its environment adds a second one, which says of itself that no older program may
// use the database after it.
#include "shop/schema.h"

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::shop {
namespace {

// Columns in tables that every order reads and writes, and a table that refers to one of them.
constexpr std::string_view kAdds = R"sql(
ALTER TABLE orders ADD COLUMN channel TEXT;
ALTER TABLE order_lines ADD COLUMN remark TEXT;
ALTER TABLE inventory ADD COLUMN aisle TEXT;
ALTER TABLE products ADD COLUMN weight_grams INTEGER;
CREATE TABLE gift_notes (order_id INTEGER PRIMARY KEY REFERENCES orders (id), note TEXT NOT NULL);
)sql";
constexpr std::string_view kBreaks = "ALTER TABLE orders ADD COLUMN courier TEXT;";

struct Next {
  Next() {
    const sql::Schema& released = released_schema();
    steps.assign(released.steps.begin(), released.steps.end());
    steps.push_back({.to_version = released.version + 1,
                     .script = {.sqlite = kAdds, .postgres = kAdds},
                     .oldest_program = sql::mark_after_upgrade(released, {}).oldest_program});
    const char* const wanted = std::getenv("NEXT_SCHEMA");
    if (wanted != nullptr && std::string_view(wanted) == "breaking") {
      steps.push_back(
          {.to_version = released.version + 2, .script = {.sqlite = kBreaks, .postgres = kBreaks}});
    }
    sqlite = released.script.sqlite;
    postgres = released.script.postgres;
    for (const sql::Migration& step : steps) {
      if (step.to_version <= released.version) continue;
      sqlite += step.script.sqlite;
      postgres += step.script.postgres;
    }
    schema = {.application_id = released.application_id,
              .version = steps.back().to_version,
              .script = {.sqlite = sqlite, .postgres = postgres},
              .steps = steps,
              .oldest_readable = released.oldest_readable};
  }
  Next(const Next&) = delete;
  Next& operator=(const Next&) = delete;

  std::vector<sql::Migration> steps;
  std::string sqlite;
  std::string postgres;
  sql::Schema schema{};
};

}  // namespace

const sql::Schema& schema() {
  static const Next kNext;
  return kNext.schema;
}

}  // namespace aforro::shop
