// The worst that a stranger can send, in several shapes each: what is kept for it and how long it takes. The
// bounds are for what comes on top of the bytes that arrived.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "http/client_address.h"
#include "http/fields.h"
#include "http/head_reader.h"
#include "http/json_body.h"
#include "http/problem_document.h"
#include "http/request_head.h"
#include "http/transport.h"
#include "support/cost.h"
#include "support/refusal.h"

namespace {

using namespace aforro;  // NOLINT: of several parts
using test::Cost;
using test::cost_of;
using test::kMaxGrowth;
using test::repeated;

constexpr std::size_t kMebibyte = 1024 * 1024;

// A body of 1 MiB is read by a thread that works, and a machine has a few of these for each processor: at
// that factor they hold tens of MiB together. What it takes is a table of the names of one object, eight
// bytes for each, half of it free.
constexpr double kMaxBodyFactor = 8;

// A head is at most 16 KiB and 64 bytes, as few as two of which make a parameter or four a header: two
// strings of 32 bytes each, in a list that may have doubled. So 64 times is some hundred KiB, for each
// request under way.
constexpr double kMaxHeadFactor = 64;

struct Shape {
  std::string name;
  std::string (*make)(std::size_t bytes);
};

// Every name another one: "0", "1", …, as short as can be.
std::string unique_names(std::size_t bytes, const std::string& before, std::string_view value,
                         const std::string& after) {
  std::string body = before;
  for (std::size_t i = 0; body.size() + after.size() + value.size() + 12 < bytes; ++i) {
    body += i == 0 ? "\"" : ",\"";
    for (std::size_t rest = i;; rest /= 64) {
      body += "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[rest % 64];
      if (rest < 64) break;
    }
    body += "\":";
    body += value;
  }
  return body + after;
}

std::string below_long_names(std::size_t bytes, std::string_view name, bool repeats) {
  std::string before = "{";
  for (int i = 0; i < 60; ++i) before += '"' + std::string(name) + "\":{";
  const std::string after(61, '}');
  return repeats ? repeated(bytes, ",\"a\":0", before + "\"a\":0", after)
                 : unique_names(bytes, before, "0", after);
}

const std::vector<Shape>& bodies() {
  static const std::vector<Shape> kBodies{
      {"empty lists", [](std::size_t bytes) { return repeated(bytes, "[],", "[", "0]"); }},
      {"empty objects", [](std::size_t bytes) { return repeated(bytes, "{},", "[", "0]"); }},
      {"empty texts", [](std::size_t bytes) { return repeated(bytes, "\"\",", "[", "0]"); }},
      {"digits", [](std::size_t bytes) { return repeated(bytes, "0,", "[", "0]"); }},
      {"objects of one", [](std::size_t bytes) { return repeated(bytes, R"({"":0},)", "[", "0]"); }},
      {"objects of nine",
       [](std::size_t bytes) {
         return repeated(bytes, R"({"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0},)", "[", "0]");
       }},
      {"one text", [](std::size_t bytes) { return repeated(bytes, "x", "\"", "\""); }},
      {"one text of escapes", [](std::size_t bytes) { return repeated(bytes, "\\u0001", "\"", "\""); }},
      {"one text without an end", [](std::size_t bytes) { return repeated(bytes, "x", "\""); }},
      {"one number", [](std::size_t bytes) { return repeated(bytes, "9"); }},
      {"one number with a fraction", [](std::size_t bytes) { return repeated(bytes, "9", "0."); }},
      {"white space", [](std::size_t bytes) { return repeated(bytes, " ", "", "0"); }},
      {"one long name", [](std::size_t bytes) { return repeated(bytes, "x", "{\"", "\":0}"); }},
      {"one long name twice",
       [](std::size_t bytes) {
         const std::string name = repeated(bytes / 2 - 8, "\\u0001", "\"", "\":0");
         return "{" + name + "," + name + "}";
       }},
      {"nine long names",
       [](std::size_t bytes) {
         std::string body = "{\"\":0";
         for (char c = '1'; c <= '9'; ++c)
           body += ',' + repeated(bytes / 10, "\\u0001", std::string("\"") + c, "\":0");
         return body + "}";
       }},
      {"other names", [](std::size_t bytes) { return unique_names(bytes, "{", "0", "}"); }},
      {"other names of objects", [](std::size_t bytes) { return unique_names(bytes, "{", "{}", "}"); }},
      {"the same name", [](std::size_t bytes) { return repeated(bytes, ",\"a\":0", "{\"a\":0", "}"); }},
      {"the same name, escaped",
       [](std::size_t bytes) { return repeated(bytes, R"(,"\u0061":0)", "{\"a\":0", "}"); }},
      {"repeats below long names",
       [](std::size_t bytes) { return below_long_names(bytes, std::string(128, '~'), true); }},
      {"other names below long names",
       [](std::size_t bytes) { return below_long_names(bytes, std::string(128, '~'), false); }},
      {"repeats below longer names",
       [](std::size_t bytes) { return below_long_names(bytes, std::string(bytes / 200, '\x7F'), true); }},
      {"all levels, again and again",
       [](std::size_t bytes) {
         return repeated(bytes, std::string(63, '[') + std::string(63, ']') + ",", "[", "0]");
       }},
      {"no JSON", [](std::size_t bytes) { return repeated(bytes, "[", ""); }},
      {"no UTF-8", [](std::size_t bytes) { return repeated(bytes, "\xF0\x9F\x98\x80", "\"", "\xFF\""); }},
  };
  return kBodies;
}

// Every name is a fault, every value passed over.
void read_body(const std::string& text) {
  http::Request request;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = text;
  http::JsonBody body(request);
  if (body.kind() == http::JsonKind::object) {
    body.object([&](std::string_view) { body.refuse("is not known here"); });
  } else {
    body.refuse("must be a JSON object");
  }
  body.finish();
}

TEST_CASE("a body takes a few times its size and time in proportion, whatever its shape") {
  for (const Shape& shape : bodies()) {
    CAPTURE(shape.name);
    const Cost cost = cost_of(kMebibyte, shape.make, &read_body);
    CAPTURE(cost.memory);
    CHECK(cost.memory <= kMaxBodyFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

TEST_CASE("the answer to a body that is refused is short, whatever its shape") {
  for (const Shape& shape : bodies()) {
    CAPTURE(shape.name);
    const auto problem = test::problem_of([&] { read_body(shape.make(kMebibyte)); });
    if (problem)
      CHECK(http::problem_response(*problem, std::string(128, '"')).body->size() <= http::kMaxRefusalBytes);
  }
}

TEST_CASE("the longest texts of fifty faults make no longer answer") {
  Faults faults;
  for (int i = 0; i < 60; ++i) {
    faults.add(Fault::In::body, std::string(10'000, '\x01'), std::string(10'000, '"'));
  }
  const Problem problem = Problem::invalid(faults).with("order_status", std::string(100'000, '\x01'));
  CHECK(http::problem_response(problem, std::string(128, '"')).body->size() <= http::kMaxRefusalBytes);
  const Problem told(Problem::Kind::conflict, std::string(1'000'000, '\x01'));
  CHECK(http::problem_response(told, "id").body->size() <= http::kMaxRefusalBytes);
}

TEST_CASE("a target takes no more than a bounded factor, whatever its parameters") {
  const std::vector<Shape> targets{
      {"names", [](std::size_t bytes) { return repeated(bytes, "a&", "/?"); }},
      {"values", [](std::size_t bytes) { return repeated(bytes, "=1&", "/?"); }},
      {"separators", [](std::size_t bytes) { return repeated(bytes, "&", "/?"); }},
      {"one value", [](std::size_t bytes) { return repeated(bytes, "%41", "/?q="); }},
      {"broken escapes", [](std::size_t bytes) { return repeated(bytes, "%", "/?q="); }},
      {"a path", [](std::size_t bytes) { return repeated(bytes, "/"); }},
  };
  for (const Shape& shape : targets) {
    CAPTURE(shape.name);
    const Cost cost = cost_of(http::kMaxTargetBytes, shape.make, [](const std::string& target) {
      http::Request request;
      http::parse_target(target, request.path, request.query);
      ParameterReader(request.query, {"q", "page", "page_size"}).finish();
    });
    CAPTURE(cost.memory);
    CHECK(cost.memory <= kMaxHeadFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

TEST_CASE("a head takes no more than a bounded factor, whatever its headers") {
  static constexpr std::string_view kBegin = "GET / HTTP/1.1\r\nHost: x\r\n";
  const std::vector<Shape> heads{
      {"headers", [](std::size_t bytes) { return repeated(bytes, "a:\r\n", kBegin, "\r\n"); }},
      {"a long name", [](std::size_t bytes) { return repeated(bytes, "a", kBegin, ":\r\n\r\n"); }},
      {"a long value",
       [](std::size_t bytes) { return repeated(bytes, "a", std::string(kBegin) + "b:", "\r\n\r\n"); }},
      {"a list of options",
       [](std::size_t bytes) {
         return repeated(bytes, "a,", std::string(kBegin) + "Connection: ", "\r\n\r\n");
       }},
      {"a list of codings",
       [](std::size_t bytes) {
         return repeated(bytes, "a,", std::string(kBegin) + "Transfer-Encoding: ", "chunked\r\n\r\n");
       }},
      {"hosts", [](std::size_t bytes) { return repeated(bytes, "Host:\r\n", kBegin, "\r\n"); }},
  };
  for (const Shape& shape : heads) {
    CAPTURE(shape.name);
    const Cost cost = cost_of(http::kMaxHeaderBytes, shape.make, [](const std::string& bytes) {
      http::HeadReader reader;
      for (const char c : bytes) reader.feed({&c, 1});
      http::Request request;
      http::parse_head(reader.head(), request);
    });
    CAPTURE(cost.memory);
    CHECK(cost.memory <= kMaxHeadFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

TEST_CASE("a list of forwarding proxies is gone through once") {
  http::TrustedProxies trusted;
  trusted.add("0.0.0.0/0");
  trusted.add("::/0");
  for (const std::string_view piece : {"1.1.1.1,", "::1,", ",", "x,", "[::1]:1,"}) {
    CAPTURE(piece);
    const Cost cost = cost_of(
        http::kMaxHeaderBytes, [&](std::size_t bytes) { return repeated(bytes, piece); },
        [&](const std::string& list) {
          const http::HeaderList headers{{"X-Forwarded-For", list}};
          std::vector<std::string_view> addresses;
          http::for_each_element(headers, "X-Forwarded-For",
                                 [&](std::string_view address) { addresses.push_back(address); });
          http::client_key(trusted, "127.0.0.1", addresses);
        });
    CHECK(cost.memory <= kMaxHeadFactor);
    CHECK(cost.growth <= kMaxGrowth);
  }
}

}  // namespace
