#include "shop/vocabulary.h"

#include <algorithm>

#include "base/text.h"

namespace aforro::shop {

bool is_in_vocabulary(std::string_view word) {
  return !word.empty() && is_valid_utf8(word) && count_characters(word) <= kMaxVocabularyCharacters &&
         !has_number(word) && !has_chinese_japanese_or_korean(word);
}

void VocabularyChanges::count(std::initializer_list<std::string_view> texts, std::int64_t by) {
  ++counted_;
  products_ += by;
  for (std::string_view text : texts) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      count_word(text.substr(0, end), by);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
}

void VocabularyChanges::count_word(std::string_view word, std::int64_t by) {
  auto found = words_.find(word);
  if (found == words_.end()) {
    if (!is_in_vocabulary(word)) return;
    found = words_.try_emplace(std::string(word)).first;
  }
  Word& counted = found->second;
  if (counted.last_text == counted_) return;
  counted.last_text = counted_;
  counted.difference += by;
}

std::vector<std::pair<std::string_view, std::int64_t>> VocabularyChanges::differences() const {
  std::vector<std::pair<std::string_view, std::int64_t>> differences;
  differences.reserve(words_.size() + 1);
  if (products_ != 0) differences.emplace_back("", products_);
  for (const auto& [word, counted] : words_) {
    if (counted.difference != 0) differences.emplace_back(word, counted.difference);
  }
  std::sort(differences.begin(), differences.end());
  return differences;
}

// A statement for each word is most of what a word costs PostgreSQL, so sixteen share one. The other way took
// both engines longer: to change the words first, and to insert those that were not there.
void VocabularyChanges::write(sql::Connection& connection) {
  constexpr std::size_t kTogether = 16;
  sql::ParamRows sixteen;
  sql::ParamRows more;
  sql::ParamRows fewer;
  std::vector<sql::Param> gathered;
  gathered.reserve(2 * kTogether);
  for (const auto& [word, difference] : differences()) {
    if (difference < 0) {
      fewer.add({word, difference});
      continue;
    }
    gathered.insert(gathered.end(), {word, difference});
    if (gathered.size() < 2 * kTogether) continue;
    sixteen.add(gathered);
    gathered.clear();
  }
  for (std::size_t i = 0; i < gathered.size(); i += 2) more.add(std::span(gathered).subspan(i, 2));
  connection.for_each(
      "INSERT INTO vocabulary (word, products) VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8), ($9, $10),"
      " ($11, $12), ($13, $14), ($15, $16), ($17, $18), ($19, $20), ($21, $22), ($23, $24), ($25, $26),"
      " ($27, $28), ($29, $30), ($31, $32)"
      " ON CONFLICT (word) DO UPDATE SET products = vocabulary.products + excluded.products",
      sixteen);
  connection.for_each(
      "INSERT INTO vocabulary (word, products) VALUES ($1, $2)"
      " ON CONFLICT (word) DO UPDATE SET products = vocabulary.products + excluded.products",
      more);
  // A count that was damaged must not keep a shop from changing its products: `verify` names it.
  connection.for_each(
      "UPDATE vocabulary SET products = CASE WHEN products + $2 > 0 THEN products + $2 ELSE 0 END"
      " WHERE word = $1",
      fewer);
  *this = VocabularyChanges();
}

void empty_vocabulary(sql::Connection& connection) { connection.run("DELETE FROM vocabulary"); }

void restore_vocabulary(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each("INSERT INTO vocabulary (id, word, products) VALUES ($1, $2, $3)", rows);
}

}  // namespace aforro::shop
