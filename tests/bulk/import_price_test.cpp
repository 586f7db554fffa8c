#include "bulk/import_price.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using aforro::bulk::DecimalMark;
using aforro::bulk::read_price;

// In minor units; -1 if it is refused.
std::int64_t minor(std::string_view text, DecimalMark mark) {
  const auto read = read_price(text, mark);
  CHECK(read.price.has_value() == read.fault.empty());
  return read.price ? read.price->minor_units() : -1;
}

TEST_CASE("a price is read by its marks where they can mean one thing") {
  for (const auto& price :
       std::vector<std::pair<std::string_view, std::int64_t>>{{"12", 1200},
                                                              {"12.5", 1250},
                                                              {"12.50", 1250},
                                                              {"0", 0},
                                                              {"0.05", 5},
                                                              {"1,234.50", 123450},
                                                              {"1'234.50", 123450},
                                                              {"1’234", 123400},
                                                              {"1 234.5", 123450},
                                                              {"1,234,567", 123456700},
                                                              {"1\u00A0234", 123400},
                                                              {"9,999,999.99", 999999999}}) {
    CAPTURE(price.first);
    CHECK(minor(price.first, DecimalMark::point) == price.second);
    CHECK(minor(price.first, DecimalMark::point_or_comma) == price.second);
  }
}

TEST_CASE("a comma is the decimal mark only where columns are separated by something else") {
  for (const auto& price : std::vector<std::pair<std::string_view, std::int64_t>>{{"12,50", 1250},
                                                                                  {"12,5", 1250},
                                                                                  {"0,99", 99},
                                                                                  {"1.234,56", 123456},
                                                                                  {"1.234.567,8", 123456780},
                                                                                  {"1 234,50", 123450},
                                                                                  {"1\u202F234,50", 123450},
                                                                                  {"1'234,50", 123450}}) {
    CAPTURE(price.first);
    CHECK(minor(price.first, DecimalMark::point_or_comma) == price.second);
    CHECK(minor(price.first, DecimalMark::point) == -1);
  }
  CHECK(
      read_price("12,50", DecimalMark::point).fault ==
      "must be 0 to 9999999.99 with at most two decimals, written with a point: a decimal comma counts where"
      " columns are not separated by commas");
}

TEST_CASE("a thousand that may be a fraction is refused with both") {
  for (const DecimalMark mark : {DecimalMark::point, DecimalMark::point_or_comma}) {
    CHECK(read_price("1.234", mark).fault ==
          "must be 0 to 9999999.99 with at most two decimals, and 1.234 could be a thousand or a fraction: "
          "write"
          " 1234 or 1.23");
    CHECK(minor("1,234", mark) == -1);
    CHECK(minor("12.345", mark) == -1);
  }
}

TEST_CASE("what is no price is refused, a currency by name") {
  for (const DecimalMark mark : {DecimalMark::point, DecimalMark::point_or_comma}) {
    for (const std::string_view text : {"",
                                        "-1",
                                        "+1",
                                        "1e3",
                                        "1E+05",
                                        ".5",
                                        "5.",
                                        "12,",
                                        "12,-",
                                        ",50",
                                        "1..2",
                                        "1.,2",
                                        "1 2",
                                        "1 23.50",
                                        "1.23.4",
                                        "1,23,4",
                                        "1234.567",
                                        "1,2345.00",
                                        "12,34.50",
                                        "1,234 567",
                                        "0.123",
                                        "0,123",
                                        "0 123",
                                        "012.345",
                                        "0.123,45",
                                        "abc",
                                        "12 34 5",
                                        "10000000",
                                        "99999999999999999999",
                                        "1 234 ",
                                        "١٢",
                                        "12.50.",
                                        "0x10",
                                        "NaN",
                                        "1,234.567.00"}) {
      CAPTURE(text);
      CHECK(minor(text, mark) == -1);
    }
    for (const std::string_view text : {"$12", "€ 12.50", "12,50 €", "12.50EUR", "CHF 1'200.00"}) {
      CAPTURE(text);
      CHECK(read_price(text, mark).fault ==
            "must be 0 to 9999999.99 with at most two decimals, without a currency");
    }
  }
}

}  // namespace
