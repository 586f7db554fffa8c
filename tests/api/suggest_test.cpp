#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/percent_encoding.h"
#include "http/message.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Titles = std::vector<std::string>;

// How often a client may ask is another test's.
struct UnlimitedShop : Shop {
  explicit UnlimitedShop(Goods goods = Goods::corner) : Shop(goods, {"--suggest-rate", "off"}) {}

  HttpResponse ask(const std::string& text) { return client().get("/api/search/suggest/?q=" + text); }

  Titles suggest(const std::string& text) {
    const HttpResponse response = ask(text);
    INFO("asked for ", text);
    REQUIRE_MESSAGE(response.status == 200, response.body);
    const json answer = parse(response);
    CHECK(names(answer) == std::vector<std::string>{"suggestions"});
    return answer["suggestions"].get<Titles>();
  }
};

}  // namespace

TEST_CASE(
    "titles that start with the text come first, then those with such a word, then those that contain it") {
  UnlimitedShop shop;
  CHECK(shop.suggest("mug") == Titles{"Mugwort Tea", "Blue Mug", "Red Mug", "Smug Cat"});
  CHECK(shop.suggest("gar") == Titles{"Garden Hose"});
  CHECK(shop.suggest("ade") == Titles{"Spade"});
  CHECK(shop.suggest("red+m") == Titles{"Red Mug"});
  CHECK(shop.suggest("den+ho") == Titles{"Garden Hose"});
  CHECK(shop.suggest("e+k") == Titles{});
  CHECK(shop.suggest("d+k") == Titles{"Bread Knife"});
  CHECK(shop.suggest("zzz") == Titles{});
}

TEST_CASE("a suggestion is found without regard to case and accents and shown as it is written") {
  UnlimitedShop shop;
  for (const std::string text : {"cafe", "CAFE", "Caf%C3%A9", "cafe%CC%81", "%EF%BC%A3%EF%BC%A1%EF%BC%A6"}) {
    CAPTURE(text);
    CHECK(shop.suggest(text) == Titles{"Café Crème Cups"});
  }
  CHECK(shop.suggest("creme") == Titles{"Café Crème Cups"});
  CHECK(shop.suggest("APPLE") == Titles{"apple slicer"});
}

TEST_CASE("what is typed in any script is counted as it is typed, and finds what it says") {
  UnlimitedShop shop(Goods::none);
  import_products(shop.database(),
                  "sku,title,price,category\n1,पानी की बोतल,1,K\n2,दूध पाउडर,1,K\n3,น้ำดื่ม,1,K\n4,ไข่ไก่,1,K\n"
                  "5,ガラスの花瓶,1,K\n6,カラスのぬいぐるみ,1,K\n7,שָׁלוֹם תיק,1,K\n8,தண்ணீர் பாட்டில்,1,K\n");
  const auto suggest = [&](const std::string& text) { return shop.suggest(aforro::percent_encode(text)); };
  CHECK(suggest("पानी की") == Titles{"पानी की बोतल"});
  CHECK(suggest("पानी") == Titles{"पानी की बोतल"});
  CHECK(suggest("น้ำ") == Titles{"น้ำดื่ม"});
  CHECK(suggest("दूध पा") == Titles{"दूध पाउडर"});
  CHECK(suggest("น้ำดื่") == Titles{"น้ำดื่ม"});
  CHECK(suggest("ガラス") == Titles{"ガラスの花瓶"});
  CHECK(suggest("カラ") == Titles{"カラスのぬいぐるみ"});
  CHECK(suggest("שלום") == Titles{"שָׁלוֹם תיק"});
  CHECK(suggest("தண்ணீர்") == Titles{"தண்ணீர் பாட்டில்"});
  for (const std::string few : {"पा", "น้", "ガ"}) check_invalid(shop.ask(aforro::percent_encode(few)), {"q"});
}

TEST_CASE("at most ten titles are suggested, each once") {
  UnlimitedShop shop(Goods::none);
  std::string csv = "sku,title,price,category\n";
  for (int i = 10; i < 40; ++i)
    csv += "M" + std::to_string(i) + ",Mug number " + std::to_string(i) + ",1,Kitchen\n";
  for (int i = 0; i < 20; ++i) csv += "S" + std::to_string(i) + ",Spoon,1,Kitchen\n";
  csv += "B1,Soup spoon,1,Kitchen\n";
  import_products(shop.database(), csv);
  const Titles mugs = shop.suggest("mug");
  REQUIRE(mugs.size() == 10);
  CHECK(mugs.front() == "Mug number 10");
  CHECK(mugs.back() == "Mug number 19");
  CHECK(shop.suggest("spo") == Titles{"Spoon", "Soup spoon"});
  CHECK(shop.suggest("number+3").size() == 10);
}

TEST_CASE("a text of less than 3 characters after trimming is refused") {
  UnlimitedShop shop;
  for (const std::string text :
       {"", "m", "mu", "+mu+", "++++", "%20%09%0A", "%C3%A9%C3%A9", "%F0%9F%8D%B5%F0%9F%8D%B5",
        "%E3%80%80mu%E3%80%80", "%00%00%00", "%01%02mu"}) {
    CAPTURE(text);
    check_invalid(shop.ask(text), {"q"});
  }
  check_invalid(shop.client().get("/api/search/suggest/"), {"q"});
  check_invalid(shop.client().get("/api/search/suggest/?q"), {"q"});
  CHECK(shop.suggest("+mug+").size() == 4);
  CHECK(shop.suggest("%E8%8C%B6%E8%8C%B6").empty());  // two Chinese ones are enough
}

TEST_CASE("what is wrong in the query of a suggestion is refused") {
  UnlimitedShop shop;
  check_invalid(shop.ask("mug&q=cup"), {"q"});
  check_invalid(shop.ask("mug&limit=3"), {"limit"});
  check_invalid(shop.ask("mug&qq=1&page=2"), {"qq", "page"});
  check_invalid(shop.ask("mu&limit=3"), {"limit", "q"});
  for (const std::string bytes : {"mug%FF", "%C3%28mug", "%ED%A0%80mug", "mug%F5%80%80%80"}) {
    CAPTURE(bytes);
    check_invalid(shop.ask(bytes), {"q"});
  }
  CHECK(shop.ask("mug&_=1&utm_source=x").status == 200);
}

TEST_CASE("what is typed for a suggestion is text, never syntax or a pattern") {
  UnlimitedShop shop;
  for (const std::string text : {"%25%25%25",
                                 "___",
                                 "***",
                                 "???",
                                 "[a-z]",
                                 "%5Ba-z%5D",
                                 "[]]",
                                 "%5E%5E%5E",
                                 "\"\"\"",
                                 "%22mug%22",
                                 "%22mug",
                                 "mug*",
                                 "mug+AND",
                                 "mug+OR+cup",
                                 "NOT+mug",
                                 "NEAR(mug",
                                 "title:mug",
                                 "%7Btitle%7D:mug",
                                 "mug'",
                                 "'''",
                                 "mug%27--",
                                 "mug%3Bx",
                                 "%5C%5C%5C",
                                 "mug%00",
                                 "%00mug",
                                 "m%00ug",
                                 "mug%0A",
                                 "a%7Fb",
                                 "(((",
                                 ")))",
                                 "$1$",
                                 "-mug",
                                 "mug%5B",
                                 "%EF%BF%BD%EF%BF%BD%EF%BF%BD",
                                 "%E2%80%8B%E2%80%8B%E2%80%8Bx",
                                 "%CC%81%CC%81%CC%81",
                                 "%E2%80%AEmug"}) {
    CAPTURE(text);
    const HttpResponse response = shop.ask(text);
    CHECK((response.status == 200 || response.status == 400));
    if (response.status == 400) check_invalid(response, {"q"});
  }
  CHECK(shop.suggest("m%25g").empty());
  CHECK(shop.suggest("m_g").empty());
  CHECK(shop.suggest("m?g").empty());
  CHECK(shop.suggest("m*g").empty());
  CHECK(shop.suggest("[m]ug").empty());
  // A control character counts as a space.
  CHECK(shop.suggest("red%00mug") == Titles{"Red Mug"});
  CHECK(shop.suggest("red%0Amug") == Titles{"Red Mug"});
}

TEST_CASE("a title of the greatest length is suggested for all of its text, and nothing for more") {
  UnlimitedShop shop(Goods::none);
  // Each of these letters is 18 when folded.
  std::string arabic;
  std::string typed;
  for (int i = 0; i < 255; ++i) {
    arabic += "\xEF\xB7\xBA";
    typed += "%EF%B7%BA";
  }
  const std::string plain(255, 'x');
  import_products(shop.database(), "sku,title,price,category\nA," + arabic + ",1,K\nB," + plain + ",1,K\n");
  CHECK(shop.suggest(typed) == Titles{arabic});
  CHECK(shop.suggest(typed.substr(9)) == Titles{arabic});
  CHECK(shop.suggest("++" + plain + "++") == Titles{plain});
  CHECK(shop.suggest(plain + "x").empty());
  CHECK(shop.suggest(typed + "%EF%B7%BA").empty());
}

TEST_CASE("a text of thousands of characters is answered") {
  UnlimitedShop shop;
  for (const std::string piece :
       {"x", "ab+", "*", "[", "?", "%22", "%F0%9F%8D%B5", "%EF%B7%BA", "%CC%81", "%00"}) {
    CAPTURE(piece);
    std::string text = "mug";
    while (text.size() < 7'000) text += piece;
    const HttpResponse response = shop.ask(text);
    CHECK((response.status == 200 || response.status == 400));
    if (response.status == 400) check_invalid(response, {"q"});
  }
}
