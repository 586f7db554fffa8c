#include "base/assignments.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/refusal.h"

namespace {

using namespace std::string_view_literals;
using aforro::Assignment;
using aforro::parse_assignments;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(std::string_view text) {
  Pairs found;
  for (const Assignment& assignment : parse_assignments(text)) {
    found.emplace_back(assignment.name, assignment.value);
  }
  return found;
}

std::string value(std::string_view written) { return pairs("NAME=" + std::string(written)).at(0).second; }

std::string refusal(std::string_view text) {
  const auto problem = aforro::test::problem_of([&] { parse_assignments(text); });
  return problem ? problem->detail() : "not refused";
}

TEST_CASE("a setting is a name, an equals sign and a value, one a line, with the line it stands on") {
  const auto found =
      parse_assignments("\n# the shop\nDB_NAME=shop\r\n\n  export  REDIS_HOST = cache.example  \nLAST=1");
  REQUIRE(found.size() == 3);
  CHECK(found[0].name == "DB_NAME");
  CHECK(found[0].value == "shop");
  CHECK(found[0].line == 3);
  CHECK(found[1].name == "REDIS_HOST");
  CHECK(found[1].value == "cache.example");
  CHECK(found[1].line == 5);
  CHECK(found[2].line == 6);
}

TEST_CASE("a file may be empty, begin with a byte order mark and name a setting twice") {
  CHECK(pairs("").empty());
  CHECK(pairs("\n \n\t# x").empty());
  CHECK(pairs("\xEF\xBB\xBF"
              "A=1\nA=2") == Pairs{{"A", "1"}, {"A", "2"}});
}

TEST_CASE("a bare value ends at a comment, which needs a blank before it") {
  CHECK(value("a b # c") == "a b");
  CHECK(value("a#b") == "a#b");
  CHECK(value("#c").empty());
  CHECK(value("").empty());
  CHECK(value("a=b=c") == "a=b=c");
  CHECK(value("it's \"so\" $HOME \\n") == "it's \"so\" $HOME \\n");
}

TEST_CASE("quotes keep blanks and signs; a backslash counts in double ones, before a quote or another") {
  CHECK(value(R"("  a # b  " # c)") == "  a # b  ");
  CHECK(value(R"("say \"hi\" \\ \n $X")") == R"(say "hi" \ \n $X)");
  CHECK(value(R"('say "hi" \' # c)") == R"(say "hi" \)");
  CHECK(value("\"\"").empty());
  CHECK(value("''").empty());
}

TEST_CASE("a line that is no setting is named") {
  for (const std::string_view line :
       {"NAME"sv, "=value"sv, "NA ME=1"sv, "N\xC3\xA9=1"sv, "NAME=\"open"sv, "NAME='open"sv, "NAME=\"a\" b"sv,
        "NAME=\"a\\\""sv, "NAME=a\0b"sv, "NAME='a\0b'"sv, "export"sv}) {
    CAPTURE(line);
    CHECK(refusal("A=1\n" + std::string(line) + "\nB=2") == "line 2 is not of the form NAME=value");
  }
}

TEST_CASE("a quote does not reach over the end of its line") {
  CHECK(refusal("A=\"one\ntwo\"") == "line 1 is not of the form NAME=value");
}

}  // namespace
