// Code points one by one, and what Unicode says of each: for base/text alone. Functions without state.
#pragma once

#include <utf8proc.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace aforro {

// One code point of valid or broken UTF-8: its value (below 0 if broken) and how many bytes it has.
struct CodePoint {
  utf8proc_int32_t value;
  std::size_t bytes;
};

inline CodePoint code_point(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  utf8proc_int32_t value = -1;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                      static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  return bytes > 0 ? CodePoint{value, static_cast<std::size_t>(bytes)} : CodePoint{-1, 1};
}

// Calls `each` with every code point and its bytes.
template <class F>
void for_each_code_point(std::string_view text, F&& each) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point(text, at);
    each(point.value, text.substr(at, point.bytes));
    at += point.bytes;
  }
}

inline bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Unicode's White_Space property.
inline bool is_space(utf8proc_int32_t c) {
  return c == 0x20 || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

inline bool is_control(utf8proc_int32_t c) { return utf8proc_category(c) == UTF8PROC_CATEGORY_CC; }

// A digit, or what stands for a number otherwise: Ⅷ, ½.
inline bool is_number(utf8proc_int32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

// A letter or a digit.
inline bool is_letter(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return true;
    default:
      return is_number(c);
  }
}

// Something that is written onto the character before it: an accent, a vowel of Hindi or Thai, a frame.
inline bool is_mark(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return true;
    default:
      return false;
  }
}

// An emoji or another picture (Extended_Pictographic), without what changes its colour.
inline bool is_picture(utf8proc_int32_t c) {
  return utf8proc_get_property(c)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

// Half of a flag.
inline bool is_regional_indicator(utf8proc_int32_t c) { return c >= 0x1F1E6 && c <= 0x1F1FF; }

}  // namespace aforro
