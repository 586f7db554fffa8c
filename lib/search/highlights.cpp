// The index knows which products have a word, not where. So the texts of the few products on a page are
// folded once more, each character by itself, which tells where in the text each part of a folded word comes
// from: ß is two letters of a word and one character to be marked, and ½ stands in two words.
#include "search/highlights.h"

#include <algorithm>
#include <map>

#include "base/html.h"
#include "base/shorten.h"
#include "base/text.h"

namespace aforro::search {
namespace {

constexpr std::size_t kBefore = 60;   // code points of a cut description before the first match, at most
constexpr std::size_t kToSpace = 30;  // as far is looked for a space to cut at

std::vector<std::string> split(std::string_view phrase) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < phrase.size();) {
    const std::size_t end = std::min(phrase.find(' ', at), phrase.size());
    words.emplace_back(phrase.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

// Ascending, with those that overlap or touch made one.
std::vector<Span> merged(std::vector<Span> spans) {
  std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  std::vector<Span> apart;
  for (const Span& span : spans) {
    if (!apart.empty() && span.begin <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, span.end);
    } else {
      apart.push_back(span);
    }
  }
  return apart;
}

// The characters of a text as people see them, and how many code points stand before each.
class Characters {
 public:
  explicit Characters(std::string_view text) : text_(text), begins_(character_begins(text)) {
    begins_.push_back(text.size());
    points_.reserve(begins_.size());
    std::size_t points = 0;
    for (std::size_t i = 0; i < begins_.size(); ++i) {
      points_.push_back(points);
      if (i + 1 < begins_.size()) points += count_characters((*this)[i]);
    }
  }

  std::size_t size() const { return begins_.size() - 1; }
  std::string_view operator[](std::size_t i) const {
    return text_.substr(begins_[i], begins_[i + 1] - begins_[i]);
  }
  std::size_t begin(std::size_t i) const { return begins_[i]; }
  // Code points before the character.
  std::size_t points(std::size_t i) const { return points_[i]; }
  std::size_t points() const { return points_.back(); }
  bool is_space(std::size_t i) const { return trim((*this)[i]).empty(); }

  // The character that begins at that byte.
  std::size_t at_byte(std::size_t byte) const { return place(begins_, byte); }
  // The first with at least so many code points before it.
  std::size_t at_point(std::size_t point) const { return place(points_, point); }

 private:
  static std::size_t place(const std::vector<std::size_t>& ascending, std::size_t value) {
    return static_cast<std::size_t>(std::lower_bound(ascending.begin(), ascending.end(), value) -
                                    ascending.begin());
  }

  std::string_view text_;
  std::vector<std::size_t> begins_;
  std::vector<std::size_t> points_;
};

// Characters from `begin` to before `end`.
struct Part {
  std::size_t begin;
  std::size_t end;
};

// As much of the text as may be shown, with what is in `core`, or the beginning of that.
Part around(const Characters& text, const Part& core) {
  const std::size_t core_points = text.points(core.end) - text.points(core.begin);
  const std::size_t most = kMaxExcerpt - 1;  // one end at least is cut
  const std::size_t before = core_points < most ? std::min(kBefore, (most - core_points) / 2) : 0;
  const std::size_t core_begin = text.points(core.begin);
  const std::size_t from = std::min(core_begin > before ? core_begin - before : 0, text.points() - most);
  Part part{std::min(text.at_point(from), core.begin), text.size()};
  if (part.begin > 0) {
    const std::size_t end = std::min(core.begin, part.begin + kToSpace);
    for (std::size_t i = part.begin; i <= end; ++i) {
      if (!text.is_space(i - 1)) continue;
      part.begin = i;
      break;
    }
  }
  std::size_t room = kMaxExcerpt - (part.begin > 0 ? 1 : 0);
  if (text.points() - text.points(part.begin) <= room) return part;
  --room;
  part.end = text.at_point(text.points(part.begin) + room + 1) - 1;
  const std::size_t least = std::max(core.end, part.end > kToSpace ? part.end - kToSpace : 0);
  for (std::size_t i = part.end; i > part.begin && i >= least; --i) {
    if (!text.is_space(i) || text.is_space(i - 1)) continue;
    part.end = i;
    break;
  }
  return part;
}

}  // namespace

std::string in_html(const MarkedText& marked) {
  const std::string_view text = marked.text;
  std::string html;
  std::size_t at = 0;
  for (const Span& mark : marked.marks) {
    html += escaped(text.substr(at, mark.begin - at));
    html += "<mark>";
    html += escaped(text.substr(mark.begin, mark.end - mark.begin));
    html += "</mark>";
    at = mark.end;
  }
  return html += escaped(text.substr(at));
}

void Highlighter::add(const AllOf& way) {
  for (const AnyOf& any : way) {
    for (const Term& term : any) {
      if (term.text.empty()) continue;
      switch (term.kind) {
        case Term::Kind::word:
          words_.insert(term.text);
          break;
        case Term::Kind::beginning:
          beginnings_.insert(term.text);
          break;
        case Term::Kind::inside:
          insides_.insert(term.text);
          break;
        case Term::Kind::phrase:
          phrases_.insert(split(term.text));
          break;
      }
    }
  }
}

void Highlighter::add_phrases(const std::vector<WordSpan>& words, std::size_t at,
                              std::vector<Match>& matches) const {
  for (const std::vector<std::string>& phrase : phrases_) {
    if (phrase.size() > words.size() - at) continue;
    const auto first = words.begin() + static_cast<std::ptrdiff_t>(at);
    const bool is_there = std::equal(phrase.begin(), phrase.end(), first,
                                     [](const std::string& a, const WordSpan& b) { return a == b.word; });
    if (!is_there) continue;
    for (std::size_t i = 0; i < phrase.size(); ++i)
      matches.push_back({words[at + i].in_text(), phrase.front()});
  }
}

std::vector<Highlighter::Match> Highlighter::matches(std::string_view text, Field field) const {
  std::vector<Match> matches;
  const std::vector<WordSpan> words = word_spans(text);
  for (std::size_t at = 0; at < words.size(); ++at) {
    const WordSpan& word = words[at];
    if (const auto found = words_.find(word.word); found != words_.end()) {
      matches.push_back({word.in_text(), *found});
    }
    for (const std::string& beginning : beginnings_) {
      if (word.word.starts_with(beginning)) {
        matches.push_back({word.in_text({0, beginning.size()}), beginning});
      }
    }
    if (!phrases_.empty()) add_phrases(words, at, matches);
    if (field != Field::title) continue;
    for (const std::string& inside : insides_) {
      for (std::size_t i = word.word.find(inside); i != std::string::npos;
           i = word.word.find(inside, i + inside.size())) {
        matches.push_back({word.in_text({i, i + inside.size()}), inside});
      }
    }
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return a.span.begin < b.span.begin; });
  return matches;
}

MarkedText Highlighter::excerpt(std::string_view text, const std::vector<Match>& matches) {
  std::vector<Span> spans;
  spans.reserve(matches.size());
  for (const Match& match : matches) spans.push_back(match.span);
  if (count_characters(text) <= kMaxExcerpt) return {std::string(text), merged(std::move(spans))};

  // The first of those matches that fit in together and look for the most different words.
  const Characters characters(text);
  Part core{0, 0};
  std::map<std::string_view, std::size_t> times;  // of each that is between the two
  std::size_t most = 0;
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < matches.size(); ++begin) {
    const std::size_t first = characters.at_byte(matches[begin].span.begin);
    for (; end < matches.size(); ++end) {
      const std::size_t last = characters.at_byte(matches[end].span.end);
      if (end > begin && characters.points(last) > characters.points(first) + kMaxExcerpt - 2) break;
      ++times[matches[end].what];
    }
    if (times.size() > most) {
      most = times.size();
      core = {first, characters.at_byte(matches[end - 1].span.end)};
    }
    if (--times[matches[begin].what] == 0) times.erase(matches[begin].what);
  }

  const Part part = around(characters, core);
  const Span shown{characters.begin(part.begin), characters.begin(part.end)};
  MarkedText marked;
  if (shown.begin > 0) marked.text += kCutMark;
  const std::size_t before = marked.text.size();
  marked.text += text.substr(shown.begin, shown.end - shown.begin);
  if (shown.end < text.size()) marked.text += kCutMark;
  for (Span span : merged(std::move(spans))) {
    span = {std::max(span.begin, shown.begin), std::min(span.end, shown.end)};
    if (span.begin >= span.end) continue;
    marked.marks.push_back({span.begin - shown.begin + before, span.end - shown.begin + before});
  }
  return marked;
}

Highlights Highlighter::highlight(std::string_view title, std::string_view description) const {
  std::vector<Span> in_title;
  for (const Match& match : matches(title, Field::title)) in_title.push_back(match.span);
  return {.title = {std::string(title), merged(std::move(in_title))},
          .description = excerpt(description, matches(description, Field::description))};
}

}  // namespace aforro::search
