#include "base/json_writer.h"

#include <doctest/doctest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "support/child.h"

namespace {

using aforro::append_json_string;
using aforro::JsonWriter;
using nlohmann::json;

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST_CASE("a document is written in the order of the calls, without spaces") {
  JsonWriter writer;
  writer.begin_object();
  writer.key("id").number(7);
  writer.key("items").begin_array();
  writer.begin_object().key("a").boolean(true).key("b").null().end_object();
  writer.begin_array().end_array();
  writer.string("x").number(-1).boolean(false);
  writer.end_array();
  writer.key("empty").begin_object().end_object();
  writer.end_object();

  CHECK(writer.take() == R"({"id":7,"items":[{"a":true,"b":null},[],"x",-1,false],"empty":{}})");
}

TEST_CASE("a single value is a document") {
  CHECK(JsonWriter().number(7).take() == "7");
  CHECK(JsonWriter().string("").take() == "\"\"");
  CHECK(JsonWriter().null().take() == "null");
  CHECK(JsonWriter().begin_array().end_array().take() == "[]");
}

TEST_CASE("a writer is empty after its document was taken, and can write the next") {
  JsonWriter writer;
  writer.begin_array().number(1).end_array();
  CHECK(writer.take() == "[1]");
  CHECK(writer.text().empty());
  writer.begin_array().number(2).end_array();
  CHECK(writer.take() == "[2]");
}

TEST_CASE("numbers are written whole to the ends of 64 bits") {
  CHECK(JsonWriter().number(std::numeric_limits<std::int64_t>::max()).take() == "9223372036854775807");
  CHECK(JsonWriter().number(std::numeric_limits<std::int64_t>::min()).take() == "-9223372036854775808");
  CHECK(JsonWriter().number(0).take() == "0");
}

TEST_CASE("a value that is JSON already is taken as it is, with the commas around it") {
  JsonWriter writer;
  writer.begin_array().raw("{\"a\": 1}").raw("2").end_array();
  CHECK(writer.take() == "[{\"a\": 1},2]");
}

TEST_CASE("quotes, backslashes and control characters are escaped, all else is left alone") {
  CHECK(as_json("say \"hi\" \\ /") == R"("say \"hi\" \\ /")");
  CHECK(as_json("a\nb\rc\td") == R"("a\nb\rc\td")");
  CHECK(as_json(std::string("\0\x01\x08\x0B\x1F", 5)) == R"("\u0000\u0001\u0008\u000b\u001f")");
  CHECK(as_json("caf\u00E9 \U0001F600 \x7F") == "\"caf\u00E9 \U0001F600 \x7F\"");
  CHECK(as_json("") == "\"\"");
}

TEST_CASE("what would not be one JSON document runs into an assertion") {
  using aforro::test::aborts;
  CHECK(aborts([] { JsonWriter().begin_object().number(1); }));
  CHECK(aborts([] { JsonWriter().begin_object().key("a").key("b"); }));
  CHECK(aborts([] { JsonWriter().begin_object().key("a").end_object(); }));
  CHECK(aborts([] { JsonWriter().begin_array().key("a"); }));
  CHECK(aborts([] { JsonWriter().key("a"); }));
  CHECK(aborts([] { JsonWriter().begin_array().end_object(); }));
  CHECK(aborts([] { JsonWriter().begin_object().end_array(); }));
  CHECK(aborts([] { JsonWriter().end_array(); }));
  CHECK(aborts([] { JsonWriter().number(1).number(2); }));
  CHECK(aborts([] { JsonWriter().begin_array().end_array().begin_array(); }));
  CHECK(aborts([] { JsonWriter().begin_array().take(); }));
  CHECK(!aborts([] { JsonWriter().begin_array().end_array().take(); }));
}

TEST_CASE("every ASCII character is read back as itself, as value and as key") {
  std::string all;
  for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
  JsonWriter writer;
  writer.begin_object().key(all).string(all).end_object();
  const json read = json::parse(writer.take());
  CHECK(read.begin().key() == all);
  CHECK(read.begin().value() == all);
}

}  // namespace
