#include <doctest/doctest.h>

#include <string>

#include "base/percent_encoding.h"
#include "http/message.h"

namespace {

using namespace aforro::http;  // NOLINT: all of it is under test
using aforro::ParameterList;

struct Target {
  std::string path = "left over";
  ParameterList query = {{"left", "over"}};
};

Target parsed(std::string_view text) {
  Target target;
  parse_target(text, target.path, target.query);
  return target;
}

TEST_CASE("a target is a path as sent and a query, decoded, in order") {
  const Target target = parsed("/a%20b/?x=1&y=+2%2B&x=%C3%A9&empty=&bare&=nameless");
  CHECK(target.path == "/a%20b/");
  CHECK(target.query ==
        ParameterList{
            {"x", "1"}, {"y", " 2+"}, {"x", "\xC3\xA9"}, {"empty", ""}, {"bare", ""}, {"", "nameless"}});
}

TEST_CASE("a target without a query has no parameters, nor has one of separators alone") {
  CHECK(parsed("/orders/").path == "/orders/");
  CHECK(parsed("/orders/").query.empty());
  CHECK(parsed("/?").query.empty());
  CHECK(parsed("/?&&").query.empty());
}

TEST_CASE("what follows the first question mark or equals sign is data") {
  CHECK(parsed("/?a=b=c?d/e").query == ParameterList{{"a", "b=c?d/e"}});
  CHECK(parsed("/?a%3Db%26c=d%26e%3Df").query == ParameterList{{"a=b&c", "d&e=f"}});
}

TEST_CASE("a fragment is no part of a target") {
  CHECK(parsed("/a#b?c=d").path == "/a");
  CHECK(parsed("/a#b?c=d").query.empty());
  CHECK(parsed("/a?b=1#c&d=2").query == ParameterList{{"b", "1"}});
}

TEST_CASE("a broken percent sign stays as it is") {
  CHECK(percent_decode("%") == "%");
  CHECK(percent_decode("%4") == "%4");
  CHECK(percent_decode("100%zz%4G%41") == "100%zz%4GA");
  CHECK(percent_decode("%%41") == "%A");
  CHECK(percent_decode("%2541") == "%41");
}

TEST_CASE("a percent sign may name any byte, in either case") {
  CHECK(percent_decode("%00%ff%C3%a9") == std::string("\0\xFF\xC3\xA9", 4));
}

TEST_CASE("a plus is a space in a query and itself in a path") {
  CHECK(parsed("/a+b?a+b=c+d").path == "/a+b");
  CHECK(parsed("/a+b?a+b=c+d").query == ParameterList{{"a b", "c d"}});
  CHECK(percent_decode("a+b") == "a+b");
}

TEST_CASE("what is encoded is decoded to the same, and needs no further care in a link") {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::string encoded = percent_encode(every_byte);
  CHECK(percent_decode(encoded) == every_byte);
  CHECK(encoded.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~%") ==
        std::string::npos);
  CHECK(percent_encode("a-z_0.9~ /?&=+%") == "a-z_0.9~%20%2F%3F%26%3D%2B%25");
}

TEST_CASE("the methods of HTTP are known by their exact names") {
  for (const char* method :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}) {
    CHECK(is_known_method(method));
  }
  for (const char* method : {"", "get", "GET ", "BREW", "PROPFIND", "GETS"}) CHECK(!is_known_method(method));
}

}  // namespace
