#include "base/text.h"

#include <algorithm>
#include <numeric>

#include "base/code_points.h"
#include "base/unicode_forms.h"

namespace aforro {

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

std::string with_spaces_for_controls(std::string_view text) {
  std::string spaced;
  spaced.reserve(text.size());
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view bytes) {
    is_control(c) ? spaced += ' ' : spaced += bytes;
  });
  return spaced;
}

std::string for_terminal(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view bytes) {
    const bool ends_line = c == 0x2028 || c == 0x2029;
    const bool turns = c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                       (c >= 0x2066 && c <= 0x2069);
    c < 0 || is_control(c) || ends_line || turns ? shown += ' ' : shown += bytes;
  });
  return shown;
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
    const std::size_t count = edits[name.size()][candidate.size()];
    // A name of one letter is one edit from every other, with which it has nothing in common.
    if (count < fewest && count < std::max(name.size(), candidate.size())) {
      fewest = count;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace aforro
