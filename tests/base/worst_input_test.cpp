// The worst files, lists and texts, in several shapes each: what is kept for them beside themselves, and how
// long they take.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/assignments.h"
#include "base/csv.h"
#include "base/gzip.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "base/parameters.h"
#include "base/problem.h"
#include "base/text.h"
#include "http/problem_document.h"
#include "support/cost.h"
#include "support/peak_memory.h"
#include "support/refusal.h"
#include "support/slowdown.h"

namespace {

using namespace aforro;  // NOLINT: all of it is under test
using test::Cost;
using test::cost_of;
using test::kMaxGrowth;
using test::PeakMemory;
using test::repeated;

constexpr std::size_t kMebibyte = 1024 * 1024;

struct Shape {
  std::string name;
  std::string (*make)(std::size_t bytes);
};

// A record of at most 1 MiB is held, as fields that are strings of their own and may have doubled.
constexpr double kMaxCsvFactor = 4;

TEST_CASE("a table takes no more than its largest record, whatever its shape") {
  const std::vector<Shape> tables{
      {"one field", [](std::size_t bytes) { return repeated(bytes, "x"); }},
      {"one quoted field", [](std::size_t bytes) { return repeated(bytes, "x", "\"", "\""); }},
      {"doubled quotes", [](std::size_t bytes) { return repeated(bytes, "\"\"", "\"", "\""); }},
      {"lines within quotes", [](std::size_t bytes) { return repeated(bytes, "\n", "\"", "\""); }},
      {"a quote never closed", [](std::size_t bytes) { return repeated(bytes, "x", "\""); }},
      {"columns", [](std::size_t bytes) { return repeated(bytes, ","); }},
      {"a thousand long columns",
       [](std::size_t bytes) { return repeated(bytes, std::string(bytes / 1'000, 'x') + ","); }},
      {"empty lines", [](std::size_t bytes) { return repeated(bytes, "\n"); }},
      {"empty rows", [](std::size_t bytes) { return repeated(bytes, ",\n"); }},
      {"rows of a quote too much", [](std::size_t bytes) { return repeated(bytes, "x\"\n"); }},
      {"rows of text after a quote", [](std::size_t bytes) { return repeated(bytes, "\"\"x\n"); }},
      {"rows that are no UTF-8", [](std::size_t bytes) { return repeated(bytes, "\xFF\n"); }},
      {"NUL", [](std::size_t bytes) { return repeated(bytes, std::string_view("\0", 1)); }},
  };
  for (const Shape& shape : tables) {
    CAPTURE(shape.name);
    const Cost cost = cost_of(kMebibyte, shape.make, [](const std::string& text) {
      CsvReader reader(text);
      CsvRecord record;
      while (reader.next(record)) {
      }
    });
    CAPTURE(cost.memory);
    CHECK(cost.memory <= kMaxCsvFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

// Assignments are two strings and a number each, 72 bytes, and a bounded number of them.
constexpr double kMaxSettingsFactor = 4;

TEST_CASE("a file of settings takes a bounded factor, whatever its lines") {
  const std::vector<Shape> files{
      {"short lines", [](std::size_t bytes) { return repeated(bytes, "A=\n"); }},
      {"quoted values", [](std::size_t bytes) { return repeated(bytes, "A=\"\"\n"); }},
      {"empty lines", [](std::size_t bytes) { return repeated(bytes, "\n"); }},
      {"comments", [](std::size_t bytes) { return repeated(bytes, "#\n"); }},
      {"one value", [](std::size_t bytes) { return repeated(bytes, "x", "A="); }},
      {"one value of escapes", [](std::size_t bytes) { return repeated(bytes, "\\\"", "A=\"", "\""); }},
      {"one name", [](std::size_t bytes) { return repeated(bytes, "A", "", "="); }},
      {"a quote never closed", [](std::size_t bytes) { return repeated(bytes, "x\n", "A=\""); }},
      {"blanks", [](std::size_t bytes) { return repeated(bytes, " ", "A=", "x"); }},
      {"number signs", [](std::size_t bytes) { return repeated(bytes, "#", "A=x"); }},
  };
  for (const Shape& shape : files) {
    CAPTURE(shape.name);
    const Cost cost =
        cost_of(kMebibyte, shape.make, [](const std::string& text) { parse_assignments(text); });
    CAPTURE(cost.memory);
    CHECK(cost.memory <= kMaxSettingsFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

TEST_CASE("faults of parameters are bounded, and found in proportional time, however many there are") {
  const auto read = [](std::size_t count, const std::string& name) {
    return cost_of(
        count, [](std::size_t bytes) { return std::string(bytes, 'x'); },
        [&](const std::string& text) {
          ParameterList given;
          given.reserve(text.size());
          for (std::size_t i = 0; i < text.size(); ++i) given.emplace_back(name, "1");
          ParameterReader(given, {"a", "b", "c", "many"}, {"many"}).finish();
        });
  };
  for (const std::string name : {"a", "many", "mny", "elsewhere", "\xFF"}) {
    CAPTURE(name);
    CHECK(read(100'000, name).growth <= kMaxGrowth);
  }
  const ParameterList given(10'000, {std::string(1'000, '\x01'), "1"});
  const auto problem = test::problem_of([&] { ParameterReader(given, {"a"}).finish(); });
  REQUIRE(problem);
  CHECK(problem->faults().listed().size() == 50);
  CHECK(problem->faults().more() == 9'950);
  CHECK(http::problem_response(*problem, "id").body->size() <= http::kMaxRefusalBytes);
}

// U+FDFA, of three bytes, is 18 characters in NFKD, which stand in four bytes each before they are written;
// the room for them may be taken once more while it grows. What strangers can have folded has 8 KiB at most.
constexpr double kMaxTextFactor = 80;

TEST_CASE("a text takes a bounded factor and proportional time, whatever is made of it") {
  const std::vector<Shape> texts{
      {"letters", [](std::size_t bytes) { return repeated(bytes, "x"); }},
      {"words", [](std::size_t bytes) { return repeated(bytes, "x "); }},
      {"letters that become eighteen", [](std::size_t bytes) { return repeated(bytes, "\uFDFA"); }},
      {"letters that become three in NFC", [](std::size_t bytes) { return repeated(bytes, "\uFB2C"); }},
      {"marks", [](std::size_t bytes) { return repeated(bytes, "\u0301", "a"); }},
      {"marks out of order", [](std::size_t bytes) { return repeated(bytes, "\u0301\u0323", "a"); }},
      {"white space", [](std::size_t bytes) { return repeated(bytes, " "); }},
      {"at signs", [](std::size_t bytes) { return repeated(bytes, "@"); }},
  };
  const std::size_t bytes = kMebibyte / test::kSlowdown;  // in proportion, however large
  for (const Shape& shape : texts) {
    CAPTURE(shape.name);
    for (const auto read : std::vector<void (*)(const std::string&)>{
             [](const std::string& text) { fold(text); }, [](const std::string& text) { words(text); },
             [](const std::string& text) { normalize(text); },
             [](const std::string& text) { text_fault(text, 1, 255); },
             [](const std::string& text) { email_fault(text); }, [](const std::string& text) { trim(text); },
             [](const std::string& text) {
               nearest_name(text, std::vector<std::string_view>{"min_price", "max_price"});
             }}) {
      const Cost cost = cost_of(bytes, shape.make, read);
      CAPTURE(cost.memory);
      CHECK(cost.memory <= kMaxTextFactor);
      CHECK(cost.growth <= kMaxGrowth);
    }
  }
}

TEST_CASE("a text that is too long is refused without being brought to NFC") {
  const std::string text = repeated(kMebibyte, "\uFB2C");
  const PeakMemory peak;
  CHECK(text_fault(text, 1, 255) == "must have at most 255 characters");
  CHECK(email_fault(text) == "must be an e-mail address");
  CHECK(peak.bytes() < 64 * 1024);
}

TEST_CASE("data that unpacks to too much is refused before any of it is kept") {
  const std::string bomb = gzip(std::string(64 * kMebibyte, 'x'));
  CHECK(bomb.size() < 128 * 1024);
  const PeakMemory peak;
  CHECK(test::problem_of([&] { gunzip(bomb, 64 * kMebibyte - 1); }).has_value());
  CHECK(peak.bytes() < kMebibyte);
}

TEST_CASE("what is unpacked takes its own size") {
  const std::string packed = gzip(std::string(33 * kMebibyte, 'x'));
  const PeakMemory peak;
  CHECK(gunzip(packed, 64 * kMebibyte).size() == 33 * kMebibyte);
  CHECK(peak.bytes() < 34 * kMebibyte);
}

// JSON writes a control character in six bytes, into a string that may have doubled.
constexpr double kMaxJsonFactor = 20;

TEST_CASE("a text takes a bounded factor in an answer and in the log") {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  REQUIRE(nowhere >= 0);
  const SystemClock clock;
  Log log(nowhere, Log::Level::info, clock);
  for (const char c : {'x', '"', '\x01', '\xFF'}) {
    CAPTURE(static_cast<int>(c));
    const auto make = [c](std::size_t bytes) { return std::string(bytes, c); };
    const Cost answer =
        cost_of(kMebibyte, make, [](const std::string& text) { JsonWriter().string(text).take(); });
    CHECK(answer.memory <= kMaxJsonFactor);
    CHECK(answer.growth <= kMaxGrowth);
    const Cost line = cost_of(kMebibyte, make, [&](const std::string& text) {
      log.info("event", {{"path", text}});
    });
    CHECK(line.memory <= kMaxJsonFactor);
    CHECK(line.growth <= kMaxGrowth);
  }
  ::close(nowhere);
}

}  // namespace
