#include "base/time.h"

#include <doctest/doctest.h>

#include <limits>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using aforro::Time;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

TEST_CASE("a time is written in UTC with microseconds") {
  CHECK(Time().to_string() == "1970-01-01T00:00:00.000000Z");
  CHECK(Time::from_micros(1'795'466'662'699'193).to_string() == "2026-11-23T20:44:22.699193Z");
  CHECK(Time::from_micros(1).to_string() == "1970-01-01T00:00:00.000001Z");
  CHECK(Time::from_micros(-1).to_string() == "1969-12-31T23:59:59.999999Z");
}

TEST_CASE("dates are right around leap days, turns of years and 2038") {
  CHECK(Time::parse("2000-02-29T00:00:00Z")->micros() == 951'782'400 * kSecond);
  CHECK(Time::parse("2024-02-29T23:59:59.999999Z")->micros() + 1 ==
        Time::parse("2024-03-01T00:00:00Z")->micros());
  CHECK(Time::parse("2025-12-31T23:59:59.999999Z")->micros() + 1 ==
        Time::parse("2026-01-01T00:00:00Z")->micros());
  CHECK(Time::parse("2038-01-19T03:14:08Z")->micros() == 2'147'483'648 * kSecond);
  CHECK(Time::from_micros(2'147'483'648 * kSecond).to_string() == "2038-01-19T03:14:08.000000Z");
  CHECK(!Time::parse("2023-02-29T00:00:00Z"));
  CHECK(!Time::parse("1900-02-29T00:00:00Z"));
  CHECK(!Time::parse("2024-04-31T00:00:00Z"));
}

TEST_CASE("every day of a thousand years is read back as it was written") {
  for (std::int64_t day = -200'000; day < 200'000; day += 7) {
    const Time time = Time::from_micros(day * kDay + 12'345'678'901);
    REQUIRE(Time::parse(time.to_string()) == time);
  }
}

TEST_CASE("a time may have no decimals up to six") {
  CHECK(Time::parse("1970-01-01T00:00:01Z")->micros() == kSecond);
  CHECK(Time::parse("1970-01-01T00:00:01.5Z")->micros() == 1'500'000);
  CHECK(Time::parse("1970-01-01T00:00:01.05Z")->micros() == 1'050'000);
  CHECK(Time::parse("1970-01-01T00:00:01.000001Z")->micros() == 1'000'001);
}

TEST_CASE("what is no time in that form is none") {
  for (const std::string_view text : {""sv,
                                      "Z"sv,
                                      "2026-11-23"sv,
                                      "2026-11-23T20:44:22"sv,
                                      "2026-11-23 20:44:22Z"sv,
                                      "2026-11-23t20:44:22z"sv,
                                      "2026-11-23T20:44:22+00:00"sv,
                                      "2026-11-23T20:44:22.Z"sv,
                                      "2026-11-23T20:44:22.1234567Z"sv,
                                      "2026-11-23T20:44:22,5Z"sv,
                                      "2026-11-23T20:44:22.-1Z"sv,
                                      "2026-11-23T20:44:22.+1Z"sv,
                                      "2026-11-23T20:44:22.1 Z"sv,
                                      "2026-11-23T20:44Z"sv,
                                      "2026-11-23T24:00:00Z"sv,
                                      "2026-11-23T23:60:00Z"sv,
                                      "2016-12-31T23:59:60Z"sv,
                                      "2026-00-01T00:00:00Z"sv,
                                      "2026-13-01T00:00:00Z"sv,
                                      "2026-01-00T00:00:00Z"sv,
                                      "2026-01-32T00:00:00Z"sv,
                                      "-026-01-01T00:00:00Z"sv,
                                      "+026-01-01T00:00:00Z"sv,
                                      "12026-01-01T00:00:00Z"sv,
                                      " 2026-11-23T20:44:22Z"sv,
                                      "2026-11-23T20:44:22Z "sv,
                                      "2026-11-23T20:44:2\0Z"sv,
                                      "2026-11-23T20:44:22Z\0"sv,
                                      "2026-1-23T20:44:22Z"sv,
                                      "2026-11-23T2:44:22Z"sv}) {
    CAPTURE(text);
    CHECK(!Time::parse(text));
  }
}

TEST_CASE("years from 0 to 9999 have a form, times beyond are written as the last that has one") {
  CHECK(Time::parse("0000-01-01T00:00:00Z")->to_string() == "0000-01-01T00:00:00.000000Z");
  CHECK(Time::parse("9999-12-31T23:59:59.999999Z")->to_string() == "9999-12-31T23:59:59.999999Z");
  CHECK(Time::from_micros(std::numeric_limits<std::int64_t>::max()).to_string() ==
        "9999-12-31T23:59:59.999999Z");
  CHECK(Time::from_micros(std::numeric_limits<std::int64_t>::min()).to_string() ==
        "0000-01-01T00:00:00.000000Z");
}

TEST_CASE("times compare and move by durations") {
  const Time noon = *Time::parse("2026-11-23T12:00:00Z");
  CHECK((noon + std::chrono::hours(12)).to_string() == "2026-11-24T00:00:00.000000Z");
  CHECK((noon - std::chrono::microseconds(1)).to_string() == "2026-11-23T11:59:59.999999Z");
  CHECK(noon < noon + std::chrono::microseconds(1));
}

TEST_CASE("the system's clock tells the present, and its steady hand never goes back") {
  const aforro::SystemClock clock;
  CHECK(clock.now() > *Time::parse("2025-01-01T00:00:00Z"));
  const auto before = clock.steady();
  CHECK(clock.steady() >= before);
}

}  // namespace
