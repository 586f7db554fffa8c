// Times, prices and whole numbers: what is read is written so that it is read back the same, from text and
// from any number; and nothing is read that is not written so.
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/numbers.h"
#include "base/time.h"
#include "fuzz.h"

namespace {

using namespace aforro;  // NOLINT: several small parts
using fuzz::require;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

void check_time(Time time) {
  const std::string text = time.to_string();
  require(text.size() == 27 && text.back() == 'Z');
  const auto read = Time::parse(text);
  require(read.has_value());
  // Beyond the years 0 to 9999 the nearest that has a form is written.
  const Time first = *Time::parse("0000-01-01T00:00:00Z");
  const Time last = *Time::parse("9999-12-31T23:59:59.999999Z");
  require(*read == std::min(std::max(time, first), last));
}

void check_money(Money money) {
  const std::string text = money.to_string();
  const bool is_price = money >= Money() && money <= kMaxPrice;
  require(Money::parse_price(text) == (is_price ? std::optional(money) : std::nullopt));
}

// Without zeros before the first digit that counts.
std::string_view without_zeros(std::string_view digits) {
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  digits.remove_prefix(first);
  return digits;
}

void check_number(std::string_view text) {
  const auto number = parse_whole_number(text, kLeast, kMost);
  if (!number) return;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::string_view digits = without_zeros(text);
  const std::string expected = digits.empty() ? "0" : (is_negative ? "-" : "") + std::string(digits);
  require(std::to_string(*number) == expected);
  require(parse_whole_number(expected, *number, *number) == number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto time = Time::parse(text)) {
    check_time(*time);
    // The same digits, and zeros where there were none.
    const std::string written = time->to_string();
    const std::size_t given = text.size() - 1;
    require(written.starts_with(text.substr(0, given)));
    require(written.find_first_not_of(".0", given) == written.size() - 1);
  }
  if (const auto price = Money::parse_price(text)) {
    require(*price >= Money() && *price <= kMaxPrice);
    check_money(*price);
    const std::string_view units = without_zeros(text.substr(0, text.find('.')));
    require(std::to_string(price->minor_units() / 100) == (units.empty() ? "0" : units));
  }
  check_number(text);

  std::int64_t number = 0;
  if (size < sizeof number) return 0;
  std::memcpy(&number, data, sizeof number);
  check_time(Time::from_micros(number));
  check_money(Money::from_minor(number));
  check_number(std::to_string(number));
  return 0;
}
