#include "http/dispatcher.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <new>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "base/shortage.h"
#include "support/failing_heap.h"
#include "support/held_clock.h"
#include "support/routes.h"
#include "support/temporary_folder.h"

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::Log;
using aforro::OutcomeUnknown;
using aforro::Overloaded;
using aforro::Problem;
using aforro::Unavailable;
using nlohmann::json;

// A dispatcher over a router that a test fills, with its log in a file.
struct Served {
  aforro::test::TemporaryFolder folder;
  aforro::test::HeldClock clock;
  int log_file = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  Log log{log_file, Log::Level::debug, clock};
  Router router;
  DispatcherOptions options;

  Served() = default;
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  ~Served() { ::close(log_file); }

  Response get(Request& request) {
    return aforro::test::answer(Dispatcher(router, log, options, aforro::test::kNoLimits), request);
  }
  // What the handler of /page saw.
  Request seen(Request request) {
    aforro::test::add_get(router, "/page", [](const Request&) { return json_response(200, "{}"); });
    get(request);
    return request;
  }
  Response failing_with(const std::function<void()>& fail) {
    aforro::test::add_get(router, "/page", [&](const Request&) -> Response {
      fail();
      return {};
    });
    Request request = request_with({{"X-Request-Id", "r-1"}, {"traceparent", "00-ab-cd-01"}});
    return get(request);
  }
  std::string logged() const { return aforro::test::read_file(folder / "log"); }
  // The lines of an event.
  std::vector<json> events(std::string_view name) const {
    std::vector<json> found;
    std::istringstream lines(logged());
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line);
      if (event["event"] == name) found.push_back(event);
    }
    return found;
  }

  static Request request_with(HeaderList headers, std::string peer = "192.0.2.1") {
    Request request;
    request.method = "GET";
    request.path = "/page";
    request.peer = std::move(peer);
    request.headers = std::move(headers);
    return request;
  }
};

std::string header(const Response& response, std::string_view name) {
  return std::string(find_header(response.headers, name).value_or("none"));
}

TEST_CASE(
    "what is refused because too much waits is a 503 that says when to come again, and one line a second") {
  Served served;
  aforro::test::add_get(served.router, "/page",
                        [](const Request&) -> Response { throw Overloaded("too many writes are waiting"); });
  aforro::test::add_get(served.router, "/livez", [](const Request&) { return json_response(200, "{}"); });
  {
    const Dispatcher dispatcher(served.router, served.log, {}, aforro::test::kNoLimits);
    for (int i = 0; i < 1'000; ++i) {
      Request request = Served::request_with({{"X-Request-Id", "r-" + std::to_string(i)}});
      const Response response = aforro::test::answer(dispatcher, request);
      REQUIRE(response.status == 503);
      REQUIRE(header(response, "Retry-After") == "1");
      REQUIRE(response.body->find("writes") == std::string::npos);  // which is for the log alone
    }
    REQUIRE(served.events("overloaded").size() == 1);
    const json first = served.events("overloaded").front();
    CHECK(first["refused"] == 1);
    CHECK(first["request_id"] == "r-0");
    CHECK(first["error"] == "too many writes are waiting");

    served.clock.advance(std::chrono::seconds(1));
    Request another = Served::request_with({});
    another.path = "/livez";
    CHECK(aforro::test::answer(dispatcher, another).status == 200);
  }
  const auto lines = served.events("overloaded");
  REQUIRE(lines.size() == 2);
  CHECK(lines[1]["refused"] == 999);
}

TEST_CASE("of many requests that can't be answered some are in the log each second, and how many are not") {
  Served served;
  aforro::test::add_get(served.router, "/page",
                        [](const Request&) -> Response { throw Unavailable("disk I/O error"); });
  const Dispatcher dispatcher(served.router, served.log, {}, aforro::test::kNoLimits);
  const auto ask = [&] {
    Request request = Served::request_with({});
    return aforro::test::answer(dispatcher, request).status;
  };
  for (int i = 0; i < 1'000; ++i) REQUIRE(ask() == 503);
  CHECK(served.events("unavailable").size() == 50);

  served.clock.advance(std::chrono::seconds(1));
  REQUIRE(ask() == 503);

  const auto lines = served.events("unavailable");
  std::int64_t told = static_cast<std::int64_t>(lines.size());
  for (const json& line : lines) told += line["left_out"].get<std::int64_t>();
  CHECK(lines.size() == 51);
  CHECK(told == 1'001);
}

TEST_CASE("a request id is echoed if it is 1 to 128 visible ASCII characters, else one is made") {
  for (const std::string& id : {std::string("a"), std::string("!~"), std::string(128, 'x')}) {
    Served served;
    Request request = Served::request_with({{"X-Request-Id", id}});
    CHECK(header(served.get(request), "X-Request-Id") == id);
  }
  std::string last;
  for (const std::string& id : {std::string(), std::string(129, 'x'), std::string("a b"),
                                std::string("\xC3\xA9"), std::string("a\tb"), std::string("\x7F")}) {
    CAPTURE(id);
    Served served;
    Request request = Served::request_with({{"X-Request-Id", id}});
    const std::string made = header(served.get(request), "X-Request-Id");
    CHECK(made.size() == 32);
    CHECK(made.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(made != last);
    last = made;
  }
}

TEST_CASE("links go to the host that the client called") {
  CHECK(Served().seen(Served::request_with({{"Host", "shop.example:8000"}})).base_url ==
        "http://shop.example:8000");
  CHECK(Served().seen(Served::request_with({{"Host", "[::1]:80"}})).base_url == "http://[::1]:80");
}

TEST_CASE("without a host, or with one that is none, links go to localhost") {
  CHECK(Served().seen(Served::request_with({})).base_url == "http://localhost");
  CHECK(Served().seen(Served::request_with({{"Host", ""}})).base_url == "http://localhost");
  CHECK(Served().seen(Served::request_with({{"Host", "a/b\"<"}})).base_url == "http://localhost");
}

TEST_CASE("that the client came by https is believed of a trusted proxy alone") {
  const HeaderList headers{{"Host", "shop.example"}, {"X-Forwarded-Proto", "https"}};
  CHECK(Served().seen(Served::request_with(headers)).base_url == "http://shop.example");
  Served behind_proxy;
  REQUIRE(behind_proxy.options.trusted_proxies.add("192.0.2.1"));
  CHECK(behind_proxy.seen(Served::request_with(headers)).base_url == "https://shop.example");
}

TEST_CASE("of several schemes the first counts, which is the client's, in any case") {
  Served served;
  REQUIRE(served.options.trusted_proxies.add("192.0.2.1"));
  const auto scheme = [&](const std::vector<std::string>& forwarded) {
    HeaderList headers{{"Host", "x"}};
    for (const std::string& value : forwarded) headers.emplace_back("X-Forwarded-Proto", value);
    const std::string url = served.seen(Served::request_with(headers)).base_url;
    return url.substr(0, url.find(':'));
  };
  CHECK(scheme({"HTTPS"}) == "https");
  CHECK(scheme({"https, https"}) == "https");
  CHECK(scheme({"https,http"}) == "https");
  CHECK(scheme({"https", "http"}) == "https");
  CHECK(scheme({" , https"}) == "https");
  CHECK(scheme({"http,https"}) == "http");
  CHECK(scheme({"http"}) == "http");
  CHECK(scheme({""}) == "http");
  CHECK(scheme({"httpsx"}) == "http");
}

TEST_CASE("a proxy that is not trusted is named in the log, once") {
  Served served;
  REQUIRE(served.options.trusted_proxies.add("192.0.2.9"));
  const Dispatcher dispatcher(served.router, served.log, served.options, aforro::test::kNoLimits);
  const auto ask = [&](const HeaderList& headers, const std::string& peer) {
    Request request = Served::request_with(headers, peer);
    aforro::test::answer(dispatcher, request);
  };
  ask({}, "192.0.2.1");
  ask({{"X-Forwarded-For", "203.0.113.1"}}, "192.0.2.9");
  CHECK(served.events("proxy_is_not_trusted").empty());
  for (int i = 0; i < 3; ++i) ask({{"X-Forwarded-For", "203.0.113.1"}}, "192.0.2." + std::to_string(1 + i));
  const auto lines = served.events("proxy_is_not_trusted");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["level"] == "warning");
  CHECK(lines[0]["peer"] == "192.0.2.1");
  CHECK(lines[0]["hint"].get<std::string>().find("--trusted-proxy 192.0.2.1") != std::string::npos);
}

TEST_CASE("a proxy that comes by a Unix socket is named by what one trusts it by") {
  Served served;
  const Dispatcher dispatcher(served.router, served.log, served.options, aforro::test::kNoLimits);
  for (int i = 0; i < 3; ++i) {
    Request request = Served::request_with({{"X-Forwarded-For", "203.0.113.1"}}, "unix");
    aforro::test::answer(dispatcher, request);
    CHECK(request.client == "unix");
  }
  const auto lines = served.events("proxy_is_not_trusted");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["peer"] == "unix");
  CHECK(lines[0]["hint"].get<std::string>().ends_with("start with --trusted-proxy unix"));
}

TEST_CASE("a proxy that is not trusted is noticed by whatever it names its client by") {
  const auto hint = [](const HeaderList& headers) {
    Served served;
    const Dispatcher dispatcher(served.router, served.log, served.options, aforro::test::kNoLimits);
    for (int i = 0; i < 3; ++i) {
      Request request = Served::request_with(headers, "192.0.2.1");
      aforro::test::answer(dispatcher, request);
    }
    const auto lines = served.events("proxy_is_not_trusted");
    CHECK(lines.size() <= 1);
    return lines.empty() ? std::string() : lines[0]["hint"].get<std::string>();
  };
  const std::string tells_what_is_read = "let it send X-Forwarded-For";
  for (const std::string name :
       {"Forwarded", "X-Real-IP", "x-real-ip", "CF-Connecting-IP", "True-Client-IP"}) {
    CAPTURE(name);
    CHECK(hint({{name, "203.0.113.1"}}).find("--trusted-proxy 192.0.2.1") != std::string::npos);
    CHECK(hint({{name, "203.0.113.1"}}).find(tells_what_is_read) != std::string::npos);
  }
  const std::string both = hint({{"X-Real-IP", "203.0.113.1"}, {"X-Forwarded-For", "203.0.113.1"}});
  CHECK(both.find("it sends X-Forwarded-For") != std::string::npos);
  CHECK(both.find(tells_what_is_read) == std::string::npos);
  CHECK(hint({{"User-Agent", "curl"}, {"X-Forwarded-Proto", "https"}}).empty());
}

TEST_CASE("a client behind a trusted proxy is whom the proxy noted last, over all headers") {
  const HeaderList headers{{"X-Forwarded-For", "203.0.113.66"},
                           {"X-Forwarded-For", "203.0.113.67, 198.51.100.7"}};
  CHECK(Served().seen(Served::request_with(headers)).client == "192.0.2.1");
  Served behind_proxy;
  REQUIRE(behind_proxy.options.trusted_proxies.add("192.0.2.1"));
  CHECK(behind_proxy.seen(Served::request_with(headers)).client == "198.51.100.7");
}

TEST_CASE("a Problem becomes its status, with its faults and when to come again") {
  const auto status = [](Problem::Kind kind) {
    Served served;
    return served.failing_with([&] { throw Problem(kind, "Because."); }).status;
  };
  CHECK(status(Problem::Kind::invalid) == 400);
  CHECK(status(Problem::Kind::not_found) == 404);
  CHECK(status(Problem::Kind::conflict) == 409);
  CHECK(status(Problem::Kind::key_reused) == 422);
  CHECK(status(Problem::Kind::rate_limited) == 429);
  CHECK(status(Problem::Kind::unavailable) == 503);

  Served served;
  const Response response = served.failing_with([] {
    throw Problem::invalid({{aforro::Fault::In::body, "/items/0", "must be an object"},
                            {aforro::Fault::In::query, "page", "must be a whole number of at least 1"}});
  });
  CHECK(response.content_type == "application/problem+json");
  const json document = json::parse(*response.body);
  CHECK(document["type"] == "/problems/invalid-request");
  CHECK(document["status"] == 400);
  CHECK(document["request_id"] == "r-1");
  CHECK(document["errors"] == json::parse(R"([{"pointer": "/items/0", "detail": "must be an object"},
                        {"parameter": "page", "detail": "must be a whole number of at least 1"}])"));

  Served limited;
  const Response later =
      limited.failing_with([] { throw Problem::unavailable("Later.", std::chrono::seconds(7)); });
  CHECK(header(later, "Retry-After") == "7");
}

TEST_CASE("a fault of disk or memory is 503 with Retry-After, and its detail is in the log alone") {
  Served served;
  const Response response = served.failing_with([] { throw Unavailable("disk I/O error at secret.db"); });
  CHECK(response.status == 503);
  CHECK(header(response, "Retry-After") == "1");
  CHECK(response.body->find("secret") == std::string::npos);
  CHECK(served.logged().find(
            R"("request_id":"r-1","traceparent":"00-ab-cd-01","error":"disk I/O error at secret.db")") !=
        std::string::npos);
}

TEST_CASE("a want of memory or threads is 503 with Retry-After, and no fault of ours") {
  const auto answer = [](const std::function<void()>& fail) {
    Served served;
    Response response = served.failing_with(fail);
    CHECK(served.logged().find(R"("event":"unavailable")") != std::string::npos);
    CHECK(served.logged().find("internal_error") == std::string::npos);
    return response;
  };
  for (const Response& response :
       {answer([] { throw std::bad_alloc(); }), answer([] {
          throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
        }),
        answer([] { throw std::system_error(EMFILE, std::generic_category(), "open"); }),
        answer([] { throw aforro::Shortage(aforro::kOutOfThreads); })}) {
    CHECK(response.status == 503);
    CHECK(header(response, "Retry-After") == "1");
    const json document = json::parse(*response.body);
    CHECK(document["type"] == "/problems/unavailable");
    CHECK(document["request_id"] == "r-1");
    CHECK(response.body->find("ulimit") == std::string::npos);
  }
}

TEST_CASE("who asked for something to be done and finds no memory is told that it may have been done") {
  Served served;
  aforro::test::add_post(served.router, "/page", [](const Request&) -> Response { throw std::bad_alloc(); });
  Request request = Served::request_with({{"X-Request-Id", "r-1"}});
  request.method = "POST";
  const Response response = served.get(request);
  CHECK(response.status == 503);
  const std::string detail = json::parse(*response.body)["detail"];
  CHECK(detail.find("may have been done") != std::string::npos);
  CHECK(detail.find("nothing was changed") == std::string::npos);
}

TEST_CASE("whichever piece of memory an answer lacks, it is 503 or the want goes to the transport") {
  Served served;
  aforro::test::add_get(served.router, "/page", [](const Request&) {
    return json_response(200, '"' + std::string(2'000, 'x') + '"');
  });
  const Dispatcher dispatcher(served.router, served.log, {}, aforro::test::kNoLimits);
  int unavailable = 0;
  int passed_on = 0;
  for (std::uint64_t nth = 1;; ++nth) {
    CAPTURE(nth);
    Request request = Served::request_with({{"Accept-Encoding", "gzip"}, {"X-Forwarded-For", "192.0.2.7"}});
    Response response;
    bool has_failed = false;
    try {
      const aforro::test::FailingHeap heap(nth);
      response = aforro::test::answer(dispatcher, request);
      has_failed = heap.has_failed();
    } catch (const std::bad_alloc&) {
      ++passed_on;
      continue;
    }
    CHECK((response.status == 200 || response.status == 503));
    if (response.status == 503) ++unavailable;
    if (!has_failed) break;
  }
  CHECK(unavailable > 0);
  CHECK(passed_on > 0);
}

TEST_CASE("an outcome that is not known is not called unchanged, and its detail is in the log alone") {
  Served served;
  const Response response = served.failing_with([] { throw OutcomeUnknown("secret closed the connection"); });
  CHECK(response.status == 503);
  CHECK(header(response, "Retry-After") == "1");
  const json document = json::parse(*response.body);
  CHECK(document["type"] == "/problems/outcome-unknown");
  CHECK(document["detail"].get<std::string>().find("may have been stored") != std::string::npos);
  CHECK(document["detail"].get<std::string>().find("Idempotency-Key") != std::string::npos);
  CHECK(response.body->find("secret") == std::string::npos);
  CHECK(served.logged().find("\"outcome_unknown\"") != std::string::npos);
  CHECK(served.logged().find("secret closed the connection") != std::string::npos);
}

TEST_CASE("a fault of ours is 500, and its detail is in the log alone") {
  Served served;
  const Response response = served.failing_with([] { throw std::logic_error("no such column: secret"); });
  CHECK(response.status == 500);
  CHECK(json::parse(*response.body)["type"] == "/problems/internal");
  CHECK(response.body->find("secret") == std::string::npos);
  CHECK(served.logged().find("no such column: secret") != std::string::npos);
}

TEST_CASE("what the router refuses has its status and its headers") {
  Served served;
  aforro::test::add_post(served.router, "/page", [](const Request&) { return json_response(200, "{}"); });
  Request request = Served::request_with({});
  const Response response = served.get(request);
  CHECK(response.status == 405);
  CHECK(header(response, "Allow") == "POST, OPTIONS");
  CHECK(json::parse(*response.body)["type"] == "/problems/method-not-allowed");
}

TEST_CASE("what the transport refuses names its request as an answer does") {
  Served served;
  Request request = Served::request_with({{"X-Request-Id", "r-2"}});
  const Response response = Dispatcher(served.router, served.log, {}, aforro::test::kNoLimits)
                                .refuse(request, std::make_exception_ptr(aforro::Problem(
                                                     aforro::Problem::Kind::body_too_large, "Too much.")));
  CHECK(response.status == 413);
  CHECK(header(response, "X-Request-Id") == "r-2");
  CHECK(json::parse(*response.body)["detail"] == "Too much.");
}

TEST_CASE("a page elsewhere may read the answers only if it was named") {
  Served closed;
  Request request = Served::request_with({{"Origin", "https://shop.example"}});
  CHECK(header(closed.get(request), "Access-Control-Allow-Origin") == "none");

  Served open;
  open.options.cors_origin = "https://shop.example";
  const Response response = open.get(request);
  CHECK(header(response, "Access-Control-Allow-Origin") == "https://shop.example");
  CHECK(header(response, "Access-Control-Allow-Headers").find("traceparent") != std::string::npos);
  CHECK(header(response, "Access-Control-Expose-Headers").find("Idempotency-Replayed") != std::string::npos);
}

TEST_CASE("OPTIONS tells a page elsewhere which methods there are") {
  Served served;
  aforro::test::add_get(served.router, "/page", [](const Request&) { return json_response(200, "{}"); });
  Request request = Served::request_with({});
  request.method = "OPTIONS";
  CHECK(header(served.get(request), "Access-Control-Allow-Methods") == "none");
  served.options.cors_origin = "https://shop.example";
  const Response response = served.get(request);
  CHECK(response.status == 204);
  CHECK(header(response, "Allow") == "GET, HEAD, OPTIONS");
  CHECK(header(response, "Access-Control-Allow-Methods") == "GET, HEAD, OPTIONS");
}

// A route for writing, of which each client may ask twice, then once a second.
struct Limited : Served {
  aforro::limit::Limits limits;
  std::vector<std::string> bodies;  // that arrived

  Limited() {
    const aforro::limit::Rate rate{.burst = 2, .window = std::chrono::seconds(2)};
    limits.add("write", {.rate = rate, .limiter = aforro::limit::make_token_bucket(rate, clock)});
    aforro::test::add_post(
        router, "/page",
        [this](const Request& request) {
          bodies.push_back(request.body);
          return json_response(201, "{}");
        },
        kJsonBody);
    aforro::test::add_get(router, "/page", [](const Request&) { return json_response(200, "{}"); });
  }

  Response send(std::string method, HeaderList headers, std::string body, std::string peer = "192.0.2.1") {
    Request request = request_with(std::move(headers), std::move(peer));
    request.method = std::move(method);
    request.body = std::move(body);
    return aforro::test::answer(Dispatcher(router, log, options, limits), request);
  }
};

TEST_CASE(
    "a route is limited by its name, each client for itself, and says what is left whatever it answers") {
  Limited served;
  const HeaderList typed{{"Content-Type", "application/json"}};
  const Response first = served.send("POST", typed, "{}");
  CHECK(first.status == 201);
  CHECK(header(first, "RateLimit-Policy") == "\"write\";q=2;w=2");
  CHECK(header(first, "RateLimit") == "\"write\";r=1;t=1");
  const Response untyped = served.send("POST", {}, "{}");
  CHECK(untyped.status == 415);
  CHECK(header(untyped, "RateLimit") == "\"write\";r=0;t=1");
  const Response third = served.send("POST", typed, "{}");
  CHECK(third.status == 429);
  CHECK(header(third, "Retry-After") == "1");
  CHECK(header(third, "RateLimit") == "\"write\";r=0;t=1");
  CHECK(served.bodies.size() == 1);

  CHECK(served.send("POST", typed, "{}", "192.0.2.2").status == 201);
  const Response other_route = served.send("GET", {}, "");
  CHECK(other_route.status == 200);
  CHECK(header(other_route, "RateLimit") == "none");
  CHECK(header(served.send("DELETE", {}, ""), "RateLimit") == "none");
  served.clock.advance(std::chrono::seconds(1));
  CHECK(served.send("POST", typed, "{}").status == 201);
}

TEST_CASE("what the head of a request decides is answered without its body") {
  Limited served;
  const Dispatcher dispatcher(served.router, served.log, {}, served.limits);
  const auto begun = [&](std::string method, std::string path, HeaderList headers, std::uint64_t bytes) {
    Request request = Served::request_with(std::move(headers));
    request.method = std::move(method);
    request.path = std::move(path);
    const auto response = dispatcher.begin(request, {.content_bytes = bytes});
    CHECK((response || request.route != nullptr));
    return response ? response->status : 0;
  };
  CHECK(begun("POST", "/nowhere", {}, 1'000) == 404);
  CHECK(begun("DELETE", "/page", {}, 1'000) == 405);
  CHECK(begun("BREW", "/page", {}, 1'000) == 501);
  CHECK(begun("OPTIONS", "/page", {}, 1'000) == 204);
  CHECK(begun("GET", "/page", {}, 2'000'000) == 413);
  CHECK(begun("GET", "/page", {}, 1'000) == 0);
  CHECK(begun("POST", "/page", {{"Content-Type", "text/plain"}}, 1'000) == 415);
  CHECK(begun("POST", "/page", {{"Content-Type", "application/json"}}, 1'000) == 0);
  CHECK(begun("POST", "/page", {{"Content-Type", "application/json"}}, 1'000) == 429);
  CHECK(served.bodies.empty());
}

TEST_CASE("no browser guesses the type of an answer, and a page may do only what its policy says") {
  Served served;
  aforro::test::add_get(served.router, "/page", [](const Request&) { return json_response(200, "{}"); });
  aforro::test::add_get(served.router, "/plain", [](const Request&) { return html_response(200, "<p>"); });
  aforro::test::add_get(served.router, "/own", [](const Request&) {
    Response response = html_response(200, "<p>");
    response.headers.emplace_back("Content-Security-Policy", "script-src 'self'");
    return response;
  });
  const auto got = [&](std::string path) {
    Request request = Served::request_with({});
    request.path = std::move(path);
    return served.get(request);
  };
  for (const char* path : {"/page", "/plain", "/own", "/nowhere"}) {
    CAPTURE(path);
    CHECK(header(got(path), "X-Content-Type-Options") == "nosniff");
  }
  CHECK(header(got("/page"), "Content-Security-Policy") == "none");
  CHECK(header(got("/plain"), "Content-Security-Policy") == kPagePolicy);
  CHECK(header(got("/plain"), "Referrer-Policy") == "same-origin");
  CHECK(header(got("/own"), "Content-Security-Policy") == "script-src 'self'");
}

}  // namespace
