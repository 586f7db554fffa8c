// Links to other pages repeat the question as it was asked, so that a client follows them without knowing the
// parameters. Search has numbers of pages, as no cursor could resume an order by relevance; lists of orders
// and stock have cursors (cursor.h).
//
// The limit is on suggestions alone, which a page asks for at each key. Every answer says what is left, also
// a refusal for another reason, as it took a token too.
#include "api/routes.h"
#include "base/percent_encoding.h"
#include "http/problem_document.h"
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

http::Response search(search::ProductSearch& products, const http::Request& request) {
  const search::SearchQuery query = search::parse_search(request.query);
  const search::SearchResults results = products.search(query);
  JsonWriter json;
  json.begin_object();
  json.key("count").number(results.count);
  json.key("count_is_exact").boolean(results.count_is_exact);
  json.key("next");
  query.page* query.page_size < results.count ? json.string(page_link(request, query.page + 1)) : json.null();
  json.key("previous");
  query.page > 1 ? json.string(page_link(request, query.page - 1)) : json.null();
  json.key("corrected_query").null();
  json.key("matched");
  results.matched ? json.string(to_string(*results.matched)) : json.null();
  json.key("results").begin_array();
  for (const search::SearchResult& result : results.page) render::write_search_result(json, result);
  json.end_array();
  json.end_object();
  return http::json_response(200, json.take());
}

http::HeaderList rate_headers(const limit::Rate& rate, const limit::Verdict& verdict) {
  return {{"RateLimit-Policy",
           "\"suggest\";q=" + std::to_string(rate.burst) + ";w=" + std::to_string(rate.window.count())},
          {"RateLimit", "\"suggest\";r=" + std::to_string(verdict.tokens_left) +
                            ";t=" + std::to_string(verdict.next_token_in.count())}};
}

http::Response suggest_allowed(search::ProductSearch& products, const http::Request& request) {
  const search::SuggestQuery query = search::parse_suggest(request.query);
  JsonWriter json;
  json.begin_object().key("suggestions").begin_array();
  for (const std::string& title : products.suggest(query)) json.string(title);
  json.end_array().end_object();
  return http::json_response(200, json.take());
}

http::Response suggest(const Services& services, const http::Request& request) {
  if (services.suggest_limiter == nullptr) return suggest_allowed(services.search, request);
  const limit::Verdict verdict = services.suggest_limiter->take(request.client);
  http::Response response;
  try {
    if (!verdict.allowed) {
      throw Problem(Problem::Kind::rate_limited,
                    "Too many suggestions were asked for; wait as long as Retry-After says.",
                    verdict.next_token_in);
    }
    response = suggest_allowed(services.search, request);
  } catch (const Problem& problem) {
    response = http::problem_response(problem, request.id);
  }
  const http::HeaderList headers = rate_headers(services.suggest_rate, verdict);
  response.headers.insert(response.headers.end(), headers.begin(), headers.end());
  return response;
}

}  // namespace

void add_search_routes(http::Router& router, const Services& services) {
  search::ProductSearch& products = services.search;
  router.get("/api/search/products",
             [&products](const http::Request& request) { return search(products, request); });
  router.get("/api/search/suggest",
             [services](const http::Request& request) { return suggest(services, request); });
}

}  // namespace aforro::api
