#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "support/database_file.h"
#include "support/expect_program.h"
#include "support/http_client.h"
#include "support/json.h"
#include "support/program.h"
#include "support/server.h"
#include "support/shop.h"
#include "support/temporary_folder.h"
#include "support/wait_until.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

ProgramResult serve(const Location& database, std::vector<std::string> options) {
  options.insert(options.begin(), {"serve", "--database", database.string()});
  return run_program(options, {.timeout = std::chrono::seconds(20)});
}

// A socket of someone else that listens on a port of 127.0.0.1.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket_, 1) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace

TEST_CASE("a server that can't keep large bodies where it was told to makes no shop") {
  const TemporaryFolder folder;
  const std::string database = (folder / "new.db").string();
  check_refused(run_program({"serve", "--listen", "127.0.0.1:0", "--database", database, "--spool",
                             (folder / "none").string(), "--seed-if-empty"}),
                "none can't keep large bodies");
  CHECK(!std::filesystem::exists(database));
}

TEST_CASE("a port in use is refused, whoever uses it, and the one who does goes on") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  const Listener other;
  check_refused(serve(database, {"--listen", "127.0.0.1:" + std::to_string(other.port())}), "--listen");

  Server server(database);
  HttpClient client(server.port());
  CHECK(client.get("/livez").status == 200);
  const TemporaryFolder another;
  const Location free = make_database(Goods::corner, another);
  for (int i = 0; i < 3; ++i) {
    const ProgramResult second = serve(free, {"--listen", "127.0.0.1:" + std::to_string(server.port())});
    check_refused(second, "--listen");
    CHECK(has(second.err, std::to_string(server.port())));
  }
  for (int i = 0; i < 20; ++i) CHECK(HttpClient(server.port()).get("/livez").status == 200);
  CHECK(server.stop() == 0);
}

TEST_CASE("a port is free again as soon as its server has ended") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  int port = 0;
  {
    Server server(database);
    port = server.port();
    HttpClient client(port);
    CHECK(client.get("/livez").status == 200);
    CHECK(server.stop() == 0);
  }
  Server again(database, {"--listen", "127.0.0.1:" + std::to_string(port)});
  CHECK(again.port() == port);
  CHECK(HttpClient(port).get("/livez").status == 200);
  CHECK(again.stop() == 0);
}

TEST_CASE("an address that can't be listened on is refused") {
  const TemporaryFolder folder;
  const Location database = free_location(folder);
  for (const std::string address :
       {"192.0.2.1:0", "no.such.host.invalid:0", "999.1.1.1:0", "[2001:db8::1]:0"}) {
    CAPTURE(address);
    check_refused(serve(database, {"--listen", address}), "--listen");
  }
}

TEST_CASE("other names of this machine are listened on too") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  for (const std::string host : {"localhost", "127.0.0.2"}) {
    CAPTURE(host);
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) {  // as where there is no /etc/hosts
      MESSAGE("skipped: this machine does not know ", host);
      continue;
    }
    ::freeaddrinfo(found);
    Program program({"serve", "--database", database.string(), "--listen", host + ":0"});
    wait_for_output(program, "database: ");
    CHECK(program.out().starts_with("listening on http://" + host + ":"));
    program.signal(SIGTERM);
    CHECK(program.finish().exit_status == 0);
  }
}

TEST_CASE("--seed-if-empty seeds an empty database and leaves one that has something as it is") {
  const TemporaryFolder folder;
  {
    Server server(free_location(folder), {"--seed-if-empty"});
    CHECK(parse(HttpClient(server.port()).get("/api/stores/")).size() == 24);
    CHECK(server.stop() == 0);
  }
  const TemporaryFolder other;
  Server server(make_database(Goods::corner, other), {"--seed-if-empty"});
  CHECK(parse(HttpClient(server.port()).get("/api/stores/")).size() == 3);
  CHECK(server.stop() == 0);
}

TEST_CASE("two servers on one database see each other's orders") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  Server one(database);
  Server two(database);
  HttpClient client_one(one.port());
  HttpClient client_two(two.port());
  const std::string listing = "/stores/1/inventory/";
  const auto cat = query_number(database, "SELECT id FROM products WHERE sku = 'CAT'");
  const auto quantity_at = [&](HttpClient& client) { return parse(client.get(listing)).back()["quantity"]; };
  for (int sold = 1; sold <= 10; ++sold) {
    HttpClient& seller = sold % 2 == 0 ? client_one : client_two;
    CHECK(seller.post("/orders/", order_body(1, {{cat, 1}})).status == 201);
    CHECK(quantity_at(client_one) == 1'000 - sold);
    CHECK(quantity_at(client_two) == 1'000 - sold);
  }
  CHECK(one.stop() == 0);
  CHECK(client_two.post("/orders/", order_body(1, {{cat, 1}})).status == 201);
  CHECK(two.stop() == 0);
  check_ledger(database);
  check_verified(database);
}

TEST_CASE("Ctrl-C ends a server that is still waiting for its database, or seeding it") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::none, folder);
  const WriteLock lock(database);
  Program program({"serve", "--database", database.string(), "--listen", "127.0.0.1:0", "--seed-if-empty",
                   "--lock-timeout", "60"});
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  CHECK(program.out().empty());
  const auto begin = std::chrono::steady_clock::now();
  program.signal(SIGINT);
  CHECK(program.finish().exit_status == -SIGINT);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(3));
}

TEST_CASE("a server whose standard output is closed or full serves all the same") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  for (const char* const where : {"/dev/full", ""}) {
    CAPTURE(where);
    const int port = Listener().port();  // free again
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const int out = *where == '\0' ? ends[1] : ::open(where, O_WRONLY | O_CLOEXEC);
    ::close(ends[0]);  // nobody reads
    Process process({program_path().string(), "serve", "--database", database.string(), "--listen",
                     "127.0.0.1:" + std::to_string(port)},
                    {}, nothing, out, nothing);
    CHECK(wait_until([&] {
      try {
        return HttpClient(port).get("/livez").status == 200;
      } catch (const HttpFault&) {
        return false;
      }
    }));
    process.signal(SIGTERM);
    CHECK(process.wait(std::chrono::minutes(1)) == 0);
    for (const int file : {nothing, ends[1]}) ::close(file);
    if (out != ends[1]) ::close(out);
  }
}

TEST_CASE("a signal that comes as early as the greeting is not lost") {
  const TemporaryFolder folder;
  const Location database = make_database(Goods::corner, folder);
  for (int i = 0; i < 30; ++i) {
    Program program({"serve", "--database", database.string(), "--listen", "127.0.0.1:0"},
                    {.timeout = std::chrono::seconds(20)});
    while (program.out().empty()) std::this_thread::yield();
    program.signal(i % 2 == 0 ? SIGTERM : SIGINT);
    CHECK(program.finish().exit_status == 0);
  }
  for (int i = 0; i < 30; ++i) {  // or before anything was said
    Program program({"serve", "--database", database.string(), "--listen", "127.0.0.1:0"},
                    {.timeout = std::chrono::seconds(20)});
    std::this_thread::sleep_for(std::chrono::milliseconds(i));
    program.signal(SIGTERM);
    const int status = program.finish().exit_status;
    CHECK((status == 0 || status == -SIGTERM));
  }
  check_ledger(database);
  check_verified(database);
}
