#include "search/product_page.h"

#include <algorithm>

#include "base/problem.h"

namespace aforro::search {

namespace {

SearchResults counted(std::int64_t products) {
  return {.count = std::min(products, kMaxResults),
          .count_is_exact = products <= kMaxResults,
          .matched = {},
          .page = {}};
}

}  // namespace

SearchResults count_products(sql::Connection& connection, const Source& source, const Filters& filters) {
  sql::Composed text("SELECT count(*) FROM (SELECT 1");
  text += source.plan.from;
  text += " WHERE 1 = 1";
  text += source.plan.where;
  filters.add_to(text, source.plan.is_only_stocked);
  text += " LIMIT $5) AS found";
  std::int64_t products = 0;
  connection.query(text, filters.params(source.question, kMaxResults + 1, 0, source.others),
                   [&](const sql::Row& row) { products = row.integer(0); });
  return counted(products);
}

SearchResults count_words(sql::Connection& connection, sql::Text count_by_words,
                          const std::string& question) {
  std::int64_t products = 0;
  connection.query(count_by_words, Filters().params(question, kMaxResults + 1),
                   [&](const sql::Row& row) { products = row.integer(0); });
  return counted(products);
}

std::vector<SearchResult> read_products(sql::Connection& connection, const Source& source,
                                        const Filters& filters, std::int64_t limit, std::int64_t offset) {
  sql::Composed text("SELECT p.id, p.sku, p.title, p.description, p.price_minor, c.name, p.created_at");
  text += filters.store() ? sql::Text(", i.quantity") : sql::Text(", NULL");
  text += source.plan.from;
  text += " JOIN categories c ON c.id = p.category_id";
  if (filters.store()) text += " LEFT JOIN inventory i ON i.store_id = $2 AND i.product_id = p.id";
  text += " WHERE 1 = 1";
  text += source.plan.where;
  filters.add_to(text, source.plan.is_only_stocked);
  text += source.plan.order;
  text += " LIMIT $5 OFFSET $6";
  std::vector<SearchResult> page;
  connection.query(
      text, filters.params(source.question, limit, offset, source.others), [&](const sql::Row& row) {
        page.push_back(
            {.product = {.id = shop::ProductId(row.integer(0)),
                         .sku = row.is_null(1) ? std::nullopt : std::optional(std::string(row.text(1))),
                         .title = std::string(row.text(2)),
                         .description = std::string(row.text(3)),
                         .price = Money::from_minor(row.integer(4)),
                         .category = std::string(row.text(5)),
                         .created_at = Time::from_micros(row.integer(6))},
             .inventory_quantity = row.maybe_integer(7)});
      });
  return page;
}

Slice slice_of(const SearchQuery& query, std::int64_t count) {
  // A page number can be past 2^63 / page_size: then it is past the last page as well.
  const std::int64_t offset =
      query.page > kMaxResults ? kMaxResults : std::min(kMaxResults, (query.page - 1) * query.page_size);
  if (query.page > 1 && offset >= count) throw Problem::not_found("There is no such page.");
  return {.offset = offset, .limit = std::min(query.page_size, kMaxResults - offset)};
}

}  // namespace aforro::search
