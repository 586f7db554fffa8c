#include "search/suggestions.h"

#include <algorithm>

#include "base/text.h"
#include "search/query_words.h"

namespace aforro::search {
namespace {

constexpr std::size_t kMinForSlips = 4;   // characters
constexpr std::size_t kMaxWithSlip = 20;  // words that are looked for: those that most products have

class Suggester {
 public:
  Suggester(const Candidates& candidates, Spelling& spelling, sql::Connection& connection,
            const SuggestQuery& query)
      : candidates_(candidates),
        spelling_(spelling),
        connection_(connection),
        query_(query),
        words_(joined(query.words)),
        end_(query.key + "\U0010FFFF") {}

  std::vector<std::string> suggest() && {
    add_beginnings();
    // A text of nothing but words is looked for by them. Where other signs were typed too, its words might be
    // short and everywhere ("c++"): then the text as a whole is looked for, and titles that have its words
    // are sorted to the front.
    const bool is_of_words = words_ == query_.key;
    if (room() > 0) candidates_.begin(connection_);
    if (room() > 0 && is_of_words) add_by_words(query_.words.size() > 1 ? query_.key : "");
    if (room() > 0 && is_of_words) add_with_slip();
    if (room() > 0) add_inside();
    const bool are_words_enough =
        count_characters(words_) >=
        (is_chinese_japanese_or_korean(words_) ? kMinSuggestCharactersOfCjk : kMinSuggestCharacters);
    const bool may_stand_otherwise = !is_of_words || query_.words.size() > 1;
    if (room() > 0 && are_words_enough && may_stand_otherwise) add_by_words("");
    return std::move(titles_);
  }

 private:
  std::int64_t room() const { return kMaxSuggestions - static_cast<std::int64_t>(titles_.size()); }

  void add(const sql::Row& row) {
    const std::string title(row.text(0));
    const bool is_new = std::find(titles_.begin(), titles_.end(), title) == titles_.end();
    if (is_new && room() > 0) titles_.push_back(title);
  }

  // Everything that begins with the key lies between it and the key followed by the highest character.
  void add_beginnings() {
    connection_.query(
        "SELECT title FROM products WHERE title_key >= $1 AND title_key < $2"
        " GROUP BY title_key, title ORDER BY title_key, title LIMIT $3",
        {query_.key, end_, kMaxSuggestions}, [&](const sql::Row& row) { add(row); });
  }

  void add_by_words(const std::string& as_typed) {
    const std::string phrase = candidates_.question({{{{{Term::Kind::beginning, words_}}}}}, Field::title);
    connection_.query(candidates_.titles_by_phrase(), {phrase, query_.key, end_, kMaxSuggestions, as_typed},
                      [&](const sql::Row& row) { add(row); });
  }

  // The last word is looked at, since that is the one being typed; those before it must be there.
  void add_with_slip() {
    const std::string& last = query_.words.back();
    if (count_characters(last) < kMinForSlips) return;
    spelling_.catch_up(connection_);
    const std::vector<std::string> words = spelling_.with_beginning_near(last);
    const std::vector<std::int64_t> products = products_with(connection_, words);
    std::vector<std::size_t> most_used;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (products[i] > 0) most_used.push_back(i);
    }
    std::stable_sort(most_used.begin(), most_used.end(),
                     [&](std::size_t a, std::size_t b) { return products[a] > products[b]; });
    if (most_used.size() > kMaxWithSlip) most_used.resize(kMaxWithSlip);
    AnyOf any;
    any.reserve(most_used.size());
    for (const std::size_t i : most_used) any.push_back({Term::Kind::word, words[i]});
    if (any.empty()) return;
    AllOf all;
    for (std::size_t i = 0; i + 1 < query_.words.size(); ++i)
      all.push_back({{Term::Kind::word, query_.words[i]}});
    all.push_back(std::move(any));
    const std::string question = candidates_.question({{all}}, Field::title);
    connection_.query(candidates_.titles_by_phrase(), {question, query_.key, end_, 2 * kMaxSuggestions, ""},
                      [&](const sql::Row& row) { add(row); });
  }

  void add_inside() {
    // Twice as many as may be suggested, since the titles above are among them.
    const std::string word_start = words_.empty() ? "\n" : ' ' + words_;
    if (is_for_trigrams(query_.key)) {
      const std::string pattern = candidates_.inside(query_.key);
      connection_.query(candidates_.titles_by_inside(), {pattern, 2 * kMaxSuggestions, word_start},
                        [&](const sql::Row& row) { add(row); });
    } else if (is_chinese_japanese_or_korean(query_.key)) {
      const std::string pair = candidates_.pair(query_.key);
      connection_.query(candidates_.titles_by_pair(), {pair, 2 * kMaxSuggestions, word_start},
                        [&](const sql::Row& row) { add(row); });
    }
  }

  const Candidates& candidates_;
  Spelling& spelling_;
  sql::Connection& connection_;
  const SuggestQuery& query_;
  const std::string words_;
  const std::string end_;  // of the keys that begin with the typed one
  std::vector<std::string> titles_;
};

}  // namespace

std::vector<std::string> suggest(const Candidates& candidates, Spelling& spelling,
                                 sql::Connection& connection, const SuggestQuery& query) {
  return Suggester(candidates, spelling, connection, query).suggest();
}

}  // namespace aforro::search
