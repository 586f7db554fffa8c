// Text of any language made comparable: validity, Unicode normal form, folding, splitting into words.
// One place for all of it, so that what is stored, what is searched for and what is compared agree on every
// engine. Standards: UTF-8 (RFC 3629), Unicode NFC and NFKD (UAX #15), by libutf8proc.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aforro {

bool is_valid_utf8(std::string_view text);

// Unicode code points in valid UTF-8.
std::size_t count_characters(std::string_view text);

// Characters of valid UTF-8 as people type them: grapheme clusters (UAX #29), so that a letter with its
// accents is one, and a family of emoji. Where fold() takes marks for letters each counts for itself: पानी is
// typed with four keys, and is four.
std::size_t count_typed_characters(std::string_view text);

// Why a text cannot be stored, or nothing: broken UTF-8, a control character other than tab and line break
// (carriage return too), fewer or more characters than allowed (counted in NFC). Worded for a Fault.
std::optional<std::string> text_fault(std::string_view text, std::size_t min_characters,
                                      std::size_t max_characters);

// Why a text cannot be kept as an e-mail address, or nothing. Looks at its form alone: whether mail arrives
// there, only mail can tell.
std::optional<std::string> email_fault(std::string_view text);

// NFC. The input must be valid UTF-8.
std::string normalize(std::string_view text);

// The key by which texts are compared, sorted and suggested, without regard to case and accents: NFKD; marks
// dropped on Latin and Greek letters, the points of Arabic and Hebrew dropped, ё is е, all other marks kept;
// characters that are not seen (Default_Ignorable_Code_Point) dropped; case folded; NFC. Runs of white space
// and control characters become one space, none at the ends. The input must be valid UTF-8.
std::string fold(std::string_view text);

inline constexpr std::size_t kMaxWordCharacters = 255;  // what PostgreSQL can index is 2,047 bytes

// The folded words of a text in order: runs of letters and digits with the marks on them, and each emoji by
// itself; everything else separates. "MX-500" is two. Of a longer word the beginning counts, as in what is
// searched for.
std::vector<std::string> words(std::string_view text);

// words(), joined by one space each: what is stored for the search index.
std::string join_words(std::string_view text);

// True if all of the text is in characters of Chinese, Japanese or Korean, and there are any.
bool is_chinese_japanese_or_korean(std::string_view text);

// True if any character of the text is one of Chinese, Japanese or Korean …
bool has_chinese_japanese_or_korean(std::string_view text);
// … or is a digit or another number (Unicode's category N), of whatever script.
bool has_number(std::string_view text);

// Every character of Chinese, Japanese or Korean in the folded text, and every two that follow each other:
// each once, in bytewise order, joined by one space. What finds texts in which no spaces tell the words apart
// by one or two characters; nothing for other scripts.
std::string join_pairs(std::string_view text);

// The text with a space for each control character.
std::string with_spaces_for_controls(std::string_view text);

// Any bytes as a terminal may be shown them, on one line: a space for each control character, for what ends a
// line or turns the direction of writing, and for each byte that is no UTF-8.
std::string for_terminal(std::string_view text);

// How many columns of a terminal a text takes: none for marks, two for wide letters. The input must be valid
// UTF-8.
std::size_t display_width(std::string_view text);

// Without the white space (Unicode's) at both ends.
std::string_view trim(std::string_view text);

// The candidate nearest to a misspelt ASCII name (fewest edits, at most a third of its length, at least one),
// or nothing when none is near.
std::optional<std::string_view> nearest_name(std::string_view name,
                                             std::span<const std::string_view> candidates);

}  // namespace aforro
