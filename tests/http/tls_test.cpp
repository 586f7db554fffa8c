// HTTPS over the transport, by a client of OpenSSL and by clients that break off, trickle and babble.
#include "http/tls.h"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "http/transport.h"
#include "support/certificate.h"
#include "support/http_client.h"
#include "support/routes.h"
#include "support/tls_client.h"
#include "support/tls_server.h"

namespace {

using namespace std::chrono_literals;
using aforro::Problem;
using aforro::http::BodyStream;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::http::Router;
using aforro::http::TlsContext;
using aforro::http::TlsIdentity;
using aforro::http::TransportOptions;
using aforro::test::add_get;
using aforro::test::add_post;
using aforro::test::Certificate;
using aforro::test::HttpClient;
using aforro::test::HttpFault;
using aforro::test::identity_of;
using aforro::test::make_certificate;
using aforro::test::TlsClient;
using aforro::test::TlsFault;
using aforro::test::TlsServer;

constexpr std::size_t kLarge = 8 * 1024 * 1024;

// So that a piece that is lost, or comes twice, is noticed.
std::string counted(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 16);
  for (std::size_t i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ' ';
  text.resize(bytes);
  return text;
}

class Pieces final : public BodyStream {
 public:
  explicit Pieces(int count, bool breaks) : left_(count), breaks_(breaks) {}
  Piece next() override {
    if (left_ == 0 && breaks_) throw std::runtime_error("broken");
    if (left_ == 0) return {.bytes = "", .is_last = true};
    --left_;
    return {.bytes = std::string(1000, 'x')};
  }

 private:
  int left_;
  const bool breaks_;
};

void add_routes(Router& router) {
  add_get(router, "/base", [](const Request& request) { return json_response(200, request.base_url); });
  add_get(router, "/large", [](const Request&) { return json_response(200, counted(kLarge)); });
  add_get(router, "/whole",
          [](const Request&) { return stream_response("text/plain", std::make_shared<Pieces>(100, false)); });
  add_get(router, "/broken",
          [](const Request&) { return stream_response("text/plain", std::make_shared<Pieces>(100, true)); });
  add_post(
      router, "/echo", [](const Request& request) { return json_response(200, request.body); },
      aforro::http::kJsonBody);
}

struct Place : TlsServer {
  explicit Place(TransportOptions options = {}) : TlsServer(add_routes, std::move(options)) {}
};

const std::string kGetBase = "GET /base HTTP/1.1\r\nHost: shop.example.org\r\n\r\n";
const std::string kBase = "https://shop.example.org";

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Problem& problem) {
    return problem.what();
  }
  return "";
}

// Whether the server closes the connection without an answer; one that it leaves open is none.
bool is_closed(HttpClient& client) {
  try {
    client.receive();
    return false;
  } catch (const HttpFault& fault) {
    return std::string_view(fault.what()) != "no answer in time";
  }
}

TEST_CASE("requests are answered over TLS 1.3 and 1.2, one after another, and many sent at once") {
  const Place place;
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsClient client = place.client({.version = version});
    CHECK(client.version() == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"));
    for (int i = 0; i < 3; ++i) {
      client.send(kGetBase);
      CHECK(client.receive_until(kBase).starts_with("HTTP/1.1 200 OK\r\n"));
    }
    std::string many;
    for (int i = 0; i < 100; ++i) many += kGetBase;
    client.send(many);
    std::size_t answers = 0;
    std::string came;
    while (answers < 100) {
      came += client.receive_until(kBase);
      answers = 0;
      for (std::size_t at = came.find(kBase); at != std::string::npos; at = came.find(kBase, at + 1))
        ++answers;
    }
    CHECK(answers == 100);
  }
}

TEST_CASE("large bodies and large answers come whole") {
  const Place place;
  TlsClient client = place.client();
  const std::string body = counted(900'000);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n");
  for (std::size_t i = 0; i < body.size(); i += 7'919) client.send(body.substr(i, 7'919));
  const std::string echoed = client.receive_until(body.substr(body.size() - 100));
  CHECK(echoed.ends_with(body));
  for (int i = 0; i < 3; ++i) {
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string large = counted(kLarge);
    CHECK(client.receive_until(large.substr(kLarge - 100)).ends_with(large));
  }
}

TEST_CASE("older versions, and clients that speak another protocol alone, are refused") {
  const Place place;
  CHECK_THROWS_AS(place.client({.version = TLS1_1_VERSION}), TlsFault);
  CHECK_THROWS_AS(place.client({.version = TLS1_VERSION}), TlsFault);
  CHECK_THROWS_AS(place.client({.protocols = "\x02h2"}), TlsFault);
  CHECK(place.client({.protocols = std::string("\x02h2") + "\x08http/1.1"}).protocol() == "http/1.1");
  CHECK(place.client().protocol().empty());
}

TEST_CASE("the end of an answer that was broken off is not said to be one") {
  const Place place;
  TlsClient whole = place.client();
  whole.send("GET /whole HTTP/1.0\r\n\r\n");
  CHECK(whole.receive_all().ends_with(std::string(100'000, 'x')));
  CHECK(whole.is_whole());
  TlsClient broken = place.client();
  broken.send("GET /broken HTTP/1.0\r\n\r\n");
  broken.receive_all();
  CHECK(!broken.is_whole());
}

TEST_CASE("a client that speaks HTTP is told that HTTPS is spoken here") {
  const Place place;
  const auto answer = HttpClient(place.server.port()).get("/base");
  CHECK(answer.status == 400);
  CHECK(answer.body.find("HTTPS") != std::string::npos);
}

TEST_CASE("garbage, and handshakes broken off anywhere, hurt nobody") {
  const Place place;
  const std::string hello = TlsClient::hello();
  REQUIRE(hello.size() > 100);
  for (std::size_t size = 0; size < hello.size(); size += 1 + hello.size() / 50) {
    HttpClient broken(place.server.port());
    broken.send(hello.substr(0, size));
  }
  for (int seed = 0; seed < 50; ++seed) {
    std::string garbage = hello;
    for (std::size_t i = static_cast<std::size_t>(seed); i < garbage.size(); i += 17) garbage[i] ^= 0x5a;
    HttpClient babbling(place.server.port(), "127.0.0.1", 5s);
    babbling.send(garbage);
    babbling.finish_sending();
    CHECK(is_closed(babbling));
  }
  TlsClient client = place.client();
  client.send(kGetBase);
  CHECK(client.receive_until(kBase).starts_with("HTTP/1.1 200"));
}

TEST_CASE("handshakes that are never ended keep nobody out, and are given up in time") {
  const Place place({.max_connections = 200, .evictable_after = 100ms, .request_timeout = 1'500ms});
  const std::string hello = TlsClient::hello();
  std::vector<HttpClient> half_open;
  for (int i = 0; i < 200; ++i) {
    half_open.emplace_back(place.server.port(), "127.0.0.1", 20s);
    half_open.back().send(i % 2 == 0 ? "" : std::string_view(hello).substr(0, hello.size() / 2));
  }
  std::this_thread::sleep_for(200ms);
  TlsClient client = place.client();
  client.send(kGetBase);
  CHECK(client.receive_until(kBase).starts_with("HTTP/1.1 200"));
  for (HttpClient& one : half_open) {
    CHECK(is_closed(one));
  }
  client.send(kGetBase);
  CHECK(client.receive_until(kBase).starts_with("HTTP/1.1 200"));
}

TEST_CASE("a new certificate is that of new connections; the others go on, and tickets stay good") {
  Place place;
  TlsClient before = place.client();
  before.send(kGetBase);
  before.receive_until(kBase);
  const auto ticket = before.session();
  const Certificate next = make_certificate();
  place.tls.use(identity_of(next));
  before.send(kGetBase);
  CHECK(before.receive_until(kBase).starts_with("HTTP/1.1 200"));
  CHECK_THROWS_AS(place.client(), TlsFault);
  CHECK(TlsClient(place.server.port(), next.pem).version() == "TLSv1.3");
  CHECK(place.client({.session = ticket.get()}).is_resumed());
}

TEST_CASE("what is no certificate, or not its key, is refused by name, and changes nothing") {
  Place place;
  const Certificate other = make_certificate();
  TlsIdentity wrong = identity_of(place.certificate);
  wrong.key = other.key;
  CHECK(refusal([&] { place.tls.use(wrong); }).starts_with("key.pem: the key is not that of cert.pem"));
  wrong.certificates = other.key;
  CHECK(refusal([&] { place.tls.use(wrong); }) == "cert.pem: there is no certificate in it (PEM is read)");
  wrong.certificates =
      place.certificate.pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  CHECK(refusal([&] { place.tls.use(wrong); }) == "cert.pem: a certificate behind the first can't be read");
  wrong = identity_of(place.certificate);
  wrong.key = "";
  CHECK(refusal([&] { place.tls.use(wrong); }) == "key.pem: there is no private key in it (PEM is read)");
  CHECK(place.client().version() == "TLSv1.3");
  CHECK(TlsContext(identity_of(make_certificate(-1))).seconds_left() < 0);
  CHECK(place.tls.seconds_left() > 29 * 24 * 60 * 60);
}

TEST_CASE("a server that stops answers what is in flight, and keeps no handshake waiting") {
  Place place({.drain_timeout = 5s});
  HttpClient half_open(place.server.port(), "127.0.0.1", 5s);
  half_open.send("\x16");
  TlsClient idle = place.client();
  idle.send(kGetBase);
  idle.receive_until(kBase);
  const auto began = std::chrono::steady_clock::now();
  place.server.stop();
  CHECK(std::chrono::steady_clock::now() - began < 4s);
  CHECK(idle.receive().empty());
  CHECK(idle.is_whole());
}

}  // namespace
