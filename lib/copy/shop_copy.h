// A whole shop from one database to another, whatever engines the two have: every row with its id, so that
// orders, links and receipts stay what they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "sql/database.h"

namespace aforro::copy {

struct CopiedTable {
  std::string_view name;
  std::int64_t rows;
  std::string hash;  // of all its rows in order, in the source
  bool is_the_same;  // read again, the target's has as many rows and the same hash
};

// Copies what one snapshot of the source shows, in one transaction of the target: broken off before that
// commits it leaves nothing; behind it all is there, but was not compared yet. Holds at most a thousand rows
// in memory, however many there are. The target must have the schema, and
// no goods, orders or users; it then goes on giving ids where the source was. Nobody else should write there
// before this returns, or what was written is taken for a difference. `progress` is told rows written and
// rows in all.
//
// Throws Problem (conflict) if the target has data, the source rows that no shop has, or either a schema that
// is newer than this program, and what Database throws.
std::vector<CopiedTable> copy_shop(sql::Database& source, sql::Database& target,
                                   FunctionRef<void(std::int64_t done, std::int64_t all)> progress);

}  // namespace aforro::copy
