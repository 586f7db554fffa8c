#include <charconv>

#include "search/ranking.h"

namespace aforro::search {

std::array<std::pair<std::string_view, double>, 5> parts(const Score& score) {
  return {{{"words", score.words},
           {"adjacency", score.adjacency},
           {"coverage", score.coverage},
           {"name", score.name},
           {"exact", score.exact}}};
}

std::string shown(double score) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), score, std::chars_format::fixed, 3);
  return {text.data(), end.ptr};
}

}  // namespace aforro::search
