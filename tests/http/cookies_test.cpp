#include "http/cookies.h"

#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>
#include <string>

using namespace aforro::http;

namespace {

std::string cookie_in(const std::string& header, std::string_view name) {
  return std::string(find_cookie({{"Cookie", header}}, name).value_or("none"));
}

std::string header_of(const Cookie& cookie) {
  Response response;
  add_cookie(response, cookie);
  return std::string(find_header(response.headers, "Set-Cookie").value_or("none"));
}

}  // namespace

TEST_CASE("a cookie is found among others, whatever stands around it") {
  CHECK(cookie_in("a=1; b=2; c=3", "b") == "2");
  CHECK(cookie_in("a=1;b=2;c=3", "c") == "3");
  CHECK(cookie_in("a=1", "a") == "1");
  CHECK(cookie_in("  a = 1 ;\tb=2", "a") == "1");
  CHECK(cookie_in("a=", "a").empty());
  CHECK(cookie_in("a=x=y==", "a") == "x=y==");
  CHECK(cookie_in("a=\"1\"", "a") == "\"1\"");
  CHECK(cookie_in("a=1; a=2", "a") == "1");
  CHECK(find_cookie({{"Cookie", "x=0"}, {"cookie", "a=1"}, {"COOKIE", "a=2"}}, "a") == "1");
}

TEST_CASE("another cookie is not taken for it") {
  for (const char* header :
       {"", ";", ";;;", "=", "=1", "a", "a;", "ab=1", "b=a=1", "A=1", "b=1; ab=2", "b=1, a=2"}) {
    CAPTURE(header);
    CHECK(cookie_in(header, "a") == "none");
  }
  CHECK(!find_cookie({{"Set-Cookie", "a=1"}}, "a"));
}

TEST_CASE("a cookie is kept from scripts, other sites and plain HTTP unless it may go there") {
  CHECK(header_of({.name = "__Host-s", .value = "0f"}) ==
        "__Host-s=0f; Path=/; HttpOnly; SameSite=Lax; Secure");
  CHECK(header_of({.name = "s", .value = "", .max_age = std::chrono::seconds(0), .is_secure = false}) ==
        "s=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_CASE("what can't stand in a cookie is none") {
  for (const char* value : {"a b", "a;b", "a,b", "a\"", "a\\b", "a\r\nX: y", "\xC3\xA9", "a\t"}) {
    CAPTURE(value);
    CHECK_THROWS_AS(header_of({.name = "s", .value = value}), std::invalid_argument);
  }
  for (const char* name : {"", "a b", "a=b", "a;", "\xC3\xA9"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(header_of({.name = name, .value = "1"}), std::invalid_argument);
  }
}
