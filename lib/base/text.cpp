#include "base/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/unicode_forms.h"

namespace aforro {
namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// One code point of valid or broken UTF-8 at `at`: its value (below 0 if broken) and how many bytes it has.
struct CodePoint {
  utf8proc_int32_t value;
  std::size_t bytes;
};

CodePoint code_point(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  utf8proc_int32_t value = -1;
  const auto bytes = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at),
                                      static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  return bytes > 0 ? CodePoint{value, static_cast<std::size_t>(bytes)} : CodePoint{-1, 1};
}

// Calls `each` with every code point.
template <class F>
void for_each_code_point(std::string_view text, F&& each) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point(text, at);
    each(point.value, text.substr(at, point.bytes));
    at += point.bytes;
  }
}

// Unicode's White_Space property.
bool is_space(utf8proc_int32_t c) {
  return c == 0x20 || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

bool is_control(utf8proc_int32_t c) { return utf8proc_category(c) == UTF8PROC_CATEGORY_CC; }

bool is_word_character(utf8proc_int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    default:
      return false;
  }
}

// Folded, white space as it was.
std::string fold_letters(std::string_view text) {
  if (is_ascii(text)) {
    std::string folded(text);
    for (char& c : folded) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return folded;
  }
  constexpr int kFold = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK |
                        UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  return in_utf8(decomposed(text, kFold));
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = code_point(text, at);
    if (point.value < 0) return false;
    at += point.bytes;
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<std::string> text_fault(std::string_view text, std::size_t min_characters,
                                      std::size_t max_characters) {
  if (!is_valid_utf8(text)) return "must be valid UTF-8";
  bool has_control = false;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view) {
    has_control = has_control || (is_control(c) && c != '\t' && c != '\n' && c != '\r');
  });
  if (has_control) return "must not have control characters but tab and line break";
  // No more than four characters become one in NFC, so most of what is too long need not be brought to it.
  const std::size_t given = count_characters(text);
  const std::size_t characters = given / 4 > max_characters ? given / 4 : count_characters(normalize(text));
  if (characters >= min_characters && characters <= max_characters) return std::nullopt;
  if (characters > max_characters)
    return "must have at most " + std::to_string(max_characters) + " characters";
  return min_characters == 1 ? std::string("must not be empty")
                             : "must have at least " + std::to_string(min_characters) + " characters";
}

std::optional<std::string> email_fault(std::string_view text) {
  constexpr std::size_t kMaxCharacters = 254;  // RFC 5321, 4.5.3.1.3, without the angle brackets
  const std::size_t at = text.find('@');
  const bool has_form = at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
                        text.find('@', at + 1) == std::string_view::npos &&
                        text.find_first_of(" \n\r\t") == std::string_view::npos;
  if (text_fault(text, 3, kMaxCharacters) || !has_form) return "must be an e-mail address";
  return std::nullopt;
}

std::string normalize(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  return composed(decomposed(text, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE));
}

std::string fold(std::string_view text) {
  const std::string letters = fold_letters(text);
  std::string folded;
  folded.reserve(letters.size());
  bool space_before = false;
  for_each_code_point(letters, [&](utf8proc_int32_t c, std::string_view bytes) {
    if (is_space(c) || is_control(c)) {
      space_before = !folded.empty();
      return;
    }
    if (space_before) folded += ' ';
    space_before = false;
    folded += bytes;
  });
  return folded;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  std::size_t characters = 0;  // of the word that this is inside of
  for_each_code_point(fold_letters(text), [&](utf8proc_int32_t c, std::string_view bytes) {
    if (!is_word_character(c)) {
      characters = 0;
      return;
    }
    if (characters == 0) found.emplace_back();
    ++characters;
    if (characters <= kMaxWordCharacters) found.back() += bytes;
  });
  return found;
}

std::string join_words(std::string_view text) {
  std::string joined;
  for (const std::string& word : words(text)) {
    if (!joined.empty()) joined += ' ';
    joined += word;
  }
  return joined;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view) {
    width += static_cast<std::size_t>(std::max(0, utf8proc_charwidth(c)));
  });
  return width;
}

std::string_view trim(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view bytes) {
    if (c >= 0 && is_space(c)) return;
    const auto at = static_cast<std::size_t>(bytes.data() - text.data());
    begin = std::min(begin, at);
    end = at + bytes.size();
  });
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> candidates) {
  constexpr std::size_t kMaxBytes = 64;
  if (name.size() > kMaxBytes) return std::nullopt;
  std::optional<std::string_view> nearest;
  std::size_t fewest = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    // Edits with transpositions of neighbours counted as one (optimal string alignment).
    std::vector<std::vector<std::size_t>> edits(name.size() + 1,
                                                std::vector<std::size_t>(candidate.size() + 1));
    for (std::size_t i = 0; i <= name.size(); ++i) edits[i][0] = i;
    std::iota(edits[0].begin(), edits[0].end(), std::size_t{0});
    for (std::size_t i = 1; i <= name.size(); ++i) {
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t change = name[i - 1] == candidate[j - 1] ? 0 : 1;
        edits[i][j] = std::min({edits[i - 1][j] + 1, edits[i][j - 1] + 1, edits[i - 1][j - 1] + change});
        if (i > 1 && j > 1 && name[i - 1] == candidate[j - 2] && name[i - 2] == candidate[j - 1]) {
          edits[i][j] = std::min(edits[i][j], edits[i - 2][j - 2] + 1);
        }
      }
    }
    if (edits[name.size()][candidate.size()] < fewest) {
      fewest = edits[name.size()][candidate.size()];
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace aforro
