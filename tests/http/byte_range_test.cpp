#include "http/byte_range.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <ostream>
#include <string>

namespace aforro::http {

std::ostream& operator<<(std::ostream& out, const ByteRange& range) {
  return out << static_cast<int>(range.fit) << ": " << range.count << " from " << range.first;
}

}  // namespace aforro::http

using namespace aforro::http;

namespace {

constexpr ByteRange kWhole{};
constexpr ByteRange kOutside{.fit = ByteRange::Fit::outside};

ByteRange part(std::uint64_t first, std::uint64_t count) {
  return {.fit = ByteRange::Fit::part, .first = first, .count = count};
}

}  // namespace

TEST_CASE("a part is counted from the beginning or from the end, and cut where it ends") {
  CHECK(parse_range("bytes=0-0", 10) == part(0, 1));
  CHECK(parse_range("bytes=3-5", 10) == part(3, 3));
  CHECK(parse_range("bytes=0-9", 10) == part(0, 10));
  CHECK(parse_range("bytes=9-", 10) == part(9, 1));
  CHECK(parse_range("bytes=4-99", 10) == part(4, 6));
  CHECK(parse_range("bytes=-3", 10) == part(7, 3));
  CHECK(parse_range("bytes=-99", 10) == part(0, 10));
  CHECK(parse_range("Bytes = 3-5 ", 10) == part(3, 3));
  CHECK(parse_range("bytes=003-0005", 10) == part(3, 3));
}

TEST_CASE("numbers past 64 bits are past any end") {
  CHECK(parse_range("bytes=4-99999999999999999999999", 10) == part(4, 6));
  CHECK(parse_range("bytes=-99999999999999999999999", 10) == part(0, 10));
  CHECK(parse_range("bytes=99999999999999999999999-", 10) == kOutside);
  CHECK(parse_range("bytes=0-18446744073709551615", 1ULL << 63U) == part(0, 1ULL << 63U));
}

TEST_CASE("a part behind the end is told from none") {
  CHECK(parse_range("bytes=10-", 10) == kOutside);
  CHECK(parse_range("bytes=10-20", 10) == kOutside);
  CHECK(parse_range("bytes=-0", 10) == kOutside);
  CHECK(parse_range("bytes=0-", 0) == kOutside);
  CHECK(parse_range("bytes=-1", 0) == kWhole);
}

TEST_CASE("what is no range, or several, means all of it") {
  for (
      const char* text :
      {"",           "bytes",      "bytes=",     "bytes=-",       "bytes=5-3",   "bytes=a-5",   "bytes=5-b",
       "bytes=+1-5", "bytes=1-+5", "bytes=1--5", "bytes=--5",     "bytes=1 - 5", "bytes=0x1-5", "bytes:1-5",
       "items=0-5",  "=0-5",       "0-5",        "bytes=0-1,3-4", "bytes=0-1,",  "bytes=,0-1",  "bytes=1-2-3",
       "bytes=1.0-5"}) {
    CAPTURE(text);
    CHECK(parse_range(text, 10) == kWhole);
  }
}
