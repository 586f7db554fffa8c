#include "search/query_words.h"

#include <algorithm>
#include <utility>

#include "search/filters.h"
#include "search/ranking.h"
#include "search/word_forms.h"

namespace aforro::search {
namespace {

// A word that is not in the vocabulary (it has digits, or is a SKU's) is counted in the index, no further.
constexpr std::int64_t kCounted = 1'000;
constexpr std::size_t kShort = 3;  // bytes of a last word of which the beginnings are counted

}  // namespace

AnyOf slot_of(const std::string& word, bool is_last) {
  AnyOf any;
  for (std::string& form : number_forms(word)) {
    if (is_last && form == word) {
      any.push_back({Term::Kind::beginning, std::move(form)});
    } else if (!is_last || !form.starts_with(word)) {
      any.push_back({Term::Kind::word, std::move(form)});
    }
  }
  return any;
}

std::vector<std::int64_t> products_with(sql::Connection& connection, const std::vector<std::string>& words) {
  std::vector<std::int64_t> products(words.size());
  if (words.empty()) return products;
  sql::ParamRows asked;
  for (const std::string& word : words) asked.add({word});
  connection.for_each("SELECT products FROM vocabulary WHERE word = $1", asked,
                      [&](std::size_t i, const sql::Row& row) { products[i] = row.integer(0); });
  return products;
}

QueryWords::QueryWords(const Candidates& candidates, sql::Connection& connection,
                       std::vector<std::string> words)
    : candidates_(&candidates),
      connection_(&connection),
      texts_(std::move(words)),
      synonyms_(synonyms_of(connection, texts_)) {
  words_.reserve(texts_.size());
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    words_.push_back({.slot = slot_of(texts_[i], i + 1 == texts_.size()), .forms = number_forms(texts_[i])});
  }
  for (const QuerySynonym& synonym : synonyms_) {
    for (const Term& term : terms_of(synonym)) {
      for (std::size_t i = synonym.first; i < synonym.first + synonym.words; ++i)
        add_synonym(words_[i], term);
      std::vector<std::string>& forms = words_[synonym.first].forms;
      const bool is_counted = std::find(forms.begin(), forms.end(), term.text) != forms.end();
      if (synonym.words == 1 && term.kind == Term::Kind::word && !is_counted) forms.push_back(term.text);
    }
  }
}

void QueryWords::add_synonym(Word& word, const Term& term) {
  const bool is_there = std::any_of(word.slot.begin(), word.slot.end(), [&](const Term& other) {
    return other.kind == term.kind && other.text == term.text;
  });
  if (!is_there) word.slot.push_back(term);
}

bool QueryWords::has_synonym(std::size_t i) const {
  return std::any_of(synonyms_.begin(), synonyms_.end(), [&](const QuerySynonym& synonym) {
    return synonym.first <= i && i < synonym.first + synonym.words;
  });
}

AllOf QueryWords::slots() const {
  AllOf all;
  for (const Word& word : words_) all.push_back(word.slot);
  return all;
}

void QueryWords::read_frequencies() {
  if (products_ >= 0) return;
  sql::ParamRows asked;
  std::vector<std::size_t> whose;
  asked.add({""});
  whose.push_back(words_.size());
  for (std::size_t i = 0; i < words_.size(); ++i) {
    for (const std::string& form : words_[i].forms) {
      asked.add({form});
      whose.push_back(i);
    }
  }
  std::vector<std::int64_t> sums(words_.size() + 1);
  connection_->for_each("SELECT products FROM vocabulary WHERE word = $1", asked,
                        [&](std::size_t i, const sql::Row& row) { sums[whose[i]] += row.integer(0); });
  products_ = sums.back();
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i].products = sums[i];
}

std::int64_t QueryWords::products_with(std::size_t i) {
  read_frequencies();
  Word& word = words_[i];
  // Of the last word the vocabulary counts the whole one; what begins with a few letters is much more.
  const bool is_short = i + 1 == words_.size() && texts_[i].size() <= kShort;
  if ((is_short || word.products == 0) && !word.is_counted) {
    word.is_counted = true;
    word.products = std::max(word.products, count({{{word.slot}}}, kCounted));
  }
  return word.products;
}

std::int64_t QueryWords::all_products() {
  read_frequencies();
  return products_;
}

double QueryWords::weight(std::size_t i) {
  const std::int64_t with = products_with(i);
  return with == 0 ? 0 : weight_of(with, products_);
}

std::vector<double> QueryWords::weights() {
  std::vector<double> weights;
  for (std::size_t i = 0; i < words_.size(); ++i) weights.push_back(weight(i));
  return weights;
}

std::int64_t QueryWords::count(const Expression& expression, std::int64_t most) {
  const std::string question = candidates_->question(expression, Field::any);
  std::int64_t found = 0;
  connection_->query(candidates_->ids_by_words(), Filters().params(question, most),
                     [&](const sql::Row&) { ++found; });
  return found;
}

}  // namespace aforro::search
