#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;

constexpr const char* kPath = "/api/search/products/";

json search(Shop& shop, const std::string& query) {
  INFO("searched for ", query);
  const HttpResponse response = shop.client().get(kPath + query);
  REQUIRE_MESSAGE(response.status == 200, response.body);
  return parse(response);
}

Names titles(Shop& shop, const std::string& query) { return texts(search(shop, query)["results"], "title"); }

// For what the contract puts in no order.
std::multiset<std::string> title_set(Shop& shop, const std::string& query) {
  const Names list = titles(shop, query);
  return {list.begin(), list.end()};
}

std::multiset<std::string> set(std::initializer_list<const char*> names_of_goods) {
  return {names_of_goods.begin(), names_of_goods.end()};
}

// The best; where nothing is found, no name of any good.
std::string first(Shop& shop, const std::string& query) {
  const Names list = titles(shop, query);
  return list.empty() ? "" : list.front();
}

const json& result(const json& page, const std::string& title) {
  static const json kNothing;
  for (const json& entry : page["results"]) {
    if (entry["title"] == title) return entry;
  }
  return kNothing;
}

}  // namespace

TEST_CASE("a search answers the envelope and everything that is known of a product") {
  Shop shop;
  const json page = search(shop, "?q=hose");
  CHECK(names(page) ==
        Names{"corrected_query", "count", "count_is_exact", "matched", "next", "previous", "results"});
  CHECK(page["count"] == 1);
  CHECK(page["count_is_exact"] == true);
  CHECK(page["next"].is_null());
  CHECK(page["previous"].is_null());
  CHECK(page["corrected_query"].is_null());
  CHECK(page["matched"] == "all");
  REQUIRE(page["results"].size() == 1);
  const json& hose = page["results"][0];
  CHECK(is_time(hose["created_at"].get<std::string>()));
  CHECK(hose == json{{"id", shop.product("HOSE")},
                     {"title", "Garden Hose"},
                     {"description", "Twenty metres, with <brass> & \"fittings\"."},
                     {"price", "29.95"},
                     {"category", "Garden"},
                     {"created_at", hose["created_at"]},
                     {"inventory_quantity", nullptr}});
}

TEST_CASE("words are found in title, category and description, the last one by its beginning") {
  Shop shop;
  CHECK(first(shop, "?q=blue+mug") == "Blue Mug");
  CHECK(first(shop, "?q=mug+blue") == "Blue Mug");
  CHECK(title_set(shop, "?q=stoneware") == set({"Red Mug", "Blue Mug"}));
  CHECK(title_set(shop, "?q=pantry") == set({"Mugwort Tea"}));
  CHECK(title_set(shop, "?q=games") == set({"Kite", "Smug Cat"}));
  CHECK(first(shop, "?q=kitchen+steel") == "Bread Knife");
  CHECK(title_set(shop, "?q=stone") == set({"Red Mug", "Blue Mug"}));
  CHECK(title_set(shop, "?q=kitchen+sto&page_size=2") == set({"Red Mug", "Blue Mug"}));
  CHECK(title_set(shop, "?q=k").contains("Kite"));
  CHECK(search(shop, "?q=zzyzx")["count"] == 0);
  CHECK(search(shop, "?q=red+zzyzx")["matched"] == "fewer");
}

TEST_CASE("an answer says how far the search went, and what a misspelling was taken for") {
  Shop shop;
  for (const auto& row : {std::pair{"hose", "all"},
                          {"mugs", "all"},
                          {"arden", "inside"},
                          {"gardne+hose", "fewer"},
                          {"stonewear", "spelling"},
                          {"blue+zzyzx", "fewer"}}) {
    const auto& q = row.first;
    const auto& matched = row.second;
    CAPTURE(q);
    const json page = search(shop, "?q=" + std::string(q));
    CHECK(page["count"] > 0);
    CHECK(page["matched"] == matched);
  }
  CHECK(search(shop, "?q=stonewear")["corrected_query"] == "stoneware");
  CHECK(search(shop, "?q=gardne+hose")["corrected_query"] == "garden hose");
  CHECK(first(shop, "?q=gardne+hose") == "Garden Hose");
  CHECK(search(shop, "?q=garden+hose")["corrected_query"].is_null());
}

TEST_CASE("neither case nor accents matter") {
  Shop shop;
  for (const std::string q :
       {"cafe+creme", "CAFE+CREME", "Caf%C3%A9+Cr%C3%A8me", "cafe%CC%81", "%EF%BC%A3afe"}) {
    CAPTURE(q);
    CHECK(title_set(shop, "?q=" + q) == set({"Café Crème Cups"}));
  }
  CHECK(title_set(shop, "?q=buro") == set({"Desk Lamp"}));
  CHECK(title_set(shop, "?category=KITCHEN&q=MUG") == set({"Red Mug", "Blue Mug"}));
  CHECK(title_set(shop, "?category=buro") == set({"Desk Lamp"}));
}

TEST_CASE("a word in the title counts more than one in the description") {
  Shop shop;
  CHECK(titles(shop, "?q=red") == Names{"Red Mug", "Gnome"});
  CHECK(titles(shop, "?q=red&sort=relevance") == Names{"Red Mug", "Gnome"});
}

TEST_CASE("the query is text, never syntax") {
  Shop shop;
  CHECK(first(shop, "?q=red-mug") == "Red Mug");
  CHECK(first(shop, "?q=%22red+mug%22") == "Red Mug");
  CHECK(first(shop, "?q=%22red+mug") == "Red Mug");
  CHECK(first(shop, "?q=red*+mug*") == "Red Mug");
  CHECK(first(shop, "?q=(red)+%5Emug") == "Red Mug");
  CHECK(first(shop, "?q=-red+%2Bmug") == "Red Mug");
  CHECK(first(shop, "?q=red%00mug") == "Red Mug");
  CHECK(first(shop, "?q=red%01%09%0a%7fmug") == "Red Mug");
  CHECK(search(shop, "?q=red+NOT+mug")["matched"] == "fewer");
  for (const std::string q : {"%22",
                              "%22%22",
                              "%22%22%22",
                              "*",
                              "**",
                              "-",
                              "--",
                              "AND",
                              "OR",
                              "NOT",
                              "NEAR",
                              "NEAR(",
                              "NEAR(red+mug,2)",
                              "title:",
                              "title:red",
                              "title_words:red",
                              "%7Btitle+description%7D:red",
                              "-title:red",
                              "red+AND",
                              "AND+red",
                              "red+OR",
                              "(",
                              ")",
                              "((red)",
                              "red)",
                              "%5E",
                              "%5Ered",
                              "%27",
                              "%27%27",
                              "%3B",
                              "red%3B+DROP+TABLE+products",
                              "--+",
                              "/*",
                              "%25",
                              "_",
                              "%5C",
                              "%00",
                              "%00%00",
                              "+",
                              "%09",
                              "%0A",
                              "%20%20",
                              "a+b+c+d+e+f+g+h+i+j",
                              "%F0%9F%8D%B5",
                              "%E2%80%8B",
                              "%EF%BF%BD",
                              "%CC%81",
                              "rank",
                              "product_words",
                              "$1",
                              "%3F",
                              ":x",
                              "@x",
                              "%7B%7D",
                              "[]",
                              "%60",
                              "1e999",
                              "-0",
                              "NaN"}) {
    CAPTURE(q);
    const HttpResponse response = shop.client().get(kPath + std::string("?q=") + q);
    CHECK(response.status == 200);
  }
  CHECK(shop.client().get(std::string(kPath)).status == 200);
}

TEST_CASE("how far a search went is said: the words alone, or inside the words of titles") {
  Shop shop;
  CHECK(search(shop, "")["matched"].is_null());
  CHECK(search(shop, "?q=zzyzx")["matched"] == "all");
  const json inside = search(shop, "?q=lice");
  CHECK(inside["matched"] == "inside");
  CHECK(inside["count"] == 1);
  CHECK(inside["results"][0]["title"] == "apple slicer");
  CHECK(titles(shop, "?q=mug").back() == "Smug Cat");
  CHECK(title_set(shop, "?q=ade+ash") == set({"Spade"}));
}

TEST_CASE("a text without anything to be searched finds nothing; a SKU finds its product") {
  Shop shop;
  for (const std::string q : {"***", "%25%25%25", "%2B%2B", "%22", "%00", "+"}) {
    CAPTURE(q);
    const json page = search(shop, "?q=" + q);
    CHECK(page["count"] == 0);
    CHECK(page["results"].empty());
  }
  CHECK(first(shop, "?q=MUG-BLUE") == "Blue Mug");
  CHECK(titles(shop, "?q=cups") == Names{"Café Crème Cups"});
}

TEST_CASE("broken UTF-8 is refused, in any parameter") {
  Shop shop;
  for (const std::string bytes :
       {"%FF", "%C3", "%C3%28", "red%80", "%ED%A0%80", "%C0%AF", "%F8%88%80%80%80", "%F4%90%80%80"}) {
    CAPTURE(bytes);
    check_invalid(shop.client().get(kPath + std::string("?q=") + bytes), {"q"});
    check_invalid(shop.client().get(kPath + std::string("?category=") + bytes), {"category"});
  }
}

TEST_CASE("a query of 7,000 characters is answered like any other") {
  Shop shop;
  std::string words;
  while (words.size() < 7'000) words += "ab+";
  std::string letters;
  while (letters.size() < 7'000) letters += "x+";
  std::string emoji;
  while (emoji.size() < 7'000) emoji += "%F0%9F%8D%B5";
  for (const std::string& q : {std::string(7'000, 'x'), words, letters, emoji, std::string(7'000, '%'),
                               std::string(7'000, '"'), std::string(7'000, '(')}) {
    CAPTURE(q.substr(0, 12));
    const HttpResponse response = shop.client().get(kPath + std::string("?q=") + q);
    CHECK((response.status == 200 || response.status == 400));
    if (response.status == 200) CHECK(parse(response)["count"].is_number());
    if (response.status == 400) check_invalid(response, {"q"});
  }
}

TEST_CASE("categories are given by name or number, as many as wanted") {
  Shop shop;
  const json categories = parse(shop.client().get("/api/categories/"));
  std::string garden;
  for (const json& category : categories) {
    if (category["name"] == "Garden") garden = category["id"].dump();
  }
  const auto goods = set({"Garden Hose", "Spade", "Gnome"});
  CHECK(title_set(shop, "?category=Garden") == goods);
  CHECK(title_set(shop, "?category=" + garden) == goods);
  CHECK(title_set(shop, "?category=garden&category=Toys+%26+Games") ==
        set({"Garden Hose", "Spade", "Gnome", "Kite", "Smug Cat"}));
  CHECK(title_set(shop, "?category=" + garden + "&category=pantry&category=Garden") ==
        set({"Garden Hose", "Spade", "Gnome", "Mugwort Tea"}));
  CHECK(title_set(shop, "?category=garden&category=nowhere") == goods);
  CHECK(search(shop, "?category=")["count"] == 12);
  for (const std::string unknown :
       {"nowhere", "Gard", "0", "999", "-1", "9223372036854775808", "99999999999999999999999", "1.0"}) {
    CAPTURE(unknown);
    CHECK(search(shop, "?category=" + unknown)["count"] == 0);
  }
}

TEST_CASE("prices are filtered inclusively and exactly") {
  Shop shop;
  CHECK(title_set(shop, "?min_price=8.50&max_price=12") == set({"Red Mug", "Blue Mug", "apple slicer"}));
  CHECK(title_set(shop, "?min_price=8.5&max_price=8.50") == set({"Red Mug", "Blue Mug"}));
  CHECK(title_set(shop, "?min_price=8.51&max_price=11.99").empty());
  CHECK(title_set(shop, "?max_price=0.10") == set({"Gnome", "Smug Cat"}));
  CHECK(title_set(shop, "?max_price=0") == set({"Gnome"}));
  CHECK(title_set(shop, "?min_price=9999999.99") == set({"Desk Lamp"}));
  CHECK(title_set(shop, "?min_price=651.46&max_price=651.46") == set({"Kite"}));
  CHECK(search(shop, "?min_price=&max_price=")["count"] == 12);
  for (const std::string wrong :
       {"x", "-1", "1e3", "1.234", "1,50", "0x10", "%2B1", "NaN", "inf", "1.", "%00", "1%00", "--1", "$5"}) {
    CAPTURE(wrong);
    check_invalid(shop.client().get(kPath + std::string("?min_price=") + wrong), {"min_price"});
    check_invalid(shop.client().get(kPath + std::string("?max_price=") + wrong), {"max_price"});
  }
  for (const std::string huge : {"10000000.00", "92233720368547758.08", "99999999999999999999999999"}) {
    CAPTURE(huge);
    const HttpResponse response = shop.client().get(kPath + std::string("?min_price=") + huge);
    CHECK((response.status == 400 || parse(response)["count"] == 0));
  }
  const HttpResponse crossed = shop.client().get(kPath + std::string("?min_price=10&max_price=9.99"));
  check_problem(crossed, 400);
  const json errors = parse(crossed)["errors"];
  REQUIRE(!errors.empty());
  for (const json& error : errors)
    CHECK((error["parameter"] == "min_price" || error["parameter"] == "max_price"));
}

TEST_CASE("a store fills the quantities of its own shelves alone") {
  Shop shop;
  const json page = search(shop, "?store_id=" + std::to_string(shop.store("North")));
  CHECK(page["count"] == 12);
  CHECK(result(page, "Red Mug")["inventory_quantity"] == 10);
  CHECK(result(page, "Blue Mug")["inventory_quantity"] == 0);
  CHECK(result(page, "Spade")["inventory_quantity"].is_null());
  const json south = search(shop, "?q=mug&store_id=" + std::to_string(shop.store("South")));
  CHECK(result(south, "Red Mug")["inventory_quantity"] == 0);
  CHECK(result(south, "Blue Mug")["inventory_quantity"] == 4);
  const json everywhere = search(shop, "");
  for (const json& entry : everywhere["results"]) CHECK(entry["inventory_quantity"].is_null());

  check_problem(shop.client().get(kPath + std::string("?store_id=999")), 404);
  for (const std::string wrong : {"0", "-1", "abc", "1.0", "9223372036854775808", "%00", "1%00"}) {
    CAPTURE(wrong);
    check_invalid(shop.client().get(kPath + std::string("?store_id=") + wrong), {"store_id"});
  }
  CHECK(search(shop, "?store_id=")["count"] == 12);
}

TEST_CASE("in_stock looks at that store, or at any when none is given") {
  Shop shop;
  const std::string south = "store_id=" + std::to_string(shop.store("South"));
  const auto in_south = set({"Blue Mug", "Spade"});
  for (const std::string yes : {"true", "1", "yes", "TRUE", "Yes", "YES"}) {
    CAPTURE(yes);
    CHECK(title_set(shop, "?in_stock=" + yes + "&" + south) == in_south);
    CHECK(title_set(shop, "?in_stock=" + yes) ==
          set({"Red Mug", "Blue Mug", "Café Crème Cups", "Bread Knife", "apple slicer", "Garden Hose",
               "Spade", "Gnome", "Desk Lamp", "Smug Cat"}));
  }
  for (const std::string no : {"false", "0", "no", "False", "NO", ""}) {
    CAPTURE(no);
    CHECK(search(shop, "?in_stock=" + no + "&" + south)["count"] == 12);
  }
  for (const std::string wrong : {"2", "on", "y", "maybe", "%00", "true%20x"}) {
    CAPTURE(wrong);
    check_invalid(shop.client().get(kPath + std::string("?in_stock=") + wrong), {"in_stock"});
  }
}

TEST_CASE("what an order takes is what the next search shows") {
  Shop shop;
  const std::string query = "?q=hose&in_stock=true&store_id=" + std::to_string(shop.store("North"));
  CHECK(search(shop, query)["results"][0]["inventory_quantity"] == 1);
  shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("HOSE"), 1}}));
  CHECK(search(shop, query)["count"] == 0);
  CHECK(search(shop, "?q=hose&in_stock=true")["count"] == 0);
}

TEST_CASE("what an import changes is what the next search finds") {
  Shop shop;
  CHECK(search(shop, "?q=hose")["count"] == 1);
  import_products(shop.database(),
                  "sku,title,description,price,category\nHOSE,Watering "
                  "Can,Tin.,9.00,Garden\nNEW,Rake,Wood.,7.00,Garden\n");
  CHECK(titles(shop, "?q=hose") == Names{"Watering Can"});  // by its SKU
  CHECK(search(shop, "?q=brass")["count"] == 0);
  CHECK(titles(shop, "?q=watering+can") == Names{"Watering Can"});
  CHECK(titles(shop, "?q=rake") == Names{"Rake"});
  CHECK(search(shop, "?category=garden")["count"] == 4);
}

TEST_CASE("an empty parameter counts as absent, one given twice is refused") {
  Shop shop;
  const json everything = search(shop, "");
  for (const std::string name :
       {"q", "category", "min_price", "max_price", "store_id", "in_stock", "sort", "page", "page_size"}) {
    CAPTURE(name);
    CHECK(search(shop, "?" + name + "=")["results"] == everything["results"]);
    CHECK(search(shop, "?" + name)["results"] == everything["results"]);
    if (name == "category") continue;
    const std::string value = name == "q"          ? "mug"
                              : name == "in_stock" ? "true"
                              : name == "sort"     ? "price"
                                                   : "1";
    check_invalid(shop.client().get(kPath + ("?" + name + "=" + value + "&" + name + "=" + value)), {name});
  }
}

TEST_CASE("an unknown parameter is refused and the nearest known one named") {
  Shop shop;
  const HttpResponse response = shop.client().get(kPath + std::string("?min_pirce=5"));
  check_invalid(response, {"min_pirce"});
  CHECK(response.body.find("min_price") != std::string::npos);
  for (const std::string unknown :
       {"facet=price", "highlights=true", "Q=mug", "limit=5", "%00=1", "%FF=1", "<script>=1"}) {
    CAPTURE(unknown);
    const HttpResponse refused = shop.client().get(kPath + ("?" + unknown));
    check_problem(refused, 400);
    CHECK(parse(refused)["errors"].size() == 1);
  }
  CHECK(search(shop, "?_=123&utm_source=letter&utm_campaign=x&_x=1&_x=2")["count"] == 12);
  CHECK(search(shop, "?fbclid=x&gclid=%FF&msclkid=1&msclkid=2&format=json")["count"] == 12);
  check_invalid(shop.client().get(kPath + std::string("?format=csv")), {"format"});
  const std::vector<std::pair<std::string, std::string>> names_of_others = {{"price_min", "min_price"},
                                                                            {"price_max", "max_price"},
                                                                            {"priceMax", "max_price"},
                                                                            {"store", "store_id"},
                                                                            {"search", "q"},
                                                                            {"query", "q"},
                                                                            {"sort_by", "sort"},
                                                                            {"ordering", "sort"},
                                                                            {"limit", "page_size"}};
  for (const auto& pair : names_of_others) {
    const std::string& theirs = pair.first;
    const std::string& ours = pair.second;
    CAPTURE(theirs);
    const HttpResponse refused = shop.client().get(kPath + ("?" + theirs + "=1"));
    check_invalid(refused, {theirs});
    CHECK(parse(refused)["errors"][0]["detail"] == "is not known here; did you mean " + ours + "?");
  }
}

TEST_CASE("all faults of a query are reported at once") {
  Shop shop;
  check_invalid(
      shop.client().get(kPath + std::string("?min_price=x&max_price=y&sort=z&page=0&page_size=-1&store_id=abc"
                                            "&in_stock=perhaps&q=a&q=b&colour=red")),
      {"min_price", "max_price", "sort", "page", "page_size", "store_id", "in_stock", "q", "colour"});
}
