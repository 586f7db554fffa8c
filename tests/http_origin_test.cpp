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
}

TEST_CASE("a port of another scheme stays") {
  CHECK(parse_origin("https://shop.example.org:80") == "https://shop.example.org:80");
  CHECK(parse_origin("http://shop.example.org:443") == "http://shop.example.org:443");
  CHECK(parse_origin("http://localhost:3000") == "http://localhost:3000");
  CHECK(parse_origin("https://shop.example.org:8443") == "https://shop.example.org:8443");
  CHECK(parse_origin("http://[::80]") == "http://[::80]");
}

TEST_CASE("what no page can come from is no origin") {
  for (const std::string text : {"", "shop.example.org", "ftp://shop.example.org", "https://", "https:///",
                                 "https://shop.example.org/page", "https://shop.example.org//", "https://a b",
                                 "*", "null", "https://user@shop.example.org"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_origin(text).has_value());
  }
}

}  // namespace
