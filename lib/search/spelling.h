// The words of the catalogue, kept in memory to find those that are spelled nearly like another. It knows
// every word that any snapshot has, and maybe some that one does not have (any more): whoever asks looks up
// in the table `vocabulary` of the snapshot whether a word is in use. Safe from any thread.
//
// Words lie by their number of characters, each with a signature of 64 bits that says which letters it has
// once and twice. One slip changes two bits of it at most, so that a comparison of signatures leaves a few of
// a hundred words, whose distance is computed. 500,000 words of random letters take 13 MB; a search
// that asks takes 0.5 to 1.6 ms in all, a suggestion 3.6 ms, beside other work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_mutex.h"
#include "sql/connection.h"

namespace aforro::search {

// Slips between two words: a character too many, missing, or another, or two that have changed places
// (optimal string alignment, a Damerau-Levenshtein distance); `most` + 1 where there are more than `most`.
std::size_t slips(std::u32string_view typed, std::u32string_view word, std::size_t most);
// True if a beginning of the word is one slip away from what was typed, and none is the typed one.
bool has_beginning_with_slip(std::u32string_view typed, std::u32string_view word);

// How many slips a word of so many characters may have.
std::size_t slips_allowed(std::size_t characters);

class Spelling {
 public:
  struct Near {
    std::string word;
    std::size_t slips;
  };

  Spelling();
  Spelling(const Spelling&) = delete;
  Spelling& operator=(const Spelling&) = delete;
  ~Spelling();

  // Reads the words that have come since.
  void catch_up(sql::Connection& connection);

  // Words at most that far from the typed one, the nearest first, without itself; at most 200.
  std::vector<Near> near(std::string_view typed, std::size_t most_slips) const;

  // Words of which a beginning is one slip away from what was typed, and none is the typed one; at most
  // 200, the shortest first.
  std::vector<std::string> with_beginning_near(std::string_view typed) const;

 private:
  static constexpr std::size_t kMaxCharacters = 32;  // of a word of the vocabulary
  static constexpr std::size_t kMaxNear = 200;

  struct Bucket;  // words of one length

  template <class Judge>
  void for_each_similar(std::uint64_t signature, int bits, std::size_t shortest, std::size_t longest,
                        bool is_beginning, Judge judge) const;

  mutable SharedMutex mutex_;
  std::vector<Bucket> buckets_ GUARDED_BY(mutex_);
  std::int64_t last_ GUARDED_BY(mutex_) = 0;  // id of the last word that was read
};

}  // namespace aforro::search
