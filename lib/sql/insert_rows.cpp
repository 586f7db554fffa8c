// An INSERT is rewritten as text, so that a statement of the shop can be written for one row, and each driver
// chooses how many go together. Only the plainest form is taken: one list of values at the very end. Anything
// behind it (ON CONFLICT, RETURNING) would change its meaning with several rows, or answer for each.
#include "sql/insert_rows.h"

#include <algorithm>
#include <charconv>

namespace aforro::sql {
namespace {

constexpr std::string_view kValues = " VALUES (";

}  // namespace

bool takes_more_rows(std::string_view insert) {
  const std::size_t values = insert.find(kValues);
  if (!insert.starts_with("INSERT INTO ") || values == std::string_view::npos) return false;
  // The first parenthesis that closes is the last character.
  return insert.find(')', values) == insert.size() - 1;
}

std::string with_rows(std::string_view insert, std::size_t rows, std::size_t width, char sign) {
  const std::size_t tuple_begin = insert.find(kValues) + kValues.size() - 1;
  const std::string_view tuple = insert.substr(tuple_begin);
  std::string text(insert.substr(0, tuple_begin));
  for (std::size_t row = 0; row < rows; ++row) {
    if (row > 0) text += ", ";
    for (std::size_t at = 0; at < tuple.size();) {
      const std::size_t next = std::min(tuple.find('$', at), tuple.size());
      text += tuple.substr(at, next - at);
      at = next;
      if (at == tuple.size()) break;
      std::size_t number = 0;
      const auto read = std::from_chars(tuple.data() + at + 1, tuple.data() + tuple.size(), number);
      text += sign + std::to_string(number + row * width);
      at = static_cast<std::size_t>(read.ptr - tuple.data());
    }
  }
  return text;
}

}  // namespace aforro::sql
