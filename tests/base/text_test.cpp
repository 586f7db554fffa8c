#include "base/text.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace aforro;  // NOLINT: all of the file is under test
using namespace std::string_view_literals;
using Words = std::vector<std::string>;

const std::array kBroken = {
    "\x80"sv,                      // a following byte alone
    "\xBF"sv,                      //
    "\xC3"sv,                      // cut off after one byte of two
    "\xE2\x82"sv,                  // after two of three
    "\xF0\x9F\x98"sv,              // after three of four
    "\xC3\x28"sv,                  // a following byte that is none
    "\xE2\x28\xA1"sv,              //
    "\xE2\x82\x28"sv,              //
    "\xF0\x28\x8C\xBC"sv,          //
    "\xC0\xAF"sv,                  // too long a form of "/"
    "\xC1\xBF"sv,                  //
    "\xE0\x80\xAF"sv,              //
    "\xF0\x80\x80\xAF"sv,          //
    "\xC0\x80"sv,                  // of NUL
    "\xED\xA0\x80"sv,              // half a surrogate pair
    "\xED\xBF\xBF"sv,              //
    "\xED\xA0\xBD\xED\xB8\x80"sv,  // both halves, as CESU-8 has them
    "\xF4\x90\x80\x80"sv,          // past U+10FFFF
    "\xF5\x80\x80\x80"sv,          //
    "\xF8\x88\x80\x80\x80"sv,      // five bytes
    "\xFE"sv,
    "\xFF"sv,
};

TEST_CASE("valid UTF-8 is told from broken of every kind, wherever it stands") {
  for (const std::string_view broken : kBroken) {
    CAPTURE(broken);
    CHECK(!is_valid_utf8(broken));
    CHECK(!is_valid_utf8(std::string("caf\xC3\xA9 ") + std::string(broken)));
    CHECK(!is_valid_utf8(std::string(broken) + " caf\xC3\xA9"));
  }
  for (const std::string_view valid :
       {""sv, "a"sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xEF\xBF\xBD"sv, "\xEF\xBF\xBE"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv,
        "\xF4\x8F\xBF\xBF"sv}) {
    CAPTURE(valid);
    CHECK(is_valid_utf8(valid));
  }
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("abc") == 3);
  CHECK(count_characters("café") == 4);
  CHECK(count_characters("cafe\u0301") == 5);
  CHECK(count_characters("😀") == 1);
}

TEST_CASE("people count a letter with its marks as one, and an emoji of several") {
  CHECK(count_typed_characters("") == 0);
  CHECK(count_typed_characters("cafe\u0301") == 4);
  CHECK(count_typed_characters("पानी") == 4);
  CHECK(count_typed_characters("น้ำ") == 3);
  CHECK(count_typed_characters("ガラス") == 3);
  CHECK(count_typed_characters("\u1112\u1161\u11AB") == 1);
  CHECK(count_typed_characters("👨‍👩‍👧🇩🇪👍🏽") == 3);
}

TEST_CASE("nothing that a terminal is shown speaks to it, whatever the bytes are") {
  CHECK(for_terminal("Café ☕ カード") == "Café ☕ カード");
  CHECK(for_terminal("a\tb\nc\rd") == "a b c d");
  CHECK(for_terminal("\x1B[2J") == " [2J");
  CHECK(for_terminal("\x7F\xC2\x9B") == "  ");
  CHECK(for_terminal("\x9B"
                     "2J\xFF") == " 2J ");  // CSI of eight bits, and no UTF-8
  CHECK(for_terminal("\u202Eabc\u2066\u2028\u2029") == " abc   ");
  CHECK(for_terminal("👨‍👩‍👧\u200E\u200F\u061C") == "👨‍👩‍👧   ");
}

TEST_CASE("Chinese, Japanese and Korean are told from other scripts") {
  for (const std::string_view text :
       {"赤い"sv, "ガラ"sv, "カ\u3099"sv, "한국"sv, "ﾊﾟ"sv, "靴"sv, "ㄅ"sv, "々"sv, "𠮷"sv}) {
    CAPTURE(text);
    CHECK(is_chinese_japanese_or_korean(text));
  }
  for (const std::string_view text :
       {""sv, "ab"sv, "靴a"sv, "赤 い"sv, "पानी"sv, "น้ำ"sv, "ＡＢ"sv, "\u3099"sv, "\u200B"sv}) {
    if (text == "\u3099"sv) continue;  // of kana alone
    CAPTURE(text);
    CHECK(!is_chinese_japanese_or_korean(text));
  }
}

TEST_CASE("one character of Chinese, Japanese or Korean, or one number, is seen among others") {
  for (const std::string_view text : {"赤い"sv, "t恤"sv, "a한"sv, "ー"sv}) {
    CAPTURE(text);
    CHECK(has_chinese_japanese_or_korean(text));
  }
  for (const std::string_view text : {""sv, "abc"sv, "पानी"sv, "7"sv, "\xFF"sv})
    CHECK(!has_chinese_japanese_or_korean(text));
  for (const std::string_view text : {"7"sv, "mx500"sv, "१"sv, "ⅷ"sv, "½"sv}) {
    CAPTURE(text);
    CHECK(has_number(text));
  }
  for (const std::string_view text : {""sv, "abc"sv, "पानी"sv, "赤い"sv, "\xFF"sv}) CHECK(!has_number(text));
}

TEST_CASE("pairs are of Chinese, Japanese and Korean alone, and of what stands side by side") {
  CHECK(join_pairs("赤い靴").size() == std::string("い い靴 赤 赤い 靴").size());
  CHECK(join_pairs("赤い靴") == "い い靴 赤 赤い 靴");
  CHECK(join_pairs("赤 Mug い") == "い 赤");
  CHECK(join_pairs("赤赤赤") == "赤 赤赤");
  CHECK(join_pairs("ｶﾞ") == "ガ");
  CHECK(join_pairs("Red Mug").empty());
  CHECK(join_pairs("Café पानी").empty());
}

TEST_CASE("a text that may be stored has no fault; tab and line breaks may stay") {
  CHECK(!text_fault("Red Mug", 1, 10));
  CHECK(!text_fault("one\ttwo\nthree\r\n", 1, 100));
  CHECK(!text_fault("", 0, 10));
  CHECK(!text_fault("日本語 العربية 😀", 1, 100));
}

TEST_CASE("broken UTF-8 and control characters cannot be stored") {
  for (const std::string_view broken : kBroken) CHECK(text_fault(broken, 0, 100) == "must be valid UTF-8");
  for (const std::string_view control :
       {"\0"sv, "\x01"sv, "\x08"sv, "\x0B"sv, "\x0C"sv, "\x0E"sv, "\x1B[31m"sv, "\x1F"sv, "\x7F"sv,
        "\xC2\x80"sv, "\xC2\x85"sv, "\xC2\x9F"sv, "a\0b"sv}) {
    CAPTURE(control);
    CHECK(text_fault(control, 0, 100) == "must not have control characters but tab and line break");
  }
}

TEST_CASE("the length of a text counts in the form in which it is stored") {
  CHECK(!text_fault("ab", 2, 2));
  CHECK(text_fault("abc", 1, 2) == "must have at most 2 characters");
  CHECK(text_fault("", 1, 2) == "must not be empty");
  CHECK(text_fault("a", 2, 3) == "must have at least 2 characters");
  CHECK(!text_fault("e\u0301e\u0301", 1, 2));           // é, é
  CHECK(text_fault("\u0958\u0958", 1, 2).has_value());  // composed letters that NFC takes apart
}

TEST_CASE("the normal form composes what can be composed, and only that") {
  CHECK(normalize("cafe\u0301") == "caf\u00E9");
  CHECK(normalize("caf\u00E9") == "caf\u00E9");
  CHECK(normalize("\u212B") == "\u00C5");                // the sign for ångström is the letter
  CHECK(normalize("\u1112\u1161\u11AB") == "\uD55C");    // Hangul of three parts
  CHECK(normalize("q\u0307\u0323") == "q\u0323\u0307");  // marks in their order
  CHECK(normalize("\uFB01") == "\uFB01");                // a ligature stays: it is another text
  CHECK(normalize("plain") == "plain");
  CHECK(normalize("") == "");
}

TEST_CASE("case does not count, in any alphabet that has it") {
  CHECK(fold("RED Mug") == "red mug");
  CHECK(fold("ÀÉÎÕÜ") == "aeiou");
  CHECK(fold("ΑΘΗΝΑ") == fold("αθηνα"));
  CHECK(fold("ΟΔΟΣ") == fold("οδος"));  // both forms of the small sigma
  CHECK(fold("МОСКВА") == fold("москва"));
  CHECK(fold("ՀԱՅ") == fold("հայ"));
  CHECK(fold("𐐀") == fold("𐐨"));  // Deseret, past the first plane
}

TEST_CASE("accents do not count, however they are written") {
  CHECK(fold("Café Crème") == "cafe creme");
  CHECK(fold("Cafe\u0301") == "cafe");
  CHECK(fold("Büro") == "buro");
  CHECK(fold("Ångström") == "angstrom");
  CHECK(fold("Việt Nam") == "viet nam");
  CHECK(fold("Ελλάδα") == fold("Ελλαδα"));
  CHECK(fold("מַיִם") == fold("מים"));
  CHECK(fold("e\u0301\u0302\u0303\u0304") == "e");
}

TEST_CASE(
    "marks do not count on Latin and Greek letters, nor the points of Arabic and Hebrew, nor two dots on ё") {
  CHECK(fold("ᾳ ῷ ΐ Ϋ") == "α ω ι υ");
  CHECK(fold("a\u0345 \u03B1\u0345") == "a α");
  CHECK(fold("n\u0303\u20DD") == "n");
  CHECK(fold("مُحَمَّد") == "محمد");
  CHECK(fold("أحمد إلى آب مؤمن رحمٰن") == "احمد الى اب مومن رحمن");
  CHECK(fold("שָׁלוֹם") == "שלום");
  CHECK(fold("בֵּית־סֵפֶר") == "בית־ספר");  // the hyphen is none of the points
  CHECK(fold("Ёлка ёж") == "елка еж");
  CHECK(fold("\u0415\u0308\u0301") == "е\u0301");
}

TEST_CASE("elsewhere marks are letters, which tell words apart") {
  const std::vector<std::pair<std::string, std::string>> different = {
      {"カード", "ガード"},
      {"クラス", "グラス"},
      {"ハブ", "バブ"},
      {"バブ", "パブ"},
      {"काला", "कल"},
      {"कला", "काला"},
      {"เสื้อ", "เสือ"},
      {"ไข", "ไข่"},
      {"Рой", "Рои"},
      {"\u0406жак", "\u0407жак"},
      {"কলা", "কাল"},
      {"தண்ணீர்", "தணணர"},
      {"\u092B", "\u092B\u093C"},  // with and without the dot below
  };
  for (const auto& pair : different) {
    CAPTURE(pair.first);
    CAPTURE(pair.second);
    CHECK(fold(pair.first) != fold(pair.second));
    CHECK(words(pair.first) != words(pair.second));
  }
}

TEST_CASE("a key is composed, so that what begins a text are whole letters") {
  CHECK(fold("カ\u3099") == "ガ");
  CHECK(fold("\u1112\u1161\u11AB") == "\uD55C");
  CHECK(!fold("ガラス").starts_with(fold("カ")));
  CHECK(!fold("йод").starts_with(fold("и")));
  CHECK(!fold("한국").starts_with(fold("하")));
  CHECK(fold("\u0958") == fold("\u0915\u093C"));  // a letter that NFC takes apart
}

TEST_CASE("the Turkish dotted capital I is an i, the dotless small one is a letter of its own") {
  CHECK(fold("İstanbul") == "istanbul");
  CHECK(fold("ISTANBUL") == "istanbul");
  CHECK(fold("ısı") != fold("isi"));
  CHECK(fold("I\u0307") == "i");
}

TEST_CASE("a sharp s is two, ligatures and other compatible forms are what they stand for") {
  CHECK(fold("Straße") == "strasse");
  CHECK(fold("STRAẞE") == "strasse");
  CHECK(fold("ﬁne oﬃce") == "fine office");
  CHECK(fold("ﬆ") == "st");
  CHECK(fold("ＦＵＬＬ　ｗｉｄｔｈ") == "full width");
  CHECK(fold("x² ½") == "x2 1\u20442");
  CHECK(fold("Ⅷ ™ ①") == "viii tm 1");
  CHECK(fold("ŉ") == "\u02BCn");
  CHECK(fold("ǅ") == "dz");
  CHECK(fold("ﾊﾟｿｺﾝ") == "パソコン");
}

TEST_CASE("letters that only look like others stay themselves") {
  CHECK(fold("Øre") == "øre");
  CHECK(fold("Łódź") == "łodz");
  CHECK(fold("а") != fold("a"));  // Cyrillic and Latin
  CHECK(fold("日本語") == "日本語");
}

TEST_CASE("what is not seen does not count: joiners, soft hyphens, byte order marks") {
  CHECK(fold("soft\u00ADhyphen") == "softhyphen");
  CHECK(fold("zero\u200Bwidth\u200D\u2060") == "zerowidth");
  CHECK(fold("\uFEFFmark") == "mark");
  CHECK(fold("❤\uFE0F") == fold("❤"));
  CHECK(fold("カ\u200D\u3099") == "ガ");
  CHECK(fold("e\u034F\u0301") == "e");
  CHECK(fold("का\u200Cला") == fold("काला"));
}

TEST_CASE("white space of every kind is one space between, none at the ends") {
  CHECK(fold("  a \t\r\n b  ") == "a b");
  CHECK(fold("a\u00A0\u2003\u3000b\u2028c\u0085d") == "a b c d");
  CHECK(fold(" \u2003 ").empty());
  CHECK(fold("").empty());
}

TEST_CASE("a control character counts as a space") {
  CHECK(fold("a\0b"sv) == "a b");
  CHECK(fold("\x01"
             "a\x1F\x7F"
             "b\x02") == "a b");
  CHECK(fold("é\0è"sv) == "e e");
}

TEST_CASE("what is folded already stays as it is") {
  for (const std::string_view text :
       {"Café  Crème"sv, "STRAẞE"sv, "İI ıi"sv, "ﬁ ǅ Ⅷ ½"sv, "ΟΔΟΣ ὈΔΥΣΣΕΎΣ"sv, "Å \u1E9B\u0323 \u0345"sv,
        "한국어 ㄱ ﾊﾟ"sv, "a\u00A0b\u3000"sv, "\uFDFA"sv, "ᾳ ᾼ ῼ"sv, "𝔘𝔫𝔦𝔠𝔬𝔡𝔢"sv, "и\u0345\u0301 ガ゛ か゚"sv,
        "पानी เสื้อ שָׁלוֹם مُحَمَّد Ё й"sv, "\u3099\u0301a"sv, "🇩🇪👍🏽1️⃣"sv}) {
    CAPTURE(text);
    const std::string once = fold(text);
    CHECK(fold(once) == once);
    CHECK(words(once) == words(text));
  }
}

// Every character there can be, each on a line of its own.
std::string every_character() {
  std::string all;
  for (char32_t c = 1; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;  // halves of pairs, which are no characters
    const auto byte = [&all](char32_t bits) { all += static_cast<char>(bits); };
    if (c < 0x80) {
      byte(c);
    } else if (c < 0x800) {
      byte(0xC0 | c >> 6);
      byte(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      byte(0xE0 | c >> 12);
      byte(0x80 | (c >> 6 & 0x3F));
      byte(0x80 | (c & 0x3F));
    } else {
      byte(0xF0 | c >> 18);
      byte(0x80 | (c >> 12 & 0x3F));
      byte(0x80 | (c >> 6 & 0x3F));
      byte(0x80 | (c & 0x3F));
    }
    all += '\n';
  }
  return all;
}

TEST_CASE("every character of Unicode is valid, and is folded and normalized once and for all") {
  const std::string all = every_character();
  CHECK(is_valid_utf8(all));
  CHECK(count_characters(all) == 2 * (0x10FFFF - 0x800));
  const std::string folded = fold(all);
  CHECK(fold(folded) == folded);
  CHECK(words(folded) == words(all));
  const std::string normal = normalize(all);
  CHECK(normalize(normal) == normal);
  CHECK(fold(normal) == folded);
}

TEST_CASE("a mark on any letter is folded once and for all, however the two are put together") {
  std::vector<std::string> marks;
  const std::string all = every_character();
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at);
    if (const std::string mark = all.substr(at, end - at); count_typed_characters("a" + mark) == 1)
      marks.push_back(mark);
    at = end + 1;
  }
  CHECK(marks.size() > 2'000);
  for (const std::string_view letter :
       {"a"sv, "Ω"sv, "и"sv, "Е"sv, "カ"sv, "क"sv, "ก"sv, "א"sv, "ب"sv, "1"sv, "한"sv, " "sv}) {
    CAPTURE(letter);
    std::string texts;
    for (const std::string& mark : marks) texts += std::string(letter) + mark + "\u0301x ";
    const std::string folded = fold(texts);
    CHECK(fold(folded) == folded);
    CHECK(fold(normalize(texts)) == folded);
    CHECK(words(folded) == words(texts));
  }
}

TEST_CASE("words are runs of letters and digits, folded, everything else separates") {
  CHECK(words("Café Crème Cups") == Words{"cafe", "creme", "cups"});
  CHECK(words("MX-500") == Words{"mx", "500"});
  CHECK(words("AC/DC's 24\" \"best-of\" (2nd)") == Words{"ac", "dc", "s", "24", "best", "of", "2nd"});
  CHECK(words("title:red* NEAR(a b) -x") == Words{"title", "red", "near", "a", "b", "x"});
  CHECK(words("e\u0301te\u0301") == Words{"ete"});
  CHECK(words("soft\u00ADhyphen") == Words{"softhyphen"});
  CHECK(words("a\0b"sv) == Words{"a", "b"});
  CHECK(words("日本語 テスト") == Words{"日本語", "テスト"});
  CHECK(words("पानी की बोतल") == Words{"पानी", "की", "बोतल"});
  CHECK(words("น้ำดื่ม, ไข่ไก่") == Words{fold("น้ำดื่ม"), fold("ไข่ไก่")});
  CHECK(words("தண்ணீர்") == Words{"தண்ணீர்"});
  CHECK(words("٣ Ⅷ") == Words{"٣", "viii"});
}

TEST_CASE("an emoji is a word by itself, whatever colour it has") {
  CHECK(words("😀mug😀😀") == Words{"😀", "mug", "😀", "😀"});
  CHECK(words("👍🏽") == words("👍"));
  CHECK(words("❤️") == Words{"❤"});
  CHECK(words("👨‍👩‍👧") == Words{"👨", "👩", "👧"});
  CHECK(words("🇩🇪🇫🇷") == Words{"🇩🇪", "🇫🇷"});
  CHECK(words("🇩") == Words{"🇩"});
  CHECK(words("1️⃣ #️⃣") == Words{"1"});
}

TEST_CASE("a text without letters, digits and emoji has no words") {
  CHECK(words("").empty());
  CHECK(words(" \t\n").empty());
  CHECK(words("*-()\"'!?").empty());
  CHECK(words("\u0301").empty());
  CHECK(words("\u093E \u0E49").empty());  // vowel signs that are on nothing
  CHECK(words("\u200B\uFE0F\u200D").empty());
  CHECK(join_words("...").empty());
}

TEST_CASE("of a long word the beginning counts, in letters of any size") {
  const std::string whole(aforro::kMaxWordCharacters, 'x');
  CHECK(words(whole + "yz end") == Words{whole, "end"});
  std::string greek;
  for (int i = 0; i < 1'000; ++i) greek += "λ";
  CHECK(words(greek) == Words{greek.substr(0, 2 * aforro::kMaxWordCharacters)});
}

TEST_CASE("words are joined by one space, and are the same words again") {
  CHECK(join_words("  Red--Mug, 24\" ") == "red mug 24");
  CHECK(words(join_words("Straße №5 ½")) == words("Straße №5 ½"));
}

TEST_CASE("white space at the ends is trimmed, of every kind, and none inside") {
  CHECK(trim("  a b\t\r\n") == "a b");
  CHECK(trim("\u00A0\u3000é\u2003") == "é");
  CHECK(trim("   ").empty());
  CHECK(trim("").empty());
  CHECK(trim("\u200B") == "\u200B");  // not white space by Unicode
  CHECK(trim(" \0 "sv) == "\0"sv);
  CHECK(trim(" \xFF ") == "\xFF");
}

TEST_CASE("a text takes as many columns as a terminal shows it in") {
  CHECK(display_width("Mug") == 3);
  CHECK(display_width("Café") == 4);
  CHECK(display_width("Cafe\u0301") == 4);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("a\u200Bb") == 2);
  CHECK(display_width("") == 0);
}

constexpr std::array<std::string_view, 5> kNames = {"min_price", "max_price", "page", "page_size", "q"};

TEST_CASE("the nearest name to a slip is found: a letter wrong, missing, added or swapped") {
  CHECK(nearest_name("min_pirce", kNames) == "min_price");
  CHECK(nearest_name("min_pric", kNames) == "min_price");
  CHECK(nearest_name("min_pricee", kNames) == "min_price");
  CHECK(nearest_name("max-price", kNames) == "max_price");
  CHECK(nearest_name("pagesize", kNames) == "page_size");
  CHECK(nearest_name("pgae", kNames) == "page");
  CHECK(nearest_name("minprice", kNames) == "min_price");
  CHECK(nearest_name("page", kNames) == "page");
}

TEST_CASE("a name that is like none is like none") {
  CHECK(!nearest_name("colour", kNames));
  CHECK(!nearest_name("store", kNames));
  CHECK(!nearest_name("price", kNames));
  CHECK(!nearest_name("", std::array<std::string_view, 1>{"page"}));
  CHECK(!nearest_name("page", {}));
  CHECK(!nearest_name("x", kNames));  // one edit from "q", and from nothing at all
  CHECK(!nearest_name("x", std::array<std::string_view, 1>{""}));
  CHECK(!nearest_name(std::string(10'000, 'p'), kNames));
}

TEST_CASE("of two names that are as near the first is taken") {
  constexpr std::array<std::string_view, 2> kBoth = {"mina", "minb"};
  CHECK(nearest_name("min", kBoth) == "mina");
}

}  // namespace
