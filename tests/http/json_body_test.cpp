#include "http/json_body.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/problem_document.h"
#include "support/body_tree.h"
#include "support/refusal.h"

namespace {

using namespace std::string_literals;
using aforro::Faults;
using aforro::http::JsonBody;
using aforro::http::Request;
using aforro::test::places_of;
using aforro::test::problem_of;
using aforro::test::status_of;
using aforro::test::take_tree;
using nlohmann::json;
using Places = std::vector<std::string>;

Request with_body(std::string body) {
  Request request;
  request.body = std::move(body);
  return request;
}

json parsed(const std::string& body) {
  const Request request = with_body(body);
  JsonBody reader(request);
  json tree = take_tree(reader);
  reader.finish();
  return tree;
}

int refused(const std::string& body) {
  return status_of([&] { parsed(body); });
}

Places places(const std::string& body) {
  return places_of([&] { parsed(body); });
}

std::string nested(int depth, const std::string& open, const std::string& close) {
  std::string body;
  for (int i = 0; i < depth; ++i) body += open;
  for (int i = 0; i < depth; ++i) body += close;
  return body;
}

TEST_CASE("a body becomes what it says") {
  CHECK(parsed(R"( {"a": [1, -2, 2.5, true, null, "é\u00e9\ud83d\ude00"], "b": {}} )") ==
        json({{"a", {1, -2, 2.5, true, nullptr, "éé😀"}}, {"b", json::object()}}));
  CHECK(parsed("7") == json(7));
}

TEST_CASE("what is no JSON is 400, all of the body counts") {
  for (const std::string& body :
       {""s,         " "s,           "{"s,        "}"s,        "{}{}"s,      "{} x"s,      "{a: 1}"s,
        "{'a': 1}"s, "{\"a\": 1,}"s, "[1,]"s,     "[1 2]"s,    "01"s,        "+1"s,        ".5"s,
        "1."s,       "0x1"s,         "NaN"s,      "Infinity"s, "-Infinity"s, "nul"s,       "True"s,
        "// x\n{}"s, "/**/{}"s,      "\"a"s,      "\"\t\""s,   "\"\n\""s,    "\"\\x41\""s, "\"\\u12\""s,
        "{\"a\"}"s,  "{1: 2}"s,      "[\"a\":1]"s}) {
    CAPTURE(body);
    CHECK(refused(body) == 400);
  }
}

TEST_CASE("a NUL ends nothing: what follows it counts") {
  CHECK(refused("{}\0"s) == 400);
  CHECK(refused("{\"store_id\": 1}\0{\"store_id\": 2}"s) == 400);
  CHECK(refused("\0{}"s) == 400);
  CHECK(refused("\"a\0b\""s) == 400);
  CHECK(parsed(R"("a\u0000b")") == json("a\0b"s));
}

TEST_CASE("a body that is not UTF-8 is 400") {
  for (const std::string bytes :
       {"\xFF", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE2\x82"}) {
    CHECK(refused("\"" + bytes + "\"") == 400);
    CHECK(refused("{\"" + bytes + "\": 1}") == 400);
  }
  CHECK(refused("\xFF\xFE{\0}\0"s) == 400);
  CHECK(refused(R"("\ud800")") == 400);
  CHECK(refused(R"("\udc00\ud800")") == 400);
}

TEST_CASE("a body is read 64 levels deep and not deeper, at any depth") {
  CHECK(refused(nested(64, "[", "]")) == 0);
  CHECK(refused(nested(65, "[", "]")) == 400);
  CHECK(refused(nested(63, "{\"a\":", "}").insert(63 * 5, "{}")) == 0);
  CHECK(refused(nested(64, "{\"a\":", "}").insert(64 * 5, "{}")) == 400);
  CHECK(refused(nested(500'000, "[", "]")) == 400);
  CHECK(refused(std::string(1'000'000, '[')) == 400);
  // Width is no depth.
  std::string wide = "[";
  for (int i = 0; i < 1'000; ++i) wide += "[[]],";
  CHECK(refused(wide + "[]]") == 0);
}

TEST_CASE("a key given twice in one object is pointed at, wherever it is and however it is spelt") {
  CHECK(places(R"({"a": 1, "a": 1})") == Places{"/a"});
  CHECK(places(R"({"a": 1, "\u0061": 1})") == Places{"/a"});
  CHECK(places(R"({"items": [{}, {"x": {"k": 1, "k": 2}}], "b": 1, "b": {}})") ==
        Places{"/items/1/x/k", "/b"});
  CHECK(places(R"({"a": 1, "a": 2, "a": 3})") == Places{"/a", "/a"});
  CHECK(places(R"([[], {"": 1, "": 1}])") == Places{"/1/"});
  CHECK(places(R"({"a/b~c": 1, "a/b~c": 1})") == Places{"/a~1b~0c"});
  CHECK(places(R"({"a": {"k": 1}, "b": {"k": 1}, "k": [{"k": 1}, {"k": 1}]})").empty());
  // A container that replaces another is still read as itself.
  CHECK(places(R"({"a": {"x": 1}, "a": {"y": 1, "y": 2}})") == Places{"/a", "/a/y"});
}

TEST_CASE("a number past 64 bits is no whole number, one past all bounds is one all the same") {
  CHECK(parsed("9223372036854775807").is_number_integer());
  CHECK(parsed("18446744073709551615").is_number_unsigned());
  CHECK(parsed("18446744073709551616").is_number_float());
  CHECK(parsed("-9223372036854775809").is_number_float());
  CHECK(parsed("1.0").is_number_float());
  CHECK(parsed("1e0").is_number_float());
  CHECK(parsed("1e-999") == json(0.0));
  for (const std::string& huge : {"1e999"s, "-1e400"s, "1e99999999999999999999"s, std::string(400, '9')}) {
    CAPTURE(huge);
    CHECK(refused(huge) == 0);
    CHECK(refused("[0, {\"a\": " + huge + "}]") == 0);
  }
}

// `depth` objects of that name in one another, the innermost with one key `keys` times.
std::string repeating(int depth, const std::string& name, int keys) {
  std::string body = "{";
  for (int i = 0; i < depth; ++i) body += '"' + name + "\":{";
  for (int i = 0; i < keys; ++i) body += i == 0 ? "\"a\":0" : ",\"a\":0";
  return body + std::string(static_cast<std::size_t>(depth) + 1, '}');
}

TEST_CASE("fifty faults are listed and the others counted, with short pointers however long the way is") {
  const auto few = problem_of([] { parsed(repeating(1, "x", 51)); });
  CHECK(few->faults().listed().size() == 50);
  CHECK(few->faults().more() == 0);

  const auto many = problem_of([] { parsed(repeating(60, std::string(128, '~'), 1'000)); });
  CHECK(many->faults().listed().size() == 50);
  CHECK(many->faults().more() == 949);
  const std::string& where = many->faults().listed()[49].where;
  CHECK(where.size() <= Faults::kMaxWhereBytes);
  CHECK(where.starts_with("/~0~0"));
  CHECK(where.ends_with("/…/a"));
}

TEST_CASE("a key given twice is noticed among many, and only in its own object") {
  // Two rounds of all names of two digits, each object with more than are looked through one by one.
  std::string object;
  for (int i = 10; i < 100; ++i) object += (i == 10 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  std::string body = "[";
  for (int i = 0; i < 50; ++i) body += "{" + object + ",\"in\":[{" + object + "}]},";
  CHECK(places(body + "0]").empty());
  CHECK(places("[{" + object + ",\"in\":{" + object + "},\"55\":1}]") == Places{"/0/55"});
  CHECK(places("{" + object + ",\"\\u0035\\u0035\":1,\"in\":{" + object + ",\"\\u0039\\u0039\":{}}}") ==
        Places{"/55", "/in/99"});
}

TEST_CASE("what is asked for is what the body has") {
  const Request request = with_body(R"({"a": [1.50, "x\ty", true], "b": null, "c": {"d": [[]]}})");
  JsonBody body(request);
  std::vector<std::string> told;
  body.object([&](std::string_view name) {
    if (name != "a") return body.refuse("is odd");
    body.array([&] {
      switch (body.kind()) {
        case aforro::http::JsonKind::number:
          told.emplace_back(body.number());
          break;
        case aforro::http::JsonKind::string:
          told.push_back(body.string());
          break;
        default:
          body.skip();
          body.fault("is no text");
      }
    });
  });
  body.missing("e/f");
  CHECK(told == Places{"1.50", "x\ty"});
  CHECK(places_of([&] { body.finish(); }) == Places{"/a/2", "/b", "/c", "/e~1f"});
}

}  // namespace
