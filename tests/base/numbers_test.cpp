#include "base/numbers.h"

#include <doctest/doctest.h>

#include <limits>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using aforro::parse_whole_number;

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST_CASE("a whole number is read to the ends of 64 bits and not past them") {
  CHECK(parse_whole_number("0", kLeast, kMost) == 0);
  CHECK(parse_whole_number("9223372036854775807", kLeast, kMost) == kMost);
  CHECK(parse_whole_number("-9223372036854775808", kLeast, kMost) == kLeast);
  CHECK(!parse_whole_number("9223372036854775808", kLeast, kMost));
  CHECK(!parse_whole_number("-9223372036854775809", kLeast, kMost));
  CHECK(!parse_whole_number("18446744073709551617", kLeast, kMost));
}

TEST_CASE("a whole number is within the bounds given, both included") {
  CHECK(parse_whole_number("1", 1, 10) == 1);
  CHECK(parse_whole_number("10", 1, 10) == 10);
  CHECK(!parse_whole_number("0", 1, 10));
  CHECK(!parse_whole_number("11", 1, 10));
  CHECK(parse_whole_number("007", 1, 10) == 7);
}

TEST_CASE("what is not digits from end to end is no number") {
  for (const std::string_view text :
       {""sv, " "sv, " 1"sv, "1 "sv, "+1"sv, "--1"sv, "-"sv, "1.0"sv, "1e0"sv, "0x1"sv, "1_0"sv, "1,0"sv,
        "a"sv, "1a"sv, "1\0"sv, "\0"sv, "\xD9\xA3"sv, "1\n"sv}) {
    CAPTURE(text);
    CHECK(!parse_whole_number(text, kLeast, kMost));
  }
}

}  // namespace
