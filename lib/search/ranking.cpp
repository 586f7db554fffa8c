#include "search/ranking.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>

namespace aforro::search {
namespace {

// BM25F (Robertson, Zaragoza, Taylor: "Simple BM25 extension to multiple weighted fields"): the times that a
// word is in each field are weighed and added up before they are dampened. Set on judged queries;
// docs/search.md says what each is worth.
constexpr double kTitle = 2.5;
constexpr double kCategory = 2;
constexpr double kSku = 2;
constexpr double kDescription = 1;
constexpr double kSomewhere = 0.3;  // in a field's part that is not looked at
constexpr double kDampening = 1.2;  // BM25's k1

// How much a field's length counts (BM25's b), and how many words are usual.
constexpr double kTitleLength = 0.4;
constexpr double kUsualTitle = 9;
constexpr double kDescriptionLength = 0.5;
constexpr double kUsualDescription = 25;

// What is not the word as it was typed.
constexpr double kBeginning = 0.3;
constexpr double kInside = 0.3;
constexpr double kSynonym = 0.8;
constexpr double kForWhat = 0.45;  // behind "for": the thing that this is an accessory of

// At most, beside 1 for the words.
constexpr double kAdjacency = 0.15;
constexpr double kCoverage = 0.2;
constexpr double kName = 0.1;

// After these the title says what a product is meant for, not what it is.
constexpr std::array<std::string_view, 8> kForWords{"for",  "compatible", "fits", "fur",
                                                    "pour", "para",       "voor", "для"};

void split(std::string_view words, std::vector<std::string_view>& into) {
  into.clear();
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    into.push_back(words.substr(at, end - at));
    at = end + 1;
  }
}

// How well the term fits the words from there on, as if it had been typed: 0 if it does not.
double fit(const Term& term, const std::vector<std::string_view>& words, std::size_t at) {
  const std::string_view word = words[at];
  switch (term.kind) {
    case Term::Kind::word:
      return word == term.text ? 1 : 0;
    case Term::Kind::beginning:
      return !word.starts_with(term.text) ? 0 : word.size() == term.text.size() ? 1 : kBeginning;
    case Term::Kind::inside:
      return word.find(term.text) == std::string_view::npos ? 0 : kInside;
    case Term::Kind::phrase:
      break;
  }
  std::string_view rest = term.text;
  for (std::size_t i = at; i < words.size(); ++i) {
    if (!rest.starts_with(words[i])) return 0;
    rest.remove_prefix(words[i].size());
    if (rest.empty()) return 1;
    if (rest.front() != ' ') return 0;
    rest.remove_prefix(1);
  }
  return 0;
}

double fit(const AnyOf& any, const std::vector<std::string_view>& words, std::size_t at) {
  double best = 0;
  for (const Term& term : any) {
    const double value = fit(term, words, at);
    best = std::max(best, term.is_synonym ? value * kSynonym : value);
  }
  return best;
}

// How many words of a product the term is taken for: what is written apart counts as the one that was typed.
std::size_t width(const Term& term) {
  if (!term.is_synonym || term.kind != Term::Kind::phrase) return 1;
  return 1 + static_cast<std::size_t>(std::count(term.text.begin(), term.text.end(), ' '));
}

// The first that fits best; one does.
const Term& best_fit(const AnyOf& any, const std::vector<std::string_view>& words, std::size_t at) {
  const Term* best = nullptr;
  double value = 0;
  for (const Term& term : any) {
    const double other = fit(term, words, at) * (term.is_synonym ? kSynonym : 1);
    if (other <= value) continue;
    best = &term;
    value = other;
  }
  assert(best != nullptr);
  return *best;
}

// True if one of them fits the words before that one.
bool ends_at(const AnyOf& any, const std::vector<std::string_view>& words, std::size_t end) {
  return std::any_of(any.begin(), any.end(), [&](const Term& term) {
    return width(term) <= end && fit(term, words, end - width(term)) > 0;
  });
}

// How often one of them is there.
double times(const AnyOf& any, const std::vector<std::string_view>& words) {
  double times = 0;
  for (std::size_t at = 0; at < words.size(); ++at) times += fit(any, words, at);
  return times;
}

// What a field of so many words divides its times by.
double length_factor(const std::vector<std::string_view>& words, double counts, double usual) {
  return 1 - counts + counts * static_cast<double>(words.size()) / usual;
}

// How many words the product's name has, which ends before what sets it off: "Mug, blue", "Mug (2 pieces)".
std::size_t words_of_name(std::string_view title) {
  std::size_t words = 0;
  bool is_inside = false;
  for (std::size_t i = 0; i < title.size(); ++i) {
    const auto c = static_cast<unsigned char>(title[i]);
    const bool is_of_word = c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    if (is_of_word && !is_inside) ++words;
    is_inside = is_of_word;
    const bool is_dash = c == '-' && i > 0 && title[i - 1] == ' ';
    if (words > 0 &&
        (is_dash || std::string_view(",;:([|").find(static_cast<char>(c)) != std::string_view::npos))
      break;
  }
  return words;
}

// The fields of one product, taken apart. Kept by each thread, so that a thousand of them need no memory
// anew.
struct Fields {
  std::vector<std::string_view> title;
  std::vector<std::string_view> category;
  std::vector<std::string_view> sku;
  std::vector<std::string_view> description;
  std::size_t for_what = 0;  // words of the title before "for"
  std::size_t name = 0;      // words of the title that are the product's name

  void read(const RankedTexts& product) {
    split(product.title_words, title);
    split(product.category_words, category);
    split(product.sku_words, sku);
    split(product.description_words, description);
    for_what = title.size();
    for (std::size_t at = 1; at < title.size() && for_what == title.size(); ++at) {
      if (std::find(kForWords.begin(), kForWords.end(), title[at]) != kForWords.end()) for_what = at;
    }
    name = std::min(words_of_name(product.title), for_what);
  }
};

// Where the title has a part of the query best.
struct Place {
  std::size_t at = 0;
  double value = 0;  // 0: nowhere
  std::size_t width = 1;
  bool is_synonym = false;

  std::size_t end() const { return at + width; }
};

// True if the title has both at one place: a synonym of a phrase, with each of whose words it was found.
bool are_one(const Place& a, const Place& b) { return a.at == b.at && a.is_synonym && b.is_synonym; }

bool has_synonym(const AnyOf& any) {
  return std::any_of(any.begin(), any.end(), [](const Term& term) { return term.is_synonym; });
}

}  // namespace

double weight_of(std::int64_t products_with_it, std::int64_t products) {
  const auto with = static_cast<double>(std::max<std::int64_t>(products_with_it, 0));
  const auto all = static_cast<double>(std::max(products, products_with_it));
  return std::log(1 + (all - with + 0.5) / (with + 0.5));
}

Score Ranking::score(const RankedTexts& product) const {
  thread_local Fields fields;
  thread_local std::vector<Place> places;
  fields.read(product);
  const double title_factor = length_factor(fields.title, kTitleLength, kUsualTitle);
  const double description_factor = length_factor(fields.description, kDescriptionLength, kUsualDescription);

  Score best;
  for (const WeighedAllOf& way : any_) {
    Score score;
    double all_weights = way.left_out;
    double in_title = 0;
    places.assign(way.all.size(), {});
    for (std::size_t i = 0; i < way.all.size(); ++i) {
      const AnyOf& any = way.all[i];
      double times_in_title = 0;
      for (std::size_t at = 0; at < fields.title.size(); ++at) {
        const double value = fit(any, fields.title, at) * (at > fields.for_what ? kForWhat : 1);
        times_in_title += value;
        if (value > places[i].value) places[i] = {.at = at, .value = value};
      }
      if (places[i].value > 0 && has_synonym(any)) {
        const Term& term = best_fit(any, fields.title, places[i].at);
        places[i].width = width(term);
        places[i].is_synonym = term.is_synonym;
      }
      const bool is_counted = i > 0 && are_one(places[i - 1], places[i]);
      if (!is_counted) in_title += places[i].value * static_cast<double>(places[i].width);
      const double said =
          std::max(kTitle * times_in_title / title_factor + kCategory * times(any, fields.category) +
                       kSku * times(any, fields.sku) +
                       kDescription * times(any, fields.description) / description_factor,
                   kSomewhere);
      score.words += way.weights[i] * said / (said + kDampening);
      all_weights += way.weights[i];
      const bool follows =
          i > 0 && places[i].value > 0 && places[i - 1].value > 0 && places[i].at == places[i - 1].end();
      if (follows) score.adjacency += kAdjacency * (way.weights[i] + way.weights[i - 1]) / 2;
    }
    if (all_weights <= 0) continue;
    score.words /= all_weights;
    score.adjacency /= all_weights;
    if (!fields.title.empty()) {
      score.coverage = kCoverage * std::min(1.0, in_title / static_cast<double>(fields.title.size()));
    }
    const bool ends_name = !way.all.empty() && fields.name > 0 && fields.name <= fields.title.size() &&
                           ends_at(way.all.back(), fields.title, fields.name);
    if (ends_name) score.name = kName;
    if (score.total() > best.total()) best = score;
  }
  return best;
}

}  // namespace aforro::search
