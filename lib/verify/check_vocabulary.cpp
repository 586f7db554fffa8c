// The vocabulary is written by differences, so a count that has once gone wrong stays wrong. Here the words
// are counted anew by those who read the products anyway (check_catalogue.cpp), and compared row by row.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shop/vocabulary.h"
#include "sql/pages.h"
#include "verify/inspection.h"

namespace aforro::verify {
namespace {

using Counted = std::pair<std::string_view, std::int64_t>;

std::string products(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " product" : " products");
}

std::string name_of(std::string_view word) {
  return word.empty() ? "the word that all products have" : "word \"" + std::string(word) + '"';
}

}  // namespace

void check_vocabulary(const Inspection& inspection, const shop::VocabularyChanges& counted) {
  std::vector<Counted> words = counted.differences();
  if (words.empty()) words.emplace_back("", 0);  // which must be there, even where nothing is to be counted
  std::vector<bool> is_there(words.size());
  const auto verify_one = [&](const sql::Row& row) {
    const std::string_view word = row.text(1);
    if (!word.empty() && !shop::is_in_vocabulary(word)) {
      inspection.findings.fault(Check::search, "row " + std::to_string(row.integer(0)) +
                                                   " of the vocabulary: is no word that it keeps");
      return;
    }
    const auto found = std::lower_bound(words.begin(), words.end(), Counted(word, 0),
                                        [](const Counted& a, const Counted& b) { return a.first < b.first; });
    const bool is_counted = found != words.end() && found->first == word;
    if (is_counted) is_there[static_cast<std::size_t>(found - words.begin())] = true;
    const std::int64_t count = is_counted ? found->second : 0;
    if (row.integer(2) == count) return;
    inspection.findings.fault(Check::search, name_of(word) + ": is counted in " + products(row.integer(2)) +
                                                 ", stands in " + std::to_string(count));
  };
  sql::query_by_pages(inspection.connection,
                      "SELECT id, word, products FROM vocabulary WHERE id > $1 ORDER BY id LIMIT $2",
                      kRowsOfPage, verify_one, [](std::int64_t) {});
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_there[i]) continue;
    inspection.findings.fault(
        Check::search, name_of(words[i].first) + ": is not counted, stands in " + products(words[i].second));
  }
}

}  // namespace aforro::verify
