// The products that are read first must not all be of one category, nor the cheapest; in the order of the
// index from which an engine counts quickest, they are just that. So where there are too many, the newest are
// counted, which are of all sorts. To look for 10,000 matches through a million products would take a second,
// so only the newest 100,000 products are looked at; if hardly any of these match, the first are better than
// nothing.
#include "search/facet_counts.h"

#include <numeric>

#include "search/price_ranges.h"

namespace aforro::search {
namespace {

constexpr std::int64_t kFew = 1'000;  // products, which tell too little

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

// Counts up to 10,000 products of the source; the groups are made of rows by `read`.
template <class Group, class Read>
std::vector<Group> read_groups(sql::Connection& connection, const Grouping& grouping, const Filters& filters,
                               const Source& source, sql::Text order, Read read) {
  sql::Composed text(grouping.before);
  text += source.plan.from;
  text += " WHERE 1 = 1";
  text += source.plan.where;
  filters.add_to(text, source.plan.is_only_stocked);
  text += order;
  text += " LIMIT $5";
  text += grouping.behind;
  std::vector<Group> groups;
  connection.query(text, filters.params(source.question, kMaxResults, 0, source.others),
                   [&](const sql::Row& row) { groups.push_back(read(row)); });
  return groups;
}

template <class Group>
std::int64_t products_in(const std::vector<Group>& groups) {
  return std::accumulate(groups.begin(), groups.end(), std::int64_t{0},
                         [](std::int64_t sum, const Group& group) { return sum + group.products; });
}

// `are_exact` becomes false if not all of what is found was counted.
template <class Group, class Read>
std::vector<Group> count_groups(sql::Connection& connection, const Grouping& grouping, const Filters& filters,
                                SourceOf source_of, bool& are_exact, Read read) {
  const Source all = source_of(filters, Extent::all);
  std::vector<Group> first = read_groups<Group>(connection, grouping, filters, all, "", read);
  if (products_in(first) < kMaxResults) return first;
  if (count_products(connection, all, filters).count_is_exact) return first;
  are_exact = false;
  const Source some = source_of(filters, Extent::newest);
  std::vector<Group> newest = read_groups<Group>(connection, grouping, filters, some, some.plan.order, read);
  return products_in(newest) < kFew ? first : newest;
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
