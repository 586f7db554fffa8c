// Between text and whole cents there is no floating point: 1.15 * 100 is 114.99999999999999 in a double, and
// one cent less when cut to a whole number. Each side of the point is read as a whole number by itself.
#include "base/money.h"

#include <algorithm>

#include "base/numbers.h"

namespace aforro {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Money> Money::parse_price(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!is_digits(whole)) return std::nullopt;
  std::int64_t cents = 0;
  if (point != std::string_view::npos) {
    const std::string_view decimals = text.substr(point + 1);
    if (!is_digits(decimals) || decimals.size() > 2) return std::nullopt;
    // "1.5" is 1.50.
    cents = *parse_whole_number(decimals, 0, 99) * (decimals.size() == 1 ? 10 : 1);
  }
  const auto units = parse_whole_number(whole, 0, kMaxPrice.minor_units() / 100);
  if (!units) return std::nullopt;
  return Money(*units * 100 + cents);
}

std::string Money::to_string() const {
  // The magnitude without negating, which would overflow for the least number.
  const std::uint64_t magnitude = minor_units_ < 0 ? 0 - static_cast<std::uint64_t>(minor_units_)
                                                   : static_cast<std::uint64_t>(minor_units_);
  std::string text = minor_units_ < 0 ? "-" : "";
  text += std::to_string(magnitude / 100);
  text += '.';
  text += static_cast<char>('0' + magnitude % 100 / 10);
  text += static_cast<char>('0' + magnitude % 10);
  return text;
}

}  // namespace aforro
