#include <doctest/doctest.h>

#include <string>

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

TEST_CASE("a plus is a space in a query and itself in a path") {
  CHECK(parsed("/a+b?a+b=c+d").path == "/a+b");
  CHECK(parsed("/a+b?a+b=c+d").query == ParameterList{{"a b", "c d"}});
}

TEST_CASE("the methods of HTTP are known by their exact names") {
  for (const char* method :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}) {
    CHECK(is_known_method(method));
  }
  for (const char* method : {"", "get", "GET ", "BREW", "PROPFIND", "GETS"}) CHECK(!is_known_method(method));
}

}  // namespace
