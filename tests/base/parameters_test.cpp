#include "base/parameters.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "support/refusal.h"

namespace {

using aforro::Fault;
using aforro::Money;
using aforro::ParameterList;
using aforro::ParameterReader;
using aforro::test::problem_of;

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// A reader that knows "a", "b" and, any number of times, "many".
ParameterReader reading(const ParameterList& given) { return {given, {"a", "b", "many"}, {"many"}}; }

struct Told {
  std::string name;
  std::string detail;
  friend bool operator==(const Told&, const Told&) = default;
};

std::vector<Told> faults(ParameterReader& reader) {
  std::vector<Told> told;
  const auto problem = problem_of([&] { reader.finish(); });
  if (!problem) return told;
  for (const Fault& fault : problem->faults().listed()) {
    CHECK(fault.in == Fault::In::query);
    told.push_back({fault.where, fault.detail});
  }
  return told;
}

std::vector<Told> faults_of(const ParameterList& given) {
  ParameterReader reader = reading(given);
  return faults(reader);
}

TEST_CASE("a parameter is read by its name, one that is absent or empty is none") {
  const ParameterList given{{"a", "x"}, {"b", ""}};
  ParameterReader reader = reading(given);
  CHECK(reader.text("a") == "x");
  CHECK(!reader.text("b"));
  CHECK(!reader.text("many"));
  CHECK(faults(reader).empty());
}

TEST_CASE("one that may repeat is read in order, without the empty ones") {
  const ParameterList given{{"many", "2"}, {"a", "x"}, {"many", ""}, {"many", "1"}, {"many", "2"}};
  ParameterReader reader = reading(given);
  CHECK(reader.all("many") == std::vector<std::string_view>{"2", "1", "2"});
  CHECK(faults(reader).empty());
}

TEST_CASE("one given twice is a fault, unless all but one are empty, and has no value") {
  const ParameterList given{{"a", "1"}, {"a", "1"}};
  ParameterReader reader = reading(given);
  CHECK(!reader.text("a"));
  CHECK(!reader.whole_number("a", 0, 9));
  CHECK(faults(reader) == std::vector<Told>{{"a", "must be given once only"}});
  CHECK(faults_of({{"a", ""}, {"a", "1"}, {"a", ""}}).empty());
}

TEST_CASE("an unknown name is a fault that names the nearest known one, even when it is empty") {
  CHECK(faults_of({{"mny", "1"}}) == std::vector<Told>{{"mny", "is not known here; did you mean many?"}});
  CHECK(faults_of({{"elsewhere", ""}}) == std::vector<Told>{{"elsewhere", "is not known here"}});
  CHECK(faults_of({{"", "1"}}).size() == 1);
  CHECK(faults_of({{"MANY", "1"}}).size() == 1);
}

TEST_CASE("names that trackers add are passed over, and format where it says json") {
  CHECK(faults_of({{"fbclid", "1"}, {"gclid", "\xFF"}, {"msclkid", ""}, {"msclkid", "2"}, {"format", "json"}})
            .empty());
  CHECK(faults_of({{"format", "xml"}}).size() == 1);
  CHECK(faults_of({{"format", ""}}).size() == 1);
  CHECK(faults_of({{"Gclid", "1"}}).size() == 1);
}

TEST_CASE("names that begin with an underscore or utm_ are passed over") {
  CHECK(faults_of({{"_", "1"}, {"_x", "1"}, {"_x", "2"}, {"utm_source", "\xFF"}}).empty());
  CHECK(faults_of({{"utm", "1"}}).size() == 1);
}

TEST_CASE("broken UTF-8 is a fault, in a value by its name and in a name without showing it") {
  const ParameterList given{{"a", "x\xFF"}, {"many", "ok"}, {"many", "\xC3"}};
  ParameterReader reader = reading(given);
  CHECK(!reader.text("a"));
  CHECK(reader.all("many") == std::vector<std::string_view>{"ok"});
  CHECK(faults(reader) == std::vector<Told>{{"a", "must be valid UTF-8"}, {"many", "must be valid UTF-8"}});
  CHECK(faults_of({{"\xFFname", "1"}}) == std::vector<Told>{{"(unreadable)", "is not known here"}});
  CHECK(faults_of({{std::string(65, 'x'), "1"}}) ==
        std::vector<Told>{{std::string(61, 'x') + "…", "is not known here"}});
}

TEST_CASE("a whole number is within its bounds, or a fault that says them") {
  const ParameterList given{{"a", "5"}, {"b", "11"}};
  ParameterReader reader = reading(given);
  CHECK(reader.whole_number("a", 1, 10) == 5);
  CHECK(!reader.whole_number("b", 1, 10));
  CHECK(!reader.whole_number("many", 1, 10));
  CHECK(faults(reader) == std::vector<Told>{{"b", "must be a whole number from 1 to 10"}});

  const ParameterList negative{{"a", "-1"}};
  ParameterReader other = reading(negative);
  CHECK(!other.whole_number("a", 0, kMost));
  CHECK(faults(other) == std::vector<Told>{{"a", "must be a whole number of at least 0"}});
}

TEST_CASE("a limit above its maximum counts as the maximum, however large") {
  for (const char* text : {"100", "101", "9223372036854775807", "9223372036854775808",
                           "99999999999999999999999999999999", "000000000000000000000000000000101"}) {
    CAPTURE(text);
    const ParameterList given{{"a", text}};
    ParameterReader reader = reading(given);
    CHECK(reader.limit("a", 100) == 100);
    CHECK(faults(reader).empty());
  }
  const ParameterList given{{"a", "7"}};
  CHECK(reading(given).limit("a", 100) == 7);
  CHECK(!reading(given).limit("b", 100));
}

TEST_CASE("a limit below 1 or that is no number is a fault") {
  for (const char* text :
       {"0", "000", "-1", "-99999999999999999999", "+5", "5.0", "1e3", "x", " 5", "\xD9\xA3"}) {
    CAPTURE(text);
    const ParameterList given{{"a", text}};
    ParameterReader reader = reading(given);
    CHECK(!reader.limit("a", 100));
    CHECK(faults(reader) == std::vector<Told>{{"a", "must be a whole number of at least 1"}});
  }
}

TEST_CASE("a price is read or is a fault") {
  const ParameterList given{{"a", "12.5"}, {"b", "12,5"}};
  ParameterReader reader = reading(given);
  CHECK(reader.price("a") == Money::from_minor(1'250));
  CHECK(!reader.price("b"));
  CHECK(faults(reader) ==
        std::vector<Told>{{"b", "must be a price from 0 to 9999999.99 with at most two decimals"}});
}

TEST_CASE("all faults are reported at once, those that the caller noted too") {
  const ParameterList given{{"x", "1"}, {"a", "0"}, {"b", "1"}, {"b", "2"}};
  ParameterReader reader = reading(given);
  reader.whole_number("a", 1, 9);
  reader.fault("b", "must not be above a");
  const auto told = faults(reader);
  REQUIRE(told.size() == 4);
  CHECK(told[0].name == "x");
  CHECK(told[1].name == "b");
  CHECK(told[2].name == "a");
  CHECK(told[3] == Told{"b", "must not be above a"});
}

}  // namespace
