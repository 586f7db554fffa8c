// Searches of many kinds, made of the words that a catalogue has: the same ones for the same shop and random
// seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/parameters.h"
#include "sql/database.h"

namespace aforro::bench {

struct Question {
  std::string kind;          // "one word, in many products"
  ParameterList parameters;  // of a search, or of a suggestion
  bool is_suggestion = false;
};

// As many of each kind, `count` in all.
std::vector<Question> make_questions(sql::Database& database, std::uint64_t random_seed, std::size_t count);

}  // namespace aforro::bench
