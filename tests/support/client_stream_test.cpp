// The clients of the tests at ports that speak TLS.
#include "support/client_stream.h"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/certificate.h"
#include "support/http_client.h"
#include "support/load.h"
#include "support/routes.h"
#include "support/slow_client.h"
#include "support/tls_server.h"

namespace {

using namespace aforro::test;
using aforro::http::json_response;
using aforro::http::Request;

constexpr std::size_t kLarge = 300'000;

// Ends after a piece, or breaks off behind it.
class OnePiece final : public aforro::http::BodyStream {
 public:
  explicit OnePiece(bool breaks) : breaks_(breaks) {}
  Piece next() override {
    if (!std::exchange(is_given_, true)) return {.bytes = "piece"};
    if (breaks_) throw std::runtime_error("broken");
    return {.bytes = "", .is_last = true};
  }

 private:
  const bool breaks_;
  bool is_given_ = false;
};

void add_routes(aforro::http::Router& router) {
  add_get(router, "/scheme", [](const Request& request) { return json_response(200, request.base_url); });
  add_get(router, "/large", [](const Request&) { return json_response(200, std::string(kLarge, 'x')); });
  for (const bool breaks : {false, true}) {
    add_get(router, breaks ? "/broken" : "/whole", [breaks](const Request&) {
      return stream_response("text/plain", std::make_shared<OnePiece>(breaks));
    });
  }
}

struct Place : TlsServer {
  Place() : TlsServer(add_routes) { speak_tls_at(server.port(), certificate.pem); }
  ~Place() { speak_plainly_at(server.port()); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
};

TEST_CASE("a client of a port that speaks TLS keeps its connection, and tells an end from a break") {
  const Place place;
  HttpClient client(place.server.port());
  CHECK(client.get("/scheme").body.starts_with("https://"));
  CHECK(client.get("/large").body.size() == kLarge);
  CHECK(client.connections() == 1);
  client.send("GET /scheme HTTP/1.1\r\nHost: ");
  client.finish_sending();
  CHECK(client.receive().status == 400);
  CHECK(client.raw("GET /whole HTTP/1.0\r\n\r\n").body == "piece");
  CHECK_THROWS_AS(client.raw("GET /broken HTTP/1.0\r\n\r\n"), HttpFault);
}

TEST_CASE("a client that was told of another certificate, or of none, gets nothing") {
  const Place place;
  speak_tls_at(place.server.port(), make_certificate().pem);
  CHECK_THROWS_AS(HttpClient(place.server.port()).get("/scheme"), HttpFault);
  speak_plainly_at(place.server.port());
  CHECK(HttpClient(place.server.port()).get("/scheme").status == 400);
}

TEST_CASE("a load goes over TLS on many connections at once") {
  const Place place;
  const LoadReport report =
      run_load({.port = place.server.port(),
                .connections = 50,
                .threads = 2,
                .max_requests = 1'000,
                .request = [](std::size_t, std::string& to) { append_get(to, "/scheme"); },
                .judge =
                    [](std::size_t, const Answer& answer) {
                      return answer.body.starts_with("https://") ? Verdict::counted : Verdict::wrong;
                    }});
  CHECK(report.counted == 1'000);
  CHECK(report.wrong == 0);
}

TEST_CASE("a slow client takes as little of a record as it is told to") {
  const Place place;
  SlowClient client(place.server.port(), "GET /large HTTP/1.0\r\n\r\n");
  for (int i = 0; i < 5; ++i) CHECK(client.read(1'000));
  CHECK(client.received() < 5'000);
  CHECK(client.read_all() > kLarge);
}

}  // namespace
