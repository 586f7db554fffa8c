// The few pages for people: what this is, and what each kind of problem means.
#include <string>

#include "api/routes.h"
#include "http/problem_document.h"

namespace aforro::api {
namespace {

std::string page(std::string_view title, std::string_view content) {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  html += title;
  html +=
      "</title>\n<style>\n"
      ":root{color-scheme:light dark}\n"
      "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2.5rem auto;padding:0 1rem}\n"
      "h1{line-height:1.2}h2{margin-top:2rem}\n"
      "table{border-collapse:collapse;width:100%}td{padding:.35rem .8rem .35rem 0;vertical-align:top;"
      "border-top:1px solid #8884}\n"
      "code,pre{font:14px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.8rem;background:#8881;"
      "border-radius:.4rem}\n"
      "</style>\n</head>\n<body>\n";
  html += content;
  html += "</body>\n</html>\n";
  return html;
}

std::string home() {
  return page("aforro",
              R"html(<h1>aforro</h1>
<p>The back end of a shop in one program: categories, products, stores, inventory, orders that take stock or are turned
away, and search over it all.</p>
<h2>Routes</h2>
<table>
<tr><td><code>POST /orders/</code></td><td>place an order: all of it, or nothing; with <code>reserve_for</code>, hold it for so many seconds</td></tr>
<tr><td><code>GET <a href="/orders/1/">/orders/&lt;id&gt;/</a></code></td><td>an order as it stands</td></tr>
<tr><td><code>POST /orders/&lt;id&gt;/confirm/</code>, <code>/cancel/</code></td><td>make a reservation an order, or give everything back</td></tr>
<tr><td><code>GET <a href="/stores/1/orders/">/stores/&lt;id&gt;/orders/</a></code></td><td>a store's orders, newest first</td></tr>
<tr><td><code>GET <a href="/stores/1/inventory/?limit=20">/stores/&lt;id&gt;/inventory/</a></code></td><td>what stands on a store's shelves</td></tr>
<tr><td><code>GET <a href="/stores/1/movements/?limit=20">/stores/&lt;id&gt;/movements/</a></code></td><td>every change of a quantity, and why, newest first</td></tr>
<tr><td><code>GET <a href="/api/search/products/?q=wireless&amp;sort=price">/api/search/products/</a></code></td><td>search: <code>q</code>, <code>category</code>, <code>min_price</code>, <code>max_price</code>, <code>store_id</code>, <code>in_stock</code>, <code>sort</code>, <code>page</code>, <code>page_size</code></td></tr>
<tr><td><code>GET <a href="/api/search/suggest/?q=wire">/api/search/suggest/?q=</a></code></td><td>titles for what has been typed so far</td></tr>
<tr><td><code>GET <a href="/api/stores/">/api/stores/</a></code></td><td>all stores</td></tr>
<tr><td><code>GET <a href="/api/categories/">/api/categories/</a></code></td><td>all categories</td></tr>
<tr><td><code>GET <a href="/api/products/1/">/api/products/&lt;id&gt;/</a></code></td><td>one product</td></tr>
<tr><td><code>GET <a href="/readyz">/readyz</a></code>, <code><a href="/livez">/livez</a></code></td><td>for those who run it</td></tr>
<tr><td><code><a href="/problems/">/problems/</a></code></td><td>what the errors mean</td></tr>
</table>
<h2>Try it</h2>
<pre>curl -i -X POST http://127.0.0.1:8000/orders/ \
  -H 'Content-Type: application/json' \
  -d '{"store_id": 1, "items": [{"product_id": 10, "quantity_requested": 2}]}'</pre>
)html");
}

std::string problem_list() {
  std::string content =
      "<h1>Problems</h1>\n<p>Every error is answered as <code>application/problem+json</code> (RFC 9457). "
      "Its <code>type</code> is one of these pages.</p>\n<table>\n";
  for (const http::ProblemType& type : http::problem_types()) {
    content += "<tr><td>" + std::to_string(type.status) + "</td><td><a href=\"/problems/" +
               std::string(type.slug) + "\">" + std::string(type.title) + "</a></td></tr>\n";
  }
  return page("Problems", content + "</table>\n");
}

std::string problem_page(const http::ProblemType& type) {
  return page(type.title, "<h1>" + std::string(type.title) + "</h1>\n<p>Status " +
                              std::to_string(type.status) + ".</p>\n<p>" + std::string(type.explanation) +
                              "</p>\n<p><a href=\"/problems/\">All problems</a></p>\n");
}

}  // namespace

void add_page_routes(http::Router& router) {
  router.get("/", [](const http::Request&) { return http::html_response(200, home()); });
  router.get("/problems", [](const http::Request&) { return http::html_response(200, problem_list()); });
  for (const http::ProblemType& type : http::problem_types()) {
    router.get("/problems/" + std::string(type.slug),
               [&type](const http::Request&) { return http::html_response(200, problem_page(type)); });
  }
}

}  // namespace aforro::api
