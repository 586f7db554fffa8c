// The words of one query with what the catalogue says of each: how many products have it, whether any has;
// and with what they are looked for as, too (query_synonyms.h). Lives for one search, inside its snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "search/candidates.h"
#include "search/expression.h"
#include "search/query_synonyms.h"
#include "sql/connection.h"

namespace aforro::search {

class QueryWords {
 public:
  // `words` may have 32; each is folded.
  QueryWords(const Candidates& candidates, sql::Connection& connection, std::vector<std::string> words);

  std::size_t size() const { return words_.size(); }
  const std::vector<std::string>& texts() const { return texts_; }

  // How the word may stand in a product: singular or plural, the last one also as a beginning; behind
  // these as a synonym of it. A synonym of a phrase stands with each word of the phrase: that (a or s) and (b
  // or s) are there says that a and b are, or s is.
  const AnyOf& slot(std::size_t i) const { return words_[i].slot; }
  AllOf slots() const;

  // What was found for the words and their phrases.
  const std::vector<QuerySynonym>& synonyms() const { return synonyms_; }
  // True if the word, or a phrase that it belongs to, has a synonym.
  bool has_synonym(std::size_t i) const;

  // How much it tells that a product has the word; 0 if none has it.
  double weight(std::size_t i);
  std::vector<double> weights();  // of all
  // True if a product has the word as its slot says.
  bool is_known(std::size_t i) { return products_with(i) > 0; }

  // How many products have the word in the singular or the plural; of a short last word, of which beginnings
  // count too, and of one that the vocabulary lacks, counted no further than 1,000.
  std::int64_t products_with(std::size_t i);
  std::int64_t all_products();

  // How many products the expression finds, counted no further than `most`.
  std::int64_t count(const Expression& expression, std::int64_t most);

 private:
  struct Word {
    AnyOf slot;
    std::vector<std::string> forms;  // those of its synonyms, too
    std::int64_t products = 0;       // as far as is known; see products_with()
    bool is_counted = false;         // in the index, where the vocabulary does not say enough
  };

  static void add_synonym(Word& word, const Term& term);
  void read_frequencies();

  const Candidates* candidates_;
  sql::Connection* connection_;
  std::vector<std::string> texts_;
  std::vector<QuerySynonym> synonyms_;
  std::vector<Word> words_;
  std::int64_t products_ = -1;  // of the whole catalogue; not asked yet
};

// How many products have each of these words of the vocabulary; asked at once.
std::vector<std::int64_t> products_with(sql::Connection& connection, const std::vector<std::string>& words);

// The word as it may stand in a product.
AnyOf slot_of(const std::string& word, bool is_last);

}  // namespace aforro::search
