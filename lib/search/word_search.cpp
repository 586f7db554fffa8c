#include "search/word_search.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/text.h"
#include "search/query_words.h"

namespace aforro::search {
namespace {

constexpr std::int64_t kRanked = 500;  // products of one step
constexpr std::int64_t kExact = 100;   // products with the text for their title or SKU
constexpr double kExactSku = 4;
constexpr double kExactTitle = 2;

Source source_of(const InsidePlan& inside) {
  return {.plan = inside.plan, .question = inside.question, .others = inside.others, .reach = inside.reach};
}

}  // namespace

WordSearch::WordSearch(const Candidates& candidates, Spelling& spelling, sql::Connection& connection,
                       const SearchQuery& query, const Filters& filters)
    : candidates_(candidates),
      connection_(connection),
      query_(query),
      filters_(filters),
      words_(join_words(*query.text)),
      key_(fold(*query.text)),
      taker_(candidates, spelling, connection, QueryWords(candidates, connection, query.words),
             std::chrono::steady_clock::now() + kSearchTime) {}

std::vector<UsedSynonym> WordSearch::used_synonyms() const {
  std::vector<UsedSynonym> used;
  used.reserve(taker_.synonyms().size());
  for (const QuerySynonym& synonym : taker_.synonyms()) {
    const auto first = taker_.words().begin() + static_cast<std::ptrdiff_t>(synonym.first);
    const std::vector<std::string> words(first, first + static_cast<std::ptrdiff_t>(synonym.words));
    used.push_back({.typed = joined(words), .also = synonym.also});
  }
  return used;
}

SearchResults WordSearch::answer() {
  SearchResults results{.count = 0, .count_is_exact = true, .matched = {}, .page = {}};
  if (query_.sort == Sort::relevance) {
    rank();
    const auto found = static_cast<std::int64_t>(ranked_.size());
    results.count = std::min(found, kMaxResults);
    results.count_is_exact = found <= kMaxResults;
    const Slice slice = slice_of(query_, results.count);
    std::vector<std::int64_t> ids;
    for (std::int64_t i = slice.offset; i < std::min(slice.offset + slice.limit, results.count); ++i) {
      ids.push_back(ranked_[static_cast<std::size_t>(i)].id);
    }
    if (!ids.empty()) {
      const Source source{.plan = candidates_.plan_ids(Sort::newest), .others = {candidates_.id_list(ids)}};
      results.page = read_products(connection_, source, filters_, query_.page_size, 0);
      const auto place = [&](const SearchResult& result) {
        return std::find(ids.begin(), ids.end(), result.product.id.value()) - ids.begin();
      };
      std::sort(results.page.begin(), results.page.end(),
                [&](const SearchResult& a, const SearchResult& b) { return place(a) < place(b); });
      for (SearchResult& result : results.page) {
        const Ranked& ranked = ranked_[static_cast<std::size_t>(slice.offset + place(result))];
        result.matched = ranked.matched;
        result.score = ranked.score;
      }
    }
  } else {
    steps_ = taker_.take();
    const Source found = source(filters_, query_.sort);
    results = steps_.taken.size() == 1 && !filters_.are_any()
                  ? count_words(connection_, candidates_.count_by_words(), found.question)
                  : count_products(connection_, found, filters_);
    const Slice slice = slice_of(query_, results.count);
    if (results.count > 0) results.page = read_sorted(found, slice, results.count);
  }
  results.matched = steps_.taken.back().kind;
  results.corrected_query = steps_.corrected_query;
  results.synonyms = used_synonyms();
  results.is_partial = steps_.is_partial;
  const bool is_all = std::all_of(steps_.taken.begin(), steps_.taken.end(),
                                  [](const Step& step) { return !step.inside || step.inside->is_all; });
  results.count_is_exact = results.count_is_exact && is_all && !steps_.is_partial;
  return results;
}

// Either all matches are read and sorted, or products are passed in the order asked for until the page is
// full. One match comes every so many products, if it does not depend on the order; where it does (a brand
// begins the titles, a category has the low prices) the second way is given up before it costs as much as the
// first.
std::vector<SearchResult> WordSearch::read_sorted(const Source& found, const Slice& slice,
                                                  std::int64_t count) {
  constexpr std::int64_t kEverywhere = 10;  // a word is, if it is in one of so many products
  constexpr std::int64_t kPatience = 3;     // times as many products as the matches would be apart
  constexpr std::int64_t kSorting =
      4;  // reading a match and sorting it costs that many times one passed over
  const AllOf& all = steps_.taken.front().ways.front().all;
  const std::int64_t wanted = std::min(slice.limit, count - slice.offset);
  const auto read_passing = [&](std::int64_t reach,
                                Picked picked) -> std::optional<std::vector<SearchResult>> {
    const auto ordered = candidates_.plan_ordered(all, query_.sort, reach, picked);
    if (!ordered) return std::nullopt;
    std::vector<SearchResult> page = read_products(
        connection_, {.plan = ordered->plan, .question = ordered->question, .others = ordered->others},
        filters_, wanted, slice.offset);
    return std::ssize(page) == wanted ? std::optional(std::move(page)) : std::nullopt;
  };
  // Asked first, since an engine without need of it should not count words for it.
  const bool may_pass =
      steps_.taken.size() == 1 && candidates_.plan_ordered(all, query_.sort, 0, Picked::by_index).has_value();
  if (may_pass) {
    const std::int64_t products = taker_.products();
    const std::int64_t matches = std::max(count, taker_.products_with_only_word());
    const std::int64_t passed = (slice.offset + slice.limit) * (products / count + 1);
    // Filters may leave few of a word that is everywhere, which lie far apart.
    if (matches * kEverywhere >= products && kPatience * passed <= matches * kSorting) {
      if (auto page = read_passing(kPatience * passed + kRanked, Picked::by_texts)) return std::move(*page);
    }
    if (passed <= matches * kSorting) {
      if (auto page = read_passing(matches * kSorting, Picked::by_index)) return std::move(*page);
    }
  }
  return read_products(connection_, found, filters_, slice.limit, slice.offset);
}

Source WordSearch::source(const Filters& filters, Sort sort) const {
  if (steps_.taken.size() == 1) {
    return {.plan = candidates_.plan_words(sort),
            .question = candidates_.question(steps_.taken.front().expression(), Field::any)};
  }
  return {.plan = candidates_.plan_ids(sort), .others = {candidates_.id_list(all_ids(filters))}};
}

Highlighters WordSearch::highlighters() const {
  Highlighters highlighters;
  // Which step found a product is not known where they are not ranked.
  const bool are_ranked = query_.sort == Sort::relevance;
  for (const Step& step : steps_.taken) {
    Highlighter& highlighter = highlighters[are_ranked ? step.kind : Matched::all];
    for (const WeighedAllOf& way : step.ways) highlighter.add(way.all);
  }
  return highlighters;
}

std::vector<std::int64_t> WordSearch::ids(const Step& step, const Filters& filters) const {
  std::vector<std::int64_t> ids;
  const auto add = [&](const sql::Row& row) { ids.push_back(row.integer(0)); };
  if (!step.inside && !filters.are_any()) {
    const std::string question = candidates_.question(step.expression(), Field::any);
    connection_.query(candidates_.ids_by_words(), Filters().params(question, kMaxResults + 1), add);
    return ids;
  }
  const Source source = step.inside ? source_of(*step.inside)
                                    : Source{.plan = candidates_.plan_words(Sort::relevance),
                                             .question = candidates_.question(step.expression(), Field::any)};
  sql::Composed text("SELECT p.id");
  text += source.plan.from;
  text += " WHERE 1 = 1";
  text += source.plan.where;
  filters.add_to(text);
  text += source.plan.order;
  text += " LIMIT $5";
  connection_.query(text, filters.params(source.question, kMaxResults + 1, source.reach, source.others), add);
  return ids;
}

std::vector<std::int64_t> WordSearch::all_ids(const Filters& filters) const {
  std::vector<std::int64_t> all;
  std::unordered_set<std::int64_t> seen;
  for (const Step& step : steps_.taken) {
    for (const std::int64_t id : ids(step, filters)) {
      if (std::ssize(all) <= kMaxResults && seen.insert(id).second) all.push_back(id);
    }
  }
  return all;
}

void WordSearch::rank() {
  steps_.taken.push_back(taker_.first());
  rank(steps_.taken.front());
  // What filters leave of the first step tells whether that has enough, mostly.
  if (std::ssize(ranked_) >= kEnoughMatches) return;
  steps_ = taker_.take();
  std::size_t ranked = 1;
  for (; ranked < steps_.taken.size() && std::ssize(ranked_) <= kMaxResults; ++ranked) {
    // Something is better than nothing, however late.
    if (!ranked_.empty() && taker_.is_late()) {
      steps_.is_partial = true;
      steps_.taken.resize(ranked);
      break;
    }
    rank(steps_.taken[ranked]);
  }
}

void WordSearch::rank(const Step& step) {
  std::vector<Ranked> scored;
  bool are_all_scored = false;
  if (step.inside) {
    const Source source = source_of(*step.inside);
    are_all_scored = score(step, source, kRanked, scored) < kRanked;
  } else {
    const auto by_words = [&](const Expression& expression, Field field) {
      return Source{.plan = candidates_.plan_words(Sort::relevance),
                    .question = candidates_.question(expression, field)};
    };
    const bool is_first = step.kind == Matched::all;
    are_all_scored = score(step, by_words(step.expression(), Field::any), kRanked, scored) < kRanked;
    if (!are_all_scored) {
      // Too many: so those that have all words in their titles, however old. The ways come in the order of
      // what they tell.
      if (is_first) {
        Source exact{.plan = {.from = " FROM products p",
                              .where = sql::Composed(" AND (p.sku = $17 OR p.title_key = $18)"),
                              .order = " ORDER BY p.id DESC"},
                     .others = {*query_.text, key_}};
        score(step, exact, kExact, scored);
      }
      for (const WeighedAllOf& way : step.ways) {
        if (std::ssize(scored) >= 2 * kRanked) break;
        score(step, by_words({{way.all}}, Field::title), kRanked, scored);
      }
    }
  }
  std::sort(scored.begin(), scored.end(), [](const Ranked& a, const Ranked& b) {
    const double total_a = a.score.total();
    const double total_b = b.score.total();
    return total_a != total_b ? total_a > total_b : a.id > b.id;
  });
  ranked_.insert(ranked_.end(), scored.begin(), scored.end());
  if (are_all_scored) return;
  for (const std::int64_t id : ids(step, filters_)) {
    if (std::ssize(ranked_) <= kMaxResults && seen_.insert(id).second) ranked_.push_back({id, step.kind, {}});
  }
}

std::int64_t WordSearch::score(const Step& step, const Source& source, std::int64_t most,
                               std::vector<Ranked>& into) {
  sql::Composed text(
      "SELECT p.id, p.sku, p.title, p.title_words, p.category_words, p.sku_words, "
      "substr(p.description_words, 1, 400)");
  text += source.plan.from;
  text += " WHERE 1 = 1";
  text += source.plan.where;
  filters_.add_to(text);
  text += source.plan.order;
  text += " LIMIT $5";
  const Ranking ranking(step.ways);
  std::int64_t found = 0;
  connection_.query(text, filters_.params(source.question, most, source.reach, source.others),
                    [&](const sql::Row& row) {
                      ++found;
                      if (!seen_.insert(row.integer(0)).second) return;
                      Ranked ranked{.id = row.integer(0),
                                    .matched = step.kind,
                                    .score = ranking.score({.title = row.text(2),
                                                            .title_words = row.text(3),
                                                            .category_words = row.text(4),
                                                            .sku_words = row.text(5),
                                                            .description_words = row.text(6)})};
                      if (row.text(3) == words_ || row.text(5) == words_) ranked.score.exact = kExactTitle;
                      if (!row.is_null(1) && row.text(1) == *query_.text) ranked.score.exact = kExactSku;
                      into.push_back(ranked);
                    });
  return found;
}

}  // namespace aforro::search
