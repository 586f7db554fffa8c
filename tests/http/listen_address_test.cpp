#include "http/listen_address.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using aforro::http::parse_listen_address;

std::string heard(std::string_view text) {
  const auto address = parse_listen_address(text);
  return address ? address->host + " " + std::to_string(address->port) : "refused";
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

TEST_CASE("an address is written as a link, with the port that it got") {
  CHECK(parse_listen_address("localhost:0")->url(8'000) == "http://localhost:8000");
  CHECK(parse_listen_address("[::1]:0")->url(80) == "http://[::1]:80");
}

}  // namespace
