#include "app/print_search.h"

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"

namespace aforro::app {
namespace {

// As a terminal may be shown it, the marks moved along.
search::MarkedText for_terminal(const search::MarkedText& marked) {
  search::MarkedText shown;
  const std::string_view text = marked.text;
  std::size_t at = 0;
  for (const Span& mark : marked.marks) {
    shown.text += aforro::for_terminal(text.substr(at, mark.begin - at));
    const std::size_t begin = shown.text.size();
    shown.text += aforro::for_terminal(text.substr(mark.begin, mark.end - mark.begin));
    shown.marks.push_back({begin, shown.text.size()});
    at = mark.end;
  }
  shown.text += aforro::for_terminal(text.substr(at));
  return shown;
}

std::vector<Column> columns_of(const search::SearchQuery& query, Explained explained) {
  std::vector<Column> columns{{"id", Column::Align::right},
                              {.name = "title", .gives_way = true},
                              {"price", Column::Align::right},
                              {.name = "category", .gives_way = true}};
  if (query.store) columns.push_back({"quantity", Column::Align::right});
  if (explained == Explained::yes) {
    columns.push_back({.name = "matched"});
    for (const auto& part : search::parts({})) columns.push_back({part.first, Column::Align::right});
    columns.push_back({"score", Column::Align::right});
  }
  if (query.wants_highlights) columns.push_back({.name = "description", .gives_way = true});
  return columns;
}

void add_scores(std::vector<std::string>& cells, const search::SearchResult& result) {
  const bool is_ranked = result.score.total() > 0;
  cells.emplace_back(is_ranked ? to_string(result.matched) : "-");
  for (const auto& part : search::parts(result.score))
    cells.push_back(is_ranked ? search::shown(part.second) : "-");
  cells.push_back(is_ranked ? search::shown(result.score.total()) : "-");
}

void print_results(Session& session, const search::SearchQuery& query, const search::SearchResults& results,
                   Explained explained) {
  const std::vector<Column> columns = columns_of(query, explained);
  Table table(columns);
  for (const search::SearchResult& result : results.page) {
    const shop::Product& product = result.product;
    std::vector<std::string> cells{std::to_string(product.id.value()), product.title,
                                   product.price.to_string(), product.category};
    if (query.store) {
      cells.push_back(result.inventory_quantity ? std::to_string(*result.inventory_quantity) : "-");
    }
    if (explained == Explained::yes) add_scores(cells, result);
    if (!result.highlights) {
      table.add(std::move(cells));
      continue;
    }
    search::MarkedText title = for_terminal(result.highlights->title);
    search::MarkedText description = for_terminal(result.highlights->description);
    cells[1] = std::move(title.text);
    cells.push_back(std::move(description.text));
    table.add(std::move(cells));
    table.emphasize(1, std::move(title.marks));
    table.emphasize(columns.size() - 1, std::move(description.marks));
  }
  session.print(table, "nothing was found");
}

void print_facets(Session& session, const search::Facets& facets) {
  if (facets.categories && !facets.categories->empty()) {
    Table table({{.name = "category", .gives_way = true}, {"products", Column::Align::right}});
    for (const search::CategoryCount& category : *facets.categories) {
      table.add({category.name, std::to_string(category.products)});
    }
    session.print("\n");
    session.print(table, "");
  }
  if (facets.prices && !facets.prices->empty()) {
    Table table(
        {{"from", Column::Align::right}, {"to", Column::Align::right}, {"products", Column::Align::right}});
    for (const search::PriceRange& range : *facets.prices) {
      table.add({range.from.to_string(), range.to.to_string(), std::to_string(range.products)});
    }
    session.print("\n");
    session.print(table, "");
  }
  if (!facets.are_exact) session.remark("not all products were counted, but 10,000 of the newest at most");
}

}  // namespace

void print_search(Session& session, const search::SearchQuery& query, const search::SearchResults& results,
                  Explained explained) {
  if (results.corrected_query) {
    session.remark("searched for " + *results.corrected_query + " instead of " + *query.text);
  }
  if (explained == Explained::yes) {
    for (const search::UsedSynonym& synonym : results.synonyms) {
      session.remark(synonym.typed + " was looked for as " + synonym.also + ", too");
    }
  }
  print_results(session, query, results, explained);
  if (results.facets) print_facets(session, *results.facets);
  const auto shown = static_cast<std::int64_t>(results.page.size());
  if (results.count > shown) {
    session.remark(std::to_string(shown) + " of " + (results.count_is_exact ? "" : "more than ") +
                   std::to_string(results.count) + "; --page and --page-size show others");
  }
  if (results.is_partial) session.remark("this took too long to look for all; fewer words may find more");
}

}  // namespace aforro::app
