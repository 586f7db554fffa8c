// An amount of money in whole minor units (cents), never a floating-point number. A value: copies and
// compares freely. Sums of orders fit: 2,000 lines of 1,000,000 at 9,999,999.99 are below 2^63.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aforro {

class Money {
 public:
  constexpr Money() = default;
  static constexpr Money from_minor(std::int64_t minor_units) { return Money(minor_units); }

  // Reads "651", "651.4" or "651.46": digits with at most two decimals, 0 to 9,999,999.99 (kMaxPrice).
  // No sign, no spaces, no exponent; nothing otherwise.
  static std::optional<Money> parse_price(std::string_view text);

  constexpr std::int64_t minor_units() const { return minor_units_; }
  std::string to_string() const;  // always two decimals: "651.46"

  friend constexpr auto operator<=>(Money, Money) = default;
  friend constexpr Money operator+(Money a, Money b) { return Money(a.minor_units_ + b.minor_units_); }
  friend constexpr Money operator*(Money price, std::int64_t quantity) {
    return Money(price.minor_units_ * quantity);
  }

 private:
  explicit constexpr Money(std::int64_t minor_units) : minor_units_(minor_units) {}
  std::int64_t minor_units_ = 0;
};

inline constexpr Money kMaxPrice = Money::from_minor(999'999'999);

}  // namespace aforro
