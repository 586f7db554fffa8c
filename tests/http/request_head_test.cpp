#include "http/request_head.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "http/transport.h"
#include "support/refusal.h"

namespace {

using namespace std::string_literals;
using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::ParameterList;
using aforro::test::status_of;

// A head with these lines after the request line and Host.
std::string head_with(const std::string& lines) {
  return "POST /orders/ HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

std::pair<Request, RequestHead> parsed(std::string_view head) {
  std::pair<Request, RequestHead> result;
  result.second = parse_head(head, result.first);
  return result;
}

int refused(std::string_view head) {
  return status_of([&] { parsed(head); });
}

TEST_CASE("a head is read into method, path, query and headers") {
  const auto [request, head] = parsed(
      "GET /api/search/products/?q=red+mug&page=2 HTTP/1.1\r\nHost: shop.example:8000\r\n"
      "X-Empty:\r\nAccept:\t text/html \t\r\n\r\n");

  CHECK(request.method == "GET");
  CHECK(request.path == "/api/search/products/");
  CHECK(request.query == ParameterList{{"q", "red mug"}, {"page", "2"}});
  CHECK(request.headers ==
        HeaderList{{"Host", "shop.example:8000"}, {"X-Empty", ""}, {"Accept", "text/html"}});
  CHECK(!head.framing.has_body());
  CHECK(!head.wants_close);
}

TEST_CASE("a request line is one method, one target and one version with one space between") {
  for (const std::string line : {"",
                                 " ",
                                 "GET",
                                 "GET /",
                                 "GET /  HTTP/1.1",
                                 "GET  / HTTP/1.1",
                                 " GET / HTTP/1.1",
                                 "GET / HTTP/1.1 ",
                                 "GET /a b HTTP/1.1",
                                 "GET\t/\tHTTP/1.1",
                                 "GET / http/1.1",
                                 "GET / HTTP/2.0",
                                 "GET / HTTP/1.10",
                                 "GET / HTTP/1",
                                 "GET / HTTP",
                                 "G{T / HTTP/1.1",
                                 "GET x HTTP/1.1",
                                 "GET * HTTP/1.1",
                                 "GET /\t HTTP/1.1",
                                 "GET /\x7F HTTP/1.1",
                                 "GET /\r HTTP/1.1",
                                 "GET /\n HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(refused(line + "\r\nHost: a\r\n\r\n") == 400);
  }
  CHECK(refused("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s) == 400);
  CHECK(refused("GET / HTTP/1.1\nHost: a\n\n") == 400);
  CHECK(refused("GET / HTTP/1.1") == 400);
  CHECK(refused("") == 400);
}

TEST_CASE("a method that nobody knows is left to the router, its case too") {
  CHECK(parsed("BREW / HTTP/1.1\r\nHost: a\r\n\r\n").first.method == "BREW");
  CHECK(parsed("get / HTTP/1.1\r\nHost: a\r\n\r\n").first.method == "get");
}

TEST_CASE("one empty line before a request is passed over, two are not") {
  CHECK(parsed("\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n").first.path == "/livez");
  CHECK(refused("\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
}

TEST_CASE("an absolute target names the host, whatever the header says") {
  const auto one =
      parsed("GET http://shop.example:81/orders/7?x=1 HTTP/1.1\r\nHost: evil.example\r\n\r\n").first;
  CHECK(one.path == "/orders/7");
  CHECK(one.query == ParameterList{{"x", "1"}});
  CHECK(one.headers == HeaderList{{"Host", "shop.example:81"}});

  CHECK(parsed("GET HTTPS://shop.example HTTP/1.1\r\nHost: a\r\n\r\n").first.path == "/");
  const auto two = parsed("GET http://shop.example?q=1 HTTP/1.0\r\n\r\n").first;
  CHECK(two.path == "/");
  CHECK(two.query == ParameterList{{"q", "1"}});
  CHECK(two.header("host") == "shop.example");
  // An address within an ordinary target is only text.
  CHECK(parsed("GET /http://b/ HTTP/1.1\r\nHost: a\r\n\r\n").first.header("Host") == "a");
}

TEST_CASE("an absolute target without a host, with a user or of another scheme is 400") {
  for (const std::string target :
       {"http://", "http:///x", "http://user@host/", "http://user:pass@host/", "ftp://host/", "http:/host/",
        "host/path", "host:80", "http://ho st/", "http://host:port/", "file:///etc/passwd", "://host/"}) {
    CAPTURE(target);
    CHECK(refused("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
  }
  // And the header Host must be one even where it does not count.
  CHECK(refused("GET http://shop.example/ HTTP/1.1\r\nHost: a b\r\n\r\n") == 400);
}

TEST_CASE("the whole server is the target of OPTIONS alone, an authority that of CONNECT") {
  CHECK(parsed("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").first.path == "*");
  CHECK(parsed("CONNECT shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n").first.path == "shop.example:443");
  CHECK(refused("GET shop.example:443 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
}

TEST_CASE("bytes past ASCII in a target are left for whoever reads the path or the parameters") {
  const auto request = parsed("GET /caf\xC3\xA9?q=\xC3\xA9\xFF HTTP/1.1\r\nHost: a\r\n\r\n").first;
  CHECK(request.path == "/caf\xC3\xA9");
  CHECK(request.query == ParameterList{{"q", "\xC3\xA9\xFF"}});
}

TEST_CASE("HTTP/1.1 needs one Host, HTTP/1.0 none, and two are too many for either") {
  CHECK(refused("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.0\r\n\r\n") == 0);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost:\r\n\r\n") == 0);
}

TEST_CASE("a Host that is no host is 400, since it would go into links") {
  for (const std::string host :
       {"a/b", "a b", "a\"b", "<script>", "user@host", "a:b", "a:1:2", "a:123456", "[::1", "[]", "[x]",
        "[::1]x", "[::1]:x", "::1", "caf\xC3\xA9", "a,b", "a?b", "a#b"}) {
    CAPTURE(host);
    CHECK(refused("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") == 400);
  }
  for (const std::string host :
       {"a", "a.b-c_d", "127.0.0.1:8000", "[::1]", "[::1]:8000", "[::ffff:1.2.3.4]:1", "a:"}) {
    CAPTURE(host);
    CHECK(refused("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") == 0);
  }
}

TEST_CASE("a header line is a name, a colon right after it and a value without control characters") {
  for (const std::string line :
       {"Folded: a\r\n b", "Folded: a\r\n\tb", " Leading: x", "Name : x", "Name\t: x", ": x", "no colon",
        "N\xC3\xA9: x", "N(a): x", "A: b\rc", "A: b\nc", "A: \x01", "A: \x7F"}) {
    CAPTURE(line);
    CHECK(refused(head_with(line + "\r\n")) == 400);
  }
  CHECK(refused(head_with("A: b\0c\r\n"s)) == 400);
  CHECK(refused("GET / HTTP/1.1\r\nHost: a\r\nA: b") == 400);
  const auto request = parsed(head_with("A: b\tc\r\nB: caf\xC3\xA9\r\nC: \xFF\r\n!#$: :\r\n")).first;
  CHECK(request.header("a") == "b\tc");
  CHECK(request.header("b") == "caf\xC3\xA9");
  CHECK(request.header("c") == "\xFF");
  CHECK(request.header("!#$") == ":");
}

TEST_CASE("a target over 8 KiB is 414, headers over 8 KiB are 431, exactly 8 KiB are fine") {
  const auto with_target = [](std::size_t bytes) {
    return "GET /" + std::string(bytes - 1, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  CHECK(refused(with_target(kMaxTargetBytes)) == 0);
  CHECK(refused(with_target(kMaxTargetBytes + 1)) == 414);
  CHECK(refused("GET /" + std::string(10'000, 'x') + "\r\nHost: a\r\n\r\n") == 414);

  const auto with_headers = [](std::size_t bytes) {
    const std::string lines = "Host: a\r\nX: \r\n\r\n";
    return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(bytes - lines.size(), 'x') + "\r\n\r\n";
  };
  CHECK(refused(with_headers(kMaxHeaderBytes)) == 0);
  CHECK(refused(with_headers(kMaxHeaderBytes + 1)) == 431);
}

TEST_CASE("what was read before a fault stays, for the refusal") {
  Request request;
  CHECK(status_of([&] {
          parse_head("HEAD /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: 7\r\nContent-Length: x\r\n\r\n", request);
        }) == 400);
  CHECK(request.method == "HEAD");
  CHECK(request.path == "/x");
  CHECK(request.header("X-Request-Id") == "7");
}

TEST_CASE("a body is as long as Content-Length says, which is one number") {
  CHECK(parsed(head_with("Content-Length: 0\r\n")).second.framing.content_bytes == 0);
  CHECK(parsed(head_with("content-length: 0042\r\n")).second.framing.content_bytes == 42);
  CHECK(parsed(head_with("Content-Length: 5\r\nContent-Length: 5\r\n")).second.framing.content_bytes == 5);
  CHECK(parsed(head_with("Content-Length: 99999999999999999999999\r\n")).second.framing.content_bytes ==
        std::numeric_limits<std::uint64_t>::max());
  for (const std::string length : {"", "-1", "+1", "1 2", "0x10", "1.0", "5, 5", "5,", "five", "\xD9\xA3"}) {
    CAPTURE(length);
    CHECK(refused(head_with("Content-Length: " + length + "\r\n")) == 400);
  }
  CHECK(refused(head_with("Content-Length: 5\r\nContent-Length: 6\r\n")) == 400);
  CHECK(refused(head_with("Content-Length: 5\r\nContent-Length: 05\r\n")) == 400);
  CHECK(refused(head_with("Content-Length: 5\r\nContent-Length:\r\n")) == 400);
}

TEST_CASE("chunks are the one coding understood; where the body ends is never guessed") {
  const Framing chunked = parsed(head_with("Transfer-Encoding: Chunked\r\n")).second.framing;
  CHECK(chunked.is_chunked);
  CHECK(chunked.has_body());
  for (const std::string lines :
       {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: identity\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding: ,\r\n", "Transfer-Encoding: identity\r\n", "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked;x=1\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: \"chunked\"\r\n"}) {
    CAPTURE(lines);
    CHECK(refused(head_with(lines)) == 400);
  }
  CHECK(refused(head_with("Transfer-Encoding: gzip, chunked\r\n")) == 501);
  CHECK(refused(head_with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")) == 501);
  CHECK(refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("a connection is kept unless asked otherwise, and the other way round under HTTP/1.0") {
  const auto closes = [](const std::string& lines) { return parsed(head_with(lines)).second.wants_close; };
  CHECK(!closes(""));
  CHECK(!closes("Connection: keep-alive\r\n"));
  CHECK(!closes("Connection: closed\r\n"));
  CHECK(!closes("X-Connection: close\r\n"));
  CHECK(closes("Connection: close\r\n"));
  CHECK(closes("connection: Close\r\n"));
  CHECK(closes("Connection: keep-alive, close\r\n"));
  CHECK(closes("Connection: Upgrade ,close, x\r\n"));
  CHECK(closes("Connection: keep-alive\r\nConnection: close\r\n"));
  CHECK(parsed("GET / HTTP/1.0\r\n\r\n").second.wants_close);
  CHECK(!parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").second.wants_close);
  CHECK(parsed("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").second.wants_close);
}

}  // namespace
