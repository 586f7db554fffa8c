#include "django/values.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <variant>

#include "base/code_points.h"
#include "base/numbers.h"
#include "base/text.h"

namespace aforro::django {
namespace {

constexpr std::int64_t kMaxMinor = 1'000'000'000'000'000;
constexpr std::size_t kMaxNumberBytes = 400;  // a double has no more digits before its point

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool are_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// "+02", "-0330", "+05:45" in seconds east of Greenwich.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() < 3 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const std::string_view hours = text.substr(1, 2);
  std::string_view rest = text.substr(3);
  if (rest.starts_with(':')) rest.remove_prefix(1);
  std::string_view minutes = rest.empty() ? "00" : rest.substr(0, 2);
  if (rest.size() > 2 || !are_digits(hours) || minutes.size() != 2 || !are_digits(minutes))
    return std::nullopt;
  const std::int64_t seconds =
      *parse_whole_number(hours, 0, 99) * 3600 + *parse_whole_number(minutes, 0, 99) * 60;
  if (seconds > 24 * 3600) return std::nullopt;
  return text.front() == '-' ? -seconds : seconds;
}

// A number taken apart: its digits without the point, and how many of them stand behind it.
struct Decimal {
  bool is_negative = false;
  std::string digits;
  std::int64_t behind_point = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  if (text.size() > kMaxNumberBytes) return std::nullopt;
  Decimal decimal;
  if (text.starts_with('-') || text.starts_with('+')) {
    decimal.is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto given = parse_whole_number(power, -400, 400);
    if (!given) return std::nullopt;
    exponent = *given;
  }
  const std::size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
  decimal.digits = std::string(whole) + std::string(part);
  if (!are_digits(decimal.digits)) return std::nullopt;
  decimal.behind_point = static_cast<std::int64_t>(part.size()) - exponent;
  return decimal;
}

// The number times a power of ten, cut to a whole number; what was cut off is told.
struct Scaled {
  std::int64_t whole = 0;
  bool is_exact = true;
  bool is_half_or_more = false;  // of what was cut off
};

std::optional<Scaled> scaled(Decimal decimal, std::int64_t by, std::int64_t max) {
  std::int64_t cut = decimal.behind_point - by;
  for (; cut < 0; ++cut) decimal.digits += '0';
  if (cut >= static_cast<std::int64_t>(decimal.digits.size())) {
    decimal.digits.insert(0, static_cast<std::size_t>(cut) - decimal.digits.size() + 1, '0');
  }
  const std::size_t kept = decimal.digits.size() - static_cast<std::size_t>(cut);
  const std::string_view rest = std::string_view(decimal.digits).substr(kept);
  std::string_view whole = std::string_view(decimal.digits).substr(0, kept);
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size() - 1));
  const auto number = parse_whole_number(whole, 0, max);
  if (!number) return std::nullopt;
  return Scaled{.whole = *number,
                .is_exact = rest.find_first_not_of('0') == std::string_view::npos,
                .is_half_or_more = !rest.empty() && rest.front() >= '5'};
}

// Valid UTF-8 without what the shop does not keep.
std::string without_controls(std::string_view text, Lines lines, bool& is_changed) {
  std::string kept;
  kept.reserve(text.size());
  bool was_return = false;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view bytes) {
    const bool is_after_return = std::exchange(was_return, c == '\r');
    if (c == '\r' || (c == '\n' && !is_after_return)) {
      kept += lines == Lines::many ? '\n' : ' ';
    } else if (c == '\n') {
      // it was written with the return before it
    } else if (c == '\t') {
      kept += lines == Lines::many ? '\t' : ' ';
    } else if (c < 0) {
      kept += "\xEF\xBF\xBD";
      is_changed = true;
    } else if (is_control(c)) {
      is_changed = true;
    } else {
      kept += bytes;
    }
  });
  return kept;
}

}  // namespace

sql::Value key_of(std::string_view text) {
  const auto number = parse_whole_number(text, std::numeric_limits<std::int64_t>::min(),
                                         std::numeric_limits<std::int64_t>::max());
  if (number && std::to_string(*number) == text) return *number;
  return std::string(text);
}

std::string shown_key(const sql::Value& key) {
  if (const auto* const number = std::get_if<std::int64_t>(&key)) return std::to_string(*number);
  const auto* const text = std::get_if<std::string>(&key);
  return text == nullptr ? std::string() : *text;
}

std::optional<Time> parse_time(std::string_view text) {
  text = trim(text);
  constexpr std::size_t kDateBytes = 10;
  constexpr std::size_t kSecondsBytes = 19;
  if (text.size() == kDateBytes) return Time::parse(std::string(text) + "T00:00:00Z");
  if (text.size() < kSecondsBytes || (text[kDateBytes] != 'T' && text[kDateBytes] != ' '))
    return std::nullopt;
  std::size_t end = kSecondsBytes;
  if (end < text.size() && text[end] == '.') {
    ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
  }
  std::string moment(text.substr(0, std::min(end, kSecondsBytes + 7)));  // no more than microseconds
  moment[kDateBytes] = 'T';
  const auto offset = end == text.size() ? std::optional<std::int64_t>(0) : parse_offset(text.substr(end));
  const auto time = Time::parse(moment + 'Z');
  if (!offset || !time) return std::nullopt;
  return *time - std::chrono::seconds(*offset);
}

std::optional<bool> parse_flag(std::string_view text) {
  for (const std::string_view yes : {"true", "t", "True", "1"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"false", "f", "False", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_quantity(std::string_view text) {
  const auto decimal = parse_decimal(text);
  const auto whole = decimal ? scaled(*decimal, 0, std::numeric_limits<std::int64_t>::max()) : std::nullopt;
  if (!whole || !whole->is_exact) return std::nullopt;
  return decimal->is_negative ? -whole->whole : whole->whole;
}

std::optional<Amount> parse_amount(std::string_view text) {
  const auto decimal = parse_decimal(text);
  const auto cents = decimal ? scaled(*decimal, 2, kMaxMinor) : std::nullopt;
  if (!cents) return std::nullopt;
  const std::int64_t minor = cents->whole + (cents->is_half_or_more ? 1 : 0);
  return Amount{.minor = decimal->is_negative ? -minor : minor, .is_whole = cents->is_exact};
}

CleanText clean_text(std::string_view text, std::size_t max_characters, Lines lines) {
  CleanText clean;
  const std::string plain = without_controls(text, lines, clean.is_changed);
  const std::string_view inner = lines == Lines::one ? trim(plain) : std::string_view(plain);
  clean.text = normalize(inner);
  clean.is_changed = clean.is_changed || clean.text != inner;
  const std::string_view fitting = first_characters(clean.text, max_characters);
  clean.is_cut = fitting.size() < clean.text.size();
  // What is cut ends with no white space either.
  if (clean.is_cut) clean.text = std::string(lines == Lines::one ? trim(fitting) : fitting);
  return clean;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && characters++ == count) return text.substr(0, at);
  }
  return text;
}

}  // namespace aforro::django
