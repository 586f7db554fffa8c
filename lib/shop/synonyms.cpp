#include "shop/synonyms.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "base/problem.h"
#include "base/text.h"
#include "shop/catalogue_rows.h"

namespace aforro::shop {
namespace {

std::optional<std::string> term_fault(std::string_view text) {
  if (auto fault = text_fault(text, 1, kMaxSynonymCharacters)) return fault;
  const std::size_t count = words(text).size();
  if (count == 0) return "must have a letter or a digit";
  if (count > kMaxSynonymWords) return "must have at most " + std::to_string(kMaxSynonymWords) + " words";
  return std::nullopt;
}

// What a search would look for, as its words.
SynonymTerm term_of(std::string_view text) { return {.text = normalize(text), .words = join_words(text)}; }

SynonymPair reversed(const SynonymPair& pair) { return {.term = pair.also, .also = pair.term}; }

bool is_there(sql::Connection& connection, const SynonymPair& pair) {
  return connection
      .maybe_integer("SELECT 1 FROM synonyms WHERE term_words = $1 AND also_words = $2",
                     {pair.term.words, pair.also.words})
      .has_value();
}

// Throws Problem (conflict) where there is no room for it.
void insert(sql::Connection& connection, const SynonymPair& pair) {
  const std::int64_t of_term =
      connection.maybe_integer("SELECT count(*) FROM synonyms WHERE term_words = $1", {pair.term.words})
          .value();
  if (of_term >= static_cast<std::int64_t>(kMaxSynonymsOfTerm)) {
    throw Problem(Problem::Kind::conflict, "\"" + pair.term.text + "\" has " +
                                               std::to_string(kMaxSynonymsOfTerm) +
                                               " synonyms already, and may have no more; remove one first");
  }
  const std::int64_t all = connection.maybe_integer("SELECT count(*) FROM synonyms").value();
  if (all >= kMaxSynonyms) {
    throw Problem(
        Problem::Kind::conflict,
        "the shop has 10,000 synonyms already (one that goes both ways counts as two), and may have "
        "no more; remove some first");
  }
  connection.run("INSERT INTO synonyms (term_words, also_words, term, also) VALUES ($1, $2, $3, $4)",
                 {pair.term.words, pair.also.words, pair.term.text, pair.also.text});
}

}  // namespace

SynonymPair parse_synonym(std::string_view term, std::string_view also) {
  const auto trimmed = [](std::string_view text) { return is_valid_utf8(text) ? trim(text) : text; };
  term = trimmed(term);
  also = trimmed(also);
  Faults faults;
  for (const auto& [where, text] : {std::pair("term", term), std::pair("also", also)}) {
    if (const auto fault = term_fault(text)) faults.add(Fault::In::query, where, *fault);
  }
  if (!faults.empty()) throw Problem::invalid(std::move(faults));
  SynonymPair pair{.term = term_of(term), .also = term_of(also)};
  if (pair.term.words == pair.also.words) {
    faults.add(Fault::In::query, "also", "must not be the same word, as a search sees it");
    throw Problem::invalid(std::move(faults));
  }
  return pair;
}

std::vector<Synonym> Synonyms::list() {
  std::vector<Synonym> all = database_.read([](sql::Connection& connection) {
    std::vector<Synonym> rows;
    connection.query(
        "SELECT term_words, also_words, term, also FROM synonyms ORDER BY term_words, also_words", {},
        [&](const sql::Row& row) {
          rows.push_back({.pair = {.term = {std::string(row.text(2)), std::string(row.text(0))},
                                   .also = {std::string(row.text(3)), std::string(row.text(1))}},
                          .ways = Ways::one});
        });
    return rows;
  });
  // Of two directions the one that comes first stands for both.
  const auto is_before = [](const Synonym& a, const Synonym& b) {
    return std::tie(a.pair.term.words, a.pair.also.words) < std::tie(b.pair.term.words, b.pair.also.words);
  };
  std::vector<Synonym> merged;
  merged.reserve(all.size());
  for (const Synonym& one : all) {
    const bool has_other =
        std::binary_search(all.begin(), all.end(), Synonym{.pair = reversed(one.pair)}, is_before);
    if (has_other && one.pair.also.words < one.pair.term.words) continue;
    merged.push_back({.pair = one.pair, .ways = has_other ? Ways::both : Ways::one});
  }
  return merged;
}

Synonyms::Added Synonyms::add(const SynonymPair& pair, Ways ways) {
  return database_.write([&](sql::Connection& connection) {
    lock_catalogue(connection);  // so that two at once can't both take the last place
    auto added = Added::was_there;
    const auto add_one = [&](const SynonymPair& one) {
      if (is_there(connection, one)) return;
      insert(connection, one);
      added = Added::made;
    };
    add_one(pair);
    if (ways == Ways::both) add_one(reversed(pair));
    return added;
  });
}

void Synonyms::remove(const SynonymPair& pair, Ways ways) {
  database_.write([&](sql::Connection& connection) {
    lock_catalogue(connection);
    bool is_any = false;
    const auto remove_one = [&](const SynonymPair& one) {
      if (!is_there(connection, one)) return;
      is_any = true;
      connection.run("DELETE FROM synonyms WHERE term_words = $1 AND also_words = $2",
                     {one.term.words, one.also.words});
    };
    remove_one(pair);
    if (ways == Ways::both) remove_one(reversed(pair));
    if (is_any) return;
    throw Problem::not_found("\"" + pair.term.text + "\" is not looked for as \"" + pair.also.text +
                             "\"; `aforro synonyms` lists what is");
  });
}

bool has_synonyms(sql::Connection& connection) {
  return connection.maybe_integer("SELECT 1 FROM synonyms LIMIT 1").has_value();
}

void find_synonyms(sql::Connection& connection, std::span<const std::string> terms,
                   FunctionRef<void(std::size_t term, std::string_view also)> found) {
  sql::ParamRows asked;
  for (const std::string& term : terms) asked.add({term});
  connection.for_each("SELECT also_words FROM synonyms WHERE term_words = $1 ORDER BY also_words", asked,
                      [&](std::size_t term, const sql::Row& row) { found(term, row.text(0)); });
}

void restore_synonyms(sql::Connection& connection, const sql::ParamRows& rows) {
  connection.for_each("INSERT INTO synonyms (term_words, also_words, term, also) VALUES ($1, $2, $3, $4)",
                      rows);
}

}  // namespace aforro::shop
