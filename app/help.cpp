#include "app/help.h"

#include <algorithm>

#include "base/text.h"

namespace aforro::app {
namespace {

constexpr std::size_t kLeastColumn = 24;  // of text: a terminal that is narrower breaks lines by itself

// Where the description begins: behind the last gap of two spaces or more, which the names stand before.
std::size_t indentation_of(std::string_view line) {
  const std::size_t begin = std::min(line.find_first_not_of(' '), line.size());
  const std::size_t gap = line.find("  ", begin);
  return gap == std::string_view::npos ? begin : std::min(line.find_first_not_of(' ', gap), line.size());
}

void append_wrapped(std::string& to, std::string_view line, std::size_t width) {
  const std::size_t indentation = indentation_of(line);
  if (display_width(line) <= width || indentation + kLeastColumn > width) {
    to += line;
    to += '\n';
    return;
  }
  std::string row(line.substr(0, indentation));
  bool is_begun = false;
  for (std::string_view rest = line.substr(indentation); !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    if (is_begun && display_width(row) + 1 + display_width(word) > width) {
      to += row + '\n';
      row = std::string(indentation, ' ');
      is_begun = false;
    }
    if (is_begun) row += ' ';
    row += word;
    is_begun = true;
  }
  to += row + '\n';
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
