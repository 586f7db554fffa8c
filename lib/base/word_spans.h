// The words of a text together with the places that they stand at, to show where something was found. Pure
// functions; the texts must be valid UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace aforro {

// Bytes of a text, the end not included.
struct Span {
  std::size_t begin;
  std::size_t end;

  bool operator==(const Span&) const = default;
};

// A word as words() in base/text.h has it, and where its characters come from.
struct WordSpan {
  // A character as people see it (a grapheme cluster, UAX #29), and where what it folds to ends in the word.
  // It may fold to several letters (ß), and stand in several words (½ is 1 and 2).
  struct Part {
    Span in_text;
    std::size_t end_in_word;
  };

  std::string word;
  std::vector<Part> parts;

  // Where these bytes of the word come from: whole characters. There must be some.
  Span in_text(Span in_word) const;
  Span in_text() const { return {parts.front().in_text.begin, parts.back().in_text.end}; }
};

// In order. Each character is folded by itself, so that a mark which belongs to a letter before something
// that isn't seen keeps apart from it; else the words are those of words().
std::vector<WordSpan> word_spans(std::string_view text);

// Where each character as people see it begins.
std::vector<std::size_t> character_begins(std::string_view text);

}  // namespace aforro
