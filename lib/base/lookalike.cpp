// A code's look is a text of its own, and two codes look alike if their looks are the same: so look-alikes
// are found by a table and not by comparing all pairs. This is the skeleton of UTS #39 (Unicode Security
// Mechanisms), with a small table of our own: its confusables are about identifiers in all scripts, while
// codes of products are Latin letters and digits, letters that look like those, and some pairs of one or two
// other scripts. Digits and letters that are confused in print (O and 0, I, l and 1) are one as well.
#include "base/lookalike.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace aforro {
namespace {

// Calls `each` with every code point of valid UTF-8, until it returns false.
template <class F>
void while_code_points(std::string_view text, F&& each) {
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t c = 0;
    const auto taken = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
    const auto size = taken > 0 ? static_cast<std::size_t>(taken) : 1;
    if (!each(taken > 0 ? c : 0xFFFD, text.substr(at, size))) return;
    at += size;
  }
}

std::string name_of(utf8proc_int32_t c) {
  std::array<char, 16> name;
  std::snprintf(name.data(), name.size(), "U+%04X", static_cast<unsigned>(c));
  return name.data();
}

bool is_invisible(utf8proc_int32_t c) {
  if (c > ' ' && c < 0x7F) return false;
  if (c == ' ') return false;
  if (c == 0x2800 || c == 0xFFFC || c == 0xFFFD) return true;  // no dots, no object, no character
  if (utf8proc_get_property(c)->ignorable) return true;
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

// Letters beside the Latin ones that they look like, pair by pair.
constexpr std::u32string_view kLikeLatin =
    // Cyrillic
    U"АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYҮYХXԚQԜWѴVӀIԌGЬbаaсcԁdеeһhіiјjкkӏlоoрpԛqѕsуyүyхxѵvԝw"
    // Greek
    U"ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXϹCͿJαaγyιiκkνvοoρpυuχxϲcϳjωw"
    // Armenian
    U"ՕOՍUՏSԼLոnսuօoհhցgյjզq"
    // Cherokee
    U"ᎪAᏴBᏟCᎠDᎬEᏀGᎻHᎫJᏦKᏞLᎷMᏢPᎡRᏚSᎢTᏙVᎳWᏃZ"
    // Lisu
    U"ꓮAꓐBꓚCꓓDꓰEꓝFꓖGꓧHꓲIꓙJꓗKꓡLꓟMꓠNꓳOꓑPꓣRꓢSꓔTꓴUꓦVꓪWꓫXꓬYꓜZ"
    // Coptic
    U"ⲀAⲂBⲈEⲎHⲒIⲔKⲘMⲚNⲞOⲢPⲤCⲦTⲨYⲬXⲟoⲣpⲥcⲩyⲭx"
    // Hebrew and Arabic
    U"סoוlןlاlهo"
    // Zeros of India and beyond, and letters and rings like them
    U"०0০0੦0૦0୦0௦0౦0೦0൦0๐0໐0၀0០0ဝ0〇0○0◯0߀0"
    // Digits
    U"З3Ӡ3Ʒ3б6Ⳓ6৪8੪8"
    // Han, kana and hangul like strokes and boxes of ASCII
    U"一-ー-丨|ᅵ|ᅳ-〳/ノ/丿/ㇼ/"
    // Latin of other kinds, and signs
    U"ıiɑaɡgɩi×x⁄/∕/ǀ|∣|";

// Letters beside those of another writing that they look like, neither of them Latin.
constexpr std::u32string_view kLikeOthers =
    // Katakana and hiragana beside Han
    U"カ力ロ口囗口ニ二ハ八タ夕エ工ト卜ヒ匕メ乂ミ三オ才ム厶ヌ又ヨ彐チ千セ七イ亻サ廾ワ冖ケ亇ク勹"
    // Hiragana beside katakana
    U"へヘりリ"
    // Han beside Han
    U"曰日巳己已己"
    // Hangul beside Han
    U"ᄆ口ᄉ人"
    // Cyrillic beside Greek
    U"ГΓПΠФΦпπφфΛЛѲΘѳθѰΨѱψЄϵєϵεϵ"
    // Latin beside Greek
    U"ßβƩΣɛϵɸф"
    // Persian beside Arabic
    U"يیىیكک۰٠۱١۲٢۳٣۷٧۸٨۹٩";

static_assert(kLikeLatin.size() % 2 == 0 && kLikeOthers.size() % 2 == 0);

using Likenesses = std::vector<std::pair<char32_t, char32_t>>;

Likenesses make_likenesses() {
  Likenesses pairs;
  for (const std::u32string_view each : {kLikeLatin, kLikeOthers}) {
    for (std::size_t i = 0; i < each.size(); i += 2) pairs.emplace_back(each[i], each[i + 1]);
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// What it looks like: a character of ASCII, or one that stands for all that look like it; or itself.
char32_t look_of(char32_t c) {
  static const Likenesses likenesses = make_likenesses();
  if (c < 0x80) return c;
  const auto found = std::lower_bound(likenesses.begin(), likenesses.end(), c,
                                      [](const auto& pair, char32_t one) { return pair.first < one; });
  if (found != likenesses.end() && found->first == c) return found->second;
  const bool is_dash = utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_PD;
  return is_dash || c == 0x2212 || c == 0x02D7 || c == 0x2043 ? U'-' : c;
}

char digit_look(char c) {
  switch (c) {
    case 'O':
      return '0';
    case 'I':
    case 'l':
    case '|':
      return '1';
    default:
      return c;
  }
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Compatible forms are one, what can't be seen is gone.
std::string plain_forms(std::string_view text) {
  utf8proc_uint8_t* result = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &result,
                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                                                UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(result, &std::free);
  if (size < 0) throw std::runtime_error("text could not be mapped");
  return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::string> invisible_character(std::string_view text) {
  std::optional<std::string> found;
  while_code_points(text, [&](utf8proc_int32_t c, std::string_view) {
    if (is_invisible(c)) found = name_of(c);
    return !found;
  });
  return found;
}

std::string without_invisible(std::string_view text) {
  std::string visible;
  visible.reserve(text.size());
  while_code_points(text, [&](utf8proc_int32_t c, std::string_view bytes) {
    if (c == '\t' || c == '\n' || c == '\r' || !is_invisible(c)) {
      visible += bytes;
    } else if (utf8proc_category(c) == UTF8PROC_CATEGORY_ZS) {
      visible += ' ';
    }
    return true;
  });
  return visible;
}

std::string look_of(std::string_view text) {
  std::string look;
  if (is_ascii(text)) {
    look = text;
    std::transform(look.begin(), look.end(), look.begin(), digit_look);
    return look;
  }
  while_code_points(plain_forms(text), [&](utf8proc_int32_t c, std::string_view bytes) {
    const char32_t alike = c < 0 ? U'\0' : look_of(static_cast<char32_t>(c));
    if (alike != 0 && alike < 0x80) {
      look += digit_look(static_cast<char>(alike));
    } else if (alike == 0 || alike == static_cast<char32_t>(c)) {
      look += bytes;
    } else {
      std::array<utf8proc_uint8_t, 4> encoded;
      const auto size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(alike), encoded.data());
      look.append(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size));
    }
    return true;
  });
  return look;
}

bool is_shortened_number(std::string_view text) {
  if (text.empty() || !is_digit(text.front())) return false;
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '.' || text.front() == ',')) {
    const auto end = std::find_if_not(text.begin() + 1, text.end(), is_digit);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  }
  if (text.size() < 3 || (text[0] != 'E' && text[0] != 'e') || (text[1] != '+' && text[1] != '-'))
    return false;
  return std::all_of(text.begin() + 2, text.end(), is_digit);
}

std::optional<std::string> foreign_character(std::string_view text) {
  std::optional<std::string> found;
  while_code_points(text, [&](utf8proc_int32_t c, std::string_view) {
    if (c >= 0x80) found = name_of(c);
    return !found;
  });
  return found;
}

}  // namespace aforro
