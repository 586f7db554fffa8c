#include "base/encoding.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/text.h"
#include "support/refusal.h"

namespace {

using namespace std::string_view_literals;
using aforro::Encoding;
using aforro::guess_encoding;
using aforro::parse_encoding;
using aforro::to_utf8;

std::string read(std::string_view bytes) { return to_utf8(std::string(bytes), guess_encoding(bytes)); }

TEST_CASE("UTF-8 stays as it is, valid or not") {
  for (const std::string_view text :
       {""sv, "a"sv, "\xEF\xBB\xBFskü"sv, "\xFFx"sv, "a\0b"sv, "\0"sv, "\xFF\xFE"sv.substr(0, 1)}) {
    CHECK(guess_encoding(text) == Encoding::utf8);
    CHECK(read(text) == text);
  }
}

TEST_CASE("UTF-16 is known by its byte order mark, of either order, and keeps the mark") {
  CHECK(read("\xFF\xFE"
             "s\0\xFC\0\xAC\x20\x3D\xD8\x00\xDE"sv) == "\xEF\xBB\xBFsü€😀");
  CHECK(read("\xFE\xFF"
             "\0s\0\xFC\x20\xAC\xD8\x3D\xDE\x00"sv) == "\xEF\xBB\xBFsü€😀");
  CHECK(read("\xFF\xFE"sv) == "\xEF\xBB\xBF");
}

TEST_CASE("UTF-16 without a mark is known by the NULs beside its first letters") {
  CHECK(read("s\0k\0u\0"sv) == "sku");
  CHECK(read("\0s\0k\0u"sv) == "sku");
}

TEST_CASE("what is no text in UTF-16 is none in UTF-8 either") {
  for (const std::string_view broken :
       {"\xFF\xFE\x3D\xD8"sv, "\xFF\xFE\x3D\xD8s\0"sv, "\xFF\xFE\x00\xDEs\0"sv, "\xFF\xFEs"sv}) {
    CHECK(!aforro::is_valid_utf8(read(broken)));
  }
}

TEST_CASE("UTF-32 is refused, saying so") {
  for (const std::string_view bytes : {"\xFF\xFE\0\0s\0\0\0"sv, "\0\0\xFE\xFF\0\0\0s"sv}) {
    const auto problem = aforro::test::problem_of([&] { guess_encoding(bytes); });
    REQUIRE(problem);
    CHECK(problem->detail() == "this is UTF-32; save it as UTF-8");
  }
}

TEST_CASE("Windows-1252 has letters and signs where Latin-1 has control characters") {
  CHECK(to_utf8("Gr\xF6\xDF"
                "e \x80 5 \x96 \x93x\x94",
                Encoding::windows_1252) == "Größe € 5 – “x”");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  CHECK(aforro::is_valid_utf8(to_utf8(all, Encoding::windows_1252)));
  CHECK(aforro::count_characters(to_utf8(all, Encoding::windows_1252)) == 256);
}

TEST_CASE("an encoding is named as people write it") {
  CHECK(parse_encoding("UTF-8") == Encoding::utf8);
  CHECK(parse_encoding("utf16") == Encoding::utf16_le);
  CHECK(parse_encoding("utf-16be") == Encoding::utf16_be);
  CHECK(parse_encoding("Windows-1252") == Encoding::windows_1252);
  CHECK(parse_encoding("latin1") == Encoding::windows_1252);
  CHECK(parse_encoding("ISO-8859-1") == Encoding::windows_1252);
  CHECK(!parse_encoding("koi8-r"));
  CHECK(!parse_encoding(""));
}

TEST_CASE("who says UTF-16 leaves the order of the bytes to the mark") {
  CHECK(to_utf8(std::string("\xFE\xFF\0s"sv), Encoding::utf16_le) == "\xEF\xBB\xBFs");
  CHECK(to_utf8(std::string("\xFF\xFEs\0"sv), Encoding::utf16_be) == "\xEF\xBB\xBFs");
}

}  // namespace
