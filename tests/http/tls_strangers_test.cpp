// HTTPS among strangers: a crowd that never ends its handshakes, every version and cipher that OpenSSL has,
// and handshakes that stop, or turn to garbage, at each of their records.
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/certificate.h"
#include "support/http_client.h"
#include "support/many_descriptors.h"
#include "support/routes.h"
#include "support/slowdown.h"
#include "support/tls_client.h"
#include "support/tls_server.h"
#include "support/tls_steps.h"
#include "support/wait_until.h"

namespace {

using namespace std::chrono_literals;
using namespace aforro::test;
using aforro::http::json_response;
using aforro::http::Request;
using aforro::http::Router;
using std::chrono::steady_clock;

const std::string kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kAnswer = "\"here\"";
constexpr unsigned char kAlert = 21;
constexpr std::size_t kVersionAt = 9;  // in a ClientHello: behind the heads of its record and of itself

void add_routes(Router& router) {
  add_get(router, "/", [](const Request&) { return json_response(200, kAnswer); });
}

std::size_t descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                                std::filesystem::directory_iterator()));
}

// The time that one answer takes.
std::chrono::milliseconds ask(TlsClient& client) {
  const auto began = steady_clock::now();
  client.send(kGet);
  CHECK(client.receive_until(kAnswer).starts_with("HTTP/1.1 200"));
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
}

void check_serves(const TlsServer& place) {
  TlsClient client = place.client();
  ask(client);
}

std::string garbage(std::size_t seed, std::size_t bytes) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
  std::string all(bytes, '\0');
  for (char& byte : all) byte = static_cast<char>(random());
  return all;
}

TEST_CASE("1,000 half-open handshakes cost a good client nothing, and leave nothing behind") {
  allow_many_descriptors();
  const TlsServer place(add_routes, {.max_connections = 2'000, .request_timeout = 2'000ms * kSlowdown});
  TlsClient good = place.client();
  ask(good);
  const std::string hello = TlsClient::hello();
  const std::size_t before = descriptors();
  std::vector<HttpClient> half_open;
  half_open.reserve(1'000);
  const auto began = steady_clock::now();
  for (std::size_t i = 0; i < 1'000; ++i) {
    half_open.emplace_back(place.server.port(), "127.0.0.1", 20s * kSlowdown);
    half_open.back().send(
        std::string_view(hello).substr(0, i % 3 * hello.size() / 2));  // none, half, all of it
  }
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 15; ++i) {
    waits.push_back(ask(good));
    const auto connecting = steady_clock::now();
    check_serves(place);
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - connecting));
  }
  std::sort(waits.begin(), waits.end());
  CHECK(waits[waits.size() / 2] < 50ms * kSlowdown);
  CHECK(waits.back() < 1'000ms * kSlowdown);
  // They are still there, so it was among them that the good one was served.
  CHECK(descriptors() >= before + 2'000);

  CHECK(wait_until([&] { return descriptors() <= before + 1'000; }));  // of the server's side none is left
  CHECK(steady_clock::now() - began > 1'900ms);
  half_open.clear();
  CHECK(wait_until([&] { return descriptors() <= before; }));
  ask(good);
}

// What OpenSSL calls each cipher of a version, with the strength of none asked for.
std::vector<std::string> ciphers_of(int version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_set_cipher_list(context.get(), "ALL:COMPLEMENTOFALL:@SECLEVEL=0");
  SSL_CTX_set_ciphersuites(context.get(),
                           "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:"
                           "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256");
  std::vector<std::string> names;
  const STACK_OF(SSL_CIPHER)* const all = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(all); ++i) {
    const SSL_CIPHER* const cipher = sk_SSL_CIPHER_value(all, i);
    const bool is_of_1_3 = std::string_view(SSL_CIPHER_get_version(cipher)) == "TLSv1.3";
    if (is_of_1_3 == (version == TLS1_3_VERSION)) names.emplace_back(SSL_CIPHER_get_name(cipher));
  }
  return names;
}

// Those with which the server speaks.
std::set<std::string> accepted(const TlsServer& place, int version) {
  std::set<std::string> names;
  for (const std::string& name : ciphers_of(version)) {
    TlsClientOptions options{.version = version};
    (version == TLS1_3_VERSION ? options.suites : options.ciphers) =
        name + (version == TLS1_3_VERSION ? "" : ":@SECLEVEL=0");
    try {
      TlsClient client = place.client(options);
      ask(client);
      CHECK(client.cipher() == name);
      names.insert(name);
    } catch (const TlsFault&) {  // the server wants none of it
    }
  }
  return names;
}

TEST_CASE("of all ciphers only those with forward secrecy and authenticated encryption are accepted") {
  CHECK(ciphers_of(TLS1_2_VERSION).size() > 100);
  CHECK(ciphers_of(TLS1_3_VERSION).size() == 5);
  for (const KeyOf kind : {KeyOf::p256, KeyOf::rsa}) {
    const TlsServer place(add_routes, {}, make_certificate(30, kind));
    const std::string by = kind == KeyOf::rsa ? "ECDHE-RSA-" : "ECDHE-ECDSA-";
    CHECK(accepted(place, TLS1_2_VERSION) == std::set<std::string>{by + "AES128-GCM-SHA256",
                                                                   by + "AES256-GCM-SHA384",
                                                                   by + "CHACHA20-POLY1305"});
    CHECK(accepted(place, TLS1_3_VERSION) == std::set<std::string>{"TLS_AES_128_GCM_SHA256",
                                                                   "TLS_AES_256_GCM_SHA384",
                                                                   "TLS_CHACHA20_POLY1305_SHA256"});
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) CHECK(accepted(place, version).empty());
  }
}

// Also those that OpenSSL has not built in.
TEST_CASE("every version before 1.2, and what is none, gets an alert and the end") {
  const TlsServer place(add_routes);
  for (const unsigned version : {0x0000U, 0x0002U, 0x0200U, 0x0300U, 0x0301U, 0x0302U}) {
    CAPTURE(version);
    TlsSteps client(place.server.port(), TLS1_2_VERSION);
    std::string hello = client.next_record();
    hello[kVersionAt] = static_cast<char>(version >> 8U);
    hello[kVersionAt + 1] = static_cast<char>(version & 0xffU);
    client.send(hello);
    const std::string answer = client.receive_to_end();
    REQUIRE(answer.size() == 7);  // one alert
    CHECK(static_cast<unsigned char>(answer[0]) == kAlert);
    CHECK(answer[5] == 2);  // fatal
  }
  check_serves(place);
}

TEST_CASE("a client can't shake hands again, but may have new keys as often as it likes") {
  const TlsServer place(add_routes);
  TlsClient again = place.client({.version = TLS1_2_VERSION});
  ask(again);
  CHECK(again.renegotiate() == "no renegotiation");
  TlsClient keys = place.client({.version = TLS1_3_VERSION});
  for (int i = 0; i < 200; ++i) {
    keys.update_keys();
    ask(keys);
  }
  check_serves(place);
}

// How many records a client sends in a handshake.
std::size_t records_of(const TlsServer& place, int version) {
  TlsSteps client(place.server.port(), version);
  std::size_t count = 0;
  for (std::string record = client.next_record(); !record.empty(); record = client.next_record()) {
    client.send(record);
    ++count;
  }
  client.send(client.record_of("GET / HTTP/1.0\r\n\r\n"));
  CHECK(client.receive_to_end().size() > 100);
  return count;
}

TEST_CASE("a handshake may stop, or end, at each of its records, and in the middle of each") {
  const auto timeout = 700ms * kSlowdown;
  const TlsServer place(add_routes, {.request_timeout = timeout});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::size_t records = records_of(place, version);
    CHECK(records == (version == TLS1_2_VERSION ? 4 : 3));
    const std::size_t before = descriptors();
    std::vector<std::unique_ptr<TlsSteps>> silent;
    for (std::size_t sent = 0; sent < records; ++sent) {
      for (const bool half_of_next : {false, true}) {
        for (const bool stays : {false, true}) {
          auto client = std::make_unique<TlsSteps>(place.server.port(), version);
          for (std::size_t i = 0; i < sent; ++i) client->send(client->next_record());
          const std::string next = client->next_record();
          if (half_of_next) client->send(std::string_view(next).substr(0, next.size() / 2));
          if (stays) silent.push_back(std::move(client));
        }
      }
    }
    check_serves(place);
    for (const auto& client : silent) CHECK_NOTHROW(client->receive_to_end(timeout + 5s * kSlowdown));
    silent.clear();
    CHECK(wait_until([&] { return descriptors() <= before; }));
  }
}

// Garbage that by chance says how long it is may be waited for, until the deadline.
TEST_CASE("garbage before, between and behind the records of a handshake ends that connection alone") {
  const TlsServer place(add_routes, {.request_timeout = 700ms * kSlowdown});
  const std::size_t before = descriptors();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::size_t records = records_of(place, version);
    for (std::size_t sent = 0; sent <= records; ++sent) {
      for (std::size_t seed = 0; seed < 8; ++seed) {
        CAPTURE(version);
        CAPTURE(sent);
        CAPTURE(seed);
        TlsSteps client(place.server.port(), version);
        for (std::size_t i = 0; i < sent; ++i) client.send(client.next_record());
        // Half of it in the shape of a record, of each kind.
        const std::string bytes = garbage(seed + 100 * sent, 300);
        const std::string head{static_cast<char>(20 + seed / 2), 3, 3, 1, 44};
        client.send(seed % 2 == 0 ? head + bytes : bytes);
        CHECK(client.receive_to_end().find("HTTP/1.1 200") == std::string::npos);
      }
    }
    // A record that was changed on its way, behind the handshake: no answer to it in whole or in part.
    TlsSteps client(place.server.port(), version);
    for (std::size_t i = 0; i < records; ++i) client.send(client.next_record());
    CHECK(client.next_record().empty());
    std::string changed = client.record_of(kGet);
    changed.back() = static_cast<char>(changed.back() ^ 1);
    client.send(changed);
    CHECK(client.receive_to_end().size() < 1'000);  // the tickets of a session, and an alert
    check_serves(place);
  }
  CHECK(wait_until([&] { return descriptors() <= before; }));
}

}  // namespace
