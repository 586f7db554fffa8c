// The first page: what this is, the routes, and what to try, of what the shop has.
#include <algorithm>
#include <vector>

#include "api/files.h"
#include "api/handlers.h"
#include "api/page_frame.h"
#include "base/html.h"
#include "base/percent_encoding.h"
#include "base/text.h"
#include "http/message.h"
#include "shop/examples.h"

namespace aforro::api {
namespace {

// A route as it is written, where one may try it, and what it is for.
struct Route {
  std::string_view method;
  std::string_view path;
  std::string example;  // none: there is nothing to look at, or it changes something
  std::string_view purpose;
};

struct Group {
  std::string_view name;
  std::vector<Route> routes;
};

std::string with_id(std::string_view before, const auto& id, std::string_view behind) {
  return id ? std::string(before) + std::to_string(id->value()) + std::string(behind) : std::string();
}

// A word of the title that is worth looking for.
std::string word_of(const shop::Examples& examples) {
  if (!examples.title) return {};
  const std::vector<std::string> all = words(*examples.title);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [](const std::string& word) { return count_characters(word) >= 4; });
  return found == all.end() ? std::string() : *found;
}

std::vector<Group> groups(const shop::Examples& examples) {
  const std::string word = word_of(examples);
  const std::string q = word.empty() ? "" : "?q=" + percent_encode(word);
  return {{"Find",
           {{"GET", "/api/search/products/", "/api/search/products/" + q,
             "search: q, category, min_price, max_price, store_id, in_stock, sort, page, page_size"},
            {"GET", "/api/search/suggest/?q=", q.empty() ? q : "/api/search/suggest/" + q,
             "titles for what has been typed so far"},
            {"GET", "/api/products/<id>/", with_id("/api/products/", examples.product, "/"), "one product"},
            {"GET", "/api/categories/", "/api/categories/", "all categories"},
            {"GET", "/api/stores/", "/api/stores/", "all stores"}}},
          {"Order",
           {{"POST", "/orders/", "",
             "place an order: all of it, or nothing; with reserve_for, hold it for so many seconds"},
            {"POST", "/orders/<id>/confirm/", "", "make a reservation an order"},
            {"POST", "/orders/<id>/cancel/", "", "give everything back"},
            {"GET", "/orders/<id>/", with_id("/orders/", examples.order, "/"), "an order as it stands"},
            {"GET", "/stores/<id>/orders/", with_id("/stores/", examples.store, "/orders/"),
             "a store's orders, newest first"}}},
          {"Stock",
           {{"GET", "/stores/<id>/inventory/", with_id("/stores/", examples.store, "/inventory/?limit=20"),
             "what a store has of each product"},
            {"GET", "/stores/<id>/movements/", with_id("/stores/", examples.store, "/movements/?limit=20"),
             "every change of a quantity, and why, newest first"}}},
          {"Run",
           {{"GET", "/readyz", "/readyz", "whether it can take orders now"},
            {"GET", "/livez", "/livez", "whether it is there at all"},
            {"GET", "/problems/", "/problems/", "what the errors mean"}}}};
}

std::string shown(const Route& route) {
  const std::string path = "<code>" + escaped(route.path) + "</code>";
  const std::string linked =
      route.example.empty() ? path : "<a href=\"" + escaped(route.example) + "\">" + path + "</a>";
  const std::string_view badge = route.method == "GET" ? "get" : "post";
  return "<li><b class=\"" + std::string(badge) + "\">" + std::string(route.method) + "</b>" + linked +
         "<span>" + escaped(route.purpose) + "</span></li>\n";
}

constexpr std::string_view kSearch = R"html(<h2>Search</h2>
<form action="/api/search/products/"><input name="q" type="search" autocomplete="off" aria-label="Search the products" placeholder="Search the products"></form>
<ul id="found" aria-live="polite"></ul>
)html";

std::string try_it(std::string_view base_url, const shop::Examples& examples) {
  if (!examples.in_stock) {
    return "<h2>Try it</h2>\n<p>There is nothing in stock yet. <code>aforro seed</code> fills an empty "
           "database with a "
           "demo shop, <code>aforro import</code> takes your own products from a CSV file.</p>\n";
  }
  return "<h2>Try it</h2>\n<p>An order of two pieces:</p>\n<pre>curl -i " + escaped(base_url) +
         "/orders/ \\\n  -H &#39;Content-Type: application/json&#39; \\\n  -d &#39;{&quot;store_id&quot;: " +
         std::to_string(examples.in_stock->store.value()) +
         ", &quot;items&quot;: [{&quot;product_id&quot;: " +
         std::to_string(examples.in_stock->product.value()) +
         ", &quot;quantity_requested&quot;: 2}]}&#39;</pre>\n";
}

std::string home_content(std::string_view base_url, const shop::Examples& examples) {
  std::string content =
      "<h1>The back end of a shop</h1>\n<p class=\"lead\">Categories, products, stores, inventory, orders "
      "that take "
      "stock or are turned away, and search over it all.</p>\n";
  content += kSearch;
  content += "<script src=\"" + address_of(kSearchScript) + "\" defer></script>\n";
  content += try_it(base_url, examples);
  for (const Group& group : groups(examples)) {
    content += "<h2>" + std::string(group.name) + "</h2>\n<ul class=\"routes\">\n";
    for (const Route& route : group.routes) content += shown(route);
    content += "</ul>\n";
  }
  return content;
}

// What there is to lead to; nothing while the database does not say.
shop::Examples examples_of(sql::Database& database) {
  try {
    return shop::find_examples(database);
  } catch (const Unavailable&) {
    return {};
  }
}

}  // namespace

http::Response show_home(const Services& services, const http::Request& request) {
  const std::string content = home_content(request.base_url, examples_of(services.database));
  return http::html_response(200, framed("aforro", content, services.version));
}

}  // namespace aforro::api
