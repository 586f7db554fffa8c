// A search as both engines do it: the filters, the order, the pages, and the groups of suggestions.
//
// One statement counts, one reads the page. Under relevance come first products that have the text for their
// SKU or their whole title, then titles that have all the words, then the rest, the best by the engine's own
// measure first.
//
// If the words alone find fewer than 20, filters aside, the search is widened: both statements ask another
// question, in which each word may also be inside a word of the title. What the words alone find must keep
// its place in front, so its ids, which are few then, go into the statement as a list. Whether a search is
// widened depends on the words alone. If it depended on what the filters leave, a filter could add results:
// one that leaves three of fifty would widen the search and show others.
//
// Suggestions come in groups, from titles that begin with what was typed to titles that have its words with
// other signs between. Each group is a statement of its own, asked only while there is room left.
#include <algorithm>
#include <utility>

#include "base/problem.h"
#include "base/text.h"
#include "search/candidates.h"
#include "shop/catalogue_rows.h"

namespace aforro::search {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

void add_where(sql::Composed& text, const SearchQuery& query, const Plan& plan, std::size_t categories) {
  text += " WHERE 1 = 1";
  text += plan.where;
  if (query.by_category) {
    // No category has the id 0, so that the list is valid, and finds nothing, without any.
    text += " AND p.category_id IN (0";
    for (std::size_t i = 0; i < categories; ++i) {
      text += ", ";
      text += kCategorySlots[i];
    }
    text += ")";
  }
  if (query.min_price) text += " AND p.price_minor >= $3";
  if (query.max_price) text += " AND p.price_minor <= $4";
  if (!query.in_stock || plan.is_only_stocked) return;
  if (query.store) {
    text +=
        " AND EXISTS (SELECT 1 FROM inventory s WHERE s.store_id = $2 AND s.product_id = p.id AND s.quantity "
        "> 0)";
  } else {
    text += " AND EXISTS (SELECT 1 FROM inventory s WHERE s.product_id = p.id AND s.quantity > 0)";
  }
}

std::vector<std::int64_t> category_ids(sql::Connection& connection, const SearchQuery& query) {
  std::vector<std::int64_t> ids;
  for (const auto id : query.category_ids) ids.push_back(id.value());
  sql::ParamRows keys;
  for (const std::string& key : query.category_keys) keys.add({key});
  connection.for_each("SELECT id FROM categories WHERE name_key = $1", keys,
                      [&](std::size_t, const sql::Row& row) { ids.push_back(row.integer(0)); });
  return ids;
}

// What the parameters of the statements of one search stand for.
struct Question {
  std::string all_words;
  std::string all_words_in_title;
  std::string words;
  std::vector<std::int64_t> categories;
  std::string first_ids;  // ",7,3,"
  WideQuestion wide;      // as far as it was asked

  std::vector<sql::Param> params(const SearchQuery& query, std::int64_t limit, std::int64_t offset) const {
    std::vector<sql::Param> params{all_words,
                                   query.store ? query.store->value() : 0,
                                   query.min_price.value_or(Money()).minor_units(),
                                   query.max_price.value_or(Money()).minor_units(),
                                   limit,
                                   offset,
                                   all_words_in_title,
                                   words};
    for (const std::int64_t id : categories) params.emplace_back(id);
    params.resize(params.size() + kMaxCategories - categories.size(), sql::Param(std::int64_t{0}));
    params.insert(params.end(), {query.text ? std::string_view(*query.text) : "", first_ids, wide.driver,
                                 wide.driver_inside});
    for (const std::string& word : wide.words) params.emplace_back(word);
    return params;
  }
};

// For a text without words: a SKU that is made of other signs may still be found.
Plan plan_by_sku(const SearchQuery& query) {
  return {
      .from = " FROM products p", .where = sql::Composed(" AND p.sku = $19"), .order = order_by(query.sort)};
}

bool has_filter(const SearchQuery& query) {
  return query.by_category || query.min_price || query.max_price || query.in_stock;
}

// Answers inside a snapshot.
class Answerer {
 public:
  explicit Answerer(const Candidates& candidates) : candidates_(candidates) {}

  SearchResults search_in(sql::Connection& connection, const SearchQuery& query) const {
    if (query.store) shop::require_store(connection, *query.store);
    const bool has_words = !query.words.empty();
    const bool is_by_sku = query.text && !has_words;
    Question question{.all_words = has_words ? candidates_.all_words(query.words) : "",
                      .all_words_in_title = has_words ? candidates_.all_words_in_title(query.words) : "",
                      .words = joined(query.words),
                      .categories = category_ids(connection, query),
                      .first_ids = {},
                      .wide = {}};
    Plan counted = is_by_sku ? plan_by_sku(query) : candidates_.plan_count(query);
    SearchResults results = count(connection, query, question, counted);
    const bool is_wide =
        has_words && results.count < kEnoughMatches && widen(connection, query, results.count, question);
    if (is_wide) results = count(connection, query, question, question.wide.plan);
    if (query.text) results.matched = is_wide ? Matched::inside : Matched::all;

    // A page number can be past 2^63 / page_size: then it is past the last page as well.
    const std::int64_t offset =
        query.page > kMaxResults ? kMaxResults : std::min(kMaxResults, (query.page - 1) * query.page_size);
    const std::int64_t limit = std::min(query.page_size, kMaxResults - offset);
    if (query.page > 1 && offset >= results.count) throw Problem::not_found("There is no such page.");
    if (results.count == 0) return results;
    const Plan plan = is_wide     ? question.wide.plan
                      : is_by_sku ? counted
                                  : candidates_.plan_page(connection, query, results, offset + limit);
    read_page(connection, query, plan, question.categories.size(), question.params(query, limit, offset),
              results);
    return results;
  }

  std::vector<std::string> suggest_in(sql::Connection& connection, const SuggestQuery& query) const {
    const std::string& key = query.key;
    const std::string words = joined(query.words);
    std::vector<std::string> titles;
    const auto room = [&] { return kMaxSuggestions - static_cast<std::int64_t>(titles.size()); };
    const auto add = [&](const sql::Row& row) {
      const std::string title(row.text(0));
      const bool is_new = std::find(titles.begin(), titles.end(), title) == titles.end();
      if (is_new && room() > 0) titles.push_back(title);
    };
    // Everything that begins with the key lies between it and the key followed by the highest character.
    const std::string end = key + "\U0010FFFF";
    connection.query(
        "SELECT title FROM products WHERE title_key >= $1 AND title_key < $2"
        " GROUP BY title_key, title ORDER BY title_key, title LIMIT $3",
        {key, end, kMaxSuggestions}, add);
    const auto add_by_words = [&](const std::string& as_typed) {
      const std::string phrase = candidates_.phrase_in_title(query.words);
      connection.query(candidates_.titles_by_phrase(), {phrase, key, end, kMaxSuggestions, as_typed}, add);
    };
    // A text of nothing but words is looked for by them. Where other signs were typed too, its words might be
    // short and everywhere ("c++"): then the text as a whole is looked for, and titles that have its words
    // are sorted to the front.
    const bool is_of_words = words == key;
    if (room() > 0 && is_of_words) add_by_words(query.words.size() > 1 ? key : "");
    if (room() > 0) {
      // Twice as many as may be suggested, since the titles above are among them.
      const std::string word_start = words.empty() ? "\n" : ' ' + words;
      if (is_for_trigrams(key)) {
        const std::string pattern = candidates_.inside(key);
        connection.query(candidates_.titles_by_inside(), {pattern, 2 * kMaxSuggestions, word_start}, add);
      } else if (is_chinese_japanese_or_korean(key)) {
        const std::string pair = candidates_.pair(key);
        connection.query(candidates_.titles_by_pair(), {pair, 2 * kMaxSuggestions, word_start}, add);
      }
    }
    const bool are_words_enough =
        count_characters(words) >=
        (is_chinese_japanese_or_korean(words) ? kMinSuggestCharactersOfCjk : kMinSuggestCharacters);
    const bool may_stand_otherwise = !is_of_words || query.words.size() > 1;
    if (room() > 0 && are_words_enough && may_stand_otherwise) add_by_words("");
    return titles;
  }

 private:
  // True if the words alone, without any filter, find too few, and looking inside of words finds more; then
  // the question is complete for that. `filtered` is how many the words find with the filters.
  bool widen(sql::Connection& connection, const SearchQuery& query, std::int64_t filtered,
             Question& question) const {
    std::vector<std::int64_t> first;
    const bool is_known_to_be_few = !has_filter(query);
    if (!is_known_to_be_few) first = first_ids(connection, query, question);
    if (static_cast<std::int64_t>(first.size()) >= kEnoughMatches) return false;
    auto wide = candidates_.plan_inside(connection, query);
    if (!wide) return false;
    question.wide = std::move(*wide);
    // Counted to one more than the words alone find: that is enough to know whether there are more.
    const auto all = is_known_to_be_few ? filtered : static_cast<std::int64_t>(first.size());
    SearchQuery unfiltered = query;
    unfiltered.by_category = unfiltered.in_stock = false;
    unfiltered.min_price = unfiltered.max_price = std::nullopt;
    if (count(connection, unfiltered, question, question.wide.plan, all + 1).count <= all) return false;
    if (is_known_to_be_few) first = first_ids(connection, query, question);
    question.first_ids = ",";
    for (const std::int64_t id : first) question.first_ids += std::to_string(id) + ',';
    return true;
  }

  // What the words alone find without a filter, the best first, as far as it takes to know that it is enough.
  std::vector<std::int64_t> first_ids(sql::Connection& connection, const SearchQuery& query,
                                      const Question& question) const {
    SearchQuery by_words;
    by_words.text = query.text;
    by_words.words = query.words;
    by_words.sort = Sort::relevance;
    const Plan plan = candidates_.plan_page(
        connection, by_words, {.count = kEnoughMatches, .count_is_exact = true, .matched = {}, .page = {}},
        kEnoughMatches);
    sql::Composed text("SELECT p.id");
    text += plan.from;
    add_where(text, by_words, plan, 0);
    text += plan.order;
    text += " LIMIT $5 OFFSET $6";
    std::vector<std::int64_t> ids;
    connection.query(text, question.params(by_words, kEnoughMatches, 0),
                     [&](const sql::Row& row) { ids.push_back(row.integer(0)); });
    return ids;
  }

  static void read_page(sql::Connection& connection, const SearchQuery& query, const Plan& plan,
                        std::size_t categories, const std::vector<sql::Param>& params,
                        SearchResults& results) {
    sql::Composed text("SELECT p.id, p.sku, p.title, p.description, p.price_minor, c.name, p.created_at");
    text += query.store ? sql::Text(", i.quantity") : sql::Text(", NULL");
    text += plan.from;
    text += " JOIN categories c ON c.id = p.category_id";
    if (query.store) text += " LEFT JOIN inventory i ON i.store_id = $2 AND i.product_id = p.id";
    add_where(text, query, plan, categories);
    text += plan.order;
    text += " LIMIT $5 OFFSET $6";
    connection.query(text, params, [&](const sql::Row& row) {
      results.page.push_back(
          {.product = {.id = shop::ProductId(row.integer(0)),
                       .sku = row.is_null(1) ? std::nullopt : std::optional(std::string(row.text(1))),
                       .title = std::string(row.text(2)),
                       .description = std::string(row.text(3)),
                       .price = Money::from_minor(row.integer(4)),
                       .category = std::string(row.text(5)),
                       .created_at = Time::from_micros(row.integer(6))},
           .inventory_quantity = row.maybe_integer(7)});
    });
  }

  // At most `most`, beyond which the count is not exact.
  static SearchResults count(sql::Connection& connection, const SearchQuery& query, const Question& question,
                             const Plan& plan, std::int64_t most = kMaxResults) {
    sql::Composed text("SELECT count(*) FROM (SELECT 1");
    text += plan.from;
    add_where(text, query, plan, question.categories.size());
    text += " LIMIT $5) AS found";
    SearchResults results{.count = 0, .count_is_exact = true, .matched = {}, .page = {}};
    connection.query(text, question.params(query, most + 1, 0),
                     [&](const sql::Row& row) { results.count = row.integer(0); });
    results.count_is_exact = results.count <= most;
    results.count = std::min(results.count, most);
    return results;
  }

  const Candidates& candidates_;
};

}  // namespace

std::string_view to_string(Matched matched) { return matched == Matched::inside ? "inside" : "all"; }

bool is_for_trigrams(const std::string& key) { return count_characters(key) >= 3; }

bool may_be_inside(const std::string& word) {
  return is_for_trigrams(word) || is_chinese_japanese_or_korean(word);
}

sql::Text order_by(Sort sort) {
  switch (sort) {
    case Sort::price:
      return " ORDER BY p.price_minor, p.id";
    case Sort::price_descending:
      return " ORDER BY p.price_minor DESC, p.id";
    case Sort::title:
      return " ORDER BY p.title_key, p.id";
    case Sort::relevance:  // of nothing
    case Sort::newest:
      break;
  }
  return " ORDER BY p.created_at DESC, p.id DESC";
}

ProductSearch::ProductSearch(sql::Database& database, std::unique_ptr<const Candidates> candidates)
    : database_(database), candidates_(std::move(candidates)) {}

ProductSearch::~ProductSearch() = default;

SearchResults ProductSearch::search(const SearchQuery& query) {
  return database_.read(
      [&](sql::Connection& connection) { return Answerer(*candidates_).search_in(connection, query); });
}

std::vector<std::string> ProductSearch::suggest(const SuggestQuery& query) {
  if (query.key.empty()) return {};
  return database_.read(
      [&](sql::Connection& connection) { return Answerer(*candidates_).suggest_in(connection, query); });
}

void ProductSearch::check_index(sql::Connection& connection, TellFault tell) const {
  candidates_->check_index(connection, tell);
}

}  // namespace aforro::search
