// `aforro health`: whether a server is ready, by its exit status.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "base/descriptor.h"
#include "support/certificate.h"
#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using aforro::Descriptor;
using std::chrono::steady_clock;

namespace {

ProgramResult health(std::vector<std::string> arguments, const Setting& setting = {}) {
  arguments.insert(arguments.begin(), "health");
  return run_program(arguments, setting);
}

std::string local(int port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

TEST_CASE("a server that can take orders is ready, however it is named") {
  Shop shop(Goods::corner);
  const std::string address = local(shop.server().port());
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"http://" + address},
        {"http://" + address + "/"},
        {"--listen", address},
        {"--listen", "0.0.0.0:" + std::to_string(shop.server().port())}}) {
    CAPTURE(arguments.back());
    const ProgramResult result = health(arguments);
    CHECK(result.exit_status == 0);
    CHECK(result.out == "ready\n");
    CHECK(result.err.empty());
  }
  CHECK(health({"--json"}, {.environment = {{"AFORRO_LISTEN", address}}}).out == "{\"status\":\"ready\"}\n");
  // What the environment says of proxies is for the world outside.
  CHECK(health({"http://" + address}, {.environment = {{"http_proxy", "http://127.0.0.1:1"}}}).exit_status ==
        0);
}

TEST_CASE("a server on a Unix socket, and one with a certificate of its own, are asked as they are") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  const std::string socket = "unix:" + (folder / "aforro.sock").string();
  {
    const Server server(database, {"--listen", socket});
    CHECK(health({"--listen", socket}).exit_status == 0);
  }
  check_refused(health({"--listen", socket}), "aforro.sock does not answer");

  const Certificate certificate = make_certificate();
  const std::string file = folder.write("cert.pem", certificate.pem).string();
  const Server server(database,
                      {"--tls-cert", file, "--tls-key", folder.write("key.pem", certificate.key).string()});
  CHECK(
      health({"--listen", local(server.port())}, {.environment = {{"AFORRO_TLS_CERT", file}}}).exit_status ==
      0);
  // One that is named must be who it says it is.
  check_refused(health({"https://" + local(server.port())}), "does not answer");
}

TEST_CASE(
    "a server that is not there, is none or says nothing is not ready, which takes two seconds at most") {
  check_refused(health({"http://127.0.0.1:1"}), "127.0.0.1:1 does not answer");
  const Descriptor silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::listen(silent.get(), 5) == 0);
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto began = steady_clock::now();
  check_refused(health({"http://" + local(ntohs(address.sin_port))}), "does not answer");
  CHECK(steady_clock::now() - began < std::chrono::seconds(10));
}

TEST_CASE("a server that can store nothing says why it is not ready") {
  Shop shop(Goods::corner);
  std::filesystem::rename(shop.database().file(), shop.folder() / "moved.db");
  const std::string url = "http://" + local(shop.server().port());
  ProgramResult result = health({url});
  for (int i = 0; i < 50 && result.exit_status == 0; ++i) result = health({url});
  check_refused(result, "is not ready: 503, No order can be stored now");
  std::filesystem::rename(shop.folder() / "moved.db", shop.database().file());
}

TEST_CASE("what is no server is wrong usage") {
  for (const char* url : {"shop", "127.0.0.1:8000", "ftp://127.0.0.1", "file:///etc/passwd",
                          "http://127.0.0.1:1/livez", "http://127.0.0.1:1#", "http://127.0.0.1:1/?a=b"}) {
    CAPTURE(url);
    const ProgramResult result = health({url}, {.timeout = std::chrono::seconds(20)});
    CHECK(result.exit_status == 2);
  }
  CHECK(health({"--listen", "nowhere"}).exit_status == 2);
}
