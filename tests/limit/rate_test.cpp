#include <doctest/doctest.h>

#include <optional>
#include <string_view>

#include "limit/limiter.h"

namespace {

using aforro::limit::parse_rate;
using namespace std::chrono_literals;

bool is_rate(std::string_view text, std::int64_t burst, std::chrono::seconds window) {
  const auto rate = parse_rate(text);
  return rate && rate->burst == burst && rate->window == window;
}

TEST_CASE("a rate is how many in what time") {
  CHECK(is_rate("20/min", 20, 60s));
  CHECK(is_rate("5/s", 5, 1s));
  CHECK(is_rate("100/hour", 100, 3'600s));
  CHECK(is_rate("5/10s", 5, 10s));
  CHECK(is_rate("1/24h", 1, 86'400s));
  CHECK(is_rate("1000000/86400s", 1'000'000, 86'400s));
  CHECK(is_rate("7/2minute", 7, 120s));
}

TEST_CASE("less than one, more than a million, longer than a day or anything else is no rate") {
  for (const std::string_view text : {"",
                                      "/",
                                      "20",
                                      "20/",
                                      "/min",
                                      "0/min",
                                      "-1/min",
                                      "1000001/min",
                                      "1/0s",
                                      "1/86401s",
                                      "1/25h",
                                      "1/1441min",
                                      "20/fortnight",
                                      "20/Min",
                                      "20 / min",
                                      "20/min ",
                                      "+20/min",
                                      "2.5/s",
                                      "20/1.5s",
                                      "20/-1s",
                                      "20//min",
                                      "20/1",
                                      "20/99999999999999999999s",
                                      "99999999999999999999/s",
                                      "20/sm"}) {
    CAPTURE(text);
    CHECK(!parse_rate(text));
  }
}

}  // namespace
