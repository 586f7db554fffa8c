// What the head of a request decides is answered before its body, over a real connection, which goes on where
// it can be told what comes next.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "http/transport.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/routes.h"

namespace {

using namespace std::chrono_literals;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::http::Router;
using aforro::test::add_get;
using aforro::test::add_post;
using aforro::test::HttpClient;
using aforro::test::HttpFault;
using aforro::test::HttpResponse;
using aforro::test::LocalServer;

void add_routes(Router& router) {
  add_get(router, "/here",
          [](const Request& request) { return json_response(200, std::to_string(request.body.size())); });
  add_post(
      router, "/json",
      [](const Request& request) { return json_response(201, std::to_string(request.body.size())); },
      aforro::http::kJsonBody);
  add_post(router, "/small", [](const Request& request) { return json_response(201, request.body); },
           {.media_type = "*/*", .max_bytes = 10});
}

std::string head(const std::string& line, const std::string& headers) {
  return line + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

std::string length(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes) + "\r\n"; }

struct Refused {
  std::string line;
  std::string headers;
  int status;
};

const Refused kRefused[] = {
    {"POST /nowhere", "", 404},
    {"DELETE /here", "", 405},
    {"BREW /here", "", 501},
    {"OPTIONS /here", "", 204},
    {"POST /json", "Content-Type: text/plain\r\n", 415},
    {"POST /json", "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", 415},
    {"POST /small", "", 413}};

TEST_CASE(
    "what the head decides is answered before the body, and the connection goes on behind a small one") {
  const LocalServer server(add_routes);
  for (const Refused& refused : kRefused) {
    CAPTURE(refused.line);
    HttpClient client(server.port());
    client.send(head(refused.line, refused.headers + length(1'000)));
    const HttpResponse response = client.receive();
    CHECK(response.status == refused.status);
    CHECK(response.header("Connection") == "keep-alive");
    // A body that looks like a request is none.
    std::string body = head("GET /here", "");
    body.resize(1'000, 'x');
    client.send(body.substr(0, 500));
    client.send(body.substr(500) + head("GET /here", ""));
    CHECK(client.receive().body == "0");
    CHECK(client.connections() == 1);
  }
}

TEST_CASE("a body that comes with its head makes no difference") {
  const LocalServer server(add_routes);
  HttpClient client(server.port());
  std::string all;
  for (const Refused& refused : kRefused) {
    all += head(refused.line, refused.headers + length(100)) + std::string(100, 'x');
  }
  client.send(all + head("GET /here", ""));
  for (const Refused& refused : kRefused) CHECK(client.receive().status == refused.status);
  CHECK(client.receive().status == 200);
  CHECK(client.connections() == 1);
}

TEST_CASE("the refusal is the last answer where it is not known whether, or for long, a body follows") {
  const LocalServer server(add_routes);
  for (const Refused& refused : kRefused) {
    for (const std::string& framing :
         {length(100'000), std::string("Transfer-Encoding: chunked\r\n"),
          length(10) + "Expect: 100-continue\r\n", length(10) + "Connection: close\r\n"}) {
      if (refused.status == 413 && framing.find("chunked") != std::string::npos)
        continue;  // not yet too large
      if (refused.status == 413 && framing.starts_with(length(10))) continue;
      CAPTURE(refused.line);
      CAPTURE(framing);
      HttpClient client(server.port());
      client.send(head(refused.line, refused.headers + framing));
      const HttpResponse response = client.receive();
      CHECK(response.status == refused.status);
      CHECK(response.header("Connection") == "close");
    }
  }
}

TEST_CASE("a client that waits to be told to go on is told so only where its body is wanted") {
  const LocalServer server(add_routes);
  HttpClient client(server.port());
  const std::string waiting = length(2) + "Expect: 100-continue\r\nContent-Type: application/json\r\n";
  client.send(head("POST /json", waiting));
  CHECK(client.receive_line() == "HTTP/1.1 100 Continue");
  CHECK(client.receive_line().empty());
  client.send("{}");
  CHECK(client.receive().status == 201);
  client.send(head("POST /nowhere", waiting));
  CHECK(client.receive_line() == "HTTP/1.1 404 Not Found");
}

TEST_CASE("a body that a route has no use for is read past, and its handler sees none") {
  const LocalServer server(add_routes);
  HttpClient client(server.port());
  client.send(head("GET /here", length(100'000)) + std::string(100'000, 'x'));
  CHECK(client.receive().body == "0");
  client.send(head("GET /here", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n");
  CHECK(client.receive().body == "0");
  CHECK(client.connections() == 1);
  client.send(head("GET /here", length(1024 * 1024 + 1)));
  CHECK(client.receive().status == 413);
}

TEST_CASE("each route has a bound of its own, in chunks too") {
  const LocalServer server(add_routes);
  HttpClient client(server.port());
  CHECK(client.request("POST", "/small", {}, "0123456789").body == "0123456789");
  CHECK(client.request("POST", "/small", {}, "0123456789a").status == 413);
  CHECK(client.raw(head("POST /small", "Transfer-Encoding: chunked\r\n") + "b\r\n0123456789a\r\n0\r\n\r\n")
            .status == 413);
  CHECK(client.request("POST", "/json", {{"Content-Type", "application/json"}}, std::string(100'000, ' '))
            .body == "100000");
}

TEST_CASE("a refused body that does not come, or ends early, has no second answer") {
  const LocalServer server(add_routes, {.request_timeout = 200ms});
  for (const bool ends : {false, true}) {
    CAPTURE(ends);
    HttpClient client(server.port());
    client.send(head("POST /nowhere", length(1'000)));
    CHECK(client.receive().status == 404);
    client.send("some of it");
    if (ends) client.finish_sending();
    CHECK_THROWS_AS(client.receive(), HttpFault);
  }
  CHECK(HttpClient(server.port()).get("/here").status == 200);
}

}  // namespace
