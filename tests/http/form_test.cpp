#include "http/form.h"

#include <doctest/doctest.h>

#include <string>

#include "http/body_policy.h"
#include "http/problem_document.h"
#include "support/refusal.h"

using aforro::ParameterList;
using aforro::http::kMaxFormFields;
using aforro::http::parse_form;

namespace {

std::string repeated_field(std::size_t times) {
  std::string body = "a=1";
  for (std::size_t i = 1; i < times; ++i) body += "&a=1";
  return body;
}

}  // namespace

TEST_CASE("a form is read as browsers write it") {
  CHECK(parse_form("name=Mini+Shoes&price=651%2E46&note=a%26b%3Dc%0D%0A&empty=&bare") ==
        ParameterList{
            {"name", "Mini Shoes"}, {"price", "651.46"}, {"note", "a&b=c\r\n"}, {"empty", ""}, {"bare", ""}});
  CHECK(parse_form("").empty());
  CHECK(parse_form("&&").empty());
  CHECK(parse_form("a=b=c;d=e") == ParameterList{{"a", "b=c;d=e"}});
  CHECK(parse_form("a=%zz%4") == ParameterList{{"a", "%zz%4"}});
  CHECK(parse_form("a=1&a=2") == ParameterList{{"a", "1"}, {"a", "2"}});
}

TEST_CASE("a form of too many fields is refused") {
  CHECK(parse_form(repeated_field(kMaxFormFields)).size() == kMaxFormFields);
  CHECK(aforro::test::status_of([] { parse_form(repeated_field(kMaxFormFields + 1)); }) == 400);
  CHECK(aforro::test::status_of([] { parse_form(std::string(1'000'000, '&')); }) == 400);
}
