// A page of a list that is read in order from a cursor: where the last page ended, not how many rows came
// before, so that nothing is skipped or repeated while rows arrive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::shop {

// Rows, and what to pass as `after` for those that follow; nothing at the end.
template <class Row, class Cursor>
struct Page {
  std::vector<Row> rows;
  std::optional<Cursor> next;
};

}  // namespace aforro::shop
