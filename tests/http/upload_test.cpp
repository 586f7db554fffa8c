// Large bodies over a real connection: to a file, of any length, in the memory of a piece.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/hash.h"
#include "http/spool.h"
#include "http/transport.h"
#include "support/disk_folder.h"
#include "support/expect.h"
#include "support/http_client.h"
#include "support/local_server.h"
#include "support/on_threads.h"
#include "support/peak_memory.h"
#include "support/wait_until.h"

using namespace std::chrono_literals;
using namespace aforro::http;
using namespace aforro::test;

namespace {

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::uint64_t kMostBytes = 2ULL << 30U;

// Says what arrived, as it read it: a piece at a time.
Response describe(const Request& request) {
  std::string hash;
  std::string all;
  for (std::uint64_t at = 0; at < request.spooled->size(); at += kPiece) {
    hash = aforro::hash_hex(hash + request.spooled->read(at, kPiece));
  }
  return json_response(201, "\"" + std::to_string(request.spooled->size()) + " " + hash + "\"");
}

std::string description_of(const std::string& bytes) {
  std::string hash;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece)
    hash = aforro::hash_hex(hash + bytes.substr(at, kPiece));
  return "\"" + std::to_string(bytes.size()) + " " + hash + "\"";
}

struct Served {
  DiskFolder folder;
  Spool spool;
  LocalServer server;

  explicit Served(std::uint64_t max_spooled = 4ULL << 30U, const TransportOptions& options = {})
      : spool({.folder = folder.path(), .max_bytes = max_spooled}), server(add_routes, with_spool(options)) {}

  static void add_routes(Router& router) {
    add_post(router, "/upload", describe,
             {.media_type = "text/csv", .max_bytes = kMostBytes, .is_spooled = true});
    add_get(router, "/here", [](const Request&) { return json_response(200, "\"here\""); });
  }
  TransportOptions with_spool(TransportOptions options) {
    options.spool = &spool;
    return options;
  }
  bool is_empty() const {
    return wait_until([&] { return spool.held_bytes() == 0; }) && std::filesystem::is_empty(folder.path());
  }
};

std::string numbers(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + '\n';
  text.resize(bytes);
  return text;
}

std::string head(std::uint64_t bytes) {
  return "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: " +
         std::to_string(bytes) + "\r\n\r\n";
}

const Headers kCsv{{"Content-Type", "text/csv"}};

}  // namespace

TEST_CASE("a large body arrives whole, and the connection goes on") {
  Served served;
  HttpClient client = served.server.client();
  const std::string body = numbers(3'000'000);
  for (int i = 0; i < 2; ++i) {
    const HttpResponse response = client.request("POST", "/upload", kCsv, body);
    CHECK(response.status == 201);
    CHECK(response.body == description_of(body));
    CHECK(client.request("POST", "/upload", kCsv, "").body == description_of(""));
  }
  CHECK(client.get("/here").status == 200);
  CHECK(client.connections() == 1);
  CHECK(served.is_empty());
}

TEST_CASE("a large body of no announced length arrives in chunks") {
  Served served;
  HttpClient client = served.server.client();
  const std::string body = numbers(3'000'000);
  client.send(
      "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 300'000) {
    client.send("493e0\r\n" + body.substr(at, 300'000) + "\r\n");
  }
  client.send("0\r\n\r\n");
  CHECK(client.receive().body == description_of(body));
  CHECK(served.is_empty());
}

TEST_CASE("an upload that breaks off at any tenth leaves nothing") {
  Served served;
  const std::string body = numbers(1'000'000);
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    CAPTURE(tenth);
    HttpClient client = served.server.client();
    client.send(head(body.size()) + body.substr(0, tenth * 100'000));
    if (tenth > 0) CHECK(wait_until([&] { return served.spool.held_bytes() == tenth * 100'000; }));
    client.finish_sending();
    check_problem(client.receive(), 400);
    CHECK(served.is_empty());
  }
  HttpClient client = served.server.client();
  client.send(head(body.size()) + body.substr(0, 500'000));
  CHECK(wait_until([&] { return served.spool.held_bytes() == 500'000; }));
  client.disconnect();
  CHECK(served.is_empty());
}

TEST_CASE("an upload that trickles is given up, and one that comes steadily is not") {
  Served served(1ULL << 30U, {.request_timeout = 300ms, .least_body_rate = 100'000});
  HttpClient slow = served.server.client();
  slow.send(head(1'000'000) + "some");
  check_problem(slow.receive(), 408);
  CHECK(served.is_empty());

  HttpClient steady = served.server.client();
  const std::string body = numbers(100'000);
  steady.send(head(body.size()));
  for (std::size_t at = 0; at < body.size(); at += 10'000) {
    std::this_thread::sleep_for(60ms);
    steady.send(body.substr(at, 10'000));
  }
  CHECK(steady.receive().body == description_of(body));
}

TEST_CASE("what is too large, or has no room, is refused before it is sent") {
  Served served(1'000'000);
  HttpClient client = served.server.client();
  client.send(head(kMostBytes + 1));
  const HttpResponse too_large = client.receive();
  check_problem(too_large, 413);
  CHECK(too_large.body.find("2 GiB") != std::string::npos);
  client.send(head(1'000'001));  // past what is kept of all
  check_problem(client.receive(), 413);

  HttpClient other = served.server.client();
  other.send(head(900'000) + std::string(800'000, 'x'));
  CHECK(wait_until([&] { return served.spool.held_bytes() == 800'000; }));
  client.send(
      "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 200001\r\nExpect: "
      "100-continue\r\n\r\n");
  const HttpResponse no_room = client.receive();
  check_problem(no_room, 503);
  CHECK(no_room.header("Retry-After") == "1");

  // One that announces nothing is refused where it no longer fits.
  HttpClient chunks = served.server.client();
  chunks.send(
      "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n");
  chunks.send("30d41\r\n" + std::string(200'001, 'x') + "\r\n0\r\n\r\n");
  check_problem(chunks.receive(), 503);

  other.send(std::string(100'000, 'x'));
  CHECK(other.receive().status == 201);
  CHECK(served.is_empty());
}

TEST_CASE("without a folder such a body is refused, and all else is not") {
  const LocalServer server(Served::add_routes);
  HttpClient client = server.client();
  check_problem(client.request("POST", "/upload", kCsv, "some"), 503);
  CHECK(client.get("/here").status == 200);
}

TEST_CASE("two hundred uploads at once arrive each as it was sent, in hardly any memory") {
  Served served;
  const std::string body = numbers(200'000);
  const PeakMemory memory;
  std::atomic<int> arrived = 0;
  on_threads(20, [&](int thread) {
    std::vector<HttpClient> clients;
    clients.reserve(10);
    for (int i = 0; i < 10; ++i) clients.push_back(served.server.client());
    const auto size = [&](int i) { return body.size() - static_cast<std::size_t>(thread * 10 + i); };
    for (int i = 0; i < 10; ++i) clients[static_cast<std::size_t>(i)].send(head(size(i)));
    for (std::size_t at = 0; at < body.size(); at += 50'000) {
      for (int i = 0; i < 10; ++i)
        clients[static_cast<std::size_t>(i)].send(
            std::string_view(body).substr(at, std::min<std::size_t>(50'000, size(i) - at)));
    }
    for (int i = 0; i < 10; ++i) {
      arrived +=
          clients[static_cast<std::size_t>(i)].receive().body == description_of(body.substr(0, size(i)));
    }
  });
  CHECK(arrived == 200);
  if (PeakMemory::kCounts) CHECK(memory.bytes() < 200 * body.size() / 2);  // the clients' own is in it
  CHECK(served.is_empty());
}

// 1 GiB with AFORRO_WIDE.
TEST_CASE("a very large upload takes the memory of a piece") {
  const std::uint64_t bytes = std::getenv("AFORRO_WIDE") != nullptr ? 1ULL << 30U : 1ULL << 26U;
  Served served;
  HttpClient client = served.server.client();
  CHECK(client.get("/here").status == 200);
  const std::string piece = numbers(kPiece);
  const PeakMemory memory;
  client.send(head(bytes));
  for (std::uint64_t sent = 0; sent < bytes; sent += kPiece) client.send(piece);
  const HttpResponse response = client.receive();
  CHECK(response.status == 201);
  CHECK(response.body.find(std::to_string(bytes)) != std::string::npos);
  if (PeakMemory::kCounts) CHECK(memory.bytes() < 1'000'000);
  CHECK(served.is_empty());
}
