#include "http/fields.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test

std::vector<std::string> elements(const HeaderList& headers, std::string_view name) {
  std::vector<std::string> found;
  for_each_element(headers, name, [&](std::string_view element) { found.emplace_back(element); });
  return found;
}

TEST_CASE("words are the same whatever the case of their ASCII letters") {
  CHECK(same_word("Content-LENGTH", "content-length"));
  CHECK(same_word("", ""));
  CHECK(!same_word("close", "closed"));
  CHECK(!same_word("\xC3\x89", "\xC3\xA9"));
  CHECK(!same_word("a@", "a`"));  // 32 apart, as letters of both cases are
}

TEST_CASE("only spaces and tabs are trimmed off a value") {
  CHECK(trim_blanks(" \t a b\t ") == "a b");
  CHECK(trim_blanks(" \t ").empty());
  CHECK(trim_blanks("").empty());
  CHECK(trim_blanks("\na\n") == "\na\n");
  CHECK(trim_blanks("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("a list goes on over all headers of its name, in order, without empty elements") {
  const HeaderList headers{{"Accept", "a, b;q=0.5 ,,"}, {"Other", "x"}, {"ACCEPT", " , c"}, {"accept", ""}};
  CHECK(elements(headers, "accept") == std::vector<std::string>{"a", "b;q=0.5", "c"});
  CHECK(elements(headers, "missing").empty());
}

TEST_CASE("of a header given several times the first is found") {
  const HeaderList headers{{"X-A", "1"}, {"x-a", "2"}, {"X-AB", "3"}};
  CHECK(find_header(headers, "X-a") == "1");
  CHECK(!find_header(headers, "X").has_value());
}

TEST_CASE(
    "a host has letters, digits, dots, dashes and underscores, or an IPv6 address in brackets, and a port") {
  CHECK(is_host("shop.example"));
  CHECK(is_host("SHOP_1:80"));
  CHECK(is_host("[2001:DB8::1]:65535"));
  CHECK(is_host(std::string(255, 'a')));
  CHECK(!is_host(std::string(256, 'a')));
  CHECK(!is_host(""));
  CHECK(!is_host(":80"));
  CHECK(!is_host("[1]"));
  CHECK(!is_host("[::1]80"));
  CHECK(!is_host("a:-1"));
}

}  // namespace
