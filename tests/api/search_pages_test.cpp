#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Names = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

constexpr const char* kPath = "/api/search/products/";

HttpResponse get(Shop& shop, const std::string& query) { return shop.client().get(kPath + query); }

json search(Shop& shop, const std::string& query) {
  INFO("searched for ", query);
  const HttpResponse response = get(shop, query);
  REQUIRE_MESSAGE(response.status == 200, response.body);
  return parse(response);
}

Numbers ids(const json& page) { return numbers(page["results"], "id"); }

// Products of a file, all with the same title and price but for the ids.
std::string alike(int count) {
  std::string csv = "sku,title,description,price,category\n";
  for (int i = 1; i <= count; ++i) csv += "S" + std::to_string(i) + ",Same Thing,All alike.,5.00,Things\n";
  return csv;
}

// Follows the links from a query's first page to its last.
std::vector<json> all_pages(Shop& shop, const std::string& query) {
  std::vector<json> pages{search(shop, query)};
  const std::string url = shop.server().url();
  while (!pages.back()["next"].is_null()) {
    const auto next = pages.back()["next"].get<std::string>();
    REQUIRE(next.starts_with(url + kPath));
    pages.push_back(parse(shop.client().get(next.substr(url.size()))));
  }
  return pages;
}

}  // namespace

TEST_CASE("results are sorted as asked, ties by id") {
  Shop shop;
  const json by_price = search(shop, "?sort=price");
  CHECK(texts(by_price["results"], "price") == Names{"0.00", "0.10", "4.20", "8.50", "8.50", "12.00", "19.99",
                                                     "24.00", "29.95", "35.00", "651.46", "9999999.99"});
  CHECK(by_price["results"][3]["id"] < by_price["results"][4]["id"]);
  CHECK(search(shop, "?sort=price_asc")["results"] == by_price["results"]);

  const json dearest = search(shop, "?sort=-price");
  CHECK(texts(dearest["results"], "price") == Names{"9999999.99", "651.46", "35.00", "29.95", "24.00",
                                                    "19.99", "12.00", "8.50", "8.50", "4.20", "0.10",
                                                    "0.00"});
  CHECK(dearest["results"][7]["id"] < dearest["results"][8]["id"]);
  CHECK(search(shop, "?sort=price_desc")["results"] == dearest["results"]);

  CHECK(texts(search(shop, "?sort=title")["results"], "title") ==
        Names{"apple slicer", "Blue Mug", "Bread Knife", "Café Crème Cups", "Desk Lamp", "Garden Hose",
              "Gnome", "Kite", "Mugwort Tea", "Red Mug", "Smug Cat", "Spade"});
  for (const std::string wrong :
       {"prize", "id", "-title", "-newest", "PRICE", "price%00", "price,title", "rank"}) {
    CAPTURE(wrong);
    check_invalid(get(shop, "?sort=" + wrong), {"sort"});
  }
}

TEST_CASE("without words the newest come first, with words the most relevant") {
  Shop shop(Goods::demo);
  const json newest = search(shop, "?sort=newest&page_size=100");
  const Names times = texts(newest["results"], "created_at");
  CHECK(std::is_sorted(times.rbegin(), times.rend()));
  CHECK(search(shop, "?page_size=100")["results"] == newest["results"]);
  CHECK(search(shop, "?page_size=100&sort=relevance")["results"] == newest["results"]);
  const auto word = newest["results"][0]["category"].get<std::string>().substr(0, 4);
  CHECK(search(shop, "?q=" + word)["results"] == search(shop, "?sort=relevance&q=" + word)["results"]);
}

TEST_CASE("under newest, ties go by id from the highest") {
  Shop shop(Goods::none);
  import_products(shop.database(), alike(30));  // some of them at the same microsecond, perhaps all
  const json page = search(shop, "?page_size=100");
  std::vector<std::pair<std::string, std::int64_t>> keys;
  for (const json& entry : page["results"])
    keys.emplace_back(entry["created_at"].get<std::string>(), entry["id"].get<std::int64_t>());
  CHECK(keys.size() == 30);
  CHECK(std::is_sorted(keys.rbegin(), keys.rend()));
}

TEST_CASE("pages never overlap, however alike the products are") {
  Shop shop(Goods::none);
  import_products(shop.database(), alike(150));
  for (const std::string query : {"?", "?sort=price&", "?sort=-price&", "?sort=title&", "?sort=newest&",
                                  "?q=same&", "?q=thing&sort=price&"}) {
    CAPTURE(query);
    std::set<std::int64_t> seen;
    std::size_t listed = 0;
    for (int page = 1; page <= 22; ++page) {
      const json answer = search(shop, query + "page_size=7&page=" + std::to_string(page));
      CHECK(answer["count"] == 150);
      const Numbers found = ids(answer);
      CHECK(found.size() == (page < 22 ? 7 : 3));
      // Under relevance and newest ties go from the highest id.
      const bool rises =
          query.find("sort=") != std::string::npos && query.find("newest") == std::string::npos;
      if (rises) CHECK(std::is_sorted(found.begin(), found.end()));
      seen.insert(found.begin(), found.end());
      listed += found.size();
    }
    CHECK(listed == 150);
    CHECK(seen.size() == 150);
  }
}

TEST_CASE("links lead from page to page and keep what was asked") {
  Shop shop;
  const std::vector<json> pages =
      all_pages(shop, "?category=kitchen&category=Toys+%26+Games&sort=price&page_size=3&min_price=0.10");
  REQUIRE(pages.size() == 3);
  std::vector<std::string> prices;
  for (const json& page : pages) {
    CHECK(page["count"] == 7);
    for (const std::string& price : texts(page["results"], "price")) prices.push_back(price);
  }
  CHECK(prices == Names{"0.10", "8.50", "8.50", "12.00", "19.99", "24.00", "651.46"});
  CHECK(pages[0]["previous"].is_null());
  const std::string url = shop.server().url();
  for (std::size_t i = 1; i < pages.size(); ++i) {
    const auto previous = pages[i]["previous"].get<std::string>();
    REQUIRE(previous.starts_with(url));
    CHECK(parse(shop.client().get(previous.substr(url.size())))["results"] == pages[i - 1]["results"]);
  }
}

TEST_CASE("what is in a link was escaped") {
  Shop shop;
  const std::vector<json> pages =
      all_pages(shop, "?q=" + std::string("kitchen%20%26%3D%23%2B%22%3C%25") + "&page_size=2");
  CHECK(pages.size() == 3);
  const auto next = pages[0]["next"].get<std::string>();
  CHECK(next.find_first_of(" \"<>#") == std::string::npos);
}

TEST_CASE("20 results make a page unless asked for up to 100") {
  Shop shop(Goods::none);
  import_products(shop.database(), alike(150));
  CHECK(ids(search(shop, "")).size() == 20);
  CHECK(ids(search(shop, "?page_size=1")).size() == 1);
  CHECK(ids(search(shop, "?page_size=100")).size() == 100);
  CHECK(ids(search(shop, "?page_size=101")).size() == 100);
  CHECK(ids(search(shop, "?page_size=99999999999999999999")).size() == 100);
  CHECK(ids(search(shop, "?page=8")).size() == 10);
  CHECK(ids(search(shop, "?page=2&page_size=1000")).size() == 50);
  for (const std::string wrong : {"0", "-1", "abc", "1.0", "1e2", "%00", "%2B1"}) {
    CAPTURE(wrong);
    check_invalid(get(shop, "?page_size=" + wrong), {"page_size"});
    check_invalid(get(shop, "?page=" + wrong), {"page"});
  }
}

TEST_CASE("a page past the last is 404, but the first never is") {
  Shop shop;
  CHECK(search(shop, "?page=1&q=zzyzx")["count"] == 0);
  CHECK(search(shop, "?page=2&page_size=6")["results"].size() == 6);
  check_problem(get(shop, "?page=3&page_size=6"), 404);
  check_problem(get(shop, "?page=2&q=zzyzx"), 404);
  for (const std::string far :
       {"501", "10001", "2147483648", "9223372036854775807", "99999999999999999999"}) {
    CAPTURE(far);
    check_problem(get(shop, "?page=" + far), 404);
  }
}

TEST_CASE("an empty shop has one empty page") {
  Shop shop(Goods::none);
  const json page = search(shop, "?q=anything");
  CHECK(page["count"] == 0);
  CHECK(page["results"].empty());
  CHECK(page["next"].is_null());
  CHECK(search(shop, "")["count"] == 0);
}

TEST_CASE("counting and paging end at 10,000") {
  Shop shop(Goods::none);
  import_products(shop.database(), alike(10'050));
  for (const std::string query : {"?page_size=100", "?page_size=100&sort=price", "?page_size=100&q=same"}) {
    CAPTURE(query);
    const json first = search(shop, query);
    CHECK(first["count"] == 10'000);
    CHECK(first["count_is_exact"] == false);
    const json last = search(shop, query + "&page=100");
    CHECK(ids(last).size() == 100);
    CHECK(last["count"] == 10'000);
    CHECK(last["next"].is_null());
    check_problem(get(shop, query + "&page=101"), 404);
  }
}

TEST_CASE("exactly 10,000 matches are counted exactly") {
  Shop shop(Goods::none);
  import_products(shop.database(), alike(10'000));
  const json page = search(shop, "?q=same&page_size=1");
  CHECK(page["count"] == 10'000);
  CHECK(page["count_is_exact"] == true);
}
