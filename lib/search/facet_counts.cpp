// The products that are read first must not all be of one category, nor the cheapest; in the order of the
// index from which an engine counts quickest, they are just that. So where there are too many, the newest are
// counted, which are of all sorts. To look for 10,000 matches through a million products would take a second,
// so SQLite looks only at the newest 100,000; if hardly any of these match, the first are better than
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

// Counts so many products of the source at most; the groups are made of rows by `read`.
template <class Group, class Read>
std::vector<Group> read_groups(sql::Connection& connection, const Grouping& grouping, const Filters& filters,
                               const Source& source, std::int64_t most, Read read) {
  sql::Composed text(grouping.before);
  text += source.plan.from;
  text += " WHERE 1 = 1";
  text += source.plan.where;
  filters.add_to(text, source.plan.is_only_stocked);
  text += source.plan.order;
  text += " LIMIT $5";
  text += grouping.behind;
  std::vector<Group> groups;
  connection.query(text, filters.params(source.question, most, 0, source.others),
                   [&](const sql::Row& row) { groups.push_back(read(row)); });
  return groups;
}

template <class Group>
std::int64_t products_in(const std::vector<Group>& groups) {
  return std::accumulate(groups.begin(), groups.end(), std::int64_t{0},
                         [](std::int64_t sum, const Group& group) { return sum + group.products; });
}

// `are_exact` is whether all that was found was counted, and becomes whether all in the groups were: they are
// counted with fewer filters.
template <class Group, class Read>
std::vector<Group> count_groups(sql::Connection& connection, const Grouping& grouping, const Filters& filters,
                                SourceOf source_of, bool& are_exact, Read read) {
  const auto groups_of = [&](Extent extent, std::int64_t most) {
    const Source source = source_of(filters, extent);
    return read_groups<Group>(connection, grouping, filters, source, most, read);
  };
  if (are_exact) {
    std::vector<Group> all = groups_of(Extent::all, kMaxResults + 1);
    if (products_in(all) <= kMaxResults) return all;
    are_exact = false;
  }
  std::vector<Group> newest = groups_of(Extent::newest, kMaxResults);
  return products_in(newest) < kFew ? groups_of(Extent::all, kMaxResults) : newest;
}

}  // namespace

std::optional<Facets> count_facets(sql::Connection& connection, const SearchQuery& query,
                                   const SearchResults& found, const Filters& filters, SourceOf source_of) {
  if (!query.wants_categories && !query.wants_prices) return std::nullopt;
  Facets facets;
  bool are_exact = found.count_is_exact;
  if (query.wants_categories) {
    const auto read = [](const sql::Row& row) {
      return CategoryCount{.name = std::string(row.text(0)), .products = row.integer(1)};
    };
    facets.categories = count_groups<CategoryCount>(connection, kByCategory, filters.without_category(),
                                                    source_of, are_exact, read);
    if (facets.categories->size() > kMaxFacetValues) facets.categories->resize(kMaxFacetValues);
    facets.are_exact = are_exact;
  }
  if (query.wants_prices) {
    are_exact = found.count_is_exact;
    const auto read = [](const sql::Row& row) {
      return PriceCount{.price = Money::from_minor(row.integer(0)), .products = row.integer(1)};
    };
    facets.prices = price_ranges(
        count_groups<PriceCount>(connection, kByPrice, filters.without_price(), source_of, are_exact, read));
    facets.are_exact = facets.are_exact && are_exact;
  }
  // Fewer were found than there are.
  if (found.is_partial) facets.are_exact = false;
  return facets;
}

}  // namespace aforro::search
