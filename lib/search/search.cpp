// A search as both engines do it: the filters, the order, the pages, and the three groups of suggestions, in
// one statement each for the count and the page. Under relevance come first a title that is exactly what was
// asked for, then titles that have all the words, then the rest, the best by the engine's own measure first.
#include <algorithm>
#include <utility>

#include "base/problem.h"
#include "base/text.h"
#include "search/candidates.h"
#include "shop/lookup.h"

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

class Search final : public ProductSearch {
 public:
  Search(sql::Database& database, std::unique_ptr<Candidates> candidates)
      : database_(database), candidates_(std::move(candidates)) {}

  SearchResults search(const SearchQuery& query) override {
    return database_.read([&](sql::Connection& connection) { return search_in(connection, query); });
  }

  std::vector<std::string> suggest(std::string_view text) override {
    const std::string key = fold(text);
    if (count_characters(key) < kMinSuggestCharacters) {
      throw Problem::invalid({{Fault::In::query, "q", "must have at least 3 characters"}});
    }
    // In no title, and what looks for it would take a second.
    if (count_characters(normalize(trim(text))) > shop::kMaxTitleCharacters) return {};
    return database_.read(
        [&](sql::Connection& connection) { return suggest_in(connection, key, words(text)); });
  }

  void verify_index(sql::Connection& connection, shop::Findings& findings) const override {
    candidates_->verify_index(connection, findings);
  }

 private:
  SearchResults search_in(sql::Connection& connection, const SearchQuery& query) const {
    if (query.store) shop::require_store(connection, *query.store);
    const std::vector<std::int64_t> categories = category_ids(connection, query);
    const bool has_words = !query.words.empty();
    const std::string match = has_words ? candidates_->all_words(query.words) : "";
    const std::string in_title = has_words ? candidates_->all_words_in_title(query.words) : "";
    const std::string words = joined(query.words);
    const std::int64_t store = query.store ? query.store->value() : 0;
    // A page number can be past 2^63 / page_size: then it is past the last page as well.
    const std::int64_t offset =
        query.page > kMaxResults ? kMaxResults : std::min(kMaxResults, (query.page - 1) * query.page_size);
    const std::int64_t limit = std::min(query.page_size, kMaxResults - offset);
    std::vector<sql::Param> params{match,
                                   store,
                                   query.min_price.value_or(Money()).minor_units(),
                                   query.max_price.value_or(Money()).minor_units(),
                                   limit,
                                   offset,
                                   in_title,
                                   words};
    for (const std::int64_t id : categories) params.emplace_back(id);

    SearchResults results = count(connection, query, params, categories.size());
    if (query.page > 1 && offset >= results.count) throw Problem::not_found("There is no such page.");
    if (results.count == 0) return results;

    const Plan plan = candidates_->plan_page(connection, query, results, offset + limit);
    sql::Composed text("SELECT p.id, p.sku, p.title, p.description, p.price_minor, c.name, p.created_at");
    text += query.store ? sql::Text(", i.quantity") : sql::Text(", NULL");
    text += plan.from;
    text += " JOIN categories c ON c.id = p.category_id";
    if (query.store) text += " LEFT JOIN inventory i ON i.store_id = $2 AND i.product_id = p.id";
    add_where(text, query, plan, categories.size());
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
    return results;
  }

  SearchResults count(sql::Connection& connection, const SearchQuery& query,
                      const std::vector<sql::Param>& params, std::size_t categories) const {
    const Plan plan = candidates_->plan_count(query);
    sql::Composed text("SELECT count(*) FROM (SELECT 1");
    text += plan.from;
    add_where(text, query, plan, categories);
    text += " LIMIT 10001) AS found";
    SearchResults results{.count = 0, .count_is_exact = true, .page = {}};
    connection.query(text, params, [&](const sql::Row& row) { results.count = row.integer(0); });
    results.count_is_exact = results.count <= kMaxResults;
    results.count = std::min(results.count, kMaxResults);
    return results;
  }

  std::vector<std::string> suggest_in(sql::Connection& connection, const std::string& key,
                                      const std::vector<std::string>& words) const {
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
    if (room() > 0 && !words.empty()) {
      const std::string phrase = candidates_->phrase_in_title(words);
      connection.query(candidates_->titles_by_phrase(), {phrase, key, end, kMaxSuggestions}, add);
    }
    if (room() > 0) {
      // Those above are among them.
      const std::string pattern = candidates_->inside(key);
      connection.query(candidates_->titles_by_inside(), {pattern, 2 * kMaxSuggestions}, add);
    }
    return titles;
  }

  sql::Database& database_;
  const std::unique_ptr<Candidates> candidates_;
};

}  // namespace

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

std::unique_ptr<ProductSearch> make_search(sql::Database& database, std::unique_ptr<Candidates> candidates) {
  return std::make_unique<Search>(database, std::move(candidates));
}

}  // namespace aforro::search
