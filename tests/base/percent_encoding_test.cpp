#include "base/percent_encoding.h"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace aforro;  // NOLINT: all of it is under test

TEST_CASE("a broken percent sign stays as it is") {
  CHECK(percent_decode("%") == "%");
  CHECK(percent_decode("%4") == "%4");
  CHECK(percent_decode("100%zz%4G%41") == "100%zz%4GA");
  CHECK(percent_decode("%%41") == "%A");
  CHECK(percent_decode("%2541") == "%41");
}

TEST_CASE("a percent sign may name any byte, in either case") {
  CHECK(percent_decode("%00%ff%C3%a9") == std::string("\0\xFF\xC3\xA9", 4));
}

TEST_CASE("a plus is itself, for whoever decodes a path") { CHECK(percent_decode("a+b") == "a+b"); }

TEST_CASE("what is encoded is decoded to the same, and needs no further care in a link") {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::string encoded = percent_encode(every_byte);
  CHECK(percent_decode(encoded) == every_byte);
  CHECK(encoded.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~%") ==
        std::string::npos);
  CHECK(percent_encode("a-z_0.9~ /?&=+%") == "a-z_0.9~%20%2F%3F%26%3D%2B%25");
}

}  // namespace
