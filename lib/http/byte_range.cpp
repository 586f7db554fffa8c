#include "http/byte_range.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "http/fields.h"

namespace aforro::http {
namespace {

// Digits alone; what is past 64 bits is past any end.
std::optional<std::uint64_t> parse_position(std::string_view text) {
  const bool is_digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!is_digits) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? value : std::numeric_limits<std::uint64_t>::max();
}

ByteRange last_bytes(std::string_view text, std::uint64_t size) {
  const auto count = parse_position(text);
  if (!count) return {};
  if (*count == 0) return {.fit = ByteRange::Fit::outside};
  if (size == 0) return {};  // the last of nothing is all of it
  const std::uint64_t given = std::min(*count, size);
  return {.fit = ByteRange::Fit::part, .first = size - given, .count = given};
}

}  // namespace

ByteRange parse_range(std::string_view value, std::uint64_t size) {
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos || !same_word(trim_blanks(value.substr(0, equals)), "bytes"))
    return {};
  const std::string_view part = trim_blanks(value.substr(equals + 1));
  const std::size_t dash = part.find('-');
  if (dash == std::string_view::npos) return {};
  if (dash == 0) return last_bytes(part.substr(1), size);
  const auto first = parse_position(part.substr(0, dash));
  if (!first) return {};
  const std::string_view behind = part.substr(dash + 1);
  const auto last = behind.empty() ? std::numeric_limits<std::uint64_t>::max() : parse_position(behind);
  if (!last || *last < *first) return {};
  if (*first >= size) return {.fit = ByteRange::Fit::outside};
  return {.fit = ByteRange::Fit::part, .first = *first, .count = std::min(*last, size - 1) - *first + 1};
}

}  // namespace aforro::http
