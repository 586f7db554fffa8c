// `aforro serve` with a certificate: what it says of the files, and SIGHUP.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "support/certificate.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/program.h"
#include "support/server.h"
#include "support/temporary_folder.h"
#include "support/tls_client.h"
#include "support/wait_until.h"

using namespace aforro::test;

namespace {

const std::string kRequest = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kAnswer = R"({"status":"ok"})";

struct Place {
  TemporaryFolder folder;
  Certificate certificate = make_certificate();
  std::string certificate_file = folder.write("cert.pem", certificate.pem).string();
  std::string key_file = folder.write("key.pem", certificate.key).string();

  std::vector<std::string> options() const { return {"--tls-cert", certificate_file, "--tls-key", key_file}; }
  ProgramResult serve(const std::vector<std::string>& options) const {
    std::vector<std::string> command{"serve", "--listen", "127.0.0.1:0"};
    command.insert(command.end(), options.begin(), options.end());
    return run_program(command, {.folder = folder.path()});
  }
};

bool answers(const Server& server, const Certificate& certificate) {
  try {
    TlsClient client(server.port(), certificate.pem);
    client.send(kRequest);
    return client.receive_until(kAnswer).starts_with("HTTP/1.1 200");
  } catch (const TlsFault&) {
    return false;
  }
}

}  // namespace

TEST_CASE("a server with a certificate speaks HTTPS, and reads its files anew at SIGHUP") {
  const Place place;
  Server server(place.folder / "shop.db", place.options());
  CHECK(server.url().starts_with("https://"));
  CHECK(answers(server, place.certificate));

  TlsClient kept(server.port(), place.certificate.pem);
  const Certificate next = make_certificate();
  place.folder.write("cert.pem", next.pem);
  place.folder.write("key.pem", next.key);
  ::kill(server.pid(), SIGHUP);
  CHECK(wait_until([&] { return answers(server, next); }));
  CHECK(!answers(server, place.certificate));
  kept.send(kRequest);
  CHECK(kept.receive_until(kAnswer).starts_with("HTTP/1.1 200"));
  CHECK(has(server.log(), "tls_reloaded"));

  place.folder.write("key.pem", "no key");
  ::kill(server.pid(), SIGHUP);
  CHECK(wait_until([&] { return has(server.log(), "tls_not_reloaded"); }));
  CHECK(has(server.log(), "there is no private key in it"));
  std::filesystem::remove(place.key_file);
  REQUIRE(::mkfifo(place.key_file.c_str(), 0600) == 0);
  ::kill(server.pid(), SIGHUP);
  CHECK(wait_until([&] { return has(server.log(), "is no regular file"); }));
  CHECK(answers(server, next));
  CHECK(server.stop() == 0);
}

TEST_CASE("the files may be settings, too") {
  const Place place;
  Setting setting;
  setting.environment = {{"AFORRO_TLS_CERT", place.certificate_file}, {"AFORRO_TLS_KEY", place.key_file}};
  Server server(place.folder / "shop.db", {}, setting);
  CHECK(answers(server, place.certificate));
  CHECK(server.stop() == 0);
}

TEST_CASE(
    "servers of tests speak HTTPS where that is asked for, but not where the test says what is spoken") {
  const Place place;
  ::setenv("AFORRO_TEST_TLS", "1", 1);
  Server encrypted(place.folder / "shop.db");
  Server on_socket(place.folder / "shop.db", {"--listen", "unix:" + (place.folder / "socket").string()});
  Server given(place.folder / "shop.db", place.options());
  ::unsetenv("AFORRO_TEST_TLS");
  CHECK(encrypted.url().starts_with("https://"));
  CHECK(HttpClient(encrypted.port()).get("/livez").body == kAnswer);
  CHECK(!answers(encrypted, place.certificate));
  CHECK(HttpClient(on_socket.socket()).get("/livez").body == kAnswer);
  CHECK(answers(given, place.certificate));
}

TEST_CASE("without a certificate SIGHUP is no end") {
  const Place place;
  Server server(place.folder / "shop.db");
  ::kill(server.pid(), SIGHUP);
  CHECK(!wait_until([&] { return !server.is_running(); }, std::chrono::milliseconds(300)));
  CHECK(server.stop() == 0);
}

TEST_CASE("files that are no certificate, or not its key, are refused before anything is served") {
  const Place place;
  const auto check_refused = [](const ProgramResult& result, int status, const std::string& why) {
    INFO("it wrote: ", result.err);
    CHECK(result.exit_status == status);
    CHECK(has(result.err, why));
    CHECK(result.out.empty());
  };
  check_refused(place.serve({"--tls-cert", place.certificate_file}), 2,
                "--tls-cert and --tls-key go together");
  check_refused(place.serve({"--tls-key", place.key_file}), 2, "--tls-cert and --tls-key go together");
  check_refused(place.serve({"--tls-cert", "-", "--tls-key", place.key_file}), 2, "must be files");
  check_refused(place.serve({"--tls-cert", "nowhere.pem", "--tls-key", place.key_file}), 1, "nowhere.pem");
  check_refused(place.serve({"--tls-cert", place.key_file, "--tls-key", place.key_file}), 1,
                "there is no certificate in it");
  check_refused(place.serve({"--tls-cert", place.certificate_file, "--tls-key", place.certificate_file}), 1,
                "there is no private key in it");
  const std::string pipe = (place.folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  check_refused(place.serve({"--tls-cert", place.certificate_file, "--tls-key", pipe}), 1, "no regular file");
  const std::string other = place.folder.write("other.pem", make_certificate().key).string();
  check_refused(place.serve({"--tls-cert", place.certificate_file, "--tls-key", other}), 1,
                "the key is not that of");
}

TEST_CASE("a certificate that has expired, or soon will, is remarked upon") {
  const Place place;
  const auto said = [&](int days) {
    const Certificate certificate = make_certificate(days);
    place.folder.write("cert.pem", certificate.pem);
    place.folder.write("key.pem", certificate.key);
    Server server(place.folder / "shop.db", place.options());
    return server.log();
  };
  CHECK(has(said(-1), "has expired"));
  CHECK(has(said(3), "expires within 3 days"));
}
