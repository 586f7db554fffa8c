#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string_view>

#include "app/commands.h"
#include "app/print_search.h"
#include "base/problem.h"
#include "base/text.h"
#include "render/render.h"
#include "shop/catalogue.h"

namespace aforro::app {
namespace {

struct Options {
  std::vector<std::string> words;
  ParameterList filters;  // by the names of the API
  bool is_explained = false;
};

// The same names, bounds and words as the API's, as options.
search::SearchQuery parse(Session& session, const Options& options) {
  ParameterList parameters = options.filters;
  std::string text;
  for (const std::string& word : options.words) text += (text.empty() ? "" : " ") + word;
  parameters.emplace_back("q", text);
  session.name_faults([](const Fault& fault) {
    return fault.where == "q" ? "WORDS" : fault.where == "store_id" ? "--store" : "";
  });
  search::SearchQuery query;
  as_usage(session, [&] { query = search::parse_search(parameters); });
  return query;
}

// As the API answers; the pages beside it are their numbers, for there is no address.
void print_json(Session& session, const search::SearchQuery& query, const search::SearchResults& results,
                render::Scores scores) {
  const bool has_next = query.page * query.page_size < results.count;
  JsonWriter json;
  json.begin_object();
  json.key("count").number(results.count);
  json.key("count_is_exact").boolean(results.count_is_exact);
  json.key("next");
  has_next ? json.number(query.page + 1) : json.null();
  json.key("previous");
  query.page > 1 ? json.number(query.page - 1) : json.null();
  render::write_search_results(json, results, scores);
  json.end_object();
  session.print_json(json.take());
}

// Says which of the categories asked for there are not, with the nearest that there is.
void tell_unknown_categories(Session& session, sql::Database& database, const Options& options) {
  std::vector<shop::Category> categories;
  for (const auto& [name, value] : options.filters) {
    if (name != "category") continue;
    if (categories.empty()) categories = shop::Catalogue(database, session.clock()).categories();
    const bool is_there =
        std::any_of(categories.begin(), categories.end(), [&, &wanted = value](const shop::Category& one) {
          return std::to_string(one.id.value()) == wanted || fold(one.name) == fold(wanted);
        });
    if (is_there) continue;
    std::vector<std::string_view> names;
    names.reserve(categories.size());
    for (const shop::Category& one : categories) names.push_back(one.name);
    const auto meant = nearest_name(value, names);
    session.remark("there is no category " + on_one_line(value) +
                   (meant ? "; did you mean " + on_one_line(std::string(*meant)) + "?" : std::string()));
  }
}

void run(Session& session, const Options& options) {
  const search::SearchQuery query = parse(session, options);
  const Database database = session.open_database_to_read();
  const search::SearchResults results = database.search->search(query);
  if (session.wants_json()) {
    print_json(session, query, results,
               options.is_explained ? render::Scores::shown : render::Scores::left_out);
  } else {
    print_search(session, query, results, options.is_explained ? Explained::yes : Explained::no);
  }
  tell_unknown_categories(session, *database.engine, options);
}

}  // namespace

void add_search(CLI::App& program, Session& session) {
  CLI::App* const command = program.add_subcommand("search", "find products");
  const auto options = std::make_shared<Options>();
  const auto filter = [&](const char* option, const char* parameter, const char* type,
                          const char* description) {
    command
        ->add_option_function<std::string>(
            option,
            [options, parameter](const std::string& value) {
              options->filters.emplace_back(parameter, value);
            },
            description)
        ->type_name(type);
  };
  command->add_option("WORDS", options->words, "words to be found; without them everything is listed")
      ->type_name("");
  command
      ->add_option_function<std::vector<std::string>>(
          "--category",
          [options](const std::vector<std::string>& names) {
            for (const std::string& name : names) options->filters.emplace_back("category", name);
          },
          "only this category, by name or id; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  filter("--min-price", "min_price", "PRICE", "at least this price");
  filter("--max-price", "max_price", "PRICE", "at most this price");
  filter("--store", "store_id", "STORE", "show what this store has of each");
  command->add_flag_callback(
      "--in-stock", [options] { options->filters.emplace_back("in_stock", "true"); },
      "only what the store has, or any store");
  filter("--sort", "sort", "ORDER", "relevance, newest, price, -price or title");
  filter("--facets", "facets", "NAMES", "how many are in each category, price, or both: category,price");
  command->add_flag_callback(
      "--highlight", [options] { options->filters.emplace_back("highlight", "true"); },
      "show what was found, with the description around it");
  command->add_flag("--explain", options->is_explained, "show how each result came to its place");
  filter("--page", "page", "N", "which page [1]");
  filter("--page-size", "page_size", "N", "how many on a page [20]");
  session.add_common(*command, "aforro search wireless headphones --max-price 100 --store 1 --in-stock");
  command->callback([&session, options] { run(session, *options); });
}

}  // namespace aforro::app
