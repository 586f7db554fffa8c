// Reads a result of any length by pages, so that no more than one of them is in memory on either side.
#pragma once

#include <cstdint>
#include <limits>

#include "base/function_ref.h"
#include "sql/connection.h"

namespace aforro::sql {

// Before every id there is, damaged ones too.
inline constexpr std::int64_t kBeforeAllIds = std::numeric_limits<std::int64_t>::min();

// The first column of `text` is an id, and it ends with "id > $1 ORDER BY id LIMIT $2". Visits every row, and
// says after each page how many it had. Throws what Connection::query throws.
inline void query_by_pages(Connection& connection, Text text, std::int64_t rows_of_page,
                           FunctionRef<void(const Row&)> visit,
                           FunctionRef<void(std::int64_t rows)> page_done) {
  std::int64_t after = kBeforeAllIds;
  std::int64_t rows = 0;
  do {
    rows = 0;
    connection.query(text, {after, rows_of_page}, [&](const Row& row) {
      ++rows;
      after = row.integer(0);
      visit(row);
    });
    page_done(rows);
  } while (rows == rows_of_page);
}

}  // namespace aforro::sql
