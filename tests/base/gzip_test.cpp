#include "base/gzip.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/hash.h"
#include "support/refusal.h"

namespace {

using aforro::gunzip;
using aforro::gzip;
using aforro::is_gzip;
using aforro::Problem;
using aforro::test::problem_of;

constexpr std::size_t kEnough = 1 << 26;

std::string refusal(std::string_view bytes, std::size_t max_bytes = kEnough) {
  const auto problem = problem_of([&] { gunzip(bytes, max_bytes); });
  if (!problem) return "not refused";
  CHECK(problem->kind() == Problem::Kind::invalid);
  return problem->detail();
}

// Bytes that do not get smaller.
std::string noise(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += aforro::hash_hex(std::to_string(i));
  text.resize(bytes);
  return text;
}

TEST_CASE("what is packed is unpacked to the same, whatever its size") {
  for (const std::size_t size : {0U, 1U, 100U, 65'535U, 65'536U, 65'537U, 200'000U, 5'000'000U}) {
    CAPTURE(size);
    CHECK(gunzip(gzip(std::string(size, 'x')), kEnough) == std::string(size, 'x'));
    CHECK(gunzip(gzip(noise(size)), kEnough) == noise(size));
  }
  const std::string zeros(3, '\0');
  CHECK(gunzip(gzip(zeros), kEnough) == zeros);
}

TEST_CASE("packing makes text smaller") { CHECK(gzip(std::string(100'000, 'x')).size() < 1'000); }

TEST_CASE("gzip is told by its first two bytes") {
  CHECK(is_gzip(gzip("")));
  CHECK(!is_gzip(""));
  CHECK(!is_gzip("\x1F"));
  CHECK(!is_gzip("sku,title"));
  CHECK(!is_gzip("PK\x03\x04"));
}

TEST_CASE("several members are one text") {
  CHECK(gunzip(gzip("one ") + gzip("") + gzip("two"), kEnough) == "one two");
}

TEST_CASE("gzip that is cut off anywhere is refused") {
  const std::string whole = gzip(noise(1'000));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    REQUIRE(refusal(whole.substr(0, size)) == "the gzip data is cut off");
  }
  CHECK(refusal(gzip("one") + whole.substr(0, 5)) == "the gzip data is cut off");
}

TEST_CASE("what is no gzip, or was damaged, is refused") {
  CHECK(refusal("sku,title\n") == "the data is no sound gzip");
  CHECK(refusal(gzip("one") + "rubbish") == "the data is no sound gzip");
  std::string damaged = gzip(std::string(1'000, 'x') + noise(1'000));
  damaged[damaged.size() - 8] = static_cast<char>(damaged[damaged.size() - 8] ^ 1);  // its checksum
  CHECK(refusal(damaged) == "the data is no sound gzip");
}

TEST_CASE("no more is unpacked than allowed, however small a bomb is") {
  const std::string bomb = gzip(std::string(kEnough, '\0'));
  REQUIRE(bomb.size() < 100'000);
  CHECK(refusal(bomb, 1'000'000) == "the gzip data unpacks to more than is allowed");
  CHECK(refusal(gzip("abc"), 2) == "the gzip data unpacks to more than is allowed");
  CHECK(gunzip(gzip("abc"), 3) == "abc");
  CHECK(refusal(gzip("abc") + gzip("abc"), 5) == "the gzip data unpacks to more than is allowed");
}

}  // namespace
