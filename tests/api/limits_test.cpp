// Limits of routes other than suggestions, each by the name of its route.
#include <doctest/doctest.h>

#include <string>

#include "support/database_file.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;

TEST_CASE("an order beyond the limit of its route is refused, and none is stored") {
  Shop shop(Goods::corner, {"--limit", "orders=2/h", "--limit", "inventory=3/h,search=1/h"});
  const std::string order = order_body(shop.store("North"), {{shop.product("CAT"), 1}});
  const HttpResponse first = shop.client().post("/orders/", order);
  CHECK(first.status == 201);
  CHECK(first.header("RateLimit-Policy") == "\"orders\";q=2;w=3600");
  CHECK(first.header("RateLimit") == "\"orders\";r=1;t=1800");
  // What is refused for its type, without its body being read, counts as well.
  check_problem(shop.client().request("POST", "/orders", {}, "{}"), 415);
  const HttpResponse refused = shop.client().post("/orders/", order);
  check_problem(refused, 429);
  CHECK(refused.header("RateLimit") == "\"orders\";r=0;t=1800");
  CHECK(refused.header("Retry-After") == "1800");
  CHECK(query_number(shop.database(), "SELECT count(*) FROM orders") == 1);
  CHECK(shop.client().connections() == 1);

  // Each route has its own; what is no route of it, and what is not limited, is not counted.
  for (int i = 0; i < 3; ++i) CHECK(shop.client().get(shop.inventory_path("North")).status == 200);
  CHECK(shop.client().head(shop.inventory_path("South")).status == 429);
  CHECK(shop.client().get("/api/search/products/").status == 200);
  check_problem(shop.client().get("/api/search/products/?page=x"), 429);
  check_problem(shop.client().get("/orders/"), 405);
  for (int i = 0; i < 5; ++i) CHECK(!shop.client().get("/orders/1/").has("RateLimit"));
  CHECK(shop.client().get("/livez").status == 200);
  HttpClient other = shop.connect("127.0.0.2");
  CHECK(other.post("/orders/", order).status == 201);
}

TEST_CASE("the limit of suggestions is one of them, and may be taken off") {
  Shop shop(Goods::corner, {"--limit", "suggest=off"});
  for (int i = 0; i < 30; ++i) CHECK(shop.client().get("/api/search/suggest/?q=mug").status == 200);
  CHECK(!shop.client().get("/api/search/suggest/?q=mug").has("RateLimit"));
}
