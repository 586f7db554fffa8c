#include "http/json_pointer.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/faults.h"
#include "base/shorten.h"
#include "base/text.h"

namespace {

using aforro::Faults;
using aforro::http::json_pointer;
using aforro::http::pointer_step;
using Steps = std::vector<std::string>;

TEST_CASE("a step of a pointer is escaped, and a long one is cut between characters and says so") {
  CHECK(pointer_step("a/b~1") == "/a~1b~01");
  CHECK(pointer_step("") == "/");
  CHECK(pointer_step(std::string(128, 'x')) == "/" + std::string(128, 'x'));
  CHECK(pointer_step(std::string(129, 'x')) == "/" + std::string(125, 'x') + "…");
  for (std::size_t before = 0; before < 8; ++before) {
    std::string name(before, 'x');
    for (int i = 0; i < 100; ++i) name += "\xE2\x82\xAC";
    const std::string step = pointer_step(name);
    CAPTURE(before);
    CHECK(aforro::is_valid_utf8(step));
    CHECK(step.ends_with("…"));
    CHECK(step.size() > 125);
    CHECK(step.size() <= 129);
    CHECK(name.starts_with(step.substr(1, step.size() - 4)));
  }
}

TEST_CASE("a step is bounded as it is shown, whatever its characters take") {
  CHECK(pointer_step(std::string(64, '~')).size() == 129);
  const std::string tildes = pointer_step(std::string(1'000'000, '~'));
  CHECK(tildes.size() <= 129);
  CHECK(tildes.ends_with("~0…"));
  for (const char c : {'\x01', '"', '\\', '/', '\n'}) {
    CHECK(aforro::json_bytes(pointer_step(std::string(1'000, c))) <= 129);
  }
}

TEST_CASE("a pointer is all of its steps, or the first ones and the last") {
  CHECK(json_pointer(Steps{}).empty());
  CHECK(json_pointer(Steps{"/items", "/0", "/a~1b"}) == "/items/0/a~1b");
  const Steps fitting(64, "/1234567");
  CHECK(json_pointer(fitting).size() == Faults::kMaxWhereBytes);
  Steps deep = fitting;
  deep.emplace_back("/last");
  const std::string pointer = json_pointer(deep);
  CHECK(pointer.size() <= Faults::kMaxWhereBytes);
  CHECK(pointer.starts_with("/1234567/1234567/"));
  CHECK(pointer.ends_with("/1234567/…/last"));
  // What is shown of the longest steps.
  const Steps longest(64, pointer_step(std::string(200, '\x01')));
  CHECK(aforro::json_bytes(json_pointer(longest)) <= Faults::kMaxWhereBytes);
  CHECK(json_pointer(longest).ends_with(longest.back()));
}

}  // namespace
