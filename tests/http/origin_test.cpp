#include "http/origin.h"

#include <doctest/doctest.h>

#include <string>

using aforro::http::parse_origin;

namespace {

TEST_CASE("an origin is written as browsers write it, however it was typed") {
  CHECK(parse_origin("https://shop.example.org") == "https://shop.example.org");
  CHECK(parse_origin("HTTPS://Shop.Example.ORG") == "https://shop.example.org");
  CHECK(parse_origin("https://shop.example.org/") == "https://shop.example.org");
  CHECK(parse_origin("https://shop.example.org:443") == "https://shop.example.org");
  CHECK(parse_origin("http://shop.example.org:80/") == "http://shop.example.org");
  CHECK(parse_origin("http://[::1]:80") == "http://[::1]");
  CHECK(parse_origin("https://shop.example.org:") == "https://shop.example.org");
  CHECK(parse_origin("https://shop.example.org:/") == "https://shop.example.org");
  CHECK(parse_origin("http://shop.example.org:080") == "http://shop.example.org");
  CHECK(parse_origin("https://shop.example.org:080") == "https://shop.example.org:80");
  CHECK(parse_origin("http://localhost:0000003000") == "http://localhost:3000");
  CHECK(parse_origin("http://[::1]:") == "http://[::1]");
}

TEST_CASE("an address of an origin is written as browsers write it") {
  CHECK(parse_origin("http://[0:0:0:0:0:0:0:1]:3000") == "http://[::1]:3000");
  CHECK(parse_origin("http://[2001:DB8:0:0:1:0:0:1]") == "http://[2001:db8::1:0:0:1]");
  CHECK(parse_origin("http://[2001:0db8:0000:0000:0000:0000:0000:0000]") == "http://[2001:db8::]");
  CHECK(parse_origin("http://[1:0:2:3:4:5:6:7]") == "http://[1:0:2:3:4:5:6:7]");
  CHECK(parse_origin("http://[1:0:0:2:0:0:0:7]") == "http://[1:0:0:2::7]");
  CHECK(parse_origin("http://[::]") == "http://[::]");
  CHECK(parse_origin("http://[::ffff:127.0.0.1]") == "http://[::ffff:7f00:1]");
  CHECK(parse_origin("http://127.0.0.1:3000") == "http://127.0.0.1:3000");
  CHECK(parse_origin("http://1.example.org") == "http://1.example.org");
  CHECK(parse_origin("http://0xide.example") == "http://0xide.example");
}

TEST_CASE("a port of another scheme stays") {
  CHECK(parse_origin("https://shop.example.org:80") == "https://shop.example.org:80");
  CHECK(parse_origin("http://shop.example.org:443") == "http://shop.example.org:443");
  CHECK(parse_origin("http://localhost:3000") == "http://localhost:3000");
  CHECK(parse_origin("https://shop.example.org:8443") == "https://shop.example.org:8443");
  CHECK(parse_origin("http://[::80]") == "http://[::80]");
}

TEST_CASE("what no page can come from is no origin") {
  for (const std::string text : {"",
                                 "shop.example.org",
                                 "ftp://shop.example.org",
                                 "https://",
                                 "https:///",
                                 "https://shop.example.org/page",
                                 "https://shop.example.org//",
                                 "https://a b",
                                 "*",
                                 "null",
                                 "https://user@shop.example.org",
                                 "http://127.1",
                                 "http://2130706433",
                                 "http://0x7f.1",
                                 "http://0x7f000001",
                                 "http://127.0.0.01",
                                 "http://127.0.0.1.",
                                 "http://256.0.0.1",
                                 "http://a.1",
                                 "http://[::1",
                                 "http://[:::1]",
                                 "http://[1]",
                                 "http://[::1]3000",
                                 "https://shop.example.org:0",
                                 "https://shop.example.org:000",
                                 "https://shop.example.org:65536",
                                 "https://shop.example.org:99999999999999999999",
                                 "https://shop.example.org:-1",
                                 "https://:443",
                                 "https://shop.example.org::80"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_origin(text).has_value());
  }
}

}  // namespace
