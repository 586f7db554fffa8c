#include "redis/address.h"

#include <doctest/doctest.h>

#include <string>

#include "base/problem.h"

namespace {

using aforro::redis::Address;
using aforro::redis::parse_address;

// What is said of a url that is refused; empty if it is read.
std::string refusal(const std::string& url) {
  try {
    parse_address(url);
    return {};
  } catch (const aforro::Problem& problem) {
    CHECK(problem.kind() == aforro::Problem::Kind::invalid);
    return problem.detail();
  }
}

TEST_CASE("an address says host, port, database, user and password") {
  CHECK(parse_address("redis://cache") == Address{.host = "cache"});
  CHECK(parse_address("redis://cache/") == Address{.host = "cache"});
  CHECK(parse_address("redis://10.0.0.7:7000/3") == Address{.host = "10.0.0.7", .port = 7000, .database = 3});
  CHECK(parse_address("redis://[::1]:7000") == Address{.host = "::1", .port = 7000});
  CHECK(parse_address("redis://[::1]") == Address{.host = "::1"});
  CHECK(parse_address("redis://:sesame@cache") == Address{.host = "cache", .password = "sesame"});
  CHECK(parse_address("redis://ann:a%40b%2F%3A%25@cache:1/0") ==
        Address{.host = "cache", .port = 1, .user = "ann", .password = "a@b/:%"});
}

TEST_CASE("what is no address is refused, and nothing of it is shown") {
  for (const std::string url : {"",
                                "cache",
                                "redis:/cache",
                                "REDIS://cache",
                                "redis://",
                                "redis:///0",
                                "redis://:6379",
                                "redis://cache:",
                                "redis://cache:0",
                                "redis://cache:65536",
                                "redis://cache:+1",
                                "redis://cache/x",
                                "redis://cache/-1",
                                "redis://cache/1/",
                                "redis://cache/10000",
                                "redis://cache?db=1",
                                "redis://cache/1?timeout=2",
                                "redis://cache#1",
                                "redis://ca che",
                                "redis://cache\n",
                                "redis://[::1",
                                "redis://[cache]",
                                "redis://[]",
                                "redis://::1",
                                "redis://[::1]7000",
                                "redis://sesame@cache",
                                "redis://ann:@cache",
                                "redis://:ses ame@cache",
                                "redis://:ses@ame@cache",
                                "redis://:sesame%@cache",
                                "redis://:sesame%4@cache",
                                "redis://:sesame%zz@cache",
                                "redis://:ses/ame@cache",
                                "redis://a,b"}) {
    CAPTURE(url);
    const std::string said = refusal(url);
    CHECK(said.starts_with("the address of Redis "));
    CHECK(said.find("sesame") == std::string::npos);
    CHECK(said.find("ses ame") == std::string::npos);
    CHECK(said.find('\n') == std::string::npos);
  }
  CHECK(refusal("redis://" + std::string(254, 'a')).find("host") != std::string::npos);
}

TEST_CASE("what is spoken to by TLS says so") {
  CHECK(parse_address("rediss://:sesame@cache") ==
        Address{.host = "cache", .password = "sesame", .is_encrypted = true});
  CHECK(to_string(parse_address("rediss://ann:sesame@cache:7/1")) == "rediss://cache:7/1");
}

TEST_CASE("an address is shown without who asks, and can be read again") {
  CHECK(to_string(parse_address("redis://ann:sesame@cache")) == "redis://cache:6379/0");
  CHECK(to_string(parse_address("redis://[fe80::1]:7/2")) == "redis://[fe80::1]:7/2");
  CHECK(parse_address("redis://[fe80::1]:7/2") == Address{.host = "fe80::1", .port = 7, .database = 2});
}

}  // namespace
