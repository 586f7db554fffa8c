#include "http/listen_address.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace std::string_view_literals;
using namespace aforro::http;  // NOLINT: all of it is under test

std::string heard(std::string_view text) {
  const auto address = parse_listen_address(text);
  if (!address) return "refused";
  if (const auto* const socket = std::get_if<UnixAddress>(&*address)) return "socket " + socket->path;
  const auto& tcp = std::get<TcpAddress>(*address);
  return tcp.host + " " + std::to_string(tcp.port);
}

TEST_CASE("an address to listen on is a host and a port") {
  CHECK(heard("127.0.0.1:8000") == "127.0.0.1 8000");
  CHECK(heard("localhost:0") == "localhost 0");
  CHECK(heard("shop.example:65535") == "shop.example 65535");
  CHECK(heard("0.0.0.0:80") == "0.0.0.0 80");
}

TEST_CASE("a port alone is of this machine, one behind a colon of all its addresses") {
  CHECK(heard("8000") == "127.0.0.1 8000");
  CHECK(heard("0") == "127.0.0.1 0");
  CHECK(heard(":8000") == "0.0.0.0 8000");
}

TEST_CASE("an IPv6 address stands in brackets, and nothing else does") {
  CHECK(heard("[::1]:8000") == "::1 8000");
  CHECK(heard("[fe80::1%eth0]:80") == "fe80::1%eth0 80");
  for (const std::string_view text : {"::1:8000", "[::1]", "[]:80", "[::1:80", "::1]:80", "[127.0.0.1]:80",
                                      "[localhost]:80", "[::1]]:80", "[[::1]:80", "[1]]:80"}) {
    CAPTURE(text);
    CHECK(heard(text) == "refused");
  }
}

TEST_CASE("what has no port, or one that cannot be, is refused") {
  for (const std::string_view text :
       {""sv, ":"sv, ":x"sv, "65536"sv, ":65536"sv, "-1"sv, "localhost"sv, "localhost:"sv, "localhost:x"sv,
        "localhost:-1"sv, "localhost:65536"sv, "localhost: 80"sv, " localhost:80"sv, "local host:80"sv,
        "http://localhost:80"sv, "user@localhost:80"sv, "localhost/:80"sv, "localhost\0:80"sv,
        "caf\xC3\xA9:80"sv}) {
    CAPTURE(text);
    CHECK(heard(text) == "refused");
  }
}

TEST_CASE("unix: and a path is a Unix socket, whatever is in the path") {
  CHECK(heard("unix:aforro.sock") == "socket aforro.sock");
  CHECK(heard("unix:/run/shop/aforro.sock") == "socket /run/shop/aforro.sock");
  CHECK(heard("unix:../a b:80") == "socket ../a b:80");
  CHECK(heard("unix:8000") == "socket 8000");
  CHECK(heard("unix:caf\xC3\xA9") == "socket caf\xC3\xA9");
}

TEST_CASE("a path that is none, or that could not be told on one line, is refused") {
  for (const std::string_view text :
       {"unix:"sv, "unix"sv, "unix:@aforro"sv, "unix:a\0b"sv, "unix:a\nb"sv, "unix:\tb"sv, "unix:a\x7F"sv}) {
    CAPTURE(text);
    CHECK(heard(text) == "refused");
  }
}

TEST_CASE("the mode of a socket is the permissions of a file in octal") {
  CHECK(parse_socket_mode("660") == 0660U);
  CHECK(parse_socket_mode("0660") == 0660U);
  CHECK(parse_socket_mode("0") == 0U);
  CHECK(parse_socket_mode("777") == 0777U);
  for (const std::string_view text : {""sv, "8"sv, "680"sv, "1660"sv, "4755"sv, "00660"sv, "-660"sv, "+660"sv,
                                      " 660"sv, "660 "sv, "0o660"sv, "0x1FF"sv, "rw-rw----"sv, "66\0"sv}) {
    CAPTURE(text);
    CHECK(parse_socket_mode(text) == std::nullopt);
  }
}

TEST_CASE("an address is written as a link, and a socket as one asks for it") {
  CHECK(to_string(*parse_listen_address("localhost:8000")) == "http://localhost:8000");
  CHECK(to_string(*parse_listen_address("[::1]:80")) == "http://[::1]:80");
  CHECK(to_string(*parse_listen_address("unix:/run/aforro.sock")) == "unix:/run/aforro.sock");
  CHECK(to_string(ListenAddress(InheritedSocket{3})) == "descriptor 3");
}

}  // namespace
