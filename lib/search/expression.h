// What a step of a search looks for, without an engine's syntax: words, beginnings and phrases, of which some
// must be there. Values.
#pragma once

#include <string>
#include <vector>

namespace aforro::search {

// One way in which something typed may stand in a product.
struct Term {
  enum class Kind {
    word,       // as a whole word of any field
    beginning,  // as the beginning of one; of several words, those before the last are whole and follow each
                // other
    phrase,     // as words that follow each other, one space between
    inside,     // anywhere in a word of the title; only the step `inside` looks for it
  };
  Kind kind = Kind::word;
  std::string text;         // folded
  bool is_synonym = false;  // of what was typed

  bool operator==(const Term&) const = default;
};

// One of these must be there …
using AnyOf = std::vector<Term>;
// … and so for each of these …
using AllOf = std::vector<AnyOf>;
// … or for each of those. Without any, nothing is found.
struct Expression {
  std::vector<AllOf> any;
};

}  // namespace aforro::search
