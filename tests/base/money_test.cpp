#include "base/money.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using aforro::kMaxPrice;
using aforro::Money;

TEST_CASE("a price is digits with at most two decimals") {
  CHECK(Money::parse_price("651")->minor_units() == 65'100);
  CHECK(Money::parse_price("651.4")->minor_units() == 65'140);
  CHECK(Money::parse_price("651.46")->minor_units() == 65'146);
  CHECK(Money::parse_price("0")->minor_units() == 0);
  CHECK(Money::parse_price("0.01")->minor_units() == 1);
  CHECK(Money::parse_price("0.1")->minor_units() == 10);
  CHECK(Money::parse_price("000651.46")->minor_units() == 65'146);
}

TEST_CASE("a price goes from 0 to 9,999,999.99") {
  CHECK(Money::parse_price("9999999.99") == kMaxPrice);
  CHECK(!Money::parse_price("10000000"));
  CHECK(!Money::parse_price("10000000.00"));
  CHECK(!Money::parse_price("99999999999999999999999999"));
  CHECK(!Money::parse_price("92233720368547758.07"));
}

TEST_CASE("what is no price in that form is none") {
  for (const std::string_view text :
       {""sv,      "."sv,    ".5"sv,   "5."sv,  "1.234"sv, "1.2.3"sv,    "-1"sv,           "-0"sv,
        "+1"sv,    " 1"sv,   "1 "sv,   "1,5"sv, "1'000"sv, "1_000"sv,    "1e3"sv,          "0x10"sv,
        "1.-1"sv,  "1.+1"sv, "1. 1"sv, "NaN"sv, "inf"sv,   "\xD9\xA3"sv, "\xEF\xBC\x91"sv, "1\0"sv,
        "1.0\0"sv, "$1"sv,   "1.0f"sv}) {
    CAPTURE(text);
    CHECK(!Money::parse_price(text));
  }
}

TEST_CASE("an amount is written with two decimals, whatever its size and sign") {
  CHECK(Money().to_string() == "0.00");
  CHECK(Money::from_minor(5).to_string() == "0.05");
  CHECK(Money::from_minor(50).to_string() == "0.50");
  CHECK(Money::from_minor(65'146).to_string() == "651.46");
  CHECK(Money::from_minor(-5).to_string() == "-0.05");
  CHECK(Money::from_minor(-65'146).to_string() == "-651.46");
  CHECK(Money::from_minor(std::numeric_limits<std::int64_t>::max()).to_string() == "92233720368547758.07");
  CHECK(Money::from_minor(std::numeric_limits<std::int64_t>::min()).to_string() == "-92233720368547758.08");
}

TEST_CASE("every price is read back as it was written") {
  for (std::int64_t minor = 0; minor <= kMaxPrice.minor_units(); minor = minor * 3 + 7) {
    const Money price = Money::from_minor(minor);
    CHECK(Money::parse_price(price.to_string()) == price);
  }
}

TEST_CASE("the largest order there can be is still counted to the cent") {
  const Money line = kMaxPrice * 1'000'000;
  Money sum;
  for (int i = 0; i < 2'000; ++i) sum = sum + line;
  CHECK(sum.to_string() == "19999999980000000.00");
}

TEST_CASE("amounts compare by their size") {
  CHECK(Money::from_minor(1) < Money::from_minor(2));
  CHECK(Money::from_minor(-1) < Money());
  CHECK(Money::from_minor(100) == Money::parse_price("1.00"));
}

}  // namespace
