// How texts are compared. The same letters with and without accents, in capitals and small, in each form in
// which they can be typed, have one key; different letters have different ones. What an accent is to some
// scripts is the letter to others: カ and ガ, कल and काला, и and й differ in a mark alone. So marks are
// dropped where readers take the letter for the same (Latin, Greek, the points of Arabic and Hebrew, ё) and
// kept elsewhere. To drop all of them, as this did once, made one name of カード and ガード.
//
// The order matters. Decomposed first (NFKD), so that a mark stands apart from its letter however the two
// were typed, and characters that are not seen are gone, so that they do not stand between the two. Marks are
// judged before the case is folded: the iota under ᾳ is a mark, whose capital would be a letter. Marks have
// no case here. Composed at the end (NFC), so that the beginning of a key is the beginning of whole letters:
// カ is not the beginning of ガ.
//
// Neither engine does the folding. Their collations and tokenizers differ from each other and from one
// version to the next, and an index made by one would be wrong under another.
#include <array>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "base/code_points.h"
#include "base/text.h"
#include "base/unicode_forms.h"
#include "base/word_spans.h"

namespace aforro {
namespace {

struct Range {
  utf8proc_int32_t first;
  utf8proc_int32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, utf8proc_int32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// The blocks of Latin and of Greek, from the first past ASCII on. Coptic shares one with Greek and is none.
constexpr std::array kLatinAndGreek{
    Range{0x00C0, 0x02AF},    // Latin-1 to IPA
    Range{0x0370, 0x03E1},    // Greek
    Range{0x03F0, 0x03FF},    //
    Range{0x1D00, 0x1D2A},    // phonetic small capitals
    Range{0x1D6B, 0x1D9A},    //
    Range{0x1E00, 0x1FFF},    // Latin additional, Greek extended
    Range{0x2C60, 0x2C7F},    // Latin C
    Range{0xA722, 0xA7FF},    // Latin D
    Range{0xAB30, 0xAB6F},    // Latin E
    Range{0x10780, 0x107BF},  // Latin F
    Range{0x1DF00, 0x1DFFF},  // Latin G
};

constexpr std::array kChineseJapaneseKorean{
    Range{0x1100, 0x11FF},    // Hangul
    Range{0x2E80, 0x2FDF},    // radicals
    Range{0x3005, 0x3007},    // repetition, closing, zero
    Range{0x3021, 0x3029},    // numerals
    Range{0x3031, 0x3035},    // repetition of kana
    Range{0x3038, 0x303C},    //
    Range{0x3041, 0x318F},    // kana, Bopomofo, Hangul
    Range{0x31A0, 0x31BF},    // Bopomofo
    Range{0x31F0, 0x31FF},    // kana
    Range{0x3400, 0x4DBF},    // Han
    Range{0x4E00, 0x9FFF},    //
    Range{0xA960, 0xA97F},    // Hangul
    Range{0xAC00, 0xD7FF},    //
    Range{0xF900, 0xFAFF},    // Han
    Range{0xFF66, 0xFFDC},    // half-width kana and Hangul
    Range{0x1AFF0, 0x1B16F},  // kana
    Range{0x20000, 0x3FFFF},  // Han
};

bool is_latin_or_greek(utf8proc_int32_t c) {
  if (c < 0x80) return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return is_in(kLatinAndGreek, c) && is_letter(c);
}

bool is_point(utf8proc_int32_t mark) {
  return (mark >= 0x064B && mark <= 0x065F) || mark == 0x0670 ||  // of Arabic
         (mark >= 0x0591 && mark <= 0x05C7);                      // of Hebrew
}

// `letter` is the one that the mark is written onto, decomposed.
bool is_dropped(utf8proc_int32_t mark, utf8proc_int32_t letter) {
  constexpr utf8proc_int32_t kDiaeresis = 0x0308;
  constexpr utf8proc_int32_t kCapitalIe = 0x0415;
  constexpr utf8proc_int32_t kIe = 0x0435;
  if (is_point(mark) || is_latin_or_greek(letter)) return true;
  return mark == kDiaeresis && (letter == kIe || letter == kCapitalIe);
}

void append_folded(std::vector<utf8proc_int32_t>& to, utf8proc_int32_t c) {
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                                           UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
  std::array<utf8proc_int32_t, 32> folded{};
  int bound = 0;
  const auto count = utf8proc_decompose_char(c, folded.data(), folded.size(), kOptions, &bound);
  if (count < 0 || static_cast<std::size_t>(count) > folded.size())
    throw std::runtime_error("a character could not be folded");
  to.insert(to.end(), folded.begin(), folded.begin() + count);
}

// Decomposed, and what there was before is gone.
std::vector<utf8proc_int32_t> folded_points(std::string_view text) {
  constexpr int kOptions = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_IGNORE;
  const std::vector<utf8proc_int32_t> points = decomposed(text, kOptions);
  std::vector<utf8proc_int32_t> kept;
  kept.reserve(points.size());
  utf8proc_int32_t letter = 0;
  for (const utf8proc_int32_t c : points) {
    if (is_mark(c)) {
      if (!is_dropped(c, letter)) kept.push_back(c);
      continue;
    }
    letter = c;
    if (c < 0x80) {
      kept.push_back(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    } else {
      append_folded(kept, c);
    }
  }
  return kept;
}

// Folded, white space as it was.
std::string fold_letters(std::string_view text) {
  if (!is_ascii(text)) return composed(folded_points(text));
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

// A frame around a digit (the keycap of 1️⃣) makes no other word of it.
bool is_mark_of_word(utf8proc_int32_t c) {
  return is_mark(c) && utf8proc_category(c) != UTF8PROC_CATEGORY_ME;
}

// The vowels am of Thai and Lao: letters that UAX #29 takes for part of the letter before.
bool is_vowel_am(utf8proc_int32_t c) { return c == 0x0E33 || c == 0x0EB3; }

// Splits what is folded into words, code point by code point.
class WordSplitter {
 public:
  void take(utf8proc_int32_t c, std::string_view bytes) {
    // A flag is two regional indicators, and one word.
    const bool completes_flag = is_regional_indicator(c) && has_half_flag_;
    has_half_flag_ = is_regional_indicator(c) && !completes_flag;
    if (completes_flag) {
      words_.back() += bytes;
    } else if (is_picture(c) || is_regional_indicator(c)) {
      words_.emplace_back(bytes);
      characters_ = 0;
    } else if (is_letter(c) || (is_mark_of_word(c) && characters_ > 0)) {
      if (characters_ == 0) words_.emplace_back();
      ++characters_;
      if (characters_ <= kMaxWordCharacters) words_.back() += bytes;
    } else {
      characters_ = 0;
    }
  }
  const std::vector<std::string>& so_far() const { return words_; }
  std::vector<std::string> words() && { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  std::size_t characters_ = 0;  // of the word of letters that this is inside of
  bool has_half_flag_ = false;
};

}  // namespace

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

std::size_t count_typed_characters(std::string_view text) {
  std::size_t count = 0;
  utf8proc_int32_t before = 0;
  utf8proc_int32_t letter = 0;
  utf8proc_int32_t state = 0;
  for_each_code_point(normalize(text), [&](utf8proc_int32_t c, std::string_view) {
    const bool is_kept_mark = is_mark_of_word(c) && is_letter(letter) &&
                              !utf8proc_get_property(c)->ignorable && !is_dropped(c, letter);
    const bool begins = count == 0 || utf8proc_grapheme_break_stateful(before, c, &state);
    if (begins || is_kept_mark || is_vowel_am(c)) ++count;
    if (!is_mark(c)) letter = c;
    before = c;
  });
  return count;
}

std::vector<std::string> words(std::string_view text) {
  WordSplitter splitter;
  for_each_code_point(fold_letters(text),
                      [&](utf8proc_int32_t c, std::string_view bytes) { splitter.take(c, bytes); });
  return std::move(splitter).words();
}

std::string join_words(std::string_view text) {
  std::string joined;
  for (const std::string& word : words(text)) {
    if (!joined.empty()) joined += ' ';
    joined += word;
  }
  return joined;
}

std::vector<std::size_t> character_begins(std::string_view text) {
  std::vector<std::size_t> begins;
  begins.reserve(text.size());
  utf8proc_int32_t before = 0;
  utf8proc_int32_t state = 0;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view bytes) {
    const auto at = static_cast<std::size_t>(bytes.data() - text.data());
    const bool are_ascii =
        before < 0x80 && c < 0x80 && c != '\n';  // a line break may belong to the one before
    if (are_ascii) state = 0;
    if (at == 0 || are_ascii || utf8proc_grapheme_break_stateful(before, c, &state)) begins.push_back(at);
    before = c;
  });
  return begins;
}

std::vector<WordSpan> word_spans(std::string_view text) {
  const std::vector<std::size_t> begins = character_begins(text);
  std::vector<WordSpan> spans;
  WordSplitter splitter;
  std::size_t size = 0;                                      // of the word that the splitter is at
  std::unordered_map<std::string_view, std::string> folded;  // a text is made of few different characters
  for (std::size_t i = 0; i < begins.size(); ++i) {
    const Span character{begins[i], i + 1 < begins.size() ? begins[i + 1] : text.size()};
    const std::string_view seen = text.substr(character.begin, character.end - character.begin);
    const auto known = folded.try_emplace(seen);
    if (known.second) known.first->second = fold_letters(seen);
    for_each_code_point(known.first->second, [&](utf8proc_int32_t c, std::string_view bytes) {
      splitter.take(c, bytes);
      const std::vector<std::string>& words = splitter.so_far();
      if (words.size() > spans.size()) {
        spans.emplace_back();
        size = 0;
      }
      if (spans.empty() || words.back().size() == size) return;
      size = words.back().size();
      std::vector<WordSpan::Part>& parts = spans.back().parts;
      if (parts.empty() || parts.back().in_text != character) parts.push_back({character, 0});
      parts.back().end_in_word = size;
    });
  }
  std::vector<std::string> words = std::move(splitter).words();
  for (std::size_t i = 0; i < words.size(); ++i) spans[i].word = std::move(words[i]);
  return spans;
}

Span WordSpan::in_text(Span in_word) const {
  const auto ends_by = [](const Part& part, std::size_t at) { return part.end_in_word <= at; };
  const auto ends_before = [](const Part& part, std::size_t at) { return part.end_in_word < at; };
  const auto first = std::lower_bound(parts.begin(), parts.end(), in_word.begin, ends_by);
  const auto last = std::lower_bound(first, parts.end(), in_word.end, ends_before);
  return {first->in_text.begin, last->in_text.end};
}

bool is_chinese_japanese_or_korean(std::string_view text) {
  bool is_any = false;
  bool are_all = true;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view) {
    const bool is_one = is_in(kChineseJapaneseKorean, c);
    is_any = is_any || is_one;
    are_all = are_all && (is_one || is_mark(c) || utf8proc_get_property(c)->ignorable);
  });
  return is_any && are_all;
}

bool has_chinese_japanese_or_korean(std::string_view text) {
  bool has_any = false;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view) {
    has_any = has_any || (c >= 0x80 && is_in(kChineseJapaneseKorean, c));
  });
  return has_any;
}

bool has_number(std::string_view text) {
  bool has_any = false;
  for_each_code_point(text, [&](utf8proc_int32_t c, std::string_view) { has_any = has_any || is_number(c); });
  return has_any;
}

std::string join_pairs(std::string_view text) {
  std::vector<std::string> found;
  std::string_view before;
  const std::string key = is_ascii(text) ? std::string() : fold(text);
  for_each_code_point(key, [&](utf8proc_int32_t c, std::string_view bytes) {
    const bool is_one = is_in(kChineseJapaneseKorean, c);
    if (is_one) found.emplace_back(bytes);
    if (is_one && !before.empty()) found.push_back(std::string(before) + std::string(bytes));
    before = is_one ? bytes : std::string_view();
  });
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::string joined;
  for (const std::string& pair : found) joined += (joined.empty() ? "" : " ") + pair;
  return joined;
}

}  // namespace aforro
