// Strict where JSON parsers often forgive: no NUL ends the text, no number begins with a superfluous zero, no
// lone surrogate passes (it could not be stored as UTF-8). The text is checked to be UTF-8 once, at the
// beginning, so everything behind may cut it at ASCII marks.
#include "http/json_scanner.h"

#include <algorithm>
#include <charconv>

#include "base/problem.h"
#include "base/text.h"

namespace aforro::http {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

[[noreturn]] void refuse() { throw Problem(Problem::Kind::invalid, "The body is not valid JSON in UTF-8."); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_high_surrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Four hexadecimal digits, known to be such.
unsigned unit_of(std::string_view digits) {
  unsigned unit = 0;
  std::from_chars(digits.data(), digits.data() + 4, unit, 16);
  return unit;
}

void append_utf8(std::string& to, unsigned c) {
  const auto add = [&](unsigned byte) { to += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      add(0xE0 | c >> 12);
    } else {
      add(0xF0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3F));
    }
    add(0x80 | (c >> 6 & 0x3F));
  }
  add(0x80 | (c & 0x3F));
}

char meaning_of(char escaped) {
  switch (escaped) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return escaped;  // a quote, a slash of either kind
  }
}

}  // namespace

JsonScanner::JsonScanner(std::string_view text) : text_(text) {
  if (!is_valid_utf8(text_)) refuse();
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

JsonKind JsonScanner::kind() {
  switch (const char c = peek()) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      if (c != '-' && !is_digit(c)) refuse();
      return JsonKind::number;
  }
}

std::string_view JsonScanner::number() {
  pass_blanks();
  const std::size_t begin = at_;
  take('-');
  const std::size_t digits = at_;
  pass_digits();
  if (text_[digits] == '0' && at_ > digits + 1) refuse();
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    pass_digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    pass_digits();
  }
  return text_.substr(begin, at_ - begin);
}

std::string_view JsonScanner::string() {
  expect('"');
  const std::size_t begin = at_;
  for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
    if (static_cast<unsigned char>(text_[at_]) < 0x20) refuse();
    if (text_[at_] == '\\') pass_escape();
  }
  if (at_ == text_.size()) refuse();
  return text_.substr(begin, at_++ - begin);
}

std::string_view JsonScanner::word() {
  pass_blanks();
  for (const std::string_view each : {"null", "true", "false"}) {
    if (!text_.substr(at_).starts_with(each)) continue;
    at_ += each.size();
    return each;
  }
  refuse();
}

bool JsonScanner::take(char mark) {
  if (peek() != mark) return false;
  ++at_;
  return true;
}

void JsonScanner::expect(char mark) {
  if (!take(mark)) refuse();
}

void JsonScanner::expect_end() {
  pass_blanks();
  if (at_ != text_.size()) refuse();
}

void JsonScanner::pass_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

char JsonScanner::peek() {
  pass_blanks();
  return at_ < text_.size() ? text_[at_] : '\0';
}

void JsonScanner::pass_digits() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  if (at_ == begin) refuse();
}

// Stops at the last character of the escape.
void JsonScanner::pass_escape() {
  ++at_;
  if (at_ == text_.size()) refuse();
  if (text_[at_] != 'u') {
    if (std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos) refuse();
    return;
  }
  const unsigned unit = hex4();
  if (is_low_surrogate(unit)) refuse();
  if (!is_high_surrogate(unit)) return;
  if (!text_.substr(at_ + 1).starts_with("\\u")) refuse();
  at_ += 2;
  if (!is_low_surrogate(hex4())) refuse();
}

// The digits after the 'u' that it stands at.
unsigned JsonScanner::hex4() {
  constexpr std::size_t kDigits = 4;
  const std::string_view digits = text_.substr(at_ + 1, kDigits);
  const bool is_hex = digits.size() == kDigits && std::all_of(digits.begin(), digits.end(), [](char c) {
                        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                      });
  if (!is_hex) refuse();
  at_ += kDigits;
  return unit_of(digits);
}

// Trusts the escapes, since JsonScanner has taken them.
std::string unescaped(std::string_view inside, std::size_t enough_bytes) {
  std::string text;
  text.reserve(std::min(inside.size(), enough_bytes));
  for (std::size_t i = 0; i < inside.size() && text.size() < enough_bytes; ++i) {
    if (inside[i] != '\\') {
      text += inside[i];
      continue;
    }
    if (inside[++i] != 'u') {
      text += meaning_of(inside[i]);
      continue;
    }
    unsigned unit = unit_of(inside.substr(i + 1));
    i += 4;
    if (is_high_surrogate(unit)) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (unit_of(inside.substr(i + 3)) - 0xDC00);
      i += 6;
    }
    append_utf8(text, unit);
  }
  return text;
}

}  // namespace aforro::http
