#include "http/router.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "http/problem_document.h"
#include "support/refusal.h"
#include "support/routes.h"

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::test::status_of;

Request request_of(std::string method, std::string path) {
  Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  return request;
}

// A router whose answers say which route it was, and with which numbers.
class Routes {
 public:
  Routes() {
    aforro::test::add_get(router_, "/", answering("home"));
    aforro::test::add_get(router_, "/orders/{id}", answering("order"));
    aforro::test::add_post(router_, "/orders", answering("place"));
    aforro::test::add_get(router_, "/stores/{id}/orders", answering("list"));
    aforro::test::add_post(router_, "/stores/{id}/orders", answering("add"));
    aforro::test::add_get(router_, "/a/{id}/b/{id}", answering("two"));
    aforro::test::add_get(router_, "/api/search/products", answering("search"));
    aforro::test::add_get(router_, "/problems/{name}", answering("problem"));
    aforro::test::add_get(router_, "/files/{rest}", answering("file"));
    aforro::test::add_get(router_, "/files/{name}/{id}", answering("never"));
  }

  std::string answer(std::string method, std::string path) const {
    Request request = request_of(std::move(method), std::move(path));
    return *router_.find(request).handler(request).body;
  }
  std::string get(std::string path) const { return answer("GET", std::move(path)); }

  int refused(std::string method, std::string path) const {
    Request request = request_of(std::move(method), std::move(path));
    return status_of([&] { router_.find(request); });
  }

  // What Allow says, of an answer or of a refusal.
  std::string allowed(std::string method, std::string path) const {
    Request request = request_of(std::move(method), std::move(path));
    return router_.methods(request);
  }

 private:
  static Handler answering(const std::string& name) {
    return [name](const Request& request) {
      std::string text = name;
      for (const std::int64_t id : request.path_ids) text += " " + std::to_string(id);
      for (const std::string& part : request.path_texts) text += " " + part;
      return json_response(200, text);
    };
  }

  Router router_;
};

TEST_CASE("a path leads to its route, with and without one trailing slash") {
  const Routes routes;
  CHECK(routes.get("/") == "home");
  CHECK(routes.get("/orders/7") == "order 7");
  CHECK(routes.get("/orders/7/") == "order 7");
  CHECK(routes.answer("POST", "/orders") == "place");
  CHECK(routes.answer("POST", "/orders/") == "place");
  CHECK(routes.get("/stores/1/orders/") == "list 1");
  CHECK(routes.get("/a/1/b/2") == "two 1 2");
}

TEST_CASE("a second slash anywhere makes another path, which is not there") {
  const Routes routes;
  for (const char* path : {"//", "///", "//orders/7", "/orders//7", "/orders/7//", "/api//search/products",
                           "/api/search/products//"}) {
    CAPTURE(path);
    CHECK(routes.refused("GET", path) == 404);
  }
}

TEST_CASE("a path must begin with a slash") {
  const Routes routes;
  CHECK(routes.refused("GET", "") == 404);
  CHECK(routes.refused("GET", "orders/7") == 404);
  CHECK(routes.refused("POST", "orders") == 404);
  CHECK(routes.refused("GET", "*") == 404);
}

TEST_CASE("letters that are percent-encoded are the same letters") {
  const Routes routes;
  CHECK(routes.get("/%6frders/7") == "order 7");
  CHECK(routes.get("/%6Frders/%37/") == "order 7");
  CHECK(routes.get("/api/search/%70roducts") == "search");
}

TEST_CASE("an encoded slash separates nothing, dots lead nowhere and a broken percent sign is text") {
  const Routes routes;
  for (const char* path : {"/orders%2F7", "/orders/7%2F", "/./orders/7", "/x/../orders/7", "/%2E%2E/orders/7",
                           "/orders/7%", "/orders/%zz", "/orders/7%00", "/orders/%00", "/orders/7%20"}) {
    CAPTURE(path);
    CHECK(routes.refused("GET", path) == 404);
  }
}

TEST_CASE("paths are compared letter by letter, case counts") {
  const Routes routes;
  CHECK(routes.refused("GET", "/Orders/7") == 404);
  CHECK(routes.refused("GET", "/order/7") == 404);
  CHECK(routes.refused("GET", "/orders/7/x") == 404);
  CHECK(routes.refused("GET", "/api/search") == 404);
}

TEST_CASE("an id is a number from 1 to 2^63 - 1, anything else is 404") {
  const Routes routes;
  CHECK(routes.get("/orders/9223372036854775807") == "order 9223372036854775807");
  for (const char* id : {"0", "-1", "-0", "+1", "9223372036854775808", "18446744073709551617", "abc", "1a",
                         "a1", "1.0", "1e3", "0x1", " 1", "1 ", "%D9%A3", "{id}", "--1"}) {
    CAPTURE(id);
    CHECK(routes.refused("GET", std::string("/orders/") + id) == 404);
    CHECK(routes.refused("POST", std::string("/stores/") + id + "/orders") == 404);
  }
}

TEST_CASE("HEAD goes where GET does") {
  const Routes routes;
  CHECK(routes.answer("HEAD", "/orders/7") == "order 7");
  CHECK(routes.refused("HEAD", "/orders") == 405);
}

TEST_CASE("a name is any text between two slashes, decoded, and not nothing") {
  const Routes routes;
  CHECK(routes.get("/problems/not-found") == "problem not-found");
  CHECK(routes.get("/problems/%6eot%2Ffound/") == "problem not/found");
  CHECK(routes.get("/problems/..") == "problem ..");
  CHECK(routes.refused("GET", "/problems") == 404);
  CHECK(routes.refused("GET", "/problems/") == 404);
  CHECK(routes.refused("GET", "/problems//") == 404);
  CHECK(routes.refused("GET", "/problems/a/b") == 404);
}

TEST_CASE("a rest is all that follows, as it was sent, without an empty segment") {
  const Routes routes;
  CHECK(routes.get("/files/a") == "file a");
  CHECK(routes.get("/files/a/") == "file a");
  CHECK(routes.get("/files/a/b%2Fc/../d") == "file a/b%2Fc/../d");
  CHECK(routes.get("/%66iles/%61") == "file %61");
  CHECK(routes.refused("GET", "/files") == 404);
  CHECK(routes.refused("GET", "/files/") == 404);
  CHECK(routes.refused("GET", "/files//a") == 404);
  CHECK(routes.refused("GET", "/files/a//b") == 404);
}

TEST_CASE("of several routes that match the first answers") {
  CHECK(Routes().get("/files/a/7") == "file a/7");
}

TEST_CASE("OPTIONS says what the path allows, and needs a path that is there") {
  const Routes routes;
  CHECK(routes.allowed("OPTIONS", "/orders/7") == "GET, HEAD, OPTIONS");
  CHECK(routes.allowed("OPTIONS", "/orders/") == "POST, OPTIONS");
  CHECK(routes.allowed("OPTIONS", "/stores/1/orders") == "GET, HEAD, POST, OPTIONS");
  CHECK(status_of([&] { routes.allowed("OPTIONS", "/nowhere"); }) == 404);
}

TEST_CASE("OPTIONS of the whole server is answered, whatever routes there are") {
  CHECK(Router().methods(request_of("OPTIONS", "*")) == "OPTIONS");
  CHECK(Routes().allowed("OPTIONS", "*") == "GET, HEAD, POST, OPTIONS");
}

TEST_CASE("a known method that the path has not is 405 with what it has; an unknown one is 501 anywhere") {
  const Routes routes;
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}) {
    CAPTURE(method);
    CHECK(routes.refused(method, "/orders/7") == 405);
    CHECK(routes.allowed(method, "/orders/7") == "GET, HEAD, OPTIONS");
  }
  CHECK(routes.refused("GET", "/orders") == 405);
  CHECK(routes.refused("PUT", "/nowhere") == 404);
  for (const char* method : {"BREW", "get", "", "PROPFIND"}) {
    CAPTURE(method);
    CHECK(routes.refused(method, "/orders/7") == 501);
    CHECK(routes.refused(method, "/nowhere") == 501);
  }
}

}  // namespace
