// A server whose threads find no memory: every client has an answer all the same.
#include "http/no_memory.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <new>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/descriptor.h"
#include "base/log.h"
#include "base/time.h"
#include "http/connection.h"
#include "http/held_bytes.h"
#include "support/certificate.h"
#include "support/failing_heap.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/routes.h"
#include "support/tls_server.h"

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::Descriptor;
using aforro::test::FailingHeap;
using aforro::test::HttpClient;
using aforro::test::HttpResponse;
using aforro::test::LocalServer;
using nlohmann::json;

std::string answer_to(const Request& request) {
  std::array<char, kNoMemoryAnswerBytes> buffer{};
  return std::string(no_memory_answer(request, buffer));
}

json body_of(const std::string& answer) { return json::parse(answer.substr(answer.find("\r\n\r\n") + 4)); }

TEST_CASE("the answer for want of memory is a problem like any other, and names its request") {
  Request request;
  request.method = "GET";
  request.id = "r-1";
  const std::string answer = answer_to(request);
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(answer.find("\r\nRetry-After: 1\r\n") != std::string::npos);
  CHECK(answer.find("\r\nX-Request-Id: r-1\r\n") != std::string::npos);
  const json body = body_of(answer);
  CHECK(body["type"] == "/problems/unavailable");
  CHECK(body["status"] == 503);
  CHECK(body["request_id"] == "r-1");
  CHECK(answer.find("\r\nContent-Length: " + std::to_string(answer.size() - answer.find("\r\n\r\n") - 4) +
                    "\r\n") != std::string::npos);
}

TEST_CASE("the longest and oddest name of a request fits into the answer") {
  Request request;
  request.method = "POST";
  request.id = std::string(64, '"') + std::string(64, '\\');
  CHECK(body_of(answer_to(request))["request_id"] == request.id);
  request.id.clear();
  CHECK(body_of(answer_to(request))["request_id"] == std::string(32, '0'));
}

TEST_CASE("HEAD gets no body") {
  Request request;
  request.method = "HEAD";
  CHECK(answer_to(request).ends_with("\r\n\r\n"));
}

TEST_CASE(
    "a client whose request finds no memory, at whatever point, is answered 503 and the next is served") {
  std::atomic<std::uint64_t> last = 0;
  LocalServer server([&](Router& router) {
    aforro::test::add_post(router, "/", [&](const Request& request) {
      // From here on, on this thread, and for as long as that lasts also for the requests that follow.
      FailingHeap::fail(1, last);
      return json_response(200, '"' + std::string(request.body.size(), 'x') + '"');
    });
  });
  const std::string body = '"' + std::string(3'000, 'y') + '"';
  int refused = 0;
  for (last = 1; last <= 80; ++last) {
    CAPTURE(last);
    HttpClient client(server.port());
    const HttpResponse response = client.post("/", body);
    CHECK((response.status == 503 || response.status == 200));
    if (response.status == 503) {
      ++refused;
      CHECK(response.header("Retry-After") == "1");
      CHECK(json::parse(response.body)["type"] == "/problems/unavailable");
    }
  }
  CHECK(refused > 40);
  last = 0;
  // Each thread meets what is left of its own want of memory, and then no more.
  int answered_in_a_row = 0;
  for (int i = 0; i < 10'000 && answered_in_a_row < 200; ++i) {
    const HttpResponse response = HttpClient(server.port()).post("/", body);
    CHECK((response.status == 200 || response.status == 503));
    answered_in_a_row = response.status == 200 ? answered_in_a_row + 1 : 0;
  }
  CHECK(answered_in_a_row == 200);
}

// Whoever has it answers on it, and closes it; a second close would be that of another's descriptor.
TEST_CASE("a connection for which there is no memory leaves its socket where it was, and closes it else") {
  const aforro::SystemClock clock;
  aforro::Log log(2, aforro::Log::Level::error, clock);
  const Router router;
  const Dispatcher dispatcher(router, log, {}, aforro::test::kNoLimits);
  const TlsContext tls(aforro::test::identity_of(aforro::test::make_certificate()));
  TransportOptions options;
  options.tls = &tls;
  HeldBytes all_held(1'000'000);
  const std::atomic<bool> stopping = false;
  bool is_made = false;
  int refused = 0;
  for (std::uint64_t nth = 1; !is_made; ++nth) {
    REQUIRE(nth < 100);
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Descriptor client(ends[0]);
    Descriptor socket(ends[1]);
    try {
      const FailingHeap failing(nth);
      const Connection connection(std::move(socket), dispatcher, options, all_held, stopping);
      is_made = true;
    } catch (const std::bad_alloc&) {
      ++refused;
    }
    // NOLINTNEXTLINE(bugprone-use-after-move): whether it was moved is under test
    CHECK(socket.get() == (is_made ? -1 : ends[1]));
    CHECK((::fcntl(ends[1], F_GETFD) >= 0) == !is_made);
  }
  CHECK(refused > 0);
}

}  // namespace
