#include "http/client_address.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::string_view_literals;
using namespace aforro::http;  // NOLINT: all of it is under test

TrustedProxies trusting(std::initializer_list<std::string_view> networks) {
  TrustedProxies trusted;
  for (const std::string_view network : networks) REQUIRE(trusted.add(network));
  return trusted;
}

std::string key(const TrustedProxies& trusted, std::string_view peer,
                const std::vector<std::string_view>& forwarded_for = {}) {
  return client_key(trusted, peer, forwarded_for);
}

TEST_CASE("an IPv4 client is its address, an IPv6 one its /64") {
  const TrustedProxies none;
  CHECK(key(none, "192.0.2.1") == "192.0.2.1");
  CHECK(key(none, "2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(key(none, "2001:db8:1:2::") == key(none, "2001:db8:1:2:ffff::1"));
  CHECK(key(none, "2001:db8:1:2::") != key(none, "2001:db8:1:3::"));
  CHECK(key(none, "::1") == "::/64");
}

TEST_CASE("an IPv4 address mapped into IPv6 counts as itself, and not as a network") {
  const TrustedProxies none;
  CHECK(key(none, "::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(key(none, "::ffff:c000:0201") == "192.0.2.1");
  CHECK(key(none, "::ffff:192.0.2.1") != key(none, "::ffff:192.0.2.2"));
  CHECK(trusting({"192.0.2.1"}).trusts("::ffff:192.0.2.1"));
  CHECK(trusting({"::ffff:192.0.2.1"}).trusts("192.0.2.1"));
}

TEST_CASE("what a peer claims counts for nothing unless it is trusted") {
  CHECK(key(TrustedProxies(), "192.0.2.1", {"198.51.100.7"}) == "192.0.2.1");
  CHECK(key(trusting({"10.0.0.1"}), "192.0.2.1", {"198.51.100.7"}) == "192.0.2.1");
}

TEST_CASE("a trusted proxy names its client, which it noted last") {
  const TrustedProxies trusted = trusting({"10.0.0.1"});
  CHECK(key(trusted, "10.0.0.1", {"198.51.100.7"}) == "198.51.100.7");
  CHECK(key(trusted, "10.0.0.1", {"forged", "203.0.113.9", "198.51.100.7"}) == "198.51.100.7");
  CHECK(key(trusted, "10.0.0.1", {"10.0.0.1", "198.51.100.7"}) == "198.51.100.7");
  CHECK(key(trusted, "10.0.0.1") == "10.0.0.1");
}

TEST_CASE("through a chain of trusted proxies the walk goes back to the first that is not") {
  const TrustedProxies trusted = trusting({"10.0.0.0/8", "fd00::/8"});
  CHECK(key(trusted, "10.0.0.1", {"1.1.1.1", "198.51.100.7", "fd00::2", "10.9.9.9"}) == "198.51.100.7");
  CHECK(key(trusted, "10.0.0.1", {"10.0.0.3", "10.0.0.2"}) == "10.0.0.3");
  CHECK(key(trusted, "10.0.0.1", {"2001:db8::9", "10.0.0.2"}) == "2001:db8::/64");
}

TEST_CASE("what is no address ends the walk at the last that was one") {
  const TrustedProxies trusted = trusting({"10.0.0.0/8"});
  CHECK(key(trusted, "10.0.0.1", {"198.51.100.7", "unknown"}) == "10.0.0.1");
  CHECK(key(trusted, "10.0.0.1", {"198.51.100.7", "_hidden", "10.0.0.2"}) == "10.0.0.2");
  CHECK(key(trusted, "10.0.0.1", {"198.51.100.7\0x"sv}) == "10.0.0.1");
}

TEST_CASE("an address that a proxy noted may have brackets and a port") {
  const TrustedProxies trusted = trusting({"10.0.0.1"});
  CHECK(key(trusted, "10.0.0.1", {"198.51.100.7:5678"}) == "198.51.100.7");
  CHECK(key(trusted, "10.0.0.1", {"[2001:db8::1]"}) == "2001:db8::/64");
  CHECK(key(trusted, "10.0.0.1", {"[2001:db8::1]:5678"}) == "2001:db8::/64");
  for (const std::string_view broken : {"[2001:db8::1", "[2001:db8::1]x", "[2001:db8::1]:x", "198.51.100.7:",
                                        "198.51.100.7:99999", "198.51.100.7:-1", "[]", ":5678"}) {
    CAPTURE(broken);
    CHECK(key(trusted, "10.0.0.1", {broken}) == "10.0.0.1");
  }
}

TEST_CASE("a peer without an address is itself") {
  CHECK(key(TrustedProxies(), "") == "");
  CHECK(key(TrustedProxies(), "socket") == "socket");
  CHECK(key(trusting({"0.0.0.0/0", "::/0"}), "socket", {"198.51.100.7"}) == "socket");
}

TEST_CASE("all who come by a Unix socket are one client, unless the socket is trusted to name them") {
  CHECK(key(TrustedProxies(), "unix", {"198.51.100.7"}) == "unix");
  CHECK(key(trusting({"0.0.0.0/0", "::/0"}), "unix", {"198.51.100.7"}) == "unix");
  const TrustedProxies trusted = trusting({"unix"});
  CHECK(trusted.trusts("unix"));
  CHECK(!trusted.trusts("127.0.0.1"));
  CHECK(key(trusted, "unix") == "unix");
  CHECK(key(trusted, "unix", {"198.51.100.7"}) == "198.51.100.7");
  CHECK(key(trusted, "unix", {"203.0.113.9", "198.51.100.7"}) == "198.51.100.7");
  CHECK(key(trusted, "unix", {"198.51.100.7", "unknown"}) == "unix");
  CHECK(key(trusted, "192.0.2.1", {"198.51.100.7"}) == "192.0.2.1");
  CHECK(key(trusting({"unix", "10.0.0.0/8"}), "unix", {"198.51.100.7", "10.0.0.2"}) == "198.51.100.7");
}

TEST_CASE("a proxy that was reached by a Unix socket itself notes it as unix:, and the walk goes on") {
  CHECK(key(trusting({"unix"}), "unix", {"198.51.100.7", "unix:"}) == "198.51.100.7");
  CHECK(key(trusting({"unix"}), "unix", {"unix:"}) == "unix");
  CHECK(key(trusting({"unix"}), "unix", {"203.0.113.9", "unix:", "198.51.100.7"}) == "198.51.100.7");
  CHECK(key(trusting({"10.0.0.1"}), "10.0.0.1", {"198.51.100.7", "unix:"}) == "10.0.0.1");
}

TEST_CASE("a network holds what begins with its bits, to the bit") {
  const TrustedProxies trusted = trusting({"10.20.128.0/17", "2001:db8:8000::/33", "192.0.2.1/32"});
  CHECK(trusted.trusts("10.20.128.0"));
  CHECK(trusted.trusts("10.20.255.255"));
  CHECK(!trusted.trusts("10.20.127.255"));
  CHECK(!trusted.trusts("10.21.128.0"));
  CHECK(trusted.trusts("2001:db8:ffff::1"));
  CHECK(!trusted.trusts("2001:db8:7fff::1"));
  CHECK(trusted.trusts("192.0.2.1"));
  CHECK(!trusted.trusts("192.0.2.0"));
  CHECK(!trusted.trusts("nobody"));
  CHECK(!trusted.trusts(""));
}

TEST_CASE("a network of everything of one family is none of the other") {
  CHECK(trusting({"0.0.0.0/0"}).trusts("203.0.113.9"));
  CHECK(!trusting({"0.0.0.0/0"}).trusts("2001:db8::1"));
  CHECK(trusting({"::/0"}).trusts("2001:db8::1"));
  CHECK(!trusting({"::/0"}).trusts("203.0.113.9"));
}

TEST_CASE("a network that is none is refused") {
  TrustedProxies trusted;
  for (const std::string_view network :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/x",
        "::/129", "fe80::1%lo", "localhost", "10.0.0.1:80", "[::1]", "10.0.0.1 ", "10.0.0.256",
        "unix:", "Unix", "unix/8", "::ffff:10.0.0.0/104"}) {
    CAPTURE(network);
    CHECK(!trusted.add(network));
  }
  CHECK(!trusted.trusts("10.0.0.1"));
}

}  // namespace
