#include "search/query_synonyms.h"

#include <algorithm>
#include <utility>

#include "search/word_forms.h"
#include "shop/synonyms.h"

namespace aforro::search {
namespace {

// The phrase with its last word in each number.
std::vector<std::string> forms_of(const std::string& phrase) {
  const std::size_t last = phrase.rfind(' ') + 1;  // 0 where there is no space
  std::vector<std::string> forms = number_forms(std::string_view(phrase).substr(last));
  for (std::string& form : forms) form.insert(0, phrase, 0, last);
  return forms;
}

}  // namespace

std::vector<QuerySynonym> synonyms_of(sql::Connection& connection, const std::vector<std::string>& words) {
  std::vector<QuerySynonym> found;
  if (words.empty() || !shop::has_synonyms(connection)) return found;
  std::vector<QuerySynonym> whose;  // of each of `terms`, without what it is looked for as
  std::vector<std::string> terms;
  for (std::size_t first = 0; first < words.size(); ++first) {
    for (std::size_t count = std::min(shop::kMaxSynonymWords, words.size() - first); count > 0; --count) {
      std::string phrase;
      for (std::size_t i = first; i < first + count; ++i) phrase += (i == first ? "" : " ") + words[i];
      for (std::string& form : forms_of(phrase)) {
        terms.push_back(std::move(form));
        whose.push_back({.first = first, .words = count, .also = {}});
      }
    }
  }
  std::size_t looked_for = 0;
  shop::find_synonyms(connection, terms, [&](std::size_t term, std::string_view also) {
    QuerySynonym synonym = whose[term];
    synonym.also = also;
    const bool is_known = std::any_of(found.begin(), found.end(), [&](const QuerySynonym& other) {
      return other.first == synonym.first && other.words == synonym.words && other.also == synonym.also;
    });
    if (is_known || looked_for + synonym.words > kMaxSynonymsOfQuery) return;
    looked_for += synonym.words;
    found.push_back(std::move(synonym));
  });
  return found;
}

AnyOf terms_of(const QuerySynonym& synonym) {
  const bool is_phrase = synonym.also.find(' ') != std::string::npos;
  AnyOf terms;
  for (std::string& form : forms_of(synonym.also)) {
    terms.push_back({.kind = is_phrase ? Term::Kind::phrase : Term::Kind::word,
                     .text = std::move(form),
                     .is_synonym = true});
  }
  return terms;
}

}  // namespace aforro::search
