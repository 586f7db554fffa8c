#include "api/cursor.h"
#include "base/percent_encoding.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace {

using aforro::api::make_cursor;
using aforro::api::read_cursor;
using Fields = std::vector<std::string>;

TEST_CASE("a cursor gives back the fields that it was made of") {
  for (const Fields& fields :
       {Fields{"1795466662699193", "7"}, Fields{"café crème", "1"}, Fields{"", ""}, Fields{"x"},
        Fields{"a/b", "c&d=e", "f\"g"}, Fields{std::string(300, 'x'), "2"}}) {
    CHECK(read_cursor(make_cursor("orders/7/", fields), "orders/7/", fields.size()) == fields);
  }
}

TEST_CASE("a field may hold anything, also what separates fields") {
  const Fields odd{std::string("\x1F\x1F"), std::string("a\0b\x1F", 4), "\xFF", "7:x,"};
  CHECK(read_cursor(make_cursor("list", odd), "list", 4) == odd);
  CHECK(make_cursor("list", {"a\x1F", "b"}) != make_cursor("list", {"a",
                                                                    "\x1F"
                                                                    "b"}));
}

TEST_CASE("a cursor of another list, store or filter is none") {
  const std::string cursor = make_cursor("orders/7/CONFIRMED", {"1", "2"});
  CHECK(read_cursor(cursor, "orders/7/CONFIRMED", 2));
  for (const char* other :
       {"orders/7/", "orders/7/REJECTED", "orders/70/CONFIRMED", "inventory/7/CONFIRMED", ""}) {
    CAPTURE(other);
    CHECK(!read_cursor(cursor, other, 2));
  }
}

TEST_CASE("a cursor with another number of fields is none") {
  const std::string cursor = make_cursor("list", {"1", "2"});
  for (const std::size_t fields : {0U, 1U, 3U}) CHECK(!read_cursor(cursor, "list", fields));
}

TEST_CASE("a cursor in which anything was changed, added or cut off is none") {
  const std::string cursor = make_cursor("list", {"1795466662699193", "7"});
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    CAPTURE(i);
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(!read_cursor(changed, "list", 2));
    CHECK(!read_cursor(cursor.substr(0, i), "list", 2));
  }
  CHECK(!read_cursor(cursor + "A", "list", 2));
  CHECK(!read_cursor(cursor + "=", "list", 2));
  CHECK(!read_cursor(cursor + cursor, "list", 2));
  CHECK(!read_cursor(" " + cursor, "list", 2));
}

TEST_CASE("what was never a cursor is none") {
  for (const std::string& text :
       {std::string(), std::string("7"), std::string("abc"), std::string("%00"), std::string("===="),
        std::string(7, 'A'), std::string(100, 'A'), std::string("\xC3\xA9"), std::string("a b"),
        std::string("../x"), std::string(1 << 20, 'A')}) {
    CHECK(!read_cursor(text, "list", 1));
    CHECK(!read_cursor(text, "list", 0));
  }
}

TEST_CASE("a cursor needs no encoding in a link") {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::string cursor = make_cursor("list", {every_byte});
  CHECK(aforro::percent_encode(cursor) == cursor);
}

}  // namespace
