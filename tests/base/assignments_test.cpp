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
using aforro::find_assignments;
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

TEST_CASE("quotes keep blanks and signs; a backslash counts in double ones, as docker compose has it") {
  CHECK(value(R"("  a # b  " # c)") == "  a # b  ");
  CHECK(value(R"("say \"hi\" \\ \$X ${Y} \w")") == R"(say "hi" \ $X ${Y} \w)");
  CHECK(value(R"("a\nb\tc\r")") == "a\nb\tc\r");
  CHECK(value(R"('say "hi" \' # c)") == R"(say "hi" \)");
  CHECK(value(R"('a\n\\ "$X"')") == R"(a\n\\ "$X")");
  CHECK(value(R"('Let\'s go!')") == "Let's go!");
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

TEST_CASE("lines end at LF, CRLF or CR, and are counted as an editor counts") {
  const auto found = parse_assignments("A=1\r\nB=2\rC=3\n\r\nD=4\r");
  REQUIRE(found.size() == 4);
  CHECK(found[1].line == 2);
  CHECK(found[2].line == 3);
  CHECK(found[3].line == 5);
  CHECK(found[3].value == "4");
}

bool is_ours(std::string_view name) { return name.starts_with("OUR_"); }

Pairs ours(std::string_view text) {
  Pairs found;
  for (const Assignment& assignment : find_assignments(text, &is_ours)) {
    found.emplace_back(assignment.name, assignment.value);
  }
  return found;
}

std::string ours_refused(std::string_view text) {
  const auto problem = aforro::test::problem_of([&] { find_assignments(text, &is_ours); });
  return problem ? problem->detail() : "not refused";
}

TEST_CASE("whatever others have written in a shared file, ours behind it is found, on its line") {
  for (const std::string_view theirs :
       {"TOKEN"sv,   "export\tA=1"sv, "export TOKEN"sv,      "[section]"sv, "name: value"sv,
        "a.b-c=1"sv, "source x"sv,    "if [ -f x ]; then"sv, "fi"sv,        "A=\"open"sv,
        "A='open"sv, "A=`open"sv,     "A=\"a\" b"sv,         "A=b\0c"sv,    "\xFF\xFE\0"sv,
        "=x"sv,      "A=\"x\\"sv,     "A=\"\"\"open"sv,      "cat <<EOF"sv, "A=1 << 2"sv,
        "<<"sv,      "OUR="sv,        "our_name"sv,          "\\"sv,        "A=it's"sv,
        "export"sv,  "é=1"sv,         "A=\"1\" # \""sv}) {
    CAPTURE(theirs);
    const auto found = find_assignments(std::string(theirs) + "\nOUR_NAME=1\n", &is_ours);
    REQUIRE(found.size() == 1);
    CHECK(found[0].value == "1");
    CHECK(found[0].line == 2);
  }
}

TEST_CASE("what stands within a value of several lines or a here-document is nobody's setting") {
  for (const std::string_view theirs :
       {"A=\"one\nOUR_NAME=inner\ntwo\""sv, "A='one\nOUR_NAME=inner\n' # c"sv, "A=`\nOUR_NAME=inner\n`"sv,
        "A=\"say \\\"\nOUR_NAME=inner\n\""sv, "A: \"\r\nOUR_NAME=inner\r\n\""sv,
        "A=\"\"\"\nOUR_NAME=\"inner\"\n\"\"\""sv, "A='it\\'s\nOUR_NAME=inner\n'"sv,
        "cat <<EOF\nOUR_NAME=inner\nEOF"sv, "A=$(cat <<-\"END\"\nOUR_NAME=inner\n\tEND"sv}) {
    CAPTURE(theirs);
    const auto found = find_assignments(std::string(theirs) + "\nOUR_NAME=1", &is_ours);
    REQUIRE(found.size() == 1);
    CHECK(found[0].value == "1");
    CHECK(found[0].line == 4);
  }
}

TEST_CASE("a quote of others that only closes as the opening one of ours hides nothing") {
  CHECK(ours("A=\"open\nOUR_NAME=\"1\"\n") == Pairs{{"OUR_NAME", "1"}});
  CHECK(ours("A='open\nOUR_NAME='1' # c\n") == Pairs{{"OUR_NAME", "1"}});
}

TEST_CASE("a setting of ours may be written as docker compose takes it") {
  CHECK(ours("OUR_A: 1 # c\nexport OUR_B = 'x'\nOUR_C:\nOUR_D=\nexport OUR_A\nOUR_E=a:b") ==
        Pairs{{"OUR_A", "1"}, {"OUR_B", "x"}, {"OUR_C", ""}, {"OUR_D", ""}, {"OUR_E", "a:b"}});
}

TEST_CASE("a fault in a setting of ours is told with its line and name") {
  CHECK(ours_refused("A\nOUR_NAME\n") == "line 2: OUR_NAME must be followed by = and its value");
  CHECK(ours_refused("OUR_NAME+=x") == "line 1: OUR_NAME must be followed by = and its value");
  CHECK(ours_refused("A='\n'\nOUR_NAME='x\ny'") ==
        "line 3: the value of OUR_NAME must be one quoted text on one line");
  CHECK(ours_refused("OUR_NAME=\"a\" b") ==
        "line 1: the value of OUR_NAME must be one quoted text on one line");
  CHECK(ours_refused("OUR_NAME=a\0b"sv) == "line 1: OUR_NAME has a NUL character");
}

TEST_CASE("a file made to be slow is read at once") {
  std::string documents;
  for (int i = 0; i < 100'000; ++i) documents += "<<A" + std::to_string(i) + "\n";
  CHECK(ours(documents + "OUR_NAME=1") == Pairs{{"OUR_NAME", "1"}});
  std::string quotes;
  for (int i = 0; i < 100'000; ++i) quotes += i % 2 == 0 ? "A=\"x\\\"\n" : "A='x\\'y\n";
  CHECK(ours(quotes + "OUR_NAME=1") == Pairs{{"OUR_NAME", "1"}});
}

}  // namespace
