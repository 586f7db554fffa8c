// Links to other pages repeat the question as it was asked, so that a client follows them without knowing the
// parameters. Search has numbers of pages, as no cursor could resume an order by relevance; lists of orders
// and stock have cursors (cursor.h).
#include "api/handlers.h"
#include "base/percent_encoding.h"
#include "render/render.h"

namespace aforro::api {
namespace {

// The address of another page of the same search: what was asked, as it was asked, but for the page.
std::string page_link(const http::Request& request, std::int64_t page) {
  std::string link = request.base_url + "/api/search/products/?";
  for (const auto& [name, value] : request.query) {
    if (name == "page" || value.empty()) continue;
    link += percent_encode(name) + '=' + percent_encode(value) + '&';
  }
  return link + "page=" + std::to_string(page);
}

}  // namespace

http::Response search_products(const Services& services, const http::Request& request) {
  const search::SearchQuery query = search::parse_search(request.query);
  const search::SearchResults results = services.search.search(query);
  JsonWriter json;
  json.begin_object();
  json.key("count").number(results.count);
  json.key("count_is_exact").boolean(results.count_is_exact);
  json.key("next");
  query.page* query.page_size < results.count ? json.string(page_link(request, query.page + 1)) : json.null();
  json.key("previous");
  query.page > 1 ? json.string(page_link(request, query.page - 1)) : json.null();
  render::write_search_results(json, results);
  json.end_object();
  return http::json_response(200, json.take());
}

http::Response suggest_titles(const Services& services, const http::Request& request) {
  const search::SuggestQuery query = search::parse_suggest(request.query);
  JsonWriter json;
  json.begin_object().key("suggestions").begin_array();
  for (const std::string& title : services.search.suggest(query)) json.string(title);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

}  // namespace aforro::api
