#include "base/lookalike.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace {

using aforro::foreign_character;
using aforro::invisible_character;
using aforro::is_shortened_number;
using aforro::look_of;

TEST_CASE("characters that cannot be seen are named") {
  CHECK(invisible_character("A\u200B1") == "U+200B");
  CHECK(invisible_character("\uFEFFA1") == "U+FEFF");
  for (const std::string_view hidden :
       {"\u00AD",     "\u034F",     "\u061C",     "\u115F",     "\u17B4", "\u180B", "\u180E", "\u200C",
        "\u200D",     "\u200E",     "\u202A",     "\u202E",     "\u2060", "\u2063", "\u2066", "\u2069",
        "\u206A",     "\u2800",     "\u3164",     "\uFE0F",     "\uFFA0", "\uFFF9", "\uFFFC", "\uFFFD",
        "\U0001D173", "\U000E0001", "\U000E0041", "\U000E0100", "\u00A0", "\u2003", "\u202F", "\u3000",
        "\u2028",     "\t",         "\n",         "\x07",       "\x7F",   "\u0085"}) {
    CAPTURE(hidden);
    CHECK(invisible_character("A" + std::string(hidden) + "1"));
  }
}

TEST_CASE("what can be seen is left alone, in every writing") {
  for (const std::string_view text :
       {"", "A-1", "A 1", "a_b/c#d.e", "Артикул-7", "カード", "काला", "เสื้อ", "É1", "한국", "😀", "م٣"}) {
    CAPTURE(text);
    CHECK(!invisible_character(text));
  }
}

TEST_CASE("of a text what can't be seen is left out, and blanks are spaces") {
  using namespace std::string_view_literals;
  CHECK(aforro::without_invisible("\uFEFFA\0=\u00A01\r\n\t\xFF\u200Bé\x07"sv) == "A= 1\r\n\té");
  CHECK(aforro::without_invisible("カード 1") == "カード 1");
}

TEST_CASE("codes that look alike have the same look") {
  for (const std::string_view twin :
       {"А-1", "Α-1", "Ꭺ-1", "ꓮ-1", "Ａ-1", "𝐀-1", "A‑1", "A–1", "A−1", "A-I", "A-l", "A-|", "А-І", "A-１"}) {
    CAPTURE(twin);
    CHECK(look_of(twin) == look_of("A-1"));
  }
  CHECK(look_of("MO-10") == look_of("M0-1O"));
  CHECK(look_of("СОРЕ") == look_of("COPE"));
  CHECK(look_of("сое") == look_of("coe"));
}

TEST_CASE("letters of two writings that look alike have the same look, and a look is its own") {
  for (const auto& pair : {std::pair<std::string_view, std::string_view>{"カ", "力"},
                           {"ロ", "口"},
                           {"ﾛ", "口"},
                           {"囗", "口"},
                           {"ニ", "二"},
                           {"ハ", "八"},
                           {"タ", "夕"},
                           {"エ", "工"},
                           {"ト", "卜"},
                           {"へ", "ヘ"},
                           {"べ", "ベ"},
                           {"ー", "一"},
                           {"ー", "-"},
                           {"Ο", "О"},
                           {"О", "O"},
                           {"Ο", "0"},
                           {"०", "O"},
                           {"〇", "0"},
                           {"З", "3"},
                           {"Г", "Γ"},
                           {"П", "Π"},
                           {"Ф", "Φ"},
                           {"φ", "ф"},
                           {"ß", "β"},
                           {"ي", "ی"},
                           {"Ⲟ", "O"},
                           {"日", "曰"},
                           {"ㅁ", "口"},
                           {"є", "ε"}}) {
    CAPTURE(pair.first);
    CAPTURE(pair.second);
    CHECK(look_of("SKU-" + std::string(pair.first)) == look_of("SKU-" + std::string(pair.second)));
    CHECK(look_of(look_of(pair.first)) == look_of(pair.first));
    CHECK(look_of(look_of(pair.second)) == look_of(pair.second));
  }
}

TEST_CASE("codes that differ to the eye have different looks") {
  for (const std::string_view other : {"a-1", "A1", "A-2", "B-1", "Д-1", "Á-1", "A-1 ", "カ-1"}) {
    CAPTURE(other);
    CHECK(look_of(other) != look_of("A-1"));
  }
  CHECK(look_of("カード") != look_of("ガード"));
  CHECK(look_of("ハ") != look_of("バ"));
  CHECK(look_of("シ") != look_of("ツ"));
  CHECK(look_of("キ") != look_of("カ"));
}

TEST_CASE("the first character that is not ASCII is named") {
  CHECK(foreign_character("A\u0410") == "U+0410");
  CHECK(foreign_character("😀") == "U+1F600");
  CHECK(!foreign_character("A-1"));
}

TEST_CASE("a number that a spreadsheet has shortened is known by its exponent") {
  for (const std::string_view text : {"1.23E+05", "1,23E+05", "4E+12", "1.5e-07", "8.90123E+12"}) {
    CAPTURE(text);
    CHECK(is_shortened_number(text));
  }
  for (const std::string_view text :
       {"", "1E5", "12E3", "E+05", "1.23E+", "1.23E+0x", "A1.2E+05", "123456", "12.3E+05", "1E"}) {
    CAPTURE(text);
    CHECK(!is_shortened_number(text));
  }
}

}  // namespace
