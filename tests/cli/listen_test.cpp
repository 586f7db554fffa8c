// Where a server listens other than on a port: on a Unix socket, or on a socket that was handed over to it.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"

using namespace aforro::test;
using aforro::Descriptor;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSuggest = "/api/search/suggest/?q=mug";

// A shop whose servers work in its folder.
struct Place {
  TemporaryFolder folder;
  Location database = make_database(Goods::corner, folder);

  Setting setting() const { return {.folder = folder.path(), .timeout = std::chrono::seconds(20)}; }
  ProgramResult serve(std::vector<std::string> options, const Setting& setting) const {
    options.insert(options.begin(), {"serve", "--database", database.string()});
    return run_program(options, setting);
  }
  ProgramResult serve(const std::vector<std::string>& options) const { return serve(options, setting()); }
  std::unique_ptr<Server> server(const std::vector<std::string>& options) const {
    return std::make_unique<Server>(database, options, setting());
  }
  fs::path socket() const { return folder / "aforro.sock"; }
};

Descriptor listening_on(const fs::path& path, int type = SOCK_STREAM) {
  Descriptor made(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  if (type == SOCK_STREAM) REQUIRE(::listen(made.get(), 100) == 0);
  return made;
}

Descriptor listening_on_port() {
  Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(made.get(), 100) == 0);
  return made;
}

void check_usage(const ProgramResult& result, std::string_view why, int line = __builtin_LINE()) {
  INFO("line ", line, ": ", result.err);
  CHECK(result.exit_status == 2);
  CHECK(result.out.empty());
  CHECK(has(result.err, why));
}

// How often it is let through before it is refused, asking for each of these in turn.
int asked_until_refused(HttpClient& client, const std::vector<std::string>& forwarded_for) {
  for (int asked = 0; asked < 100; ++asked) {
    const std::string& address = forwarded_for[static_cast<std::size_t>(asked) % forwarded_for.size()];
    if (client.get(kSuggest, {{"X-Forwarded-For", address}}).status != 200) return asked;
  }
  return 100;
}

}  // namespace

TEST_CASE("a shop is served on a Unix socket, whose file comes and goes with the server") {
  const Place place;
  const auto server = place.server({"--listen", "unix:aforro.sock"});
  CHECK(server->socket() == place.socket());
  struct stat made {};
  REQUIRE(::lstat(place.socket().c_str(), &made) == 0);
  CHECK((made.st_mode & 07777U) == 0660U);

  HttpClient client(place.socket());
  const auto cat = query_number(place.database, "SELECT id FROM products WHERE sku = 'CAT'");
  const HttpResponse order = client.post("/orders/", order_body(1, {{cat, 1}}));
  CHECK(order.status == 201);
  CHECK(parse(client.get(order.header("Location").value_or("")))["total_quantity"] == 1);
  CHECK(parse(client.get("/api/search/products/?page_size=1"))["count"].get<int>() > 1);
  CHECK(client.connections() == 1);

  CHECK(server->stop() == 0);
  CHECK(!fs::exists(fs::symlink_status(place.socket())));
  CHECK_THROWS_AS(HttpClient(place.socket()).get("/livez"), HttpFault);
}

TEST_CASE("links on a Unix socket are of the host that was asked for") {
  const Place place;
  const auto server = place.server({"--listen", "unix:" + place.socket().string()});
  HttpClient client(place.socket());
  const HttpResponse page =
      client.raw("GET /api/search/products/?page_size=1 HTTP/1.1\r\nHost: shop.example\r\n\r\n");
  CHECK(parse(page)["next"].get<std::string>().starts_with("http://shop.example/api/search/products/?"));
  const HttpResponse old = client.raw("GET /api/search/products/?page_size=1 HTTP/1.0\r\n\r\n");
  CHECK(parse(old)["next"].get<std::string>().starts_with("http://localhost/api/search/products/?"));
}

TEST_CASE("the socket and its mode are settings") {
  const Place place;
  Setting setting = place.setting();
  setting.environment = {{"AFORRO_LISTEN", "unix:aforro.sock"}, {"AFORRO_SOCKET_MODE", "600"}};
  Program program({"serve", "--database", place.database.string()}, setting);
  wait_for_output(program, "database: ");
  CHECK(program.out().starts_with("listening on unix:" + place.socket().string() + "\n"));
  struct stat made {};
  REQUIRE(::lstat(place.socket().c_str(), &made) == 0);
  CHECK((made.st_mode & 07777U) == 0600U);
  CHECK(HttpClient(place.socket()).get("/livez").status == 200);
  program.signal(SIGTERM);
  CHECK(program.finish().exit_status == 0);
}

TEST_CASE("a mode that is none is wrong usage, and so is one of no socket") {
  const Place place;
  for (const std::string mode : {"8", "1660", "rw", "-1", "0x1FF", "66 0"}) {
    CAPTURE(mode);
    check_usage(place.serve({"--listen", "unix:aforro.sock", "--socket-mode=" + mode}), "--socket-mode");
  }
  check_usage(place.serve({"--listen", "127.0.0.1:0", "--socket-mode", "600"}), "unix:aforro.sock");
  CHECK(!fs::exists(place.socket()));
}

TEST_CASE("a path that can't be a socket is refused, and what is there stays") {
  const Place place;
  for (const std::string none : {"unix:", "unix:@aforro"}) {
    CAPTURE(none);
    check_usage(place.serve({"--listen", none}), "--listen must be");
  }
  const std::string too_long(120, 'x');
  check_refused(place.serve({"--listen", "unix:" + too_long}), "107 bytes");
  check_refused(place.serve({"--listen", "unix:no/aforro.sock"}), "No such file or directory");
  place.folder.write("aforro.sock", "precious");
  check_refused(place.serve({"--listen", "unix:aforro.sock"}), "is no socket");
  CHECK(read_file(place.socket()) == "precious");
  fs::create_directory(place.folder / "mine");
  fs::permissions(place.folder / "mine", fs::perms(0500));
  check_refused(place.serve({"--listen", "unix:mine/aforro.sock"}), "Permission denied");
  fs::permissions(place.folder / "mine", fs::perms(0700));
}

TEST_CASE("a socket on which a server listens is refused, one that a killed server has left is taken") {
  const Place place;
  auto server = place.server({"--listen", "unix:aforro.sock"});
  for (int i = 0; i < 3; ++i)
    check_refused(place.serve({"--listen", "unix:aforro.sock"}), "another server listens there");
  CHECK(HttpClient(place.socket()).get("/livez").status == 200);
  server->kill();
  CHECK(fs::exists(fs::symlink_status(place.socket())));
  server = place.server({"--listen", "unix:aforro.sock"});
  CHECK(HttpClient(place.socket()).get("/livez").status == 200);
  CHECK(server->stop() == 0);
  CHECK(!fs::exists(fs::symlink_status(place.socket())));
}

TEST_CASE("a server that stops leaves the socket of the one that took its place") {
  const Place place;
  const auto first = place.server({"--listen", "unix:aforro.sock"});
  fs::remove(place.socket());
  const auto second = place.server({"--listen", "unix:aforro.sock"});
  CHECK(first->stop() == 0);
  CHECK(HttpClient(place.socket()).get("/livez").status == 200);
  CHECK(second->stop() == 0);
}

TEST_CASE("a server on a Unix socket stops at once, however many clients are connected and ask for nothing") {
  const Place place;
  const auto server = place.server({"--listen", "unix:aforro.sock"});
  std::vector<HttpClient> idle;
  for (int i = 0; i < 300; ++i) {
    idle.emplace_back(place.socket());
    CHECK(idle.back().get("/livez").status == 200);
  }
  HttpClient silent(place.socket());
  silent.send("");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(server->stop() == 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  for (HttpClient& client : idle) CHECK_THROWS_AS(client.receive(), HttpFault);
}

TEST_CASE("all clients of a Unix socket share one limit, and the log says once what is passed over") {
  const Place place;
  const auto server = place.server({"--listen", "unix:aforro.sock"});
  HttpClient client(place.socket());
  CHECK(asked_until_refused(client, {"198.51.100.1", "198.51.100.2"}) == 20);
  HttpClient another(place.socket());
  CHECK(another.get(kSuggest).status == 429);
  const std::string log = server->log();
  const std::size_t told = log.find("proxy_is_not_trusted");
  REQUIRE(told != std::string::npos);
  CHECK(log.find("proxy_is_not_trusted", told + 1) == std::string::npos);
  CHECK(has(log, "--trusted-proxy unix"));
}

TEST_CASE("with --trusted-proxy unix each client that a proxy names has a limit of its own") {
  const Place place;
  const auto server = place.server({"--listen", "unix:aforro.sock", "--trusted-proxy", "unix"});
  HttpClient client(place.socket());
  CHECK(asked_until_refused(client, {"198.51.100.1", "198.51.100.2"}) == 40);
  CHECK(client.get(kSuggest, {{"X-Forwarded-For", "198.51.100.2, 198.51.100.3"}}).status == 200);
  CHECK(client.get(kSuggest, {{"X-Forwarded-For", "198.51.100.3, 198.51.100.2"}}).status == 429);
  CHECK(client.get(kSuggest).status == 200);
  const HttpResponse page = client.get("/api/search/products/?page_size=1", {{"X-Forwarded-Proto", "https"}});
  CHECK(parse(page)["next"].get<std::string>().starts_with("https://"));
  CHECK(!has(server->log(), "proxy_is_not_trusted"));
}

// --- A socket that is handed over ---

TEST_CASE("a socket that was handed over is served, a Unix one and one of a port") {
  const Place place;
  for (const bool is_unix : {true, false}) {
    CAPTURE(is_unix);
    const Descriptor socket = is_unix ? listening_on(place.socket()) : listening_on_port();
    Setting setting = place.setting();
    setting.handed_over = socket.get();
    Server server(place.database, {}, setting);
    CHECK((server.port() == 0) == is_unix);
    HttpClient client = is_unix ? HttpClient(place.socket()) : HttpClient(server.port());
    CHECK(client.get("/livez").status == 200);
    CHECK(parse(client.get("/api/stores/")).size() == 3);
    CHECK(server.stop() == 0);
  }
  CHECK(fs::exists(fs::symlink_status(place.socket())));
}

TEST_CASE("who connects between two servers of one handed-over socket is answered by the second") {
  const Place place;
  const Descriptor socket = listening_on(place.socket());
  Setting setting = place.setting();
  setting.handed_over = socket.get();
  auto server = std::make_unique<Server>(place.database, std::vector<std::string>(), setting);
  CHECK(HttpClient(place.socket()).get("/livez").status == 200);
  CHECK(server->stop() == 0);
  HttpClient early(place.socket());
  early.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  server = std::make_unique<Server>(place.database, std::vector<std::string>(), setting);
  CHECK(early.receive().status == 200);
  CHECK(server->stop() == 0);
}

TEST_CASE("what is handed over and no listening stream socket is refused") {
  const Place place;
  const Descriptor datagrams = listening_on(place.folder / "datagrams", SOCK_DGRAM);
  std::array<int, 2> pair{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) == 0);
  const Descriptor one(pair[0]);
  const Descriptor other(pair[1]);
  const Descriptor file(::open(place.database.string().c_str(), O_RDONLY | O_CLOEXEC));
  Setting setting = place.setting();
  const auto serve_on = [&](const Descriptor& socket) {
    setting.handed_over = socket.get();
    return place.serve({}, setting);
  };
  check_refused(serve_on(datagrams), "descriptor 3");
  check_refused(serve_on(one), "Accept=yes");
  check_refused(serve_on(file), "Socket operation on non-socket");
}

TEST_CASE("more than one socket, and an address beside one, are wrong usage") {
  const Place place;
  const Descriptor socket = listening_on(place.socket());
  Setting setting = place.setting();
  setting.handed_over = socket.get();
  check_usage(place.serve({"--listen", "127.0.0.1:0"}, setting), "--listen");
  setting.environment = {{"AFORRO_LISTEN", "127.0.0.1:0"}};
  check_usage(place.serve({}, setting), "AFORRO_LISTEN");
  setting.environment = {};
  check_usage(place.serve({"--socket-mode", "600"}, setting), "--socket-mode");
  for (const std::string count : {"2", "0", "-1", "one", "1 ", "99999999999999999999"}) {
    CAPTURE(count);
    setting.environment = {{"LISTEN_FDS", count}};
    check_usage(place.serve({}, setting), "LISTEN_FDS");
  }
}

TEST_CASE("what is meant for another process is passed over, with a note") {
  const Place place;
  for (const std::string pid : {"1", "0", "x", "99999999999999999999"}) {
    CAPTURE(pid);
    Setting setting = place.setting();
    setting.environment = {{"LISTEN_PID", pid}, {"LISTEN_FDS", "1"}};
    const Server server(place.database, {"--listen", "127.0.0.1:0"}, setting);
    CHECK(HttpClient(server.port()).get("/livez").status == 200);
    CHECK(has(server.log(), "note: LISTEN_FDS is passed over"));
  }
}
