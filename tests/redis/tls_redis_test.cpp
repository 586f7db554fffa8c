// A Redis that is spoken to by TLS, which must be the one that was asked for.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/problem.h"
#include "base/time.h"
#include "redis/bell.h"
#include "redis/client.h"
#include "support/certificate.h"
#include "support/free_port.h"
#include "support/on_threads.h"
#include "support/redis_server.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

namespace {

using namespace aforro::redis;  // NOLINT: all of it is under test
using namespace std::chrono_literals;
using aforro::test::make_authority;
using aforro::test::make_certificate_by;
using aforro::test::RedisServer;
using aforro::test::wait_until;

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream(file) << text; }

// A Redis with a certificate for that name, which takes TLS at a second port.
struct EncryptedRedis {
  explicit EncryptedRedis(const std::string& names = "DNS:localhost,IP:127.0.0.1") {
    const auto authority = make_authority();
    const auto own = make_certificate_by(authority, names);
    write(ca, authority.pem);
    write(folder / "cert.pem", own.pem);
    write(folder / "key.pem", own.key);
    server.emplace(std::vector<std::string>{"--tls-port", std::to_string(port), "--tls-cert-file",
                                            (folder / "cert.pem").string(), "--tls-key-file",
                                            (folder / "key.pem").string(), "--tls-ca-cert-file", ca.string(),
                                            "--tls-auth-clients", "no", "--requirepass", "sesame"});
  }

  Address address(const std::string& host = "127.0.0.1") const {
    return {.host = host, .port = port, .password = "sesame", .is_encrypted = true};
  }

  aforro::test::TemporaryFolder folder;
  std::filesystem::path ca = folder / "ca.pem";
  int port = aforro::test::free_port();
  std::optional<RedisServer> server;
};

struct Asked {
  Asked(const Address& address, const std::string& ca, std::chrono::milliseconds patience = 5s)
      : client(address, "probe", log,
               {.patience = patience, .look_every = 100ms, .connect = 5s, .well_after = 250ms}, ca) {}

  bool works() { return client.ask({"PING"}).has_value(); }

  aforro::SystemClock clock;
  aforro::Log log{STDERR_FILENO, aforro::Log::Level::error, clock};
  Client client;
};

TEST_CASE("what is asked over TLS is answered, however large, from many threads") {
  const EncryptedRedis redis;
  Asked asked(redis.address(), redis.ca);
  REQUIRE(wait_until([&] { return asked.works(); }));
  aforro::test::on_threads(8, [&](int thread) {
    const std::string key = std::to_string(thread);
    const std::string value(100'000 + static_cast<std::size_t>(thread), 'x');  // several records
    for (int i = 0; i < 20; ++i) {
      CHECK(asked.client.ask({"SET", key, value}).has_value());
      CHECK(asked.client.ask({"GET", key}).value().text == value);
    }
  });
}

TEST_CASE("a host is known by its name or by its address, whichever it was asked for by") {
  const EncryptedRedis redis;
  Asked by_name(redis.address("localhost"), redis.ca);
  CHECK(wait_until([&] { return by_name.works(); }));
}

TEST_CASE("one that is not who it should be is given no password") {
  const EncryptedRedis stranger("DNS:other.example");
  Asked mistaken(stranger.address(), stranger.ca);
  CHECK_FALSE(mistaken.works());
  CHECK(mistaken.client.fault().value() == "TLS: IP address mismatch");
  Asked named(stranger.address("localhost"), stranger.ca);
  CHECK(named.client.fault().value() == "TLS: hostname mismatch");
  // Of all that connected, none has come as far as to be let in.
  CHECK(stranger.server->ask({"INFO", "stats"}, "sesame").text.find("total_commands_processed") !=
        std::string::npos);
  CHECK(stranger.server->ask({"CLIENT", "LIST"}, "sesame").text.find("cmd=auth") == std::string::npos);

  const EncryptedRedis redis;
  Asked unknown(redis.address(), stranger.ca);
  CHECK_FALSE(unknown.works());
  CHECK(unknown.client.fault().value().find("certificate") != std::string::npos);
}

TEST_CASE("TLS to where none is spoken, and none to where it is, is away and not waited for") {
  const EncryptedRedis redis;
  Address plain = redis.server->address();
  plain.is_encrypted = true;
  Asked encrypted(plain, redis.ca);
  CHECK_FALSE(encrypted.works());
  // It waits for the end of what it takes for a command.
  CHECK(wait_until([&] { return encrypted.client.fault().value().starts_with("TLS: "); }));

  Address bare = redis.address();
  bare.is_encrypted = false;
  Asked unencrypted(bare, "");
  CHECK_FALSE(unencrypted.works());
}

TEST_CASE("a frozen Redis behind TLS is waited for no longer than a plain one, and found again") {
  const EncryptedRedis redis;
  Asked asked(redis.address(), redis.ca, 300ms);
  REQUIRE(wait_until([&] { return asked.works(); }));
  redis.server->signal(SIGSTOP);
  const auto begun = std::chrono::steady_clock::now();
  CHECK_FALSE(asked.works());
  CHECK(std::chrono::steady_clock::now() - begun < 3s);
  redis.server->signal(SIGCONT);
  CHECK(wait_until([&] { return asked.works(); }));
}

TEST_CASE("a bell is heard over TLS") {
  const EncryptedRedis redis;
  Asked one(redis.address(), redis.ca);
  Asked other(redis.address(), redis.ca);
  REQUIRE(wait_until([&] { return one.works() && other.works(); }));
  std::atomic<int> heard{0};
  const auto listening = make_bell(one.client, "bell", [&] { ++heard; });
  REQUIRE(wait_until([&] { return heard > 0; }));  // it listens from now on
  const auto ringing = make_bell(other.client, "bell", {});
  const int before = heard;
  ringing->ring();
  CHECK(wait_until([&] { return heard > before; }));
}

TEST_CASE("authorities that can't be read are refused at the start") {
  const aforro::test::TemporaryFolder folder;
  write(folder / "empty.pem", "no certificate\n");
  for (const std::filesystem::path& file : {folder / "empty.pem", folder / "none.pem"}) {
    CAPTURE(file);
    CHECK_THROWS_AS(TlsAuthorities{file.string()}, aforro::Problem);
  }
}

}  // namespace
