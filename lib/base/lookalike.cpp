// A code's look is a text of its own, and two codes look alike if their looks are the same: so look-alikes
// are found by a table and not by comparing all pairs. This is the skeleton of UTS #39 (Unicode Security
// Mechanisms), with a small table of our own: its confusables are about identifiers in all scripts, while
// codes of products are Latin letters and digits, or letters that look like those. Digits and letters that
// are confused in print (O and 0, I, l and 1) are one as well.
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
    // Latin of other kinds, and signs
    U"ıiɑaɡgɩi×x⁄/∕/";

static_assert(kLikeLatin.size() % 2 == 0);

std::vector<std::pair<char32_t, char>> make_likenesses() {
  std::vector<std::pair<char32_t, char>> pairs;
  for (std::size_t i = 0; i + 1 < kLikeLatin.size(); i += 2) {
    pairs.emplace_back(kLikeLatin[i], static_cast<char>(kLikeLatin[i + 1]));
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

// What it looks like in ASCII; 0 if it looks like nothing there.
char latin_look(utf8proc_int32_t c) {
  static const std::vector<std::pair<char32_t, char>> likenesses = make_likenesses();
  if (c < 0x80) return static_cast<char>(c);
  if (utf8proc_category(c) == UTF8PROC_CATEGORY_PD || c == 0x2212 || c == 0x02D7 || c == 0x2043) return '-';
  const auto wanted = static_cast<char32_t>(c);
  const auto found = std::lower_bound(likenesses.begin(), likenesses.end(), wanted,
                                      [](const auto& pair, char32_t one) { return pair.first < one; });
  return found != likenesses.end() && found->first == wanted ? found->second : '\0';
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

std::string look_of(std::string_view text) {
  std::string look;
  if (is_ascii(text)) {
    look = text;
    std::transform(look.begin(), look.end(), look.begin(), digit_look);
    return look;
  }
  while_code_points(plain_forms(text), [&](utf8proc_int32_t c, std::string_view bytes) {
    // What looks like nothing in ASCII keeps its own look.
    if (const char latin = latin_look(c)) {
      look += digit_look(latin);
    } else {
      look += bytes;
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
