#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "api/cursor.h"
#include "support/engine.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;

namespace {

using Titles = std::vector<std::string>;

const Headers kGzip{{"Accept-Encoding", "gzip"}};

Headers if_none_match(const std::string& tags) { return {{"If-None-Match", tags}}; }

}  // namespace

TEST_CASE("a store's inventory is listed by title, with what is sold out") {
  Shop shop;
  const HttpResponse response = shop.client().get(shop.inventory_path("North"));
  CHECK(response.status == 200);
  CHECK(response.header("Content-Type").value_or("none").starts_with("application/json"));
  CHECK(response.header("X-Total-Count") == "8");
  CHECK(response.header("Cache-Control") == "no-cache");
  CHECK(!response.has("Link"));
  const auto row = [&](const char* sku, const char* title, const char* price, const char* category,
                       int quantity) {
    return json{{"product_id", shop.product(sku)},
                {"product_title", title},
                {"price", price},
                {"category", category},
                {"quantity", quantity}};
  };
  CHECK(parse(response) == json({row("SLICER", "apple slicer", "12.00", "Kitchen", 20),
                                 row("MUG-BLUE", "Blue Mug", "8.50", "Kitchen", 0),
                                 row("KNIFE", "Bread Knife", "19.99", "Kitchen", 3),
                                 row("CUPS", "Café Crème Cups", "24.00", "Kitchen", 5),
                                 row("LAMP", "Desk Lamp", "9999999.99", "Büro", 1'000'000),
                                 row("HOSE", "Garden Hose", "29.95", "Garden", 1),
                                 row("MUG-RED", "Red Mug", "8.50", "Kitchen", 10),
                                 row("CAT", "Smug Cat", "0.10", "Toys & Games", 1'000)}));
}

TEST_CASE("titles that differ only in case and accents are listed by id") {
  Shop shop;
  import_products(shop.database(),
                  "sku,title,description,price,category\nT1,Éclair,x,1,Pantry\nT2,eclair,x,1,Pantry\n"
                  "T3,ECLAIR,x,1,Pantry\nT4,Ebony,x,1,Pantry\nT5,Zebra,x,1,Pantry\n");
  import_inventory(shop.database(),
                   "store,sku,quantity\nWest,T5,1\nWest,T3,1\nWest,T1,1\nWest,T2,1\nWest,T4,1\n");
  const json rows = parse(shop.client().get(shop.inventory_path("West")));
  const Titles titles = texts(rows, "product_title");
  REQUIRE(titles.size() == 6);
  CHECK(titles.front() == "Ebony");
  CHECK(titles[4] == "Gnome");
  CHECK(titles[5] == "Zebra");
  CHECK(std::set<std::string>(titles.begin() + 1, titles.begin() + 4) ==
        std::set<std::string>{"Éclair", "eclair", "ECLAIR"});
  CHECK(rows[1]["product_id"] < rows[2]["product_id"]);
  CHECK(rows[2]["product_id"] < rows[3]["product_id"]);
}

TEST_CASE("the inventory of a store that does not exist is 404") {
  Shop shop;
  for (const std::string id :
       {"999", "0", "-1", "abc", "1.0", "9223372036854775807", "9223372036854775808"}) {
    CAPTURE(id);
    check_problem(shop.client().get("/stores/" + id + "/inventory/"), 404);
    check_problem(shop.client().get("/stores/" + id + "/inventory"), 404);
  }
}

TEST_CASE("a listing comes from the cache until something that it shows has changed") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const HttpResponse first = shop.client().get(path);
  const HttpResponse second = shop.client().get(path);
  CHECK(first.header("X-Cache") == "miss");
  CHECK(second.header("X-Cache") == "hit");
  CHECK(second.body == first.body);
  CHECK(second.header("ETag") == first.header("ETag"));
  CHECK(second.header("X-Total-Count") == "8");

  shop.client().post("/orders/", order_body(shop.store("North"), {{shop.product("CAT"), 1}}));
  const HttpResponse third = shop.client().get(path);
  CHECK(third.header("X-Cache") == "miss");
  CHECK(third.header("ETag") != first.header("ETag"));
  CHECK(parse(third).back()["quantity"] == 999);
}

TEST_CASE("a strong tag spares sending a listing again, packed or not") {
  Shop shop(Goods::uniform);
  const std::string path = "/stores/1/inventory/";
  const HttpResponse plain = shop.client().get(path);
  const HttpResponse packed = shop.client().get(path, kGzip);
  CHECK(!plain.has("Content-Encoding"));
  CHECK(packed.header("Content-Encoding") == "gzip");
  CHECK(packed.body.size() < plain.body.size() / 2);
  CHECK(gunzip(packed.body) == plain.body);
  CHECK(parse(plain).size() == 400);
  const std::string plain_tag = plain.header("ETag").value();
  const std::string packed_tag = packed.header("ETag").value();
  for (const std::string& tag : {plain_tag, packed_tag}) {
    CAPTURE(tag);
    CHECK((tag.size() > 2 && tag.front() == '"' && tag.back() == '"'));
  }
  CHECK(plain_tag != packed_tag);
  for (const HttpResponse& response : {plain, packed}) {
    CHECK(response.header("Vary").value_or("none").find("Accept-Encoding") != std::string::npos);
  }

  for (const std::string& tags : {plain_tag, packed_tag, "\"other\", " + plain_tag, packed_tag + " ,\"x\"",
                                  "W/" + plain_tag, std::string("*")}) {
    CAPTURE(tags);
    for (const bool packs : {false, true}) {
      Headers headers = if_none_match(tags);
      if (packs) headers.insert(headers.end(), kGzip.begin(), kGzip.end());
      const HttpResponse response = shop.client().get(path, headers);
      CHECK(response.status == 304);
      CHECK(response.body.empty());
      CHECK(response.header("ETag") == (packs ? packed_tag : plain_tag));
      CHECK(response.header("Cache-Control") == "no-cache");
    }
  }
  for (const std::string& tags : {std::string("\"other\""), plain_tag.substr(1, plain_tag.size() - 2),
                                  std::string("\""), std::string("")}) {
    CAPTURE(tags);
    CHECK(shop.client().get(path, if_none_match(tags)).status == 200);
  }
  shop.client().post("/orders/", order_body(1, {{1, 1}}));
  CHECK(shop.client().get(path, if_none_match(plain_tag)).status == 200);
  CHECK(shop.client().get("/stores/2/inventory/", if_none_match("\"other\"")).status == 200);
}

TEST_CASE("an answer is packed only for those who take it and when it pays") {
  Shop shop(Goods::uniform);
  const std::string path = "/stores/1/inventory/";
  for (const std::string accepted :
       {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", "br;q=1.0, gzip;q=0.8, *;q=0.1"}) {
    CAPTURE(accepted);
    const HttpResponse response = shop.client().get(path, {{"Accept-Encoding", accepted}});
    CHECK(response.header("Content-Encoding") == "gzip");
    CHECK(parse(gunzip(response.body)).size() == 400);
  }
  for (const std::string accepted :
       {"", "identity", "gzip;q=0", "gzip;q=0.000", "br", "deflate", "gzipped"}) {
    CAPTURE(accepted);
    CHECK(!shop.client().get(path, {{"Accept-Encoding", accepted}}).has("Content-Encoding"));
  }
  const HttpResponse small = shop.client().get(path + "?limit=2", kGzip);
  CHECK(!small.has("Content-Encoding"));
  CHECK(parse(small).size() == 2);
}

TEST_CASE("HEAD of a listing says all but the listing") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const HttpResponse get = shop.client().get(path);
  const HttpResponse head = shop.client().head(path);
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  for (const char* name : {"Content-Type", "Content-Length", "ETag", "Cache-Control", "X-Total-Count"}) {
    CAPTURE(name);
    CHECK(head.header(name) == get.header(name));
  }
  CHECK(shop.client().head(path, if_none_match(get.header("ETag").value())).status == 304);
  CHECK(shop.client().get(path).body == get.body);  // the connection is still in step
}

TEST_CASE("a listing is paged on request") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const json all = parse(shop.client().get(path));
  json seen = json::array();
  std::string target = path + "?limit=3";
  int pages = 0;
  while (!target.empty()) {
    const HttpResponse page = shop.client().get(target);
    REQUIRE(page.status == 200);
    CHECK(page.header("X-Total-Count") == "8");
    for (const json& row : parse(page)) seen.push_back(row);
    target = next_target(page, shop.server().url());
    ++pages;
  }
  CHECK(pages == 3);
  CHECK(seen == all);
  CHECK(parse(shop.client().get(path + "?limit=1000")) == all);
  CHECK(parse(shop.client().get(path + "?limit=99999999999")) == all);
  CHECK(!shop.client().get(path + "?limit=8").has("Link"));
  CHECK(shop.client().get(path + "?limit=7").has("Link"));
}

TEST_CASE("a listing without a limit ends at 10,000 rows and goes on by its links, each row once") {
  // On PostgreSQL, where an import takes its time, a page less.
  const std::size_t full_pages = engine() == Engine::postgres ? 1 : 2;
  const std::size_t rows_added = full_pages * 10'000 + 1;
  Shop shop;
  std::string products = "sku,title,description,price,category\n";
  std::string shelves = "store,sku,quantity\n";
  for (std::size_t i = 0; i < rows_added; ++i) {
    const std::string sku = "N" + std::to_string(i);
    products += sku + ",Thing " + std::to_string(i / 3) + ",x,1,Things\n";  // some titles are the same
    shelves += "South," + sku + ",1\n";
  }
  import_products(shop.database(), products);
  import_inventory(shop.database(), shelves);
  const std::string total = std::to_string(rows_added + 3);
  std::vector<std::size_t> sizes;
  std::set<std::int64_t> seen;
  std::size_t rows_seen = 0;
  std::string target = shop.inventory_path("South");
  while (!target.empty() && sizes.size() < 10) {
    const HttpResponse page = shop.client().get(target);
    REQUIRE(page.status == 200);
    CHECK(page.header("X-Total-Count") == total);
    const json rows = parse(page);
    sizes.push_back(rows.size());
    rows_seen += rows.size();
    for (const json& row : rows) seen.insert(row["product_id"].get<std::int64_t>());
    CHECK(shop.client().get(target).header("X-Cache") == "hit");
    CHECK(shop.client().get(target, if_none_match(page.header("ETag").value())).status == 304);
    target = next_target(page, shop.server().url());
    CHECK(target.find("limit") == std::string::npos);
  }
  std::vector<std::size_t> expected(full_pages, 10'000);
  expected.push_back(4);
  CHECK(sizes == expected);
  CHECK(seen.size() == rows_seen);
  CHECK(seen.size() == rows_added + 3);
  // One that is asked for by a limit keeps to it.
  const std::string limited =
      next_target(shop.client().get(shop.inventory_path("South") + "?limit=7"), shop.server().url());
  CHECK(parse(shop.client().get(limited)).size() == 7);
}

TEST_CASE("the largest listing that there can be is kept, packed or not") {
  constexpr int kRows = 10'000 / 8;
  Shop shop(Goods::corner, {"--cache-size", "4"});  // an eighth of the default as well
  std::string title;                                // letters of four bytes, as many as a title may have
  for (int i = 0; i < 250; ++i) title += "𝕬";
  std::string category;
  for (int i = 0; i < 120; ++i) category += "𝔅";
  std::string products = "sku,title,description,price,category\n";
  std::string shelves = "store,sku,quantity\n";
  for (int i = 0; i < kRows; ++i) {
    const std::string sku = "N" + std::to_string(i);
    products += sku + "," + title + " " + std::to_string(i) + ",x,1," + category + "\n";
    shelves += "South," + sku + ",1\n";
  }
  import_products(shop.database(), products);
  import_inventory(shop.database(), shelves);
  const std::string path = shop.inventory_path("South");
  const HttpResponse first = shop.client().get(path);
  CHECK(first.body.size() > 1'900'000);
  CHECK(shop.client().get(path).header("X-Cache") == "hit");
  const HttpResponse packed = shop.client().get(path, kGzip);
  CHECK(packed.header("Content-Encoding") == "gzip");
  CHECK(gunzip(packed.body) == first.body);
  CHECK(shop.client().get(path, kGzip).header("X-Cache") == "hit");
}

TEST_CASE("a page is as fresh as the whole listing") {
  Shop shop;
  const std::string path = shop.inventory_path("North") + "?limit=1&max_quantity=1";
  CHECK(texts(parse(shop.client().get(path)), "product_title") == Titles{"Blue Mug"});
  import_inventory(shop.database(), "store,sku,quantity\nNorth,SLICER,1\n");
  CHECK(texts(parse(shop.client().get(path)), "product_title") == Titles{"apple slicer"});
}

TEST_CASE("max_quantity keeps what has at most that many") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const auto titles = [&](const std::string& query) {
    return texts(parse(shop.client().get(path + query)), "product_title");
  };
  CHECK(titles("?max_quantity=0") == Titles{"Blue Mug"});
  CHECK(titles("?max_quantity=3") == Titles{"Blue Mug", "Bread Knife", "Garden Hose"});
  CHECK(titles("?max_quantity=").size() == 8);
  CHECK(titles("?max_quantity=1000000000000").size() == 8);
  const HttpResponse first = shop.client().get(path + "?max_quantity=3&limit=2");
  CHECK(texts(parse(first), "product_title") == Titles{"Blue Mug", "Bread Knife"});
  const std::string next = next_target(first, shop.server().url());
  CHECK(texts(parse(shop.client().get(next)), "product_title") == Titles{"Garden Hose"});
}

TEST_CASE("what is wrong in the query of a listing is refused") {
  Shop shop;
  const std::string path = shop.inventory_path("North");
  for (const std::string wrong : {"-1", "abc", "1.5", "1e2", "%00", "'"}) {
    CAPTURE(wrong);
    check_invalid(shop.client().get(path + "?limit=" + wrong), {"limit"});
    check_invalid(shop.client().get(path + "?max_quantity=" + wrong), {"max_quantity"});
    check_invalid(shop.client().get(path + "?cursor=" + wrong), {"cursor"});
  }
  check_invalid(shop.client().get(path + "?limit=0"), {"limit"});
  check_invalid(shop.client().get(path + "?max_quantity=1&max_quantity=2"), {"max_quantity"});
  const HttpResponse unknown = shop.client().get(path + "?max_quantiy=1&limit=0");
  check_invalid(unknown, {"max_quantiy", "limit"});
  CHECK(unknown.body.find("max_quantity") != std::string::npos);

  const std::string next = next_target(shop.client().get(path + "?limit=1"), shop.server().url());
  const std::string tail = next.substr(next.find("cursor="));
  const std::string cursor = tail.substr(0, tail.find('&'));
  CHECK(shop.client().get(path + "?" + cursor).status == 200);
  check_invalid(shop.client().get(shop.inventory_path("South") + "?" + cursor), {"cursor"});
  check_invalid(shop.client().get(path + "?max_quantity=3&" + cursor), {"cursor"});
  check_invalid(shop.client().get(shop.orders_path("North") + "?" + cursor), {"cursor"});
}

TEST_CASE("a cursor that somebody made up of what is no text is refused") {
  using aforro::api::make_cursor;
  Shop shop;
  const std::string path = shop.inventory_path("North");
  const std::string list = "inventory/" + std::to_string(shop.store("North")) + "/";
  CHECK(shop.client().get(path + "?cursor=" + make_cursor(list, {"gnome", "1"})).status == 200);
  for (const std::string& key : {std::string("\xFF\xFE"), std::string("a\0b", 3), std::string("Gnome")}) {
    check_invalid(shop.client().get(path + "?cursor=" + make_cursor(list, {key, "1"})), {"cursor"});
  }
}
