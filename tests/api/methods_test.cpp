#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

// Every page that answers GET with 200 in a shop where an order has been placed, without its trailing slash.
std::vector<std::string> pages(Shop& shop) {
  const HttpResponse order =
      shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}}));
  const std::string order_path = order.header("Location").value();
  const std::string store = "/stores/" + std::to_string(shop.store("North"));
  return {order_path.substr(0, order_path.size() - 1),
          store + "/orders",
          store + "/inventory",
          store + "/movements",
          "/api/search/products",
          "/api/stores",
          "/api/categories",
          "/api/products/" + std::to_string(shop.product("CAT")),
          "/problems",
          "/problems/not-found",
          "/livez",
          "/readyz"};
}

std::vector<std::string> allowed(const HttpResponse& response) {
  std::vector<std::string> methods;
  std::string list = response.header("Allow").value_or("");
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    methods.push_back(list.substr(0, end));
    list.erase(0, std::min(list.size(), end + 2));
  }
  std::sort(methods.begin(), methods.end());
  return methods;
}

using Methods = std::vector<std::string>;
const Methods kReading{"GET", "HEAD", "OPTIONS"};
const Methods kPlacing{"OPTIONS", "POST"};

}  // namespace

TEST_CASE("every page answers with and without its trailing slash, the same way") {
  Shop shop;
  for (const std::string& page : pages(shop)) {
    CAPTURE(page);
    const HttpResponse without = shop.client().get(page);
    const HttpResponse with = shop.client().get(page + "/");
    CHECK(without.status == 200);
    CHECK(with.status == 200);
    CHECK(with.body == without.body);
    CHECK(with.header("Content-Type") == without.header("Content-Type"));
    CHECK(with.header("ETag") == without.header("ETag"));
    CHECK(shop.client().get(page + "?_=1").body == without.body);
    CHECK(shop.client().get(page + "/?_=1").body == without.body);
  }
  CHECK(shop.client().get("/api/search/suggest?q=mug").body ==
        shop.client().get("/api/search/suggest/?q=mug").body);
  CHECK(shop.client().get("/").status == 200);
}

TEST_CASE("HEAD says of every page what GET does, without the page") {
  Shop shop;
  std::vector<std::string> all = pages(shop);
  all.insert(all.end(), {"/", "/nowhere", "/orders/999", "/api/search/suggest?q=mug",
                         "/api/search/suggest?q=m", "/api/search/products?page=x"});
  for (const std::string& page : all) {
    CAPTURE(page);
    const HttpResponse got = shop.client().get(page);
    const HttpResponse head = shop.client().head(page);
    CHECK(head.status == got.status);
    CHECK(head.body.empty());
    CHECK(head.header("Content-Type") == got.header("Content-Type"));
    CHECK(head.header("ETag") == got.header("ETag"));
    // A refusal names its request, and so does the length of what was not sent.
    if (got.status == 200) CHECK(head.header("Content-Length") == std::to_string(got.body.size()));
    CHECK(shop.client().get("/livez").status == 200);  // nothing was left on the connection
  }
  CHECK(shop.client().connections() == 1);
}

TEST_CASE("OPTIONS is 204 and says what is allowed") {
  Shop shop;
  std::vector<std::string> all = pages(shop);
  all.insert(all.end(), {"/", "/api/search/suggest"});
  for (const std::string& page : all) {
    for (const std::string& path : {page, page + "/"}) {
      if (path == "//") continue;
      CAPTURE(path);
      const HttpResponse response = shop.client().request("OPTIONS", path);
      CHECK(response.status == 204);
      CHECK(response.body.empty());
      CHECK(!response.has("Content-Length"));
      CHECK(!response.has("Content-Type"));
      CHECK(allowed(response) == kReading);
    }
  }
  CHECK(allowed(shop.client().request("OPTIONS", "/orders")) == kPlacing);
  CHECK(allowed(shop.client().request("OPTIONS", "/orders/")) == kPlacing);
  CHECK(shop.client().request("OPTIONS", "*").status == 204);
  check_problem(shop.client().request("OPTIONS", "/nowhere"), 404);
  CHECK(shop.client().connections() == 1);
}

TEST_CASE("another method of HTTP is 405 with what is allowed, one of no one's is 501") {
  Shop shop;
  std::vector<std::string> all = pages(shop);
  all.emplace_back("/");
  for (const std::string& page : all) {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}) {
      CAPTURE(page);
      CAPTURE(method);
      const HttpResponse response = shop.client().request(method, page);
      check_problem(response, 405);
      CHECK(allowed(response) == kReading);
    }
    for (const std::string method :
         {"BREW", "get", "Get", "PROPFIND", "LINK", "PRI", "M-SEARCH", "!#$%&'*+-.^_`|~",
          "GETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGETGET"}) {
      CAPTURE(page);
      CAPTURE(method);
      check_problem(shop.client().request(method, page), 501);
    }
  }
  for (const std::string method : {"GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}) {
    CAPTURE(method);
    const HttpResponse response = shop.client().request(method, "/orders/");
    CHECK(response.status == 405);
    CHECK(allowed(response) == kPlacing);
  }
  CHECK(shop.client().request("CONNECT", "example.org:443").status >= 400);
  check_problem(shop.client().request("PUT", "/nowhere"), 404);
  check_problem(shop.client().request("BREW", "/nowhere"), 501);
}

TEST_CASE("a body makes no difference to a method that a page has not, and none is waited for") {
  Shop shop;
  std::vector<std::string> all = pages(shop);
  all.insert(all.end(), {"/", "/orders", "/orders/1/confirm", "/orders/1/cancel"});
  for (const std::string& page : all) {
    for (const std::string method : {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW"}) {
      const bool is_there = method == "POST" && (page == "/orders" || page.starts_with("/orders/1/c"));
      CAPTURE(page);
      CAPTURE(method);
      const int status = method == "BREW" ? 501 : is_there ? 415 : 405;
      check_problem(shop.client().request(method, page, {{"Content-Type", "text/plain"}}, "{}"), status);
      // Announced only.
      HttpClient client = shop.connect();
      client.send(method + " " + page + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
      const HttpResponse unread = client.receive();
      CHECK(unread.status == status);
      CHECK(unread.header("Connection") == "close");
    }
  }
  CHECK(shop.client().connections() == 1);
}

TEST_CASE("TRACE does not send anything of the request back") {
  Shop shop;
  const HttpResponse response =
      shop.client().request("TRACE", "/livez", {{"Authorization", "Bearer sesame"}});
  check_problem(response, 405);
  CHECK(response.body.find("sesame") == std::string::npos);
}

TEST_CASE("a path that is nowhere is 404") {
  Shop shop;
  for (const std::string path : {"/nowhere",
                                 "/api",
                                 "/api/search",
                                 "/stores",
                                 "/stores/1",
                                 "/stores/1/inventory/x",
                                 "/orders/1/x",
                                 "/ORDERS/1",
                                 "/Api/Stores",
                                 "/api/stores/1",
                                 "/api/products",
                                 "/api/products/1/x",
                                 "/problems/x",
                                 "/problems/not-found/x",
                                 "//",
                                 "//livez",
                                 "/livez//",
                                 "/./livez",
                                 "/../livez",
                                 "/..",
                                 "/.",
                                 "/%2e%2e/livez",
                                 "/livez%00",
                                 "/livez%2F",
                                 "/livez;x=1",
                                 "/livez.html",
                                 "/%",
                                 "/%zz",
                                 "/\\livez",
                                 "/~root",
                                 "/.env",
                                 "/etc/passwd",
                                 "/..%2f..%2fetc%2fpasswd",
                                 "/index.html",
                                 "/robots.txt",
                                 "/\xC3\xA9",
                                 "/\xFF"}) {
    CAPTURE(path);
    check_problem(shop.client().get(path), 404);
  }
  check_problem(shop.client().get("/" + std::string(8'000, 'x')), 404);
  std::string deep;
  while (deep.size() < 8'000) deep += "/a";
  check_problem(shop.client().get(deep), 404);
  check_problem(shop.client().get(std::string(8'000, '/')), 404);
}

TEST_CASE("an id in a path that is no positive 64-bit number is 404 on every route") {
  Shop shop;
  for (const std::string id : {"0",
                               "-1",
                               "9223372036854775808",
                               "18446744073709551617",
                               "99999999999999999999999999",
                               "abc",
                               "1.0",
                               "1e0",
                               "+1",
                               "%2B1",
                               "%00",
                               "1%00",
                               "1%20",
                               "%201",
                               "0x1",
                               "1_000",
                               "1,0",
                               "%D9%A1",
                               "%EF%BC%91",
                               "",
                               "'",
                               "%27%20OR%201=1",
                               "NaN",
                               "null",
                               "{id}",
                               "*",
                               "1;2",
                               "1?",
                               "01x",
                               "%FF"}) {
    CAPTURE(id);
    for (const std::string around : {"/orders/|/", "/stores/|/orders/", "/stores/|/inventory/",
                                     "/stores/|/movements/", "/api/products/|/"}) {
      CAPTURE(around);
      std::string path = around;
      path.replace(path.find('|'), 1, id);
      // An empty number leaves a path of its own, and a '?' ends the path: both with another meaning.
      if (id == "1?" || (id.empty() && path == "/orders//")) continue;
      const HttpResponse response = shop.client().get(path);
      check_problem(response, 404);
    }
  }
  for (const std::string id : {"9223372036854775807", "4294967297", "1000000"}) {
    CAPTURE(id);
    check_problem(shop.client().get("/orders/" + id + "/"), 404);
    check_problem(shop.client().get("/stores/" + id + "/orders/"), 404);
    check_problem(shop.client().get("/stores/" + id + "/inventory/"), 404);
    check_problem(shop.client().get("/stores/" + id + "/movements/"), 404);
    check_problem(shop.client().request("POST", "/orders/" + id + "/confirm/"), 404);
    check_problem(shop.client().request("POST", "/orders/" + id + "/cancel/"), 404);
    check_problem(shop.client().get("/api/products/" + id + "/"), 404);
  }
}
