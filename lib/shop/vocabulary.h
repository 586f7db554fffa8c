// The words of the catalogue, each with the number of products that have it: what a search corrects spelling
// and weighs words by. Kept in the transaction that writes the products, by whoever writes them. Values, used
// by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sql/connection.h"

namespace aforro::shop {

inline constexpr std::size_t kMaxVocabularyCharacters = 32;

// True of a folded word (base/text.h) that the vocabulary keeps: no longer than kMaxVocabularyCharacters,
// with no digit or other number, and no character of Chinese, Japanese or Korean, which have an index of
// their own.
bool is_in_vocabulary(std::string_view word);

// What a batch of products that come, go or change makes of the counts, added up in memory and written at
// once. A word counts once for a product, however often and in whichever of its texts it stands.
class VocabularyChanges {
 public:
  // A product with these columns of `products` is there from now on …
  void add(std::string_view title_words, std::string_view category_words,
           std::string_view description_words) {
    count({title_words, category_words, description_words}, 1);
  }
  // … or is not any more. One that changes is removed as it was and added as it is.
  void remove(std::string_view title_words, std::string_view category_words,
              std::string_view description_words) {
    count({title_words, category_words, description_words}, -1);
  }

  // What the counts differ by, in bytewise order of the words, without those that differ by nothing; ""
  // counts all products. Valid until anything else is added, removed or written.
  std::vector<std::pair<std::string_view, std::int64_t>> differences() const;

  // Writes the differences to the table and forgets them. The caller has locked the catalogue
  // (catalogue_rows.h), so that rows come to be in the order of their ids.
  void write(sql::Connection& connection);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct Word {
    std::int64_t difference = 0;
    std::int64_t last_text = 0;  // the last of all products counted that had it
  };

  void count(std::initializer_list<std::string_view> texts, std::int64_t by);
  void count_word(std::string_view word, std::int64_t by);

  std::unordered_map<std::string, Word, TextHash, std::equal_to<>> words_;
  std::int64_t products_ = 0;  // how many more there are
  std::int64_t counted_ = 0;   // added and removed
};

// Rows of another shop's vocabulary (id, word, products) as they are, into one that was emptied.
void empty_vocabulary(sql::Connection& connection);
void restore_vocabulary(sql::Connection& connection, const sql::ParamRows& rows);

}  // namespace aforro::shop
