#include "django/values.h"

#include <doctest/doctest.h>

#include <string>

using namespace aforro::django;

namespace {

std::string time_of(std::string_view text) {
  const auto time = parse_time(text);
  return time ? time->to_string() : "";
}

std::optional<std::int64_t> cents(std::string_view text) {
  const auto amount = parse_amount(text);
  return amount ? std::optional(amount->minor) : std::nullopt;
}

}  // namespace

TEST_CASE("a time is read as PostgreSQL, SQLite and a dump write it, and is UTC where it has no zone") {
  CHECK(time_of("2026-11-23 20:44:22.699193+00") == "2026-11-23T20:44:22.699193Z");
  CHECK(time_of("2026-11-23T20:44:22.699Z") == "2026-11-23T20:44:22.699000Z");
  CHECK(time_of("2026-11-23 20:44:22") == "2026-11-23T20:44:22.000000Z");
  CHECK(time_of("2026-11-23T20:44:22.6991937+05:45") == "2026-11-23T14:59:22.699193Z");
  CHECK(time_of("2026-11-23 00:30:00-0330") == "2026-11-23T04:00:00.000000Z");
  CHECK(time_of("2026-11-23") == "2026-11-23T00:00:00.000000Z");
}

TEST_CASE("what is no time is none") {
  for (const char* const text :
       {"", "now", "2026-13-01", "2026-11-23T25:00:00Z", "2026-11-23 20:44", "infinity",
        "2026-11-23 20:44:22+", "2026-11-23 20:44:22+1", "2026-11-23 20:44:22.+00",
        "2026-11-23 20:44:22+99:99", "0044-03-15 12:00:00+00 BC"}) {
    CAPTURE(text);
    CHECK(!parse_time(text));
  }
}

TEST_CASE("an amount is rounded to cents, the half away from zero, without floating point") {
  CHECK(cents("12.5") == 1250);
  CHECK(cents("12") == 1200);
  CHECK(cents("0.005") == 1);
  CHECK(cents("0.00499999999999999999999999") == 0);
  CHECK(cents("19.989999999999998") == 1999);
  CHECK(cents("1.15") == 115);
  CHECK(cents("-3.456") == -346);
  CHECK(cents("1e-07") == 0);
  CHECK(cents("1.5E+2") == 15'000);
  CHECK(cents("9999999999999.99") == 999'999'999'999'999);
  CHECK(parse_amount("12.500")->is_whole);
  CHECK(!parse_amount("0.30000000000000004")->is_whole);
}

TEST_CASE("what is no amount, or a larger one than any price, is none") {
  for (const char* const text : {"", "-", ".", "1.2.3", "12,50", "NaN", "inf", "1e", "1e400",
                                 "1e999999999999", "99999999999999999999", "0x10", "12 "}) {
    CAPTURE(text);
    CHECK(!parse_amount(text));
  }
}

TEST_CASE("a quantity is a whole number, with decimals only if they are 0") {
  CHECK(parse_quantity("3") == 3);
  CHECK(parse_quantity("-3") == -3);
  CHECK(parse_quantity("3.000") == 3);
  CHECK(parse_quantity("9223372036854775807") == 9'223'372'036'854'775'807);
  CHECK(!parse_quantity("9223372036854775808"));
  CHECK(!parse_quantity("3.5"));
  CHECK(!parse_quantity("three"));
}

TEST_CASE("a key is a number only as numbers are written") {
  CHECK(std::get<std::int64_t>(key_of("42")) == 42);
  CHECK(std::get<std::int64_t>(key_of("-1")) == -1);
  for (const char* const text : {"042", "+1", "1.0", "9223372036854775808", "2f1c…", ""}) {
    CAPTURE(text);
    CHECK(std::get<std::string>(key_of(text)) == text);
  }
}

TEST_CASE("a text keeps its line ends and tabs, loses other control characters, and is in NFC") {
  const CleanText many = clean_text(
      "a\r\nb\rc\td\x01"
      "e\xC3\xA9",
      100, Lines::many);
  CHECK(many.text == "a\nb\nc\tde\xC3\xA9");
  CHECK(many.is_changed);

  const CleanText composed = clean_text("Cafe\xCC\x81", 100, Lines::one);
  CHECK(composed.text == "Caf\xC3\xA9");
  CHECK(composed.is_changed);

  const CleanText line = clean_text("  North\nStreet  ", 100, Lines::one);
  CHECK(line.text == "North Street");
  CHECK(!line.is_changed);

  CHECK(clean_text("a\xFF"
                   "b",
                   100, Lines::one)
            .text ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("a text that is too long is cut at a whole character, and has no white space at its end") {
  const CleanText cut = clean_text("\xC3\xA9\xC3\xA9 \xC3\xA9", 3, Lines::one);
  CHECK(cut.is_cut);
  CHECK(cut.text == "\xC3\xA9\xC3\xA9");
  CHECK(!clean_text("\xC3\xA9\xC3\xA9", 2, Lines::one).is_cut);
}

TEST_CASE("a flag is read as Python, JSON and both engines write it") {
  for (const char* const text : {"true", "t", "True", "1"}) CHECK(parse_flag(text) == true);
  for (const char* const text : {"false", "f", "False", "0"}) CHECK(parse_flag(text) == false);
  CHECK(!parse_flag("yes please"));
}
