// What else a search looks for: a query with one word or phrase of a pair finds the other as well, in one
// direction or in both. One method is one transaction, on disk when it returns, and the next search of any
// process sees it. Safe to call from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/function_ref.h"
#include "sql/database.h"

namespace aforro::shop {

inline constexpr std::size_t kMaxSynonymCharacters = 100;
inline constexpr std::size_t kMaxSynonymWords = 5;
inline constexpr std::size_t kMaxSynonymsOfTerm = 16;  // that one word or phrase is looked for as
inline constexpr std::int64_t kMaxSynonyms = 10'000;   // of a shop; one that goes both ways counts as two

// A word or phrase as it was typed, and its folded words, one space between, by which it is compared.
struct SynonymTerm {
  std::string text;
  std::string words;

  bool operator==(const SynonymTerm&) const = default;
};

// Two that are not the same.
struct SynonymPair {
  SynonymTerm term;
  SynonymTerm also;

  bool operator==(const SynonymPair&) const = default;
};

// Throws Problem (invalid) with every fault, of `term` and `also`: a text that can't be stored, without a
// word or too long, or both the same.
SynonymPair parse_synonym(std::string_view term, std::string_view also);

enum class Ways {
  one,   // who types the term finds the other, too
  both,  // and who types the other finds the term
};

struct Synonym {
  SynonymPair pair;
  Ways ways = Ways::both;
};

class Synonyms {
 public:
  enum class Added { made, was_there };

  explicit Synonyms(sql::Database& database) : database_(database) {}

  // By the words of the term; a pair that goes both ways once.
  std::vector<Synonym> list();

  // Takes nothing away: a pair that goes both ways already still does. Throws Problem (conflict) if the shop
  // or a term has as many as it may have.
  Added add(const SynonymPair& pair, Ways ways);

  // Throws Problem (not_found) if neither direction (of Ways::one: that direction) is there.
  void remove(const SynonymPair& pair, Ways ways);

 private:
  sql::Database& database_;
};

// For a search, inside its snapshot. Costs next to nothing in a shop without synonyms.
bool has_synonyms(sql::Connection& connection);
// Calls `found` with what each of the terms, which are folded words, is looked for as: its number in `terms`
// and the words of the other, in their order.
void find_synonyms(sql::Connection& connection, std::span<const std::string> terms,
                   FunctionRef<void(std::size_t term, std::string_view also)> found);

// (term_words, also_words, term, also) of another shop, into one that has none.
void restore_synonyms(sql::Connection& connection, const sql::ParamRows& rows);

}  // namespace aforro::shop
