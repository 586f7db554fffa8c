#include "base/unicode_forms.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace aforro;  // NOLINT: all of it is under test

constexpr int kNfc = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
constexpr int kNfd = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE;
constexpr int kNfkdFolded = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                            UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;

// What the library makes of it by itself.
std::string reference(std::string_view text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &result,
                                 static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(result, &std::free);
  REQUIRE(size >= 0);
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

bool is_as_the_library_has_it(std::string_view text) {
  return composed(decomposed(text, kNfd)) == reference(text, kNfc) &&
         in_utf8(decomposed(text, kNfd)) == reference(text, kNfd) &&
         in_utf8(decomposed(text, kNfkdFolded)) == reference(text, kNfkdFolded);
}

TEST_CASE("every character has the forms that the library gives it, alone and before marks out of order") {
  std::vector<utf8proc_int32_t> different;
  for (utf8proc_int32_t c = 1; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    const std::string text = in_utf8({c, 0x0301, 0x0323, c});
    if (!is_as_the_library_has_it(text)) different.push_back(c);
  }
  CHECK(different.empty());
}

TEST_CASE("marks in any order, and what comes apart into some, are as the library has them") {
  const std::vector<utf8proc_int32_t> points{'a',    0x00E4, 0x0301, 0x0323, 0x0308, 0x0344, 0x0345,
                                             0x0F71, 0x0F73, 0x0F81, 0x093C, 0x1100, 0x1161, 0x11A8,
                                             0xAC00, 0xFDFA, 0xFB2C, 0x200D, 0x1D160};
  std::mt19937 random(7);
  for (int i = 0; i < 5'000; ++i) {
    std::vector<utf8proc_int32_t> text(random() % 40);
    for (auto& c : text) c = points[random() % points.size()];
    CAPTURE(i);
    CHECK(is_as_the_library_has_it(in_utf8(text)));
  }
}

TEST_CASE("a text that is no UTF-8 has no form") { CHECK_THROWS(decomposed("a\x80", kNfd)); }

}  // namespace
