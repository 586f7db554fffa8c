// The products that are read first must not all be of one category, nor the cheapest; in the order of the
// index from which an engine counts quickest, they are just that. So where there are too many, the newest are
// counted, which are of all sorts. Counting all of them would take a second in a shop of a million products.
#include "search/facet_counts.h"

#include <algorithm>
#include <array>

#include "search/price_ranges.h"

namespace aforro::search {
namespace {

// A statement that groups what is found: what stands before its products and behind them.
struct Grouping {
  sql::Text before;
  sql::Text behind;
};

constexpr Grouping kByCategory{
    "SELECT c.name, found.products FROM (SELECT category_id, count(*) AS products FROM (SELECT p.category_id",
    ") AS matches GROUP BY category_id) AS found JOIN categories c ON c.id = found.category_id"
    " ORDER BY found.products DESC, c.name_key"};
constexpr Grouping kByPrice{"SELECT price_minor, count(*) FROM (SELECT p.price_minor",
                            ") AS matches GROUP BY price_minor ORDER BY price_minor"};

// The groups, each made of a row by `read`; `are_exact` becomes false if not all of what is found was
// counted.
template <class Group, class Read>
std::vector<Group> count_groups(sql::Connection& connection, const Grouping& grouping, const Filters& filters,
                                SourceOf source_of, bool& are_exact, Read read) {
  std::vector<Group> groups;
  for (const Extent extent : {Extent::all, Extent::newest}) {
    const Source source = source_of(filters, extent);
    sql::Composed text(grouping.before);
    text += source.plan.from;
    text += " WHERE 1 = 1";
    text += source.plan.where;
    filters.add_to(text, source.plan.is_only_stocked);
    if (extent == Extent::newest) text += source.plan.order;
    text += " LIMIT $5";
    text += grouping.behind;
    groups.clear();
    std::int64_t products = 0;
    connection.query(text,
                     filters.params(source.question, extent == Extent::all ? kMaxResults + 1 : kMaxResults, 0,
                                    source.others),
                     [&](const sql::Row& row) {
                       groups.push_back(read(row));
                       products += groups.back().products;
                     });
    if (products <= kMaxResults) break;
    are_exact = false;
  }
  return groups;
}

}  // namespace

std::optional<Facets> count_facets(sql::Connection& connection, const SearchQuery& query,
                                   const Filters& filters, SourceOf source_of) {
  if (!query.wants_categories && !query.wants_prices) return std::nullopt;
  Facets facets;
  if (query.wants_categories) {
    facets.categories = count_groups<CategoryCount>(connection, kByCategory, filters.without_category(),
                                                    source_of, facets.are_exact, [](const sql::Row& row) {
                                                      return CategoryCount{.name = std::string(row.text(0)),
                                                                           .products = row.integer(1)};
                                                    });
    if (facets.categories->size() > kMaxFacetValues) facets.categories->resize(kMaxFacetValues);
  }
  if (query.wants_prices) {
    const auto prices = count_groups<PriceCount>(
        connection, kByPrice, filters.without_price(), source_of, facets.are_exact, [](const sql::Row& row) {
          return PriceCount{.price = Money::from_minor(row.integer(0)), .products = row.integer(1)};
        });
    facets.prices = price_ranges(prices);
  }
  return facets;
}

}  // namespace aforro::search
