// ETag, If-None-Match and gzip, which hang together: the packed form has a validator of its own.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/gzip.h"
#include "http/dispatcher.h"
#include "support/held_clock.h"
#include "support/routes.h"

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::Log;

const std::string kLarge(2'000, 'x');

// Answers one request by `page`.
Response served(const HeaderList& headers, const Response& page) {
  const aforro::test::HeldClock clock;
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  Log log(nowhere, Log::Level::error, clock);
  Router router;
  aforro::test::add_get(router, "/page", [&](const Request&) { return page; });
  Request request;
  request.method = "GET";
  request.path = "/page";
  request.headers = headers;
  Response response = aforro::test::answer(Dispatcher(router, log, {}, aforro::test::kNoLimits), request);
  ::close(nowhere);
  return response;
}

Response with_etag(std::string body) {
  Response page = json_response(200, std::move(body));
  page.etag = "abc";
  return page;
}

std::string header(const Response& response, std::string_view name) {
  return std::string(find_header(response.headers, name).value_or("none"));
}

bool is_packed(const Response& response) { return header(response, "Content-Encoding") == "gzip"; }

bool packs_for(const std::string& accept_encoding) {
  return is_packed(served({{"Accept-Encoding", accept_encoding}}, json_response(200, kLarge)));
}

TEST_CASE("an answer over 1 KiB is packed for whoever accepts it") {
  const Response packed = served({{"Accept-Encoding", "gzip"}}, json_response(200, kLarge));
  REQUIRE(is_packed(packed));
  CHECK(packed.body->size() < kLarge.size());
  CHECK(aforro::gunzip(*packed.body, 10'000) == kLarge);
  CHECK(header(packed, "Vary") == "Accept-Encoding");

  const Response plain = served({}, json_response(200, kLarge));
  CHECK(!is_packed(plain));
  CHECK(*plain.body == kLarge);
  CHECK(header(plain, "Vary") == "Accept-Encoding");
}

TEST_CASE("an answer of 1 KiB or less is sent as it is") {
  CHECK(!is_packed(served({{"Accept-Encoding", "gzip"}}, json_response(200, std::string(1'024, 'x')))));
  CHECK(is_packed(served({{"Accept-Encoding", "gzip"}}, json_response(200, std::string(1'025, 'x')))));
}

TEST_CASE("gzip is accepted by its name or by a star, unless its weight is 0") {
  for (const char* accepted : {"gzip", "GZip", "x-gzip", "*", "br, gzip", "deflate;q=1, gzip;q=0.001",
                               "gzip;q=1.000", "gzip ; q=0.5", "*;q=0, gzip", "gzip, *;q=0", "gzip;Q=0.1",
                               "identity, *", "gzip;q=", "gzip;level=0"}) {
    CAPTURE(accepted);
    CHECK(packs_for(accepted));
  }
  for (const char* refused : {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "gzip;Q=0.", "gzip ;q = 0",
                              "*;q=0", "gzip;q=0, *", "*, gzip;q=0", "gzipped", "br;q=1.0, deflate"}) {
    CAPTURE(refused);
    CHECK(!packs_for(refused));
  }
}

TEST_CASE("Accept-Encoding may stand on several lines") {
  CHECK(is_packed(
      served({{"Accept-Encoding", "br"}, {"Accept-Encoding", "gzip"}}, json_response(200, kLarge))));
  CHECK(!is_packed(
      served({{"Accept-Encoding", "*"}, {"Accept-Encoding", "gzip;q=0"}}, json_response(200, kLarge))));
}

TEST_CASE("bytes that are kept packed are sent as they are kept, and packed only for who takes them so") {
  const auto packed = std::make_shared<const std::string>("packed once");
  int asked = 0;
  Response page = json_response(200, kLarge);
  page.gzipped_body = [&] {
    ++asked;
    return packed;
  };

  CHECK(served({}, page).body == page.body);
  CHECK(asked == 0);
  CHECK(served({{"Accept-Encoding", "gzip"}}, page).body == packed);
  CHECK(asked == 1);
}

TEST_CASE("each form of an answer has its own strong validator") {
  CHECK(header(served({}, with_etag(kLarge)), "ETag") == "\"abc\"");
  CHECK(header(served({{"Accept-Encoding", "gzip"}}, with_etag(kLarge)), "ETag") == "\"abc-gzip\"");
  CHECK(header(served({{"Accept-Encoding", "gzip"}}, with_etag("small")), "ETag") == "\"abc\"");
}

TEST_CASE("a client that knows either form is told 304 without a body") {
  for (const char* known :
       {"\"abc\"", "\"abc-gzip\"", "W/\"abc\"", "\"x\", \"abc\"", "\"x\",\"abc-gzip\",\"y\"", "*"}) {
    CAPTURE(known);
    const Response response = served({{"If-None-Match", known}}, with_etag(kLarge));
    CHECK(response.status == 304);
    CHECK(!response.body);
    CHECK(response.content_type.empty());
    CHECK(header(response, "ETag") == "\"abc\"");
    CHECK(header(response, "Content-Encoding") == "none");
    CHECK(header(response, "Vary") == "Accept-Encoding");
  }
  const Response packed =
      served({{"If-None-Match", "\"abc\""}, {"Accept-Encoding", "gzip"}}, with_etag(kLarge));
  CHECK(packed.status == 304);
  CHECK(header(packed, "ETag") == "\"abc-gzip\"");
  CHECK(header(packed, "Content-Encoding") == "none");
  CHECK(served({{"If-None-Match", "\"x\""}, {"If-None-Match", "\"abc\""}}, with_etag(kLarge)).status == 304);
}

TEST_CASE("a client that knows another state gets the answer") {
  for (const char* known : {"", "abc", "\"ABC\"", "\"abcd\"", "\"abc", "\"x\"", "'abc'", "w/\"abc\""}) {
    CAPTURE(known);
    const Response response = served({{"If-None-Match", known}}, with_etag(kLarge));
    CHECK(response.status == 200);
    CHECK(*response.body == kLarge);
  }
}

TEST_CASE("what holds a secret is not packed, and nobody keeps it") {
  Response page = json_response(200, kLarge);
  page.holds_secret = true;
  const Response response = served({{"Accept-Encoding", "gzip"}}, page);
  CHECK(!is_packed(response));
  CHECK(*response.body == kLarge);
  CHECK(header(response, "Cache-Control") == "no-store");
}

TEST_CASE("Range asks nothing of an answer that has no parts") {
  const Response response = served({{"Range", "bytes=0-1"}}, with_etag(kLarge));
  CHECK(response.status == 200);
  CHECK(*response.body == kLarge);
  CHECK(header(response, "Accept-Ranges") == "none");
}

TEST_CASE("an answer without a validator is never 304") {
  CHECK(served({{"If-None-Match", "*"}}, json_response(200, kLarge)).status == 200);
}

}  // namespace
