// Only where nothing was found at all, can a word be misspelled: as long as something was, its product has
// all the words. A word that the catalogue has is never corrected, nor is one that has a synonym.
#include "search/steps.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "base/text.h"
#include "search/filters.h"
#include "search/query.h"
#include "search/word_forms.h"

namespace aforro::search {
namespace {

constexpr std::size_t kMaxJoined = 16;      // pairs of words, and places in words, that are tried
constexpr std::size_t kLongestSplit = 64;   // bytes of a word that is taken apart
constexpr std::size_t kMaxCorrected = 8;    // words of one query
constexpr std::size_t kMaxSpellings = 8;    // whose company is looked at
constexpr std::int64_t kMaxCompany = 100;   // products counted that have a spelling and the other words
constexpr std::size_t kMaxFewer = 6;        // words of which some are left out: those that tell most
constexpr std::int64_t kEnoughFewer = 200;  // no more sets of words are tried
constexpr double kLeastWeight = 0.25;       // of all the words' weight, that all sets but the first must keep

bool has_digit(const std::string& word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A word that no product has as it stands tells something once it is found in another way.
std::vector<double> at_least_one(std::vector<double> weights) {
  for (double& weight : weights) weight = std::max(weight, 1.0);
  return weights;
}

}  // namespace

StepTaker::StepTaker(const Candidates& candidates, Spelling& spelling, sql::Connection& connection,
                     QueryWords words, std::chrono::steady_clock::time_point deadline)
    : candidates_(candidates),
      spelling_(spelling),
      connection_(connection),
      words_(std::move(words)),
      deadline_(deadline) {}

bool StepTaker::is_late() {
  if (std::chrono::steady_clock::now() < deadline_) return false;
  steps_.is_partial = true;
  return true;
}

Expression Step::expression() const {
  Expression expression;
  expression.any.reserve(ways.size());
  for (const WeighedAllOf& way : ways) expression.any.push_back(way.all);
  return expression;
}

Step StepTaker::first() {
  // Of a single word the weight changes nothing.
  return {.kind = Matched::all,
          .ways = {{.all = words_.slots(),
                    .weights = words_.size() == 1 ? std::vector<double>{1} : words_.weights()}},
          .inside = {}};
}

void StepTaker::add(Step step) {
  if (step.ways.empty()) return;
  const std::string question = candidates_.question(step.expression(), Field::any);
  // What was found before may be among the first.
  const auto most = static_cast<std::int64_t>(found_.size()) + kEnoughMatches;
  const std::size_t before = found_.size();
  connection_.query(candidates_.ids_by_words(), Filters().params(question, most),
                    [&](const sql::Row& row) { found_.insert(row.integer(0)); });
  if (found_.size() > before || step.kind == Matched::all) steps_.taken.push_back(std::move(step));
}

Steps StepTaker::take() {
  add(first());
  if (!are_enough() && !is_late()) add_joined();
  if (!are_enough() && !is_late()) add_inside();
  if (found_.empty()) add_spelling();
  if (found_.empty() || (!are_enough() && !is_late())) add_fewer();
  return std::move(steps_);
}

std::optional<AllOf> StepTaker::split_words() {
  struct Split {
    std::size_t of;
    std::string first;
    std::string second;
  };
  std::vector<Split> splits;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const std::string& word = words_.texts()[i];
    if (word.size() > kLongestSplit) continue;
    for (const std::size_t at : places_to_split(word)) {
      splits.push_back({i, word.substr(0, at), word.substr(at)});
      parts.insert(parts.end(), {splits.back().first, splits.back().second});
    }
  }
  // Letters are taken apart where the catalogue has both parts; there are many places to look at.
  const std::vector<std::int64_t> products = products_with(connection_, parts);
  AllOf split = words_.slots();
  bool is_any = false;
  std::size_t tried = 0;
  for (std::size_t i = 0; i < splits.size() && tried < kMaxJoined; ++i) {
    const auto& [of, first, second] = splits[i];
    const bool is_likely = (products[2 * i] > 0 && products[2 * i + 1] > 0) || has_digit(words_.texts()[of]);
    if (!is_likely) continue;
    ++tried;
    const Term phrase{Term::Kind::phrase, first + ' ' + second};
    if (words_.count({{{{phrase}}}}, 1) == 0) continue;
    split[of].push_back(phrase);
    is_any = true;
  }
  return is_any ? std::optional(std::move(split)) : std::nullopt;
}

void StepTaker::add_joined() {
  const std::optional<AllOf> split = split_words();
  const WeighedAllOf apart{.all = split ? *split : words_.slots(), .weights = at_least_one(words_.weights())};
  Step step{.kind = Matched::joined, .ways = {}, .inside = {}};
  if (split) step.ways.push_back(apart);
  for (std::size_t i = 0; i + 1 < std::min(words_.size(), kMaxJoined); ++i) {
    const AnyOf any = slot_of(words_.texts()[i] + words_.texts()[i + 1], i + 2 == words_.size());
    if (words_.count({{{any}}}, 1) == 0) continue;
    WeighedAllOf way = apart;
    way.all[i] = any;
    way.weights[i] += way.weights[i + 1];
    const auto second = static_cast<std::ptrdiff_t>(i) + 1;
    way.all.erase(way.all.begin() + second);
    way.weights.erase(way.weights.begin() + second);
    step.ways.push_back(std::move(way));
  }
  add(std::move(step));
}

void StepTaker::add_inside() {
  Step step{.kind = Matched::inside,
            .ways = {},
            .inside = candidates_.plan_inside(connection_, words_.texts(), words_.slots())};
  if (!step.inside) return;
  sql::Composed text("SELECT p.id");
  text += step.inside->plan.from;
  text += " WHERE 1 = 1";
  text += step.inside->plan.where;
  text += " LIMIT $5";
  const auto most = static_cast<std::int64_t>(found_.size()) + kEnoughMatches;
  const std::size_t before = found_.size();
  connection_.query(text,
                    Filters().params(step.inside->question, most, step.inside->reach, step.inside->others),
                    [&](const sql::Row& row) { found_.insert(row.integer(0)); });
  if (found_.size() == before) return;
  WeighedAllOf way{.all = words_.slots(), .weights = at_least_one(words_.weights())};
  for (std::size_t i = 0; i < way.all.size(); ++i) {
    way.all[i].push_back({Term::Kind::inside, words_.texts()[i]});
  }
  step.ways.push_back(std::move(way));
  steps_.taken.push_back(std::move(step));
}

// The nearest spelling that the catalogue has; of several those that its products use together with the other
// words of the query, and use often.
std::optional<std::string> StepTaker::corrected(std::size_t i) {
  const std::string& word = words_.texts()[i];
  const std::size_t allowed = slips_allowed(count_characters(word));
  if (allowed == 0 || has_digit(word) || words_.has_synonym(i) || words_.is_known(i)) return std::nullopt;
  struct Choice {
    std::string word;
    double cost;
  };
  std::vector<Choice> choices;
  std::vector<std::string> near;
  std::vector<std::size_t> slips;
  for (Spelling::Near& one : spelling_.near(word, allowed)) {
    near.push_back(std::move(one.word));
    slips.push_back(one.slips);
  }
  const std::vector<std::int64_t> products = products_with(connection_, near);
  for (std::size_t k = 0; k < near.size(); ++k) {
    if (products[k] == 0) continue;
    const double cost = static_cast<double>(slips[k]) + (near[k].front() == word.front() ? 0 : 0.4) -
                        0.25 * std::log10(static_cast<double>(products[k]));
    choices.push_back({near[k], cost});
  }
  std::stable_sort(choices.begin(), choices.end(),
                   [](const Choice& a, const Choice& b) { return a.cost < b.cost; });
  if (choices.size() > kMaxSpellings) choices.resize(kMaxSpellings);
  if (choices.empty()) return std::nullopt;
  AllOf others;
  for (std::size_t k = 0; k < words_.size(); ++k) {
    if (k != i && words_.is_known(k)) others.push_back(words_.slot(k));
  }
  if (!others.empty()) {
    for (Choice& choice : choices) {
      AllOf together = others;
      together.push_back(slot_of(choice.word, false));
      const std::int64_t company = words_.count({{together}}, kMaxCompany);
      if (company > 0) choice.cost -= 0.5 + 0.5 * std::log10(static_cast<double>(company));
    }
  }
  return std::min_element(choices.begin(), choices.end(),
                          [](const Choice& a, const Choice& b) { return a.cost < b.cost; })
      ->word;
}

void StepTaker::add_spelling() {
  const auto before_reading = std::chrono::steady_clock::now();
  spelling_.catch_up(connection_);
  deadline_ += std::chrono::steady_clock::now() - before_reading;
  std::vector<std::string> texts = words_.texts();
  std::size_t changed = 0;
  for (std::size_t i = 0; i < texts.size() && changed < kMaxCorrected && !is_late(); ++i) {
    if (const auto other = corrected(i)) {
      texts[i] = *other;
      ++changed;
    }
  }
  if (changed == 0) return;
  // A text of which more than the spelling must be left out is corrected all the same.
  words_ = QueryWords(candidates_, connection_, texts);
  const std::size_t before = steps_.taken.size();
  add({.kind = Matched::spelling,
       .ways = {{.all = words_.slots(), .weights = words_.weights()}},
       .inside = {}});
  if (steps_.taken.size() == before && words_.size() > 1) add_joined();
  steps_.corrected_query = joined(texts);
}

// Sets of words are counted from the small to the large: one can only be in a product if all sets with a word
// less are (as in Agrawal and Srikant's Apriori), so that few of the large ones are asked for.
void StepTaker::add_fewer() {
  std::vector<std::size_t> telling;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_.is_known(i)) telling.push_back(i);
  }
  std::stable_sort(telling.begin(), telling.end(),
                   [&](std::size_t a, std::size_t b) { return words_.weight(a) > words_.weight(b); });
  if (telling.size() > kMaxFewer) telling.resize(kMaxFewer);
  std::sort(telling.begin(), telling.end());

  struct Set {
    unsigned members;  // a bit for each of `telling`
    double weight;
    std::int64_t products;
  };
  const auto all_of = [&](unsigned members) {
    AllOf all;
    for (std::size_t k = 0; k < telling.size(); ++k) {
      if ((members >> k & 1U) != 0) all.push_back(words_.slot(telling[k]));
    }
    return all;
  };
  double total = 0;
  for (const std::size_t i : telling) total += words_.weight(i);
  const unsigned full = (1U << telling.size()) - 1;
  std::vector<unsigned> by_size;
  for (unsigned members = 1; members <= full; ++members) by_size.push_back(members);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](unsigned a, unsigned b) { return std::popcount(a) < std::popcount(b); });
  std::vector<bool> is_there(full + 1);
  std::vector<Set> sets;
  for (const unsigned members : by_size) {
    double weight = 0;
    bool can_be = true;
    for (std::size_t k = 0; k < telling.size(); ++k) {
      const unsigned bit = 1U << k;
      if ((members & bit) == 0) continue;
      weight += words_.weight(telling[k]);
      can_be = can_be && (members == bit || is_there[members & ~bit]);
    }
    // By then there is a set of one word at least, unless none is there.
    if (!sets.empty() && is_late()) break;
    const bool was_looked_for = members == full && telling.size() == words_.size();
    if (!can_be || was_looked_for) continue;
    const std::int64_t products = words_.count({{all_of(members)}}, kEnoughFewer);
    is_there[members] = products > 0;
    if (products > 0) sets.push_back({members, weight, products});
  }
  std::stable_sort(sets.begin(), sets.end(), [](const Set& a, const Set& b) { return a.weight > b.weight; });

  Step step{.kind = Matched::fewer, .ways = {}, .inside = {}};
  std::int64_t found = 0;
  for (const Set& set : sets) {
    if (!step.ways.empty() && set.weight < kLeastWeight * total) break;
    WeighedAllOf way{.all = all_of(set.members), .weights = {}, .left_out = total - set.weight};
    for (std::size_t k = 0; k < telling.size(); ++k) {
      if ((set.members >> k & 1U) != 0) way.weights.push_back(words_.weight(telling[k]));
    }
    step.ways.push_back(std::move(way));
    found += set.products;
    if (found >= kEnoughFewer) break;
  }
  add(std::move(step));
}

}  // namespace aforro::search
