#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/expect.h"
#include "support/expect_program.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

json search(Shop& shop, const std::string& query) {
  INFO("searched for ", query);
  const HttpResponse response = shop.client().get("/api/search/products/" + query);
  REQUIRE_MESSAGE(response.status == 200, response.body);
  return parse(response);
}

}  // namespace

TEST_CASE("a search answers facets in the form of the contract, each without its own filter") {
  Shop shop;
  const json page = search(shop, "?facets=category,price&category=Garden");
  CHECK(page["count"] == 3);
  CHECK(page["facets_are_exact"] == true);
  CHECK(page["facets"]["category"] == json{{{"value", "Kitchen"}, {"count", 5}},
                                           {{"value", "Garden"}, {"count", 3}},
                                           {{"value", "Toys & Games"}, {"count", 2}},
                                           {{"value", "Büro"}, {"count", 1}},
                                           {{"value", "Pantry"}, {"count", 1}}});
  // 0.00, 29.95 and 35.00
  CHECK(page["facets"]["price"] == json{{{"from", "0.00"}, {"to", "19.99"}, {"count", 1}},
                                        {{"from", "20.00"}, {"to", "29.99"}, {"count", 1}},
                                        {{"from", "30.00"}, {"to", "35.99"}, {"count", 1}}});
  const json words = search(shop, "?q=mug&facets=category&min_price=5");
  CHECK(words["facets"] == json{{"category", {{{"value", "Kitchen"}, {"count", 2}}}}});
}

TEST_CASE("an answer has the fields of facets and highlights only where they were asked for") {
  Shop shop;
  const json plain = search(shop, "?q=mug");
  CHECK(!plain.contains("facets"));
  CHECK(!plain.contains("facets_are_exact"));
  CHECK(!plain.contains("partial"));
  CHECK(!plain["results"][0].contains("highlights"));
  CHECK(!plain["results"][0].contains("score"));
  const json none = search(shop, "?q=zeppelin&facets=price");
  CHECK(none["facets"] == json{{"price", json::array()}});
  CHECK(none["facets_are_exact"] == true);
}

TEST_CASE("a facet or highlight that there is not is refused, with those that there are") {
  Shop shop;
  for (const std::string query :
       {"?facets=colour", "?facets=category,,price", "?facets=category&facets=price"}) {
    CAPTURE(query);
    const HttpResponse response = shop.client().get("/api/search/products/" + query);
    CHECK(response.status == 400);
    CHECK(parse(response)["errors"][0]["parameter"] == "facets");
  }
  CHECK(has(shop.client().get("/api/search/products/?facets=colour").body, "category, price"));
  CHECK(shop.client().get("/api/search/products/?highlight=red").status == 400);
}

TEST_CASE("highlights mark what was found and escape all else") {
  Shop shop;
  const json hose = search(shop, "?q=fitt&highlight=true")["results"][0];
  CHECK(hose["title"] == "Garden Hose");
  CHECK(hose["highlights"] ==
        json{{"title", "Garden Hose"},
             {"description", "Twenty metres, with &lt;brass&gt; &amp; &quot;<mark>fitt</mark>ings&quot;."}});
  const json cups = search(shop, "?q=creme+cup&highlight=1&sort=price")["results"][0];
  CHECK(cups["highlights"]["title"] == "Café <mark>Crème</mark> <mark>Cup</mark>s");
}
