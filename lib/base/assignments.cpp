// Two readers of one syntax, as two kinds of file are read. In our own file each line counts, and a line that
// is none is a slip to be told. A `.env` belongs to other programs as well, shell scripts among them: there
// only lines with wanted names count, and all that surrounds them must be passed over without being
// understood, quotes over several lines and here-documents included, or a line inside of one would be taken
// for a setting.
#include "base/assignments.h"

#include <algorithm>
#include <optional>

#include "base/problem.h"

namespace aforro {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kLineEnds = "\r\n";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '.';
}

bool is_comment_or_nothing(std::string_view rest) {
  rest = trimmed(rest);
  return rest.empty() || rest.front() == '#';
}

bool is_quote(char c) { return c == '"' || c == '\''; }

// What a backslash and this stand for within double quotes; nothing if the backslash is no more than itself.
std::optional<char> escaped(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '"':
    case '\\':
    case '$':
      return c;
    default:
      return std::nullopt;
  }
}

std::string_view bare_value(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && !(text[end] == '#' && (end == 0 || kBlank.find(text[end - 1]) != kBlank.npos)))
    ++end;
  return trimmed(text.substr(0, end));
}

// The value of a line that begins with a quote; nothing if the quote is not closed or something follows it.
std::optional<std::string> quoted_value(std::string_view text) {
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote)
      return is_comment_or_nothing(text.substr(i + 1)) ? std::optional(value) : std::nullopt;
    const bool has_next = text[i] == '\\' && i + 1 < text.size();
    if (has_next && quote == '"' && escaped(text[i + 1])) {
      value += *escaped(text[++i]);
    } else if (has_next && quote == '\'' && text[i + 1] == quote &&
               !is_comment_or_nothing(text.substr(i + 2))) {
      value += text[++i];
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

// What stands after the equals sign; nothing if its quote is not closed or something follows it.
std::optional<std::string> read_value(std::string_view text) {
  if (text.empty() || !is_quote(text.front())) return std::string(bare_value(text));
  return quoted_value(text);
}

bool take_export(std::string_view& line) {
  static constexpr std::string_view kExport = "export";
  if (!line.starts_with(kExport) || line.size() == kExport.size()) return false;
  if (kBlank.find(line[kExport.size()]) == kBlank.npos) return false;
  line = trimmed(line.substr(kExport.size()));
  return true;
}

std::string_view take_name(std::string_view& line) {
  const auto end = std::find_if_not(line.begin(), line.end(), is_name_character);
  const std::string_view name = line.substr(0, static_cast<std::size_t>(end - line.begin()));
  line = trimmed(line.substr(name.size()));
  return name;
}

// Takes the sign between a name and its value: '=', or ':' and a blank.
bool take_sign(std::string_view& line) {
  const bool is_colon = line.starts_with(':') && (line.size() == 1 || kBlank.find(line[1]) != kBlank.npos);
  if (!is_colon && !line.starts_with('=')) return false;
  line = trimmed(line.substr(1));
  return true;
}

[[noreturn]] void refuse(std::int64_t line, const std::string& why) {
  throw Problem(Problem::Kind::invalid, "line " + std::to_string(line) + why);
}

// Goes through a text line by line, and over several at once where they are one thing.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {
    if (text_.starts_with(kByteOrderMark)) next_ = kByteOrderMark.size();
  }

  // Goes to the next line; false at the end.
  bool next() {
    if (next_ >= text_.size()) return false;
    begin_ = next_;
    ++number_;
    next_ = after_line(begin_);
    return true;
  }

  std::int64_t number() const { return number_; }
  std::string_view get() const { return trimmed(line_at(begin_)); }

  // The value, a part of this line, begins with a quote: if that is closed on a later line with nothing
  // behind, all up to there is passed over.
  void pass_quoted(std::string_view value) {
    const auto open = static_cast<std::size_t>(value.data() - text_.data());
    const std::string_view quote =
        text_.substr(open, text_.substr(open).starts_with(std::string(3, text_[open])) ? 3 : 1);
    for (std::size_t i = open + quote.size(); i < text_.size(); ++i) {
      if (text_[i] == '\\' && quote == "\"") {
        ++i;
        continue;
      }
      if (!text_.substr(i).starts_with(quote)) continue;
      const bool is_end = is_comment_or_nothing(line_at(i + quote.size()));
      if (!is_end && text_[i - 1] == '\\') continue;
      if (is_end) go_behind(i + quote.size());
      return;
    }
  }

  // If the line has a here-document (`<<EOF`), passes over all up to the line that ends it.
  void pass_here_document() {
    const std::string_view line = get();
    const std::size_t sign = line.find("<<");
    if (sign == std::string_view::npos || missing_ends_ == kMaxMissingEnds) return;
    std::string_view word = line.substr(sign + 2);
    word.remove_prefix(std::min(word.find_first_not_of(" \t-~\\\"'"), word.size()));
    const std::string_view end = take_name(word);
    if (end.empty()) return;
    for (std::size_t at = next_; at < text_.size(); at = after_line(at)) {
      if (trimmed(line_at(at)) == end) return go_behind(at);
    }
    ++missing_ends_;
  }

 private:
  // Every one that is looked for in vain is a way through the whole file.
  static constexpr int kMaxMissingEnds = 16;

  std::string_view line_at(std::size_t at) const {
    const std::size_t end = text_.find_first_of(kLineEnds, at);
    return text_.substr(at, end == std::string_view::npos ? end : end - at);
  }

  std::size_t after_line(std::size_t at) const {
    const std::size_t end = text_.find_first_of(kLineEnds, at);
    if (end == std::string_view::npos) return text_.size();
    return end + (text_.substr(end).starts_with("\r\n") ? 2 : 1);
  }

  void go_behind(std::size_t at) {
    while (next_ <= at && next_ < text_.size()) {
      ++number_;
      next_ = after_line(next_);
    }
  }

  std::string_view text_;
  std::size_t begin_ = 0;
  std::size_t next_ = 0;
  std::int64_t number_ = 0;
  int missing_ends_ = 0;
};

std::string read_wanted(std::string_view name, std::string_view value, std::int64_t line) {
  const auto read = read_value(value);
  if (!read) refuse(line, ": the value of " + std::string(name) + " must be one quoted text on one line");
  if (read->find('\0') != std::string::npos) refuse(line, ": " + std::string(name) + " has a NUL character");
  return *read;
}

void require_fitting(const std::vector<Assignment>& found, const Lines& lines) {
  if (found.size() > kMaxAssignments) refuse(lines.number(), ": there are too many settings");
}

}  // namespace

std::vector<Assignment> parse_assignments(std::string_view text) {
  std::vector<Assignment> found;
  for (Lines lines(text); lines.next();) {
    std::string_view line = lines.get();
    if (is_comment_or_nothing(line)) continue;
    take_export(line);
    const std::string_view name = take_name(line);
    const auto value =
        line.starts_with('=') && !name.empty() ? read_value(trimmed(line.substr(1))) : std::nullopt;
    if (!value || value->find('\0') != std::string::npos) {
      refuse(lines.number(), " is not of the form NAME=value");
    }
    found.push_back({std::string(name), *value, lines.number()});
    require_fitting(found, lines);
  }
  return found;
}

std::vector<Assignment> find_assignments(std::string_view text,
                                         FunctionRef<bool(std::string_view name)> is_wanted) {
  std::vector<Assignment> found;
  for (Lines lines(text); lines.next();) {
    std::string_view line = lines.get();
    if (is_comment_or_nothing(line)) continue;
    const bool is_exported = take_export(line);
    const std::string_view name = take_name(line);
    const bool is_ours = !name.empty() && is_wanted(name);
    const bool has_value = !name.empty() && take_sign(line);
    if (is_ours && has_value) {
      found.push_back({std::string(name), read_wanted(name, line, lines.number()), lines.number()});
      require_fitting(found, lines);
    } else if (is_ours && !(is_exported && line.empty())) {
      refuse(lines.number(), ": " + std::string(name) + " must be followed by = and its value");
    } else if (has_value && !line.empty() && (is_quote(line.front()) || line.front() == '`')) {
      lines.pass_quoted(line);
    } else {
      lines.pass_here_document();
    }
  }
  return found;
}

}  // namespace aforro
