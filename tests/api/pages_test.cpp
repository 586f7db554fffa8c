#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

// The addresses that a page leads to.
std::set<std::string> links(const HttpResponse& page) {
  std::set<std::string> found;
  constexpr std::string_view kLink = "href=\"";
  for (std::size_t at = page.body.find(kLink); at != std::string::npos; at = page.body.find(kLink, at)) {
    at += kLink.size();
    std::string target = page.body.substr(at, page.body.find('"', at) - at);
    for (std::size_t amp; (amp = target.find("&amp;")) != std::string::npos;) target.erase(amp + 1, 4);
    found.insert(target);
  }
  return found;
}

}  // namespace

TEST_CASE("the first page is plain HTML, names every route, and its links work in a seeded shop") {
  Shop shop(Goods::demo);
  shop.client().post("/orders/", order_body(1, {{10, 1}}));
  const HttpResponse page = shop.client().get("/");
  CHECK(page.status == 200);
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.body.starts_with("<!DOCTYPE html>"));
  for (const std::string route :
       {"/orders/", "/orders/&lt;id&gt;/confirm/", "/cancel/", "/stores/&lt;id&gt;/orders/",
        "/stores/&lt;id&gt;/inventory/", "/stores/&lt;id&gt;/movements/", "/api/search/products/",
        "/api/search/suggest/", "/api/stores/", "/api/categories/", "/api/products/&lt;id&gt;/", "/problems/",
        "/livez", "/readyz"}) {
    CAPTURE(route);
    CHECK(page.body.find(route) != std::string::npos);
  }
  const std::set<std::string> targets = links(page);
  CHECK(targets.size() >= 8);
  for (const std::string& target : targets) {
    CAPTURE(target);
    CHECK(shop.client().get(target).status == 200);
  }
  CHECK(parse(shop.client().get("/api/search/products/?q=wireless"))["count"] > 0);
  CHECK(parse(shop.client().get("/api/search/suggest/?q=wire"))["suggestions"].size() > 0);
}

TEST_CASE("every kind of refusal has a page that says what it means") {
  Shop shop;
  const HttpResponse list = shop.client().get("/problems/");
  CHECK(list.status == 200);
  const std::set<std::string> targets = links(list);
  for (const int status : {400, 404, 405, 409, 413, 414, 415, 422, 429, 431, 500, 501, 503}) {
    CAPTURE(status);
    const std::string path(problem_path(status));
    CHECK(targets.contains(path));
    const HttpResponse page = shop.client().get(path);
    CHECK(page.status == 200);
    CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
    CHECK(page.body.find(std::to_string(status)) != std::string::npos);
  }
  for (const std::string& target : targets) CHECK(shop.client().get(target).status == 200);
}

TEST_CASE("those who run it are told whether it is alive and whether it is ready") {
  Shop shop;
  for (const std::string page : {"/livez", "/readyz"}) {
    const HttpResponse response = shop.client().get(page);
    CHECK(response.status == 200);
    CHECK(json::accept(response.body));
    CHECK(response.header("Cache-Control") == "no-store");
  }
}
