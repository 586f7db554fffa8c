// Where in a product's title and description the words of a search were found. Immutable: safe from any
// thread.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/word_spans.h"
#include "search/expression.h"

namespace aforro::search {

inline constexpr std::size_t kMaxExcerpt = 200;  // code points, with the marks of what was cut off

struct MarkedText {
  std::string text;
  std::vector<Span> marks;  // ascending, with something between any two

  bool operator==(const MarkedText&) const = default;
};

struct Highlights {
  MarkedText title;
  MarkedText description;  // at most kMaxExcerpt of it, with "…" where it was cut
};

// "Wireless <mark>Head</mark>phones", with all of the text escaped.
std::string in_html(const MarkedText& marked);

class Highlighter {
 public:
  Highlighter() = default;  // finds nothing

  // Looks for all that one of the ways has.
  void add(const AllOf& way);

  // Words are marked as a whole, of a beginning and of the inside of a word what was typed, always whole
  // characters as people see them. Of a description that is cut, that part with the most different words.
  Highlights highlight(std::string_view title, std::string_view description) const;

 private:
  struct Match {
    Span span;
    std::string_view what;  // the word, beginning or inside that was looked for
  };
  enum class Field { title, description };

  std::vector<Match> matches(std::string_view text, Field field) const;
  void add_phrases(const std::vector<WordSpan>& words, std::size_t at, std::vector<Match>& matches) const;
  static MarkedText excerpt(std::string_view text, const std::vector<Match>& matches);

  std::set<std::string, std::less<>> words_;
  std::set<std::string, std::less<>> beginnings_;
  std::set<std::string, std::less<>> insides_;
  std::set<std::vector<std::string>> phrases_;
};

}  // namespace aforro::search
