// Whatever fields a cursor is made of, it gives them back, to its own list alone; and a text that passes for
// a cursor is the one that would have been made.
#include <string>
#include <string_view>
#include <vector>

#include "api/cursor.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using aforro::api::make_cursor;
  using aforro::api::read_cursor;
  using aforro::fuzz::require;
  const std::string_view text = aforro::fuzz::text_of(data, size);

  for (std::size_t count = 0; count < 4; ++count) {
    if (const auto fields = read_cursor(text, "list", count)) {
      require(fields->size() == count);
      require(make_cursor("list", *fields) == text);
    }
  }

  const auto pieces = aforro::fuzz::pieces_of(text, '\n');
  const std::vector<std::string> fields(pieces.begin() + 1, pieces.end());
  const std::string list(pieces.front());
  const std::string cursor = make_cursor(list, fields);
  if (cursor.size() > 8 * 1024) return 0;  // longer than a target may be
  require(read_cursor(cursor, list, fields.size()) == fields);
  require(!read_cursor(cursor, list, fields.size() + 1));
  require(!read_cursor(cursor, list + "/", fields.size()));
  if (!cursor.empty()) require(!read_cursor(std::string_view(cursor).substr(1), list, fields.size()));
  return 0;
}
