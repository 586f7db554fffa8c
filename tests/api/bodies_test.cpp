#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "base/gzip.h"
#include "support/database_file.h"
#include "support/expect.h"
#include "support/json.h"
#include "support/shop.h"

using namespace aforro::test;
using nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;

// Long for a machine that is busy, short beside the time after which the server gives a request up.
constexpr milliseconds kAtOnce{4'000};

std::string good_order(const Shop& shop) {
  return order_body(shop.store("North"), {{shop.product("CAT"), 1}});
}

std::int64_t orders_stored(const Shop& shop) {
  return query_number(shop.database(), "SELECT count(*) FROM orders");
}

std::string chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

const std::string kChunkedOrder =
    "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";

std::string order_head(const std::string& more) {
  return "POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + more + "\r\n";
}

}  // namespace

TEST_CASE("what is no JSON object is refused with 400") {
  Shop shop;
  for (const std::string body : {"",
                                 " ",
                                 "\n",
                                 "{",
                                 "}",
                                 "[",
                                 "nul",
                                 "nan",
                                 "NaN",
                                 "Infinity",
                                 "{]",
                                 "{\"store_id\": 1",
                                 "{'store_id': 1}",
                                 "{store_id: 1}",
                                 "{\"store_id\": 1,}",
                                 "{\"store_id\": 01}",
                                 "{\"store_id\": +1}",
                                 "{\"store_id\": .5}",
                                 "{\"store_id\": 1} {}",
                                 "{} x",
                                 "// x\n{}",
                                 "/* */{}",
                                 "\xEF\xBB\xBF",
                                 "\"\\u12\"",
                                 "\"\\ud800\"",
                                 "\"\t\"",
                                 "<order/>",
                                 "store_id=1&product_id=2",
                                 "--x\r\n"}) {
    CAPTURE(body);
    check_problem(shop.client().post("/orders/", body), 400);
  }
  for (const std::string body : {"null", "true", "1", "-0.5e-3", "\"\"", "\"{}\"", "[]", "[{}]"}) {
    CAPTURE(body);
    check_invalid(shop.client().post("/orders/", body), {""});
  }
  CHECK(orders_stored(shop) == 0);
}

TEST_CASE("bytes that are no UTF-8 are refused wherever they stand in a body") {
  Shop shop;
  const std::string order = good_order(shop);
  for (const std::string bytes : {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\x80"}) {
    CAPTURE(bytes);
    check_problem(shop.client().post("/orders/", bytes), 400);
    check_problem(shop.client().post("/orders/", order + bytes), 400);
    check_problem(shop.client().post("/orders/", "{\"a" + bytes + "\": 1}"), 400);
    check_problem(shop.client().post("/orders/", "{\"customer_email\": \"" + bytes + "\"}"), 400);
  }
  // The same text in other encodings, with and without a mark.
  std::string wide = "\xFF\xFE";
  for (const char c : order) wide.append({c, '\0'});
  check_problem(shop.client().post("/orders/", wide), 400);
  check_problem(shop.client().post("/orders/", wide.substr(2)), 400);
  check_problem(shop.client().post("/orders/", order + '\0'), 400);
  check_problem(shop.client().post("/orders/", std::string(100, '\0')), 400);
  CHECK(orders_stored(shop) == 0);
}

TEST_CASE("a body of up to 1 MiB is read, a longer one is 413") {
  Shop shop;
  const std::string order = good_order(shop);
  CHECK(shop.client().post("/orders/", order + std::string(kMebibyte - order.size(), ' ')).status == 201);
  check_problem(shop.client().post("/orders/", order + std::string(kMebibyte - order.size() + 1, ' ')), 413);
  check_problem(shop.client().post("/orders/", std::string(2 * kMebibyte, 'x')), 413);
  check_problem(shop.client().post("/orders/", order + std::string(2 * kMebibyte, ' ')), 413);
  // Announced only: answered without waiting for it.
  HttpClient client(shop.server().port(), "127.0.0.1", kAtOnce);
  for (const std::string length : {"1048577", "9223372036854775807", "99999999999999999999999999"}) {
    CAPTURE(length);
    check_problem(client.raw(order_head("Content-Length: " + length + "\r\n")), 413);
  }
  CHECK(orders_stored(shop) == 1);
  CHECK(shop.client().post("/orders/", order).status == 201);
}

TEST_CASE("a body in chunks is held to the same bound") {
  Shop shop;
  const std::string order = good_order(shop);
  CHECK(shop.client().raw(kChunkedOrder + chunk(order) + "0\r\n\r\n").status == 201);
  std::string in_bytes = kChunkedOrder;
  for (const char c : order) in_bytes += chunk({&c, 1});
  CHECK(shop.client().raw(in_bytes + "0\r\n\r\n").status == 201);
  CHECK(shop.client()
            .raw(kChunkedOrder + chunk(order + std::string(kMebibyte - order.size(), ' ')) + "0\r\n\r\n")
            .status == 201);
  check_problem(shop.client().raw(kChunkedOrder + chunk(std::string(kMebibyte + 1, ' ')) + "0\r\n\r\n"), 413);
  std::string many = kChunkedOrder;
  for (int i = 0; i < 200; ++i) many += chunk(std::string(10'000, ' '));
  check_problem(shop.client().raw(many + "0\r\n\r\n"), 413);
  CHECK(orders_stored(shop) == 3);
}

TEST_CASE("chunks that are not as they must be are refused") {
  Shop shop;
  const std::string order = good_order(shop);
  for (const std::string& body :
       {std::string("x\r\n\r\n"), std::string("\r\n\r\n"), "-5\r\n" + order + "\r\n0\r\n\r\n",
        "+" + chunk(order) + "0\r\n\r\n", "0x" + chunk(order) + "0\r\n\r\n",
        "FFFFFFFFFFFFFFFFFFFFFFFF\r\n" + order + "\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFF\r\n" + order + "\r\n0\r\n\r\n", std::string("5\r\nabcdefgh\r\n0\r\n\r\n"),
        "10;" + std::string(100'000, 'x') + "\r\n"}) {
    CAPTURE(body.substr(0, 40));
    HttpClient client = shop.connect();
    client.send(kChunkedOrder + body);
    client.finish_sending();
    const HttpResponse response = client.receive();
    CHECK((response.status == 400 || response.status == 413));
    check_problem(response, response.status);
  }
  for (const auto& refused : std::vector<std::pair<std::string, int>>{{"gzip, chunked", 501},
                                                                      {"gzip", 400},
                                                                      {"identity", 400},
                                                                      {"chunked, gzip", 400},
                                                                      {"chunked, chunked", 400},
                                                                      {"xchunked", 400},
                                                                      {"", 400}}) {
    const std::string& coding = refused.first;
    CAPTURE(coding);
    check_problem(
        shop.client().raw(order_head("Transfer-Encoding: " + coding + "\r\n") + chunk(order) + "0\r\n\r\n"),
        refused.second);
  }
  check_problem(
      shop.client().raw(order_head("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") + "0\r\n\r\n"),
      400);
  CHECK(orders_stored(shop) == 0);
}

TEST_CASE("a length that is none is refused") {
  Shop shop;
  for (const std::string length : {"abc", "-1", "+1", "1.0", "0x10", "1 2", "1, 1", "", "\xD9\xA3"}) {
    CAPTURE(length);
    check_problem(shop.client().raw(order_head("Content-Length: " + length + "\r\n") + "{}"), 400);
  }
  check_problem(shop.client().raw(order_head("Content-Length: 2\r\nContent-Length: 3\r\n") + "{}"), 400);
  const std::string order = good_order(shop);
  const std::string length = "Content-Length: " + std::to_string(order.size()) + "\r\n";
  CHECK(shop.client().raw(order_head(length + length) + order).status == 201);
}

TEST_CASE("nesting is read 64 deep and refused beyond, at any depth") {
  Shop shop;
  const auto nested = [](std::size_t depth, const std::string& open, const std::string& close) {
    std::string body;
    for (std::size_t i = 0; i < depth; ++i) body += open;
    for (std::size_t i = 0; i < depth; ++i) body += close;
    return body;
  };
  check_invalid(shop.client().post("/orders/", nested(64, "[", "]")), {""});
  for (const std::size_t depth : {65U, 10'000U, 500'000U}) {
    CAPTURE(depth);
    check_problem(shop.client().post("/orders/", nested(depth, "[", "]")), 400);
    check_problem(shop.client().post("/orders/", std::string(depth, '[')), 400);
    if (depth > 100'000) continue;
    check_problem(shop.client().post("/orders/", nested(depth, "{\"items\":", "}")), 400);
    check_problem(shop.client().post("/orders/", nested(depth, "[{\"a\":", "}]")), 400);
  }
  CHECK(shop.client().post("/orders/", good_order(shop)).status == 201);
}

TEST_CASE("a key that comes twice in one object is refused where it stands, with all other faults") {
  Shop shop;
  check_invalid(shop.client().post("/orders/", R"({"store_id": 1, "store_id": 1})"), {"/store_id", "/items"});
  check_invalid(shop.client().post("/orders/",
                                   R"({"items": [{}, {"product_id": 1, "product_id": 2}], "x": 1, "x": {}})"),
                {"/items/0/product_id", "/items/0/quantity_requested", "/items/1/product_id",
                 "/items/1/quantity_requested", "/store_id", "/x", "/x"});
  check_invalid(shop.client().post("/orders/", R"({"store_id": 1, "store\u005fid": 1})"),
                {"/store_id", "/items"});
  check_invalid(shop.client().post("/orders/", R"({"": 1, "": 2})"), {"/", "/", "/items", "/store_id"});
}

TEST_CASE("names are shown back as valid text, whatever they hold and however long they are") {
  Shop shop;
  // A character of two bytes lies across every place where a name might be cut.
  for (std::size_t before = 0; before < 300; ++before) {
    std::string name(before, 'a');
    for (int i = 0; i < 100; ++i) name += "\xC3\xA9";
    CAPTURE(before);
    const HttpResponse unknown = shop.client().post("/orders/", "{\"" + name + "\": 1}");
    REQUIRE(unknown.status == 400);
    CHECK(json::accept(unknown.body));
    const HttpResponse twice = shop.client().post("/orders/", "{\"" + name + "\": 1, \"" + name + "\": 1}");
    REQUIRE(twice.status == 400);
    CHECK(json::accept(twice.body));
  }
  const HttpResponse odd = shop.client().post("/orders/", R"({"\u0000\u001f\"\\<script>\u2028": 1})");
  check_problem(odd, 400);
  check_problem(shop.client().post("/orders/", "{\"" + std::string(500'000, 'x') + "\": 1}"), 400);
  CHECK(shop.client().post("/orders/", "{\"" + std::string(500'000, 'x') + "\": 1}").body.size() < 4'000);
}

TEST_CASE("a body needs to be said to be JSON") {
  Shop shop;
  const std::string order = good_order(shop);
  const auto post_as = [&](const Headers& headers) {
    return shop.client().request("POST", "/orders/", headers, order);
  };
  for (const std::string right : {"application/json", "APPLICATION/JSON", "application/json; charset=utf-8",
                                  "application/json;charset=UTF-8", "application/json ; charset=\"utf-8\"",
                                  "application/json;", "application/json; x=y"}) {
    CAPTURE(right);
    CHECK(post_as({{"Content-Type", right}}).status == 201);
  }
  check_problem(post_as({}), 415);
  for (const std::string wrong :
       {"", "text/plain", "text/json", "application/x-www-form-urlencoded", "application/xml",
        "application/jsonx", "application/json-patch+json", "json", ";", "application", "*/*",
        "%61pplication/json", "application/json, text/plain", "multipart/form-data",
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=\"", "image/png"}) {
    CAPTURE(wrong);
    check_problem(post_as({{"Content-Type", wrong}}), 415);
  }
  CHECK(orders_stored(shop) == 7);
}

TEST_CASE("a body is UTF-8 whatever character set is named") {
  Shop shop;
  const std::string order = good_order(shop);
  for (const std::string charset : {"latin1", "iso-8859-1", "utf-16", "\"utf-7\"", "", "="}) {
    CAPTURE(charset);
    const Headers headers{{"Content-Type", "application/json; charset=" + charset}};
    CHECK(shop.client().request("POST", "/orders/", headers, order).status == 201);
    check_problem(shop.client().request("POST", "/orders/", headers, "{\"customer_email\": \"\xE9\"}"), 400);
  }
}

TEST_CASE("a form of several parts is refused like any other type, whatever is in it") {
  Shop shop;
  const std::string parts =
      "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"b\"\r\n\r\n{}\r\n--x--\r\n";
  check_problem(
      shop.client().request("POST", "/orders/", {{"Content-Type", "multipart/form-data; boundary=x"}}, parts),
      415);
  check_problem(shop.client().request("POST", "/nowhere/",
                                      {{"Content-Type", "multipart/form-data; boundary=x"}}, parts),
                404);
  CHECK(shop.client().get("/livez").status == 200);
}

TEST_CASE("a body that is packed is not unpacked") {
  Shop shop;
  const std::string order = good_order(shop);
  const auto post_packed = [&](const std::string& coding, const std::string& bytes) {
    return shop.client().request("POST", "/orders/",
                                 {{"Content-Type", "application/json"}, {"Content-Encoding", coding}}, bytes);
  };
  check_problem(post_packed("gzip", aforro::gzip(order)), 415);
  check_problem(post_packed("gzip", aforro::gzip(std::string(50 * kMebibyte, ' '))), 415);
  check_problem(post_packed("gzip", order), 415);
  check_problem(post_packed("br", order), 415);
  check_problem(post_packed("deflate", order), 415);
  check_problem(post_packed("nonsense", order), 415);
  CHECK(post_packed("identity", order).status == 201);
  CHECK(orders_stored(shop) == 1);
}

TEST_CASE("a POST with neither length nor chunks has no body and is answered at once") {
  Shop shop;
  HttpClient client(shop.server().port(), "127.0.0.1", kAtOnce);
  check_invalid(client.raw("POST /orders/ HTTP/1.1\r\nHost: x\r\n\r\n"), {"/store_id", "/items"});
  check_invalid(client.raw(order_head("")), {"/store_id", "/items"});
  check_invalid(client.raw(order_head("Content-Length: 0\r\n")), {"/store_id", "/items"});
  check_invalid(client.raw("POST /orders/ HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                           "Content-Length: 0\r\n\r\n"),
                {"/store_id", "/items"});
  check_problem(client.raw("POST /nowhere/ HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
  check_problem(client.raw("POST /livez HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
  check_problem(client.raw("DELETE /orders/1/ HTTP/1.1\r\nHost: x\r\n\r\n"), 405);
}

TEST_CASE("a client that waits for 100 Continue is told to go on, or why not") {
  Shop shop;
  const std::string order = good_order(shop);
  HttpClient client(shop.server().port(), "127.0.0.1", kAtOnce);
  client.send(order_head("Expect: 100-continue\r\nContent-Length: " + std::to_string(order.size()) + "\r\n"));
  CHECK(client.receive_line() == "HTTP/1.1 100 Continue");
  CHECK(client.receive_line().empty());
  client.send(order);
  CHECK(client.receive().status == 201);

  client.disconnect();
  client.send(order_head("Expect: 100-continue\r\nContent-Length: 2000000\r\n"));
  check_problem(client.receive(), 413);
  CHECK(orders_stored(shop) == 1);
}

TEST_CASE("a body on a request that has no use for one does no harm") {
  Shop shop;
  for (const std::string method : {"GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH"}) {
    CAPTURE(method);
    HttpClient client = shop.connect();
    const HttpResponse response = client.request(method, "/livez", {}, "GET /orders/ HTTP/1.1\r\n\r\n");
    CHECK(response.status == (method == "OPTIONS" ? 204 : method == "GET" || method == "HEAD" ? 200 : 405));
    CHECK(client.get("/livez").status == 200);
  }
}
