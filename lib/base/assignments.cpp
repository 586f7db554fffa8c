#include "base/assignments.h"

#include <algorithm>
#include <optional>

#include "base/problem.h"

namespace aforro {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
  });
}

bool is_comment_or_nothing(std::string_view rest) {
  rest = trimmed(rest);
  return rest.empty() || rest.front() == '#';
}

// What stands after the equals sign; nothing if its quote is not closed or something follows it.
std::optional<std::string> read_value(std::string_view text) {
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    std::size_t end = 0;
    while (end < text.size() &&
           !(text[end] == '#' && (end == 0 || kBlank.find(text[end - 1]) != kBlank.npos)))
      ++end;
    return std::string(trimmed(text.substr(0, end)));
  }
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote)
      return is_comment_or_nothing(text.substr(i + 1)) ? std::optional(value) : std::nullopt;
    const bool escapes =
        quote == '"' && text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escapes) ++i;
    value += text[i];
  }
  return std::nullopt;
}

}  // namespace

std::vector<Assignment> parse_assignments(std::string_view text) {
  static constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  static constexpr std::string_view kExport = "export ";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<Assignment> found;
  for (std::int64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    if (line.starts_with(kExport)) line.remove_prefix(kExport.size());
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string_view name = trimmed(line.substr(0, equals));
    const auto value = equals < line.size() ? read_value(trimmed(line.substr(equals + 1))) : std::nullopt;
    if (!is_name(name) || !value || value->find('\0') != std::string::npos) {
      throw Problem(Problem::Kind::invalid,
                    "line " + std::to_string(number) + " is not of the form NAME=value");
    }
    if (found.size() == kMaxAssignments) {
      throw Problem(Problem::Kind::invalid,
                    "line " + std::to_string(number) + ": there are too many settings");
    }
    found.push_back({std::string(name), *value, number});
  }
  return found;
}

}  // namespace aforro
