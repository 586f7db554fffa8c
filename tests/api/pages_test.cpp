#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "base/gzip.h"
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

// What stands between `before` and `after` on the page, as text.
std::string between(const std::string& html, std::string_view before, std::string_view after) {
  const std::size_t at = html.find(before) + before.size();
  std::string text = html.substr(at, html.find(after, at) - at);
  const std::pair<std::string_view, std::string_view> kEntities[]{
      {"&#39;", "'"}, {"&quot;", "\""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities) {
    for (std::size_t found; (found = text.find(entity)) != std::string::npos;) {
      text.replace(found, entity.size(), character);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("the order that the first page says to try is confirmed, at the address under which it was asked") {
  for (const Goods goods : {Goods::demo, Goods::corner}) {
    Shop shop(goods);
    const std::string page = shop.client().raw("GET / HTTP/1.1\r\nHost: shop.example:8443\r\n\r\n").body;
    const std::string command = between(page, "<pre>curl", "</pre>");
    CHECK(command.find(" " + shop.server().scheme() + "://shop.example:8443/orders/ ") != std::string::npos);
    const std::string body = between(command, "-d '", "'");
    const HttpResponse response = shop.client().post("/orders/", body);
    CHECK(response.status == 201);
    CHECK(parse(response)["status"] == "CONFIRMED");
  }
}

TEST_CASE("the first page of an empty shop leads to nothing that is not there") {
  Shop shop(Goods::none);
  const HttpResponse page = shop.client().get("/");
  CHECK(page.status == 200);
  CHECK(page.body.find("curl") == std::string::npos);
  CHECK(page.body.find("aforro seed") != std::string::npos);
  for (const std::string& target : links(page)) {
    CAPTURE(target);
    CHECK(shop.client().get(target).status == 200);
  }
}

TEST_CASE("each page leads home, has a picture for its tab and says which version it is of") {
  Shop shop(Goods::none);
  const ProgramResult version = shop.command({"version", "--json"});
  const std::string number = json::parse(version.out)["version"];
  for (const std::string path : {"/", "/problems/", "/problems/not-found"}) {
    CAPTURE(path);
    const std::string page = shop.client().get(path).body;
    CHECK(page.find("<a href=\"/\">") != std::string::npos);
    CHECK(page.find("<link rel=\"icon\"") != std::string::npos);
    CHECK(page.find("<footer>aforro " + number + "</footer>") != std::string::npos);
  }
}

TEST_CASE("the first page is plain HTML, names every route, and its links work in a seeded shop") {
  Shop shop(Goods::demo);
  shop.client().post("/orders/", order_body(1, {{10, 1}}));
  const HttpResponse page = shop.client().get("/");
  CHECK(page.status == 200);
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.body.starts_with("<!DOCTYPE html>"));
  for (const std::string route :
       {"/orders/", "/orders/&lt;id&gt;/confirm/", "/orders/&lt;id&gt;/cancel/", "/stores/&lt;id&gt;/orders/",
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

TEST_CASE("what the pages use are files of this server, which a browser keeps and never asks for again") {
  Shop shop;
  const HttpResponse page = shop.client().get("/");
  CHECK(page.body.find("<style") == std::string::npos);
  CHECK(page.body.find("<script>") == std::string::npos);
  CHECK(page.header("Content-Security-Policy").value_or("").find("unsafe") == std::string::npos);
  const std::string script = between(page.body, "<script src=\"", "\"");
  const std::string style = between(page.body, "<link rel=\"stylesheet\" href=\"", "\"");
  const std::string icon = between(page.body, "<link rel=\"icon\" href=\"", "\"");
  for (const auto& used : {std::pair{script, "text/javascript; charset=utf-8"},
                           std::pair{style, "text/css; charset=utf-8"}, std::pair{icon, "image/svg+xml"}}) {
    const std::string& path = used.first;
    CAPTURE(path);
    const HttpResponse file = shop.client().get(path);
    CHECK(file.status == 200);
    CHECK(file.header("Content-Type") == used.second);
    CHECK(file.header("Cache-Control").value_or("").find("immutable") != std::string::npos);
    CHECK(shop.client().get(path, {{"If-None-Match", *file.header("ETag")}}).status == 304);
    CHECK(shop.client().get(path, {{"Range", "bytes=0-4"}}).body == file.body.substr(0, 5));
    const HttpResponse packed = shop.client().get(path, {{"Accept-Encoding", "gzip"}});
    if (file.body.size() > 1'024) CHECK((aforro::gunzip(packed.body, 1'000'000) == file.body));
  }
  check_problem(shop.client().get("/files/page.css"), 404);
}

TEST_CASE("every kind of refusal has a page that says what it means") {
  Shop shop;
  const HttpResponse list = shop.client().get("/problems/");
  CHECK(list.status == 200);
  const std::set<std::string> targets = links(list);
  for (const int status : {400, 404, 405, 409, 413, 414, 415, 416, 422, 429, 431, 500, 501, 503}) {
    CAPTURE(status);
    const std::string path(problem_path(status));
    CHECK(targets.contains(path));
    const HttpResponse page = shop.client().get(path);
    CHECK(page.status == 200);
    CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
    const json example = json::parse(between(page.body, "<pre>", "</pre>"));
    CHECK(example["status"] == status);
    CHECK(example["type"] == path);
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
