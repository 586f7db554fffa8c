#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

constexpr std::size_t kMaxTargetBytes = 8 * 1024;
constexpr std::size_t kMaxHeaderBytes = 8 * 1024;

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

// A query that the server passes over, as long as it takes for a target of that size.
std::string target_of(std::size_t bytes) {
  const std::string start = "/livez?_=";
  return start + std::string(bytes - start.size(), 'x');
}

// Header lines of that many bytes in sum.
std::string headers_of(std::size_t bytes, std::size_t line_bytes) {
  std::string lines;
  while (bytes > 0) {
    std::size_t size = std::min(bytes, line_bytes);
    if (bytes - size < 10) size = bytes;
    lines += "X-A: " + std::string(size - 7, 'a') + "\r\n";
    bytes -= size;
  }
  return lines;
}

}  // namespace

TEST_CASE("a target of up to 8 KiB is read, a longer one is 414") {
  Shop shop;
  CHECK(shop.client().raw(get(target_of(8'000))).status == 200);
  CHECK(shop.client().raw(get(target_of(kMaxTargetBytes))).status == 200);
  for (const std::size_t bytes :
       {kMaxTargetBytes + 1, 2 * kMaxTargetBytes, std::size_t{100'000}, std::size_t{2'000'000}}) {
    CAPTURE(bytes);
    check_problem(shop.client().raw(get(target_of(bytes))), 414);
  }
  CHECK(shop.client().get("/livez").status == 200);
}

TEST_CASE("headers of up to 8 KiB in sum are read, more are 431") {
  Shop shop;
  const std::size_t host = std::string("Host: x\r\n").size();
  for (const std::size_t line : {std::size_t{100}, std::size_t{2'000}}) {
    CAPTURE(line);
    CHECK(shop.client().raw(get("/livez", headers_of(kMaxHeaderBytes - host - 2, line))).status == 200);
    for (const std::size_t bytes :
         {kMaxHeaderBytes, 2 * kMaxHeaderBytes, std::size_t{100'000}, std::size_t{1'000'000}}) {
      CAPTURE(bytes);
      check_problem(shop.client().raw(get("/livez", headers_of(bytes, line))), 431);
    }
  }
  std::string many;
  for (int i = 0; i < 2'000; ++i) many += "A:\r\n";
  CHECK(shop.client().raw(get("/livez", many)).status == 200);
  check_problem(shop.client().raw(get("/livez", many + many)), 431);
  for (const std::size_t bytes : {std::size_t{9'000}, std::size_t{100'000}, std::size_t{2'000'000}}) {
    CAPTURE(bytes);
    check_problem(shop.client().raw(get("/livez", headers_of(bytes, bytes))), 431);
  }
  CHECK(shop.client().raw(get(target_of(8'000), headers_of(8'000, 1'000))).status == 200);
}

TEST_CASE("a target in its absolute form is the same page") {
  Shop shop;
  CHECK(shop.client().raw(get("http://x/livez")).status == 200);
  CHECK(shop.client().raw(get("HTTP://127.0.0.1:8000/api/search/products/?q=mug")).status == 200);
  CHECK(shop.client().raw(get("http://x")).status == 200);
  CHECK(shop.client().raw(get("http://x?_=1")).status == 200);
  check_problem(shop.client().raw(get("http://x/nowhere")), 404);
  check_problem(shop.client().raw(get("livez")), 400);
  check_problem(shop.client().raw(get("ftp://x/livez")), 400);
}

TEST_CASE("requests in a row on one connection are answered in their order") {
  Shop shop;
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  const std::string post =
      "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(order.size()) + "\r\n\r\n" + order;
  std::string all;
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    all += get("/orders/" + std::to_string(i + 1) + "/") + post + get("/orders/" + std::to_string(i + 1)) +
           "HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n" + get("/nowhere");
  }
  HttpClient& client = shop.client();
  client.send(all);
  for (int i = 0; i < kRounds; ++i) {
    CAPTURE(i);
    CHECK(client.receive().status == 404);
    const HttpResponse placed = client.receive();
    CHECK(placed.status == 201);
    CHECK(parse(placed)["id"] == i + 1);
    CHECK(client.receive().body == placed.body);
    CHECK(client.receive(HttpClient::Body::none).status == 200);
    CHECK(client.receive().status == 404);
  }
  CHECK(client.connections() == 1);
}

TEST_CASE("a client that says it has no more to ask gets its answers and nothing else") {
  Shop shop;
  HttpClient client = shop.connect();
  client.send(get("/livez") + get("/livez"));
  client.finish_sending();
  CHECK(client.receive().status == 200);
  CHECK(client.receive().status == 200);
  CHECK_THROWS_WITH_AS(client.receive(), "closed without an answer", HttpFault);

  HttpClient silent = shop.connect();
  silent.send("");
  silent.finish_sending();
  CHECK_THROWS_WITH_AS(silent.receive(), "closed without an answer", HttpFault);

  HttpClient broken_off = shop.connect();
  broken_off.send("GET /liv");
  broken_off.finish_sending();
  check_problem(broken_off.receive(), 400);
}

TEST_CASE("a connection outlives a refusal whose request was read to its end") {
  Shop shop;
  HttpClient& client = shop.client();
  check_problem(client.get("/nowhere"), 404);
  check_problem(client.get("/api/search/products/?page=x"), 400);
  check_problem(client.post("/orders/", "{"), 400);
  check_problem(client.post("/orders/", std::string(500'000, 'x')), 400);
  check_problem(client.request("POST", "/orders/", {}, "{}"), 415);
  check_problem(client.post("/livez", "{}"), 405);
  check_problem(client.post("/nowhere", "{}"), 404);
  check_problem(client.request("PUT", "/orders/", {}, "{}"), 405);
  check_problem(client.request("BREW", "/orders/"), 501);
  check_problem(client.post("/orders/", order_body(999, {{1, 1}})), 404);
  CHECK(client.get("/livez").status == 200);
  CHECK(client.connections() <= 2);  // a method that nobody knows may end it
}

TEST_CASE("after a refusal whose request was not read the next connection is served") {
  Shop shop;
  for (int i = 0; i < 5; ++i) {
    check_problem(shop.client().post("/orders/", std::string(2'000'000, 'x')), 413);
    CHECK(shop.client().get("/livez").status == 200);
  }
}

TEST_CASE("what follows a refused request on its connection is never taken for a request") {
  Shop shop;
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  const std::string inside =
      "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(order.size()) + "\r\n\r\n" + order;
  const std::string size = std::to_string(inside.size());
  for (const std::string& head : std::vector<std::string>{
           "GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n",
           "BREW /livez HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n",
           "POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: " + size +
               "\r\nTransfer-Encoding: chunked\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1" + size + "\r\nContent-Length: " + size +
               "\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length : " + size + "\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\n Content-Length: " + size + "\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nX: y\nContent-Length: " + size + "\r\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\n\r\n",
           "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0" + size + "\r\n\r\n",
           "POST /orders/ HTTP/1.1\nHost: x\n\n",
           "OPTIONS * HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
           "nonsense\r\n\r\n",
       }) {
    CAPTURE(head);
    HttpClient client = shop.connect();
    client.send(head + inside);
    client.finish_sending();
    std::vector<int> answers;
    try {
      while (answers.size() < 10) answers.push_back(client.receive().status);
    } catch (const HttpFault&) {
      // closed: there is no more
    }
    for (const int status : answers) CHECK(status != 201);
    CHECK(!answers.empty());
  }
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 0);
}

TEST_CASE("HTTP/1.0 is answered and the connection closed, unless asked to be kept") {
  Shop shop;
  HttpClient client = shop.connect();
  client.send("GET /livez HTTP/1.0\r\n\r\n");
  CHECK(client.receive().status == 200);
  CHECK_THROWS_AS(client.receive(), HttpFault);

  HttpClient kept = shop.connect();
  kept.send("GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(kept.receive().status == 200);
  check_problem(shop.client().raw("GET /nowhere HTTP/1.0\r\n\r\n"), 404);
  check_problem(shop.client().raw("POST /orders/ HTTP/1.0\r\nContent-Type: application/json\r\n\r\n{}"), 400);
}

TEST_CASE("a connection is closed after the answer when that is asked for") {
  Shop shop;
  for (const std::string close : {"close", "Close", "CLOSE", "keep-alive, close", "close, TE"}) {
    CAPTURE(close);
    HttpClient client = shop.connect();
    client.send(get("/livez", "Connection: " + close + "\r\n"));
    const HttpResponse response = client.receive();
    CHECK(response.status == 200);
    CHECK(response.header("Connection") == "close");
    client.send(get("/livez"));
    CHECK(client.connections() == 2);
  }
}

TEST_CASE("what is no HTTP/1.1 request is 400") {
  Shop shop;
  for (const std::string& text : {
           std::string("GET\r\n\r\n"),
           std::string("GET /livez\r\n\r\n"),
           std::string("GET  /livez HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET /livez HTTP/1.1 \r\nHost: x\r\n\r\n"),
           std::string("GET /livez HTTP/2.0\r\nHost: x\r\n\r\n"),
           std::string("GET /livez HTTP/1.2\r\nHost: x\r\n\r\n"),
           std::string("GET /livez HTTP/0.9\r\n\r\n"),
           std::string("GET /livez http/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET /livez XXXX/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
           std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n",
                       15),  // a client that speaks TLS
           std::string("\0\0\0\0\r\n\r\n", 8),
           std::string("\xFF\xFE\xFD\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\nHost: x\n\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\n: no name\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 40),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\nA: b\x01"
                       "c\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n"),
           std::string("GET /livez HTTP/1.1\r\nHost: x\r\n\xC3\xA9: b\r\n\r\n"),
       }) {
    CAPTURE(text);
    HttpClient client = shop.connect();
    client.send(text);
    client.finish_sending();
    check_problem(client.receive(), 400);
  }
  CHECK(shop.client().get("/livez").status == 200);
}

TEST_CASE("a request of HTTP/1.1 names its host, once") {
  Shop shop;
  check_problem(shop.client().raw("GET /livez HTTP/1.1\r\n\r\n"), 400);
  check_problem(shop.client().raw("GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  CHECK(shop.client().raw("GET /livez HTTP/1.1\r\nHost:\r\n\r\n").status == 200);
}

TEST_CASE("a host that is none is not led into links") {
  Shop shop;
  for (const std::string host :
       {"evil.example/path", "a b", "x\"><script>", "a@b", "", "a\\b", "a,b", "x?y#z"}) {
    CAPTURE(host);
    const HttpResponse response =
        shop.client().raw("GET /api/search/products/?page_size=1 HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    CHECK((response.status == 200 || response.status == 400));
    if (response.status == 200) {
      CHECK(parse(response)["next"].get<std::string>().starts_with(shop.server().scheme() +
                                                                   "://localhost/api/search/products/?"));
    }
  }
  const HttpResponse response =
      shop.client().raw("GET /api/search/products/?page_size=1 HTTP/1.1\r\nHost: shop.example:81\r\n\r\n");
  CHECK(parse(response)["next"].get<std::string>().starts_with(shop.server().scheme() +
                                                               "://shop.example:81/api/search/products/?"));
}

TEST_CASE("a range that is asked for is not looked at") {
  Shop shop;
  std::string many = "bytes=";
  while (many.size() < 7'500) many += "0-0,";
  for (const std::string& range :
       {std::string("bytes=0-3"), std::string("bytes=-1"), std::string("bytes=5-2"), std::string("bytes=abc"),
        std::string("bytes=99999999999999999999-"), std::string("lines=1-2"), std::string(""),
        std::string(","), many + "0-0", many}) {
    CAPTURE(range.substr(0, 40));
    const HttpResponse response = shop.client().get("/api/stores/", {{"Range", range}});
    CHECK(response.status == 200);
    CHECK(parse(response).size() == 3);
    CHECK(!response.has("Content-Range"));
  }
  const HttpResponse order = shop.client().post(
      "/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}}), {{"Range", "bytes=abc"}});
  CHECK(order.status == 201);
}

TEST_CASE("headers that mean nothing here are passed over, whatever they hold") {
  Shop shop;
  for (const auto& header : Headers{{"Accept", "text/turtle"},
                                    {"Accept", "\"\"\",,;;q=="},
                                    {"Accept-Encoding", ",,,;;;=q"},
                                    {"Accept-Language", "xx-XX-xx"},
                                    {"Authorization", "Basic !!!!"},
                                    {"Authorization", "Bearer"},
                                    {"Cookie", "a=b; c"},
                                    {"Expect", "the unexpected"},
                                    {"If-Modified-Since", "yesterday"},
                                    {"If-Match", "\"x\""},
                                    {"If-None-Match", "\",\",\"\"\""},
                                    {"Origin", "null"},
                                    {"Upgrade", "h2c"},
                                    {"Upgrade", "websocket"},
                                    {"TE", "trailers"},
                                    {"Via", "\xC3\xA9"},
                                    {"X-Forwarded-For", "','"},
                                    {"X-Forwarded-Host", "evil.example"},
                                    {"X-HTTP-Method-Override", "DELETE"},
                                    {"REMOTE_ADDR", "1.2.3.4"},
                                    {"Content-Type", "\xFF"},
                                    {"Date", "%00%0d%0aX: y"}}) {
    CAPTURE(header.first);
    CAPTURE(header.second);
    const HttpResponse response = shop.client().get("/api/stores/", {header});
    CHECK(response.status == 200);
    CHECK(parse(response).size() == 3);
  }
}
