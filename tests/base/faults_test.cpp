#include "base/faults.h"

#include <doctest/doctest.h>

#include <string>

#include "base/shorten.h"
#include "base/text.h"

namespace {

using namespace aforro;  // NOLINT: all of it is under test

TEST_CASE("the first fifty faults are listed, the others are counted and never made") {
  Faults faults;
  CHECK(faults.empty());
  int made = 0;
  for (int i = 0; i < 1'000; ++i) {
    faults.add([&] { return Fault{Fault::In::body, "/" + std::to_string(made++), "is odd"}; });
  }
  CHECK(!faults.empty());
  CHECK(made == 50);
  REQUIRE(faults.listed().size() == 50);
  CHECK(faults.listed()[49] == Fault{Fault::In::body, "/49", "is odd"});
  CHECK(faults.more() == 950);
}

TEST_CASE("a fault's texts are cut to what an answer has room for") {
  Faults faults;
  faults.add(Fault::In::query, std::string(10'000, 'x'), std::string(10'000, '\x01'));
  const Fault& fault = faults.listed().front();
  CHECK(fault.where == std::string(Faults::kMaxWhereBytes - 3, 'x') + "…");
  CHECK(json_bytes(fault.detail) <= Faults::kMaxDetailBytes);
  CHECK(fault.detail.ends_with("\x01…"));
}

TEST_CASE("a text is shortened at a whole character, counted as JSON writes it") {
  CHECK(shortened("", 3).empty());
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "…");
  CHECK(shortened("abcdefg", 6) == "abc…");
  CHECK(shortened("\"\"\"", 6) == "\"\"\"");
  CHECK(shortened("\"\"\"\"", 6) == "\"…");
  for (std::size_t bound = 3; bound < 40; ++bound) {
    CAPTURE(bound);
    const std::string cut = shortened("a€\x01é😀\n€€€€€€€€", bound);
    CHECK(is_valid_utf8(cut));
    CHECK(json_bytes(cut) <= bound);
  }
}

}  // namespace
