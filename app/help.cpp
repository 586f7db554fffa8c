#include "app/help.h"

#include <algorithm>

#include "base/text.h"

namespace aforro::app {
namespace {

constexpr std::size_t kLeastColumn = 24;  // of text beside names; where there is less, it stands below them
constexpr std::size_t kBelowNames = 6;    // how far in it stands there
constexpr std::size_t kContinuation = 4;  // how much further in names or an example go on

// A line of the help: names, a gap of two spaces or more, what they mean; or one of the two alone.
struct Line {
  std::size_t begin;         // the blanks before it
  std::string_view names;    // empty if there is no gap
  std::string_view meaning;  // all of a line without one
  std::size_t column;        // where the meaning begins
};

Line parse_line(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t gap = text.find("  ", begin);
  if (gap == std::string_view::npos) return {begin, {}, text.substr(begin), begin};
  const std::size_t column = std::min(text.find_first_not_of(' ', gap), text.size());
  return {begin, text.substr(begin, gap - begin), text.substr(column), column};
}

// The words in rows, the first with `first` before it, the others so far in as they are to be. A word that
// would stand out of the terminal there moves to the left as far as it must.
void append_rows(std::string& to, std::string first, std::size_t indentation, std::string_view words,
                 std::size_t width) {
  std::string row = std::move(first);
  bool is_begun = false;
  for (std::string_view rest = words; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (word.empty()) continue;
    const std::size_t columns = display_width(word);
    if (display_width(row) + (is_begun ? 1 : 0) + columns > width) {
      if (row.find_first_not_of(' ') != std::string::npos)
        to += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
      row = std::string(columns < width ? std::min(indentation, width - columns) : 0, ' ');
      is_begun = false;
    }
    if (is_begun) row += ' ';
    row += word;
    is_begun = true;
  }
  to += row + '\n';
}

void append_wrapped(std::string& to, std::string_view text, std::size_t width) {
  const Line line = parse_line(text);
  const bool is_column = line.column > kBelowNames;  // or stands below names that are too long for theirs
  if (is_column && line.column + kLeastColumn > width) {
    if (!line.names.empty()) {
      append_rows(to, std::string(line.begin, ' '), line.begin + kContinuation, line.names, width);
    }
    append_rows(to, std::string(kBelowNames, ' '), kBelowNames, line.meaning, width);
  } else if (display_width(text) <= width) {
    to += text;
    to += '\n';
  } else {
    const std::size_t further = is_column || line.begin == 0 ? 0 : kContinuation;
    append_rows(to, std::string(text.substr(0, line.column)), line.column + further, line.meaning, width);
  }
}

}  // namespace

std::string wrapped_help(std::string_view text, std::size_t width) {
  std::string wrapped;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    append_wrapped(wrapped, line, width);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return wrapped;
}

}  // namespace aforro::app
