// Marks of what was found in a text: the first line is what was typed, the second the title, the rest the
// description. Whatever they are, the HTML is valid UTF-8 with whole marks, and without them the text that
// there was, or a part of it.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/shorten.h"
#include "base/text.h"
#include "fuzz.h"
#include "search/highlights.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using fuzz::require;
using search::Term;

constexpr std::string_view kOpen = "<mark>";
constexpr std::string_view kClose = "</mark>";

// The HTML without its marks, which must open and close in turn around something.
std::string without_marks(std::string_view html) {
  std::string text;
  bool is_open = false;
  while (!html.empty()) {
    const std::string_view mark = is_open ? kClose : kOpen;
    if (html.starts_with(mark)) {
      is_open = !is_open;
      html.remove_prefix(mark.size());
      require(!is_open || !html.starts_with(kClose));
    } else {
      require(html.front() != '<' && html.front() != '>' && html.front() != '"' && html.front() != '\'');
      text += html.front();
      html.remove_prefix(1);
    }
  }
  require(!is_open);
  return text;
}

std::string unescaped(std::string_view html) {
  static constexpr std::pair<std::string_view, char> kNames[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
  std::string text;
  while (!html.empty()) {
    if (html.front() != '&') {
      text += html.front();
      html.remove_prefix(1);
      continue;
    }
    const auto* const name = std::find_if(std::begin(kNames), std::end(kNames),
                                          [&](const auto& one) { return html.starts_with(one.first); });
    require(name != std::end(kNames));
    text += name->second;
    html.remove_prefix(name->first.size());
  }
  return text;
}

std::string text_of(const search::MarkedText& marked) {
  const std::string html = in_html(marked);
  require(is_valid_utf8(html));
  std::size_t end = 0;
  for (const Span& mark : marked.marks) {
    require(mark.begin < mark.end && mark.end <= marked.text.size());
    require(end == 0 || mark.begin > end);
    end = mark.end;
  }
  return unescaped(without_marks(html));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (!is_valid_utf8(text)) return 0;
  const std::size_t first = std::min(text.find('\n'), text.size());
  const std::size_t second = std::min(text.find('\n', std::min(first + 1, text.size())), text.size());
  const std::string_view title =
      text.substr(std::min(first + 1, second), second - std::min(first + 1, second));
  const std::string_view description = text.substr(std::min(second + 1, text.size()));

  search::Highlighter highlighter;
  std::string phrase;
  for (const std::string& word : words(text.substr(0, first))) {
    highlighter.add({{{Term::Kind::word, word}, {Term::Kind::beginning, word}, {Term::Kind::inside, word}}});
    phrase += (phrase.empty() ? "" : " ") + word;
  }
  highlighter.add({{{Term::Kind::phrase, phrase}}});
  const search::Highlights found = highlighter.highlight(title, description);

  require(text_of(found.title) == title);
  std::string excerpt = text_of(found.description);
  require(count_characters(excerpt) <= search::kMaxExcerpt);
  if (excerpt == description) return 0;
  require(count_characters(description) > search::kMaxExcerpt);
  // One end at least was cut, and each cut is marked.
  const auto is_part = [&](std::string_view part) {
    return description.find(part) != std::string_view::npos;
  };
  const std::string_view cut = excerpt;
  const bool begins_cut = cut.starts_with(kCutMark);
  const bool ends_cut = cut.ends_with(kCutMark);
  const std::size_t mark = kCutMark.size();
  require(
      (begins_cut && is_part(cut.substr(mark))) || (ends_cut && is_part(cut.substr(0, cut.size() - mark))) ||
      (begins_cut && ends_cut && cut.size() >= 2 * mark && is_part(cut.substr(mark, cut.size() - 2 * mark))));

  // The words and their places say the same as the words alone.
  for (const WordSpan& word : word_spans(description)) {
    require(!word.word.empty() && !word.parts.empty());
    require(word.parts.back().end_in_word == word.word.size());
    require(word.in_text() == word.in_text({0, word.word.size()}));
  }
  return 0;
}
