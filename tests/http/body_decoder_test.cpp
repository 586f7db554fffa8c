#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "http/body_decoder.h"
#include "http/problem_document.h"
#include "http/transport.h"

using namespace aforro::http;

namespace {

constexpr Framing kChunked{.is_chunked = true};

struct Outcome {
  std::string body;
  std::string rest;  // what was not taken up
  bool is_complete = false;
  int refused_with = 0;  // 0: not
};

// The bytes as they would come in pieces of that size.
Outcome decode(const Framing& framing, std::string_view bytes, std::size_t piece = 1'000'000'000,
               const BodyPolicy& policy = kJsonBody) {
  Outcome outcome;
  try {
    BodyDecoder decoder(framing, policy);
    while (!bytes.empty() && !decoder.is_complete()) {
      const std::size_t used = decoder.feed(bytes.substr(0, piece));
      CHECK((used > 0 || decoder.is_complete()));
      bytes.remove_prefix(used);
    }
    outcome.is_complete = decoder.is_complete();
    outcome.body = decoder.take();
  } catch (const aforro::Problem& problem) {
    outcome.refused_with = status_of(problem.kind());
  }
  outcome.rest = bytes;
  return outcome;
}

}  // namespace

TEST_CASE("a body of a length ends there, and what follows is no part of it") {
  for (const std::size_t piece : {1U, 2U, 5U, 100U}) {
    CAPTURE(piece);
    const Outcome outcome = decode({.content_bytes = 5}, "helloGET /", piece);
    CHECK(outcome.is_complete);
    CHECK(outcome.body == "hello");
    CHECK(outcome.rest == "GET /");
  }
  CHECK(decode({}, "").is_complete);
  CHECK(decode({}, "GET /").rest == "GET /");
  CHECK(!decode({.content_bytes = 5}, "hell").is_complete);
}

TEST_CASE("chunks are put together, however they arrive") {
  const std::string bytes =
      "5\r\nhello\r\n1;name=value\r\n,\r\n00A \r\n 0123\r\n678\r\n0\r\nTrailer: x\r\n\r\nGET /";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    const Outcome outcome = decode(kChunked, bytes, piece);
    CHECK(outcome.refused_with == 0);
    CHECK(outcome.is_complete);
    CHECK(outcome.body == "hello, 0123\r\n678");
    CHECK(outcome.rest == "GET /");
  }
  CHECK(decode(kChunked, "0\r\n\r\n").is_complete);
  CHECK(decode(kChunked, "a\r\n0123456789\r\nA\r\n0123456789\r\n000\r\n\r\n").body.size() == 20);
  for (const char* const part : {"", "5", "5\r", "5\r\n", "5\r\nhell", "5\r\nhello", "5\r\nhello\r\n",
                                 "5\r\nhello\r\n0\r\n", "5\r\nhello\r\n0\r\nA: b\r\n"}) {
    CAPTURE(std::string(part));
    CHECK(decode(kChunked, part).refused_with == 0);
    CHECK(!decode(kChunked, part).is_complete);
  }
}

TEST_CASE("what is not chunked as it must be is refused") {
  for (const char* const bytes : {"\r\n", "x\r\n", "-1\r\n", "+1\r\nx\r\n", "0x1\r\nx\r\n", " 1\r\nx\r\n",
                                  "1\nx\r\n", "1x\r\nx\r\n", "1\r\nxy\r\n", "1\r\nx\n", "1\r\nx1\r\n",
                                  ";\r\n", "g\r\n", "0\r\n\n", "0\n\r\n", "1\r\nx\r\n-0\r\n"}) {
    CAPTURE(std::string(bytes));
    CHECK(decode(kChunked, bytes).refused_with == 400);
    CHECK(decode(kChunked, bytes, 1).refused_with == 400);
  }
  CHECK(decode(kChunked, std::string(1'000, '0')).refused_with == 400);
  CHECK(decode(kChunked, "1;" + std::string(1'000, 'x')).refused_with == 400);
  CHECK(decode(kChunked, "0\r\n" + std::string(kMaxHeaderBytes + 1, 'x')).refused_with == 400);
  std::string trailers = "0\r\n";
  while (trailers.size() < 2 * kMaxHeaderBytes) trailers += "A: b\r\n";
  CHECK(decode(kChunked, trailers).refused_with == 400);
}

TEST_CASE("a body has at most 1 MiB, announced or not") {
  CHECK(decode({.content_bytes = kMaxBodyBytes}, std::string(kMaxBodyBytes, 'x')).body.size() ==
        kMaxBodyBytes);
  CHECK(decode({.content_bytes = kMaxBodyBytes + 1}, "").refused_with == 413);
  CHECK(decode({.content_bytes = ~std::uint64_t{0}}, "").refused_with == 413);
  CHECK(decode(kChunked, "100000\r\n" + std::string(kMaxBodyBytes, 'x') + "\r\n0\r\n\r\n").is_complete);
  for (const char* const size : {"100001\r\n", "fffffffffffffffe\r\n", "ffffffffffffffff\r\n",
                                 "10000000000000000\r\n", "fffffffffffffffffffffffffffffffff\r\n"}) {
    CAPTURE(std::string(size));
    CHECK(decode(kChunked, size).refused_with == 413);
  }
  CHECK(decode(kChunked, "100000\r\n" + std::string(kMaxBodyBytes, 'x') + "\r\n1\r\n").refused_with == 413);
  CHECK(decode(kChunked, "2\r\nab\r\nffffffffffffffff\r\n").refused_with == 413);
}

TEST_CASE("a body without a use is read to its end, as strictly, and kept nowhere") {
  const std::string chunks = "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /";
  for (const std::size_t piece : {1U, 2U, 5U, 100U}) {
    CAPTURE(piece);
    const Outcome plain = decode({.content_bytes = 5}, "helloGET /", piece, kNoBody);
    CHECK(plain.is_complete);
    CHECK(plain.body.empty());
    CHECK(plain.rest == "GET /");
    const Outcome chunked = decode(kChunked, chunks, piece, kNoBody);
    CHECK(chunked.is_complete);
    CHECK(chunked.body.empty());
    CHECK(chunked.rest == "GET /");
  }
  CHECK(decode(kChunked, "x\r\n", 100, kNoBody).refused_with == 400);
  CHECK(decode({.content_bytes = kMaxBodyBytes + 1}, "", 100, kNoBody).refused_with == 413);
  BodyDecoder decoder({.content_bytes = kMaxBodyBytes}, kNoBody);
  decoder.feed(std::string(kMaxBodyBytes, 'x'));
  CHECK(decoder.is_complete());
  CHECK(decoder.size() == kMaxBodyBytes);
  CHECK(decoder.held_bytes() < 100);
}

TEST_CASE("a route of its own bound is held to that, by length and in chunks") {
  constexpr BodyPolicy kTen{.media_type = "*/*", .max_bytes = 10};
  CHECK(decode({.content_bytes = 10}, "0123456789", 3, kTen).body == "0123456789");
  CHECK(decode({.content_bytes = 11}, "", 3, kTen).refused_with == 413);
  CHECK(decode(kChunked, "a\r\n0123456789\r\n0\r\n\r\n", 3, kTen).body == "0123456789");
  CHECK(decode(kChunked, "a\r\n0123456789\r\n1\r\n", 3, kTen).refused_with == 413);
  CHECK(decode(kChunked, "ffffffffffffffffff\r\n", 3, kTen).refused_with == 413);
}
