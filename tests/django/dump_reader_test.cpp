#include "django/dump_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "support/peak_memory.h"
#include "support/refusal.h"

using namespace aforro::django;
using aforro::test::PeakMemory;
using aforro::test::problem_of;

namespace {

// Hands out a text some bytes at a time.
class Pieces {
 public:
  Pieces(std::string_view text, std::size_t piece) : text_(text), piece_(piece) {}
  std::size_t operator()(std::span<char> buffer) {
    const std::size_t some = std::min({piece_, text_.size(), buffer.size()});
    std::copy_n(text_.begin(), some, buffer.begin());
    text_.remove_prefix(some);
    return some;
  }

 private:
  std::string_view text_;
  const std::size_t piece_;
};

// "model key: name=value, …" a line each; "-" for nothing.
std::string in_lines(std::string_view text, std::size_t piece = 7) {
  std::string lines;
  Pieces pieces(text, piece);
  read_dump_objects(pieces, [&](DumpObject& object) {
    lines += object.model + ' ' + object.key.value_or("-") + ':';
    for (const DumpField& field : object.fields) lines += ' ' + field.name + '=' + field.value.value_or("-");
    lines += '\n';
  });
  return lines;
}

std::string refusal(std::string_view text) {
  const auto problem = problem_of([&] { in_lines(text); });
  return problem ? problem->detail() : "";
}

}  // namespace

TEST_CASE("objects are read one after the other, numbers as they stand there, what is nested as nothing") {
  CHECK(in_lines(R"([{"model": "a.b", "pk": 1, "fields": {"x": "y\u00e9", "n": 12.50, "m": -3, "t": true,
                      "z": null, "l": [1, {"x": 2}], "o": {"fields": {"x": 1}}, "last": "!"}},
                     {"fields": {}, "pk": "2f1c", "model": "a.c"}])") ==
        "a.b 1: x=y\xC3\xA9 n=12.50 m=-3 t=true z=- l=- o=- last=!\n"
        "a.c 2f1c:\n");
  CHECK(in_lines("[]") == "");
}

TEST_CASE("an object without a key has none, and what it has besides is passed over") {
  CHECK(in_lines(R"([{"model": "a.b", "more": {"pk": 4, "fields": {"x": 1}}, "fields": {"x": 2}}])") ==
        "a.b -: x=2\n");
}

TEST_CASE("what is no dump is refused with where, and how to make one") {
  CHECK(refusal("") == "the dump ends in the middle, after 0 bytes");
  CHECK(refusal(R"([{"model": "a.b", "pk": 1)") == "the dump ends in the middle, after 25 bytes");
  CHECK(refusal("<?xml version=\"1.0\"?>").starts_with("the dump is no JSON at byte "));
  CHECK(refusal(R"({"model": "a.b"})").find("manage.py dumpdata --format json") != std::string::npos);
  CHECK(refusal(R"([[1]])").find("is no list of {\"model\", \"pk\", \"fields\"} at byte ") !=
        std::string::npos);
  CHECK(refusal(R"([{"pk": 1}])").find("is no list of") != std::string::npos);
  CHECK(refusal(R"("dump")").find("is no list of") != std::string::npos);
  CHECK(refusal("[{\"model\": \"\xFF\"}]").starts_with("the dump is no JSON at byte "));
  CHECK(aforro::is_valid_utf8(refusal("[\xE0\xCE]")));  // what is quoted, too
  CHECK(refusal("[] []").starts_with("the dump is no JSON at byte "));
}

TEST_CASE("a dump that was changed on its way is told from what is no dump") {
  using namespace std::string_literals;
  for (const std::string& head : {"\xFF\xFE[\0"s, "\xFE\xFF\0["s})
    CHECK(refusal(head).find("UTF-16") != std::string::npos);
  for (const std::string& head : {"\x1F\x8B\x08"s, "BZh91AY"s, "\xFD\x37zXZ\0"s, "PK\x03\x04"s})
    CHECK(refusal(head).find("compressed") != std::string::npos);
  CHECK(in_lines("\xEF\xBB\xBF[]") == "");  // a mark of UTF-8 is none of these
}

TEST_CASE("what goes past a bound is refused: depth, fields, the length of a text") {
  CHECK(refusal("[{\"model\": \"a.b\", \"fields\": {\"x\": " + std::string(1'000'000, '['))
            .starts_with("the dump is too deep at byte "));
  std::string fields = "[{\"model\": \"a.b\", \"fields\": {";
  for (int i = 0; i < 101; ++i) fields += '"' + std::to_string(i) + "\": 1,";
  CHECK(refusal(fields).starts_with("an object of the dump has more than 100 fields"));
  CHECK(refusal("[{\"model\": \"" + std::string(kMaxDumpValueBytes + 100, 'x'))
            .starts_with("the dump has a value of more than 16777216 bytes"));
  std::string object = "[{\"model\": \"a.b\", \"fields\": {\"x0\": 0";
  const std::string value(kMaxDumpValueBytes - 1'000, 'x');
  for (int i = 1; i <= 5; ++i) object += ", \"x" + std::to_string(i) + "\": \"" + value + '"';
  CHECK(refusal(object).starts_with("an object of the dump has more than 67108864 bytes, at byte "));
  const std::string name(kMaxDumpNameBytes + 1, 'x');
  constexpr std::string_view kTooLong = "a model or field of the dump has a name of more than 500 bytes";
  CHECK(refusal("[{\"model\": \"" + name + "\"}]").starts_with(kTooLong));
  CHECK(refusal("[{\"model\": \"a.b\", \"fields\": {\"" + name + "\": 1}}]").starts_with(kTooLong));
}

TEST_CASE("a dump of any length takes the memory of its largest object") {
  constexpr std::string_view kObject = R"({"model": "a.b", "pk": 1, "fields": {"x": "something", "y": 2}})";
  std::size_t left = 200'000;
  std::string waiting = "[";
  const auto endless = [&](std::span<char> buffer) {
    if (waiting.empty() && left > 0) {
      waiting = std::string(kObject) + (--left == 0 ? "]" : ",");
    }
    const std::size_t some = std::min(waiting.size(), buffer.size());
    std::copy_n(waiting.begin(), some, buffer.begin());
    waiting.erase(0, some);
    return some;
  };
  std::size_t objects = 0;
  const PeakMemory memory;
  read_dump_objects(endless, [&](DumpObject&) { ++objects; });
  CHECK(objects == 200'000);
  if (PeakMemory::kCounts) CHECK(memory.bytes() < 200'000);
}
