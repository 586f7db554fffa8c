#include "base/csv.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace {

using namespace std::string_view_literals;
using aforro::CsvReader;
using aforro::CsvRecord;
using aforro::Problem;
using Fields = std::vector<std::string>;

std::vector<CsvRecord> read_all(std::string_view text) {
  CsvReader reader(text);
  std::vector<CsvRecord> records;
  for (CsvRecord record; reader.next(record);) records.push_back(record);
  return records;
}

std::string refusal(std::string_view text) {
  try {
    read_all(text);
  } catch (const Problem& problem) {
    return problem.detail();
  }
  return "not refused";
}

TEST_CASE("records end at CRLF, LF or CR, the last one also at the end") {
  const auto records = read_all("a,b\r\nc,d\ne,f\rg,h");

  REQUIRE(records.size() == 4);
  CHECK(records[0].fields == Fields{"a", "b"});
  CHECK(records[1].fields == Fields{"c", "d"});
  CHECK(records[2].fields == Fields{"e", "f"});
  CHECK(records[3].fields == Fields{"g", "h"});
  CHECK(records[3].line == 4);
}

TEST_CASE("a byte order mark is no part of the first field, quoted or not") {
  CHECK(read_all("\xEF\xBB\xBFsku,title")[0].fields == Fields{"sku", "title"});
  CHECK(read_all("\xEF\xBB\xBF\"sku\",title")[0].fields == Fields{"sku", "title"});
  CHECK(read_all("\xEF\xBB\xBF").empty());
}

TEST_CASE("a file in UTF-16 is refused, saying so") {
  CHECK(refusal("\xFF\xFEs\0"sv) == "this is UTF-16; save it as UTF-8");
  CHECK(refusal("\xFE\xFF\0s"sv) == "this is UTF-16; save it as UTF-8");
}

TEST_CASE("quotes hold commas, doubled quotes and line breaks, which stay as they are") {
  const auto records =
      read_all("\"a,b\",\"24\"\" screen\",\"one\r\ntwo\nthree\rfour\",\"\"\nnext,,\"\"\"\",x\n");

  REQUIRE(records.size() == 2);
  CHECK(records[0].fields == Fields{"a,b", "24\" screen", "one\r\ntwo\nthree\rfour", ""});
  CHECK(records[1].fields == Fields{"next", "", "\"", "x"});
}

TEST_CASE("a record knows the line it begins on, whatever breaks the lines before") {
  const auto records = read_all("a\r\n\r\n\"b\r\nb\nb\rb\"\n\n\nc\r\rd");

  REQUIRE(records.size() == 4);
  CHECK(records[0].line == 1);
  CHECK(records[1].line == 3);
  CHECK(records[2].line == 9);
  CHECK(records[3].line == 11);
}

TEST_CASE("spaces are part of a field, and a trailing comma opens an empty one") {
  CHECK(read_all(" a , b,").at(0).fields == Fields{" a ", " b", ""});
}

TEST_CASE("empty lines are no records, but a quoted nothing is") {
  CHECK(read_all("").empty());
  CHECK(read_all("\n\r\n\r").empty());
  REQUIRE(read_all("\n\"\"\n").size() == 1);
  CHECK(read_all("\n\"\"\n")[0].fields == Fields{""});
}

TEST_CASE("a quote that is never closed is refused with the line it opens on") {
  CHECK(refusal("a,b\n1,\"two\nthree") == "line 2: a quote is opened and not closed");
  CHECK(refusal("\"") == "line 1: a quote is opened and not closed");
  CHECK(refusal("\"a\"\"") == "line 1: a quote is opened and not closed");
  CHECK(refusal("a\n\"" + std::string(3 << 20, 'x') + "\"\n") ==
        "line 2: a quote is opened and not closed within 1 MiB");
}

TEST_CASE("a misplaced quote spoils its record and not the next") {
  const auto records = read_all("24\" screen,5\n\"a\"b,5\r\nfine,5");

  REQUIRE(records.size() == 3);
  CHECK(records[0].fault == "has a quote inside a field that does not begin with one");
  CHECK(records[1].fault == "has text after a closing quote");
  CHECK(records[1].line == 2);
  CHECK(!records[2].fault);
  CHECK(records[2].line == 3);
  CHECK(records[2].fields == Fields{"fine", "5"});
}

TEST_CASE("NUL and broken UTF-8 spoil their record and not the next") {
  const auto records = read_all("a\0b,1\n\xC3,2\n\xED\xA0\x80,3\n\"\xFF\n\",4\nfine,5\n"sv);

  REQUIRE(records.size() == 5);
  CHECK(records[0].fault == "has a NUL character");
  CHECK(records[1].fault == "is not valid UTF-8");
  CHECK(records[2].fault == "is not valid UTF-8");
  CHECK(records[3].fault == "is not valid UTF-8");
  CHECK(!records[4].fault);
  CHECK(records[4].line == 6);
}

TEST_CASE("a record of a million columns, or of many megabytes, is a fault and keeps little") {
  const auto wide = read_all(std::string(1'000'000, ',') + "\nfine");
  REQUIRE(wide.size() == 2);
  CHECK(wide[0].fault == "has more than 1,000 fields");
  CHECK(wide[0].fields.size() <= aforro::kMaxCsvFields);
  CHECK(wide[1].fields == Fields{"fine"});

  const auto long_line = read_all(std::string(5 << 20, 'x') + "\nfine");
  REQUIRE(long_line.size() == 2);
  CHECK(long_line[0].fault == "is larger than 1 MiB");
  CHECK(long_line[1].fields == Fields{"fine"});
}

TEST_CASE("exactly a thousand fields are fine") {
  const auto records = read_all(std::string(999, ','));

  REQUIRE(records.size() == 1);
  CHECK(!records[0].fault);
  CHECK(records[0].fields.size() == 1'000);
}

TEST_CASE("what is written is read back the same") {
  const std::vector<Fields> table = {
      {"a", "b"},   {""},
      {"", ""},     {"x,y", "say \"hi\"", "two\r\nlines", "\r", "\n"},
      {" spaced "}, {"\xEF\xBB\xBF", "caf\xC3\xA9", "\"", "\"\""},
  };
  for (std::size_t first = 0; first < table.size(); ++first) {
    std::string text;
    for (std::size_t i = first; i < table.size(); ++i) aforro::append_csv_record(text, table[i]);

    const auto records = read_all(text);

    REQUIRE(records.size() == table.size() - first);
    for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i].fields == table[first + i]);
  }
}

TEST_CASE("the writer quotes only what needs it and ends lines by CRLF") {
  std::string text;
  aforro::append_csv_record(text, Fields{"plain", "a,b", "5\"", ""});
  CHECK(text == "plain,\"a,b\",\"5\"\"\",\r\n");
}

TEST_CASE("fields may be separated by something else than commas, which is then text") {
  for (const char separator : std::string(";\t|:")) {
    CAPTURE(separator);
    std::string text = "a,b;\"c,\";\r\n\"x\"\"\";y;z\n";
    std::replace(text.begin(), text.end(), ';', separator);
    CsvReader reader(text, separator, 2);
    CsvRecord record;
    REQUIRE(reader.next(record));
    CHECK(record.fields == Fields{"a,b", "c,", ""});
    CHECK(record.line == 2);
    REQUIRE(reader.next(record));
    CHECK(record.fields == Fields{"x\"", "y", "z"});
    CHECK(record.line == 3);
  }
}

TEST_CASE("a first line may say what separates fields") {
  using aforro::read_separator_line;
  for (const std::string_view line :
       {"sep=;\r\n"sv, "sep=;\n"sv, "sep=;\r"sv, "sep=;"sv, "SEP=;\n"sv, "\"sep=;\"\n"sv,
        "\xEF\xBB\xBFsep=;\r\n"sv, "sep=;;;;\n"sv, "sep=; \t\r\n"sv, "\"sep=;\" ;; \n"sv, "sep=; "sv}) {
    CAPTURE(line);
    const auto found =
        read_separator_line(std::string(line) + (line.find_first_of("\r\n") == line.npos ? "" : "a;b"));
    REQUIRE(found);
    CHECK(found->separator == ';');
    CHECK(found->bytes == line.size());
    CHECK(found->lines == 1);
  }
  for (const std::string_view line :
       {"\nsep=;\n"sv, "\r\n \t\r\nsep=;\r\n"sv, "\xEF\xBB\xBF\r\rsep=;\r"sv, " sep=;"sv}) {
    CAPTURE(line);
    const auto found = read_separator_line(line);
    REQUIRE(found);
    CHECK(found->separator == ';');
    CHECK(found->bytes == line.size());
  }
  CHECK(read_separator_line("\r\n \r\nsep=;\r\na;b")->lines == 3);
  CHECK(read_separator_line("sep=\t\n")->separator == '\t');
  CHECK(read_separator_line("sep=\t \n")->separator == '\t');
  for (const std::string_view line :
       {""sv, "sep"sv, "sep="sv, "sep=\n"sv, "sep=a\n"sv, "sep=\"\n"sv, "sep=;x\n"sv, "\"sep=;\n"sv,
        "sku;sep=;\n"sv, "sep=; x\n"sv, "a\nsep=;\n"sv, "\n\n"sv, " "sv}) {
    CAPTURE(line);
    CHECK(!read_separator_line(line));
  }
}

}  // namespace
