#include "search/word_forms.h"

#include <algorithm>

namespace aforro::search {
namespace {

bool ends_with_any(std::string_view word, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

std::string without(std::string_view word, std::size_t letters) {
  return std::string(word.substr(0, word.size() - letters));
}

// What the word may be the plural of. More than one where the ending does not tell: "cases" and "buses".
std::vector<std::string> singulars(std::string_view word) {
  std::vector<std::string> found;
  if (!word.ends_with('s') || ends_with_any(word, {"ss", "us", "is"})) return found;
  if (word.size() > 4 && word.ends_with("ies")) found.push_back(without(word, 3) + 'y');
  if (word.size() > 4 && word.ends_with("ves")) {
    found.push_back(without(word, 3) + 'f');
    found.push_back(without(word, 3) + "fe");
  }
  if (word.size() > 4 && ends_with_any(word, {"ses", "xes", "zes", "ches", "shes", "oes"})) {
    found.push_back(without(word, 2));
  }
  found.push_back(without(word, 1));
  return found;
}

std::vector<std::string> plurals(const std::string& word) {
  std::vector<std::string> found;
  if (ends_with_any(word, {"s", "x", "z", "ch", "sh", "o"})) found.push_back(word + "es");
  if (!word.ends_with('s')) found.push_back(word + 's');
  if (word.ends_with('y')) found.push_back(without(word, 1) + "ies");
  if (word.ends_with('f')) found.push_back(without(word, 1) + "ves");
  if (word.ends_with("fe")) found.push_back(without(word, 2) + "ves");
  return found;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::vector<std::string> number_forms(std::string_view word) {
  std::vector<std::string> forms{std::string(word)};
  const bool is_of_letters =
      std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (word.size() < 3 || !is_of_letters) return forms;
  const auto add = [&](const std::string& form) {
    if (std::find(forms.begin(), forms.end(), form) == forms.end()) forms.push_back(form);
  };
  const std::vector<std::string> of = singulars(word);
  for (const std::string& singular : of) add(singular);
  if (of.empty()) {
    for (const std::string& plural : plurals(std::string(word))) add(plural);
  }
  return forms;
}

std::vector<std::size_t> places_to_split(std::string_view word) {
  std::vector<std::size_t> places;
  std::size_t characters_before = 0;
  const auto begins = [&](std::size_t at) { return (static_cast<unsigned char>(word[at]) & 0xC0) != 0x80; };
  const auto characters = static_cast<std::size_t>(std::count_if(
      word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  const bool has_digits = std::any_of(word.begin(), word.end(), is_digit);
  for (std::size_t at = 1; at < word.size(); ++at) {
    if (begins(at - 1)) ++characters_before;
    if (!begins(at)) continue;
    if (has_digits ? is_digit(word[at - 1]) != is_digit(word[at])
                   : characters_before >= 3 && characters - characters_before >= 3) {
      places.push_back(at);
    }
  }
  return places;
}

}  // namespace aforro::search
